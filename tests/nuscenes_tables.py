"""A small dataset in the layout of nuScenes, with sensors that record at different times."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

START_US = 1_532_402_927_000_000
CAMERA_LAG_US = 35_000
IMAGE_SIZE = (160, 90)
INTRINSIC = [[126.0, 0.0, 81.5], [0.0, 127.0, 44.25], [0.0, 0.0, 1.0]]
CAMERA_ROTATION = [0.4998015, -0.5030316, 0.4997798, -0.4973641]
CAMERA_TRANSLATION = [1.70, 0.016, 1.51]
LIDAR_ROTATION = [0.7077955, -0.0064922, 0.0106461, -0.7063073]
LIDAR_TRANSLATION = [0.9437, 0.0, 1.8402]
SAMPLE_INTERVALS_US = (0, 500_000, 1_000_000, 4_000_000)

RADAR_FIELDS = (
    "x", "y", "z", "dyn_prop", "id", "rcs", "vx", "vy", "vx_comp", "vy_comp", "is_quality_valid",
    "ambig_state", "x_rms", "y_rms", "invalid_state", "pdh0", "vx_rms", "vy_rms",
)  # fmt: skip
RADAR_TYPES = ("<f4",) * 3 + ("i1", "<i2") + ("<f4",) * 5 + ("i1",) * 8
RADAR_POINTS = 12
RADAR_HEADER = f"""# .PCD v0.7 - Point Cloud Data file format
VERSION 0.7
FIELDS {" ".join(RADAR_FIELDS)}
SIZE {" ".join(str(np.dtype(each).itemsize) for each in RADAR_TYPES)}
TYPE {" ".join("F" if "f" in each else "I" for each in RADAR_TYPES)}
COUNT {" ".join("1" for _ in RADAR_TYPES)}
WIDTH {RADAR_POINTS}
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS {RADAR_POINTS}
DATA binary
"""
"""As the dataset's own files begin."""


def radar_points(generator: np.random.Generator) -> np.ndarray:
    """Rows of a radar's file."""
    dtype = np.dtype(list(zip(RADAR_FIELDS, RADAR_TYPES, strict=True)))
    rows = np.zeros(RADAR_POINTS, dtype)
    for name in RADAR_FIELDS:
        rows[name] = generator.integers(-20, 20, RADAR_POINTS)
    rows["invalid_state"] = 0
    rows["dyn_prop"] = generator.integers(0, 7, RADAR_POINTS)
    rows["ambig_state"] = 3
    return rows


def ego_pose(timestamp_us: int) -> dict:
    """A car that drives and turns; far from the origin, as on a real map."""
    seconds = (timestamp_us - START_US) * 1e-6
    yaw = 0.3 + 0.05 * seconds
    return {
        "translation": [411.3 + 4.0 * seconds, 1180.9 + 0.5 * seconds**2, 0.25],
        "rotation": [float(np.cos(yaw / 2)), 0.01, -0.005, float(np.sin(yaw / 2))],
    }


def tables() -> dict[str, list[dict]]:
    """Rows of one scene of four samples, two objects, one camera, one lidar and one radar."""
    channels = {"CAM_FRONT": "camera", "LIDAR_TOP": "lidar", "RADAR_FRONT": "radar"}
    rows: dict[str, list[dict]] = {
        "scene": [
            {
                "token": "scene",
                "name": "scene-0061",
                "description": "Parked truck",
                "log_token": "log",
            }
        ],
        "log": [
            {
                "token": "log",
                "logfile": "n015-2018-07-24",
                "vehicle": "n015",
                "date_captured": "2018-07-24",
                "location": "singapore-onenorth",
            }
        ],
        "sensor": [
            {"token": f"s-{name}", "channel": name, "modality": kind}
            for name, kind in channels.items()
        ],
        "calibrated_sensor": [
            {
                "token": f"c-{name}",
                "sensor_token": f"s-{name}",
                "translation": CAMERA_TRANSLATION if kind == "camera" else LIDAR_TRANSLATION,
                "rotation": CAMERA_ROTATION if kind == "camera" else LIDAR_ROTATION,
                "camera_intrinsic": INTRINSIC if kind == "camera" else [],
            }
            for name, kind in channels.items()
        ],
        "category": [
            {"token": "cat-car", "name": "vehicle.car", "description": ""},
            {"token": "cat-walk", "name": "human.pedestrian.adult", "description": ""},
        ],
        "attribute": [{"token": "a-moving", "name": "vehicle.moving"}],
        "visibility": [{"token": "4", "level": "v80-100"}],
        "instance": [
            {"token": "i-car", "category_token": "cat-car"},
            {"token": "i-walk", "category_token": "cat-walk"},
        ],
        "sample": [],
        "sample_data": [],
        "ego_pose": [],
        "sample_annotation": [],
    }
    for index, after_us in enumerate(SAMPLE_INTERVALS_US):
        time_us = START_US + after_us
        rows["sample"].append(
            {"token": f"sample{index}", "scene_token": "scene", "timestamp": time_us}
        )
        for name, kind in channels.items():
            lag_us = CAMERA_LAG_US if kind == "camera" else 0
            add_recording(rows, index, name, time_us + lag_us, is_key_frame=True)
        add_recording(rows, index, "LIDAR_TOP", time_us + 50_000, is_key_frame=False)
        rows["sample_annotation"].append(annotation(index, "car", [430.0 + 3 * index, 1190.0, 1.0]))
    rows["sample_annotation"].append(annotation(0, "walk", [420.0, 1185.0, 0.9]))
    link(rows["sample_annotation"][:4])
    return rows


def add_recording(rows, index: int, name: str, time_us: int, *, is_key_frame: bool) -> None:
    token = f"{name}-{time_us}"
    suffix = {"C": "jpg", "L": "pcd.bin", "R": "pcd"}[name[0]]
    size = IMAGE_SIZE if name.startswith("CAM") else (0, 0)
    rows["ego_pose"].append({"token": f"e-{token}", "timestamp": time_us, **ego_pose(time_us)})
    rows["sample_data"].append(
        {
            "token": token,
            "sample_token": f"sample{index}",
            "ego_pose_token": f"e-{token}",
            "calibrated_sensor_token": f"c-{name}",
            "filename": f"{'samples' if is_key_frame else 'sweeps'}/{name}/{time_us}.{suffix}",
            "fileformat": suffix,
            "timestamp": time_us,
            "is_key_frame": is_key_frame,
            "width": size[0],
            "height": size[1],
            "prev": "",
            "next": "",
        }
    )


def annotation(index: int, name: str, translation: list[float]) -> dict:
    return {
        "token": f"{name}{index}",
        "sample_token": f"sample{index}",
        "instance_token": f"i-{name}",
        "translation": translation,
        "size": [1.9, 4.5, 1.6] if name == "car" else [0.6, 0.7, 1.8],
        "rotation": [0.9689124, 0.0, 0.0, 0.2474040],
        "attribute_tokens": ["a-moving"] if name == "car" else [],
        "visibility_token": "4",
        "num_lidar_pts": 17 + index,
        "num_radar_pts": 2,
        "prev": "",
        "next": "",
    }


def link(rows: list[dict]) -> None:
    """Chain annotations of one object."""
    for before, after in pairwise(rows):
        before["next"], after["prev"] = after["token"], before["token"]


def write_tables(root: Path, rows: dict[str, list[dict]], *, folder: str = "v1.0-mini") -> Path:
    """Write the tables and the sensors' files."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    for name, table in rows.items():
        (root / folder / f"{name}.json").write_text(json.dumps(table, indent=0))
    generator = np.random.default_rng(0)
    for row in rows["sample_data"]:
        path = root / row["filename"]
        if not path.resolve().is_relative_to(root.resolve()):
            # A name that leads elsewhere is for the reader to refuse; nothing is written there.
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jpg":
            pixels = generator.integers(0, 256, (*IMAGE_SIZE[::-1], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
        elif path.suffix == ".pcd":
            path.write_bytes(RADAR_HEADER.encode() + radar_points(generator).tobytes())
        else:
            generator.uniform(-20, 20, (300, 5)).astype("<f4").tofile(path)
    return root
