"""Writes datasets of many frames, one a format, as small as files of so many frames can be."""

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import open_tables

A_FOLDER = 1000
CORNERS = [{"x": 10, "y": 20}, {"x": 50, "y": 40}]


def write_dataloop(root: Path, frames: int) -> None:
    """Write items of images beside one JSON file each, a thousand a folder."""
    annotation = {
        "id": "a", "datasetId": "d", "itemId": "i", "type": "box", "label": "car",
        "coordinates": CORNERS, "metadata": {"system": {"status": None}, "user": {}},
    }  # fmt: skip
    text = json.dumps({"filename": "x", "annotations": [annotation] * 5})
    for number in range(frames):
        for folder, name, data in (
            ("items", f"{number:06d}.jpg", ""),
            ("json", f"{number:06d}.json", text),
        ):
            path = _in_folder(root / folder, number) / name
            path.write_text(data)


def write_voc(root: Path, frames: int) -> None:
    """Write an annotation beside each image."""
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
    objects = f"<object><name>car</name>{box}</object>" * 5
    size = "<size><width>640</width><height>400</height><depth>3</depth></size>"
    for folder in ("Annotations", "JPEGImages"):
        (root / folder).mkdir(parents=True)
    for number in range(frames):
        name = f"{number:06d}"
        text = f"<annotation><filename>{name}.jpg</filename>{size}{objects}</annotation>"
        (root / "Annotations" / f"{name}.xml").write_text(text)
        (root / "JPEGImages" / f"{name}.jpg").touch()


def write_yolo(root: Path, frames: int) -> None:
    """Write a text file beside each image."""
    (root / "data.yaml").write_text("names: [car]\ntrain: images/train\nval: images/train\n")
    for folder in ("images/train", "labels/train"):
        (root / folder).mkdir(parents=True)
    picture = png()
    for number in range(frames):
        (root / "images" / "train" / f"{number:06d}.png").write_bytes(picture)
        (root / "labels" / "train" / f"{number:06d}.txt").write_text("0 0.5 0.5 0.1 0.1\n" * 5)


def write_native(root: Path, frames: int) -> None:
    """Write scenes of 500 frames, each one manifest."""
    for first in range(0, frames, 500):
        folder = root / f"drive_{first // 500:04d}"
        folder.mkdir(parents=True)
        rows = [
            {
                "key": f"{number:06d}", "timestamp_ns": number * 100_000_000,
                "point_clouds": [{"sensor_id": "lidar", "file": f"lidar/{number:06d}.pcd"}],
                "images": [
                    {"sensor_id": each, "file": f"{each}/{number:06d}.jpg"}
                    for each in ("front", "left", "right")
                ],
            }
            for number in range(first, min(first + 500, frames))
        ]  # fmt: skip
        cameras = [
            {
                "id": each, "coord_frame_id": "world", "model": "pinhole", "width_px": 640,
                "height_px": 400, "parameters": {"fx": 430, "fy": 430, "cx": 320, "cy": 200},
            }
            for each in ("front", "left", "right")
        ]  # fmt: skip
        rig = {"cameras": cameras, "lidars": [{"id": "lidar", "coord_frame_id": "world"}]}
        truth = {"id": "truth", "kind": "ground_truth", "file": "truth.jsonl"}
        document = {
            "schema": "sightline-scene", "version": 1, "scene_id": folder.name, "rigs": [rig],
            "label_sets": [truth], "frames": rows,
            "classes": [{"name": "car", "colour": [86, 180, 233]}],
        }  # fmt: skip
        (folder / "scene.json").write_text(json.dumps(document))
        with (folder / "truth.jsonl").open("w") as file:
            for row in rows:
                line = {"frame": row["key"], "cuboids": _native_cuboids(str(row["key"]))}
                file.write(json.dumps(line) + "\n")


def _native_cuboids(key: str) -> dict[str, Any]:
    return {
        "coord_frame_id": "world", "label_id": [f"{key}.{each}" for each in range(5)],
        "class_name": ["car"] * 5, "center": [[10.0625, 1.0, 0.5]] * 5,
        "size": [[4.5, 1.8, 1.5]] * 5, "orientation_wxyz": [[1.0, 0.0, 0.0, 0.0]] * 5,
    }  # fmt: skip


def write_supervisely(root: Path, frames: int) -> None:
    """Write one dataset of images with an annotation each."""
    (root / "meta.json").write_text(
        json.dumps({"classes": [{"title": "car", "shape": "cuboid_3d", "color": "#ff0000"}]})
    )
    folder = root / "ds0"
    for name in ("pointcloud", "ann"):
        (folder / name).mkdir(parents=True)
    objects = [{"key": "o", "classTitle": "car", "tags": []}]
    axes = dict.fromkeys("xyz", 1.25)
    box = {"position": axes, "rotation": axes, "dimensions": axes}
    figures = [{"key": "f", "objectKey": "o", "geometryType": "cuboid_3d", "geometry": box}] * 5
    text = json.dumps({"description": "", "key": "k", "tags": [], "objects": objects}
                      | {"figures": figures})  # fmt: skip
    for number in range(frames):
        (folder / "pointcloud" / f"{number:06d}.pcd").touch()
        (folder / "ann" / f"{number:06d}.pcd.json").write_text(text)


def write_sustechpoints(root: Path, frames: int) -> None:
    """Write scenes of 500 clouds with a label file each."""
    axes = dict.fromkeys("xyz", 1.25)
    psr = {"position": axes, "rotation": axes, "scale": axes}
    text = json.dumps([{"obj_id": str(each), "obj_type": "Car", "psr": psr} for each in range(5)])
    for first in range(0, frames, 500):
        scene = root / f"drive_{first // 500:04d}"
        for name in ("lidar", "label"):
            (scene / name).mkdir(parents=True)
        for number in range(first, min(first + 500, frames)):
            (scene / "lidar" / f"{number:06d}.pcd").touch()
            (scene / "label" / f"{number:06d}.json").write_text(text)


def write_labelcloud(root: Path, frames: int) -> None:
    """Write clouds with a label file each."""
    for name in ("pointclouds", "labels"):
        (root / name).mkdir(parents=True)
    axes = dict.fromkeys("xyz", 1.25)
    box = {"name": "car", "centroid": axes, "rotations": axes}
    box["dimensions"] = {"length": 4.5, "width": 1.8, "height": 1.5}
    text = json.dumps({"folder": "pointclouds", "filename": "x.pcd", "path": "x"}
                      | {"objects": [box] * 5})  # fmt: skip
    for number in range(frames):
        (root / "pointclouds" / f"{number:06d}.pcd").touch()
        (root / "labels" / f"{number:06d}.json").write_text(text)


def write_kitti(root: Path, frames: int) -> None:
    """Write clouds, calibrations and label files."""
    line = "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
    matrix = " ".join(["1.0"] + ["0.0"] * 11)
    square = " ".join(["1.0"] + ["0.0"] * 8)
    calibration = "".join(f"P{each}: {matrix}\n" for each in range(4))
    calibration += f"R0_rect: {square}\nTr_velo_to_cam: {matrix}\nTr_imu_to_velo: {matrix}\n"
    folders = {name: root / "training" / name for name in ("velodyne", "calib", "label_2")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    for number in range(frames):
        (folders["velodyne"] / f"{number:06d}.bin").touch()
        (folders["calib"] / f"{number:06d}.txt").write_text(calibration)
        (folders["label_2"] / f"{number:06d}.txt").write_text(line * 5)


def write_kitti_tracking(root: Path, frames: int) -> None:
    """Write sequences of 500 clouds, each with one file of labels and one of calibration."""
    folders = {name: root / "training" / name for name in ("velodyne", "calib", "label_02", "oxts")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    line = "Car 0 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"
    matrix = " ".join(["1.0"] + ["0.0"] * 11)
    square = " ".join(["1.0"] + ["0.0"] * 8)
    calibration = "".join(f"P{each}: {matrix}\n" for each in range(4))
    calibration += f"R_rect {square}\nTr_velo_cam {matrix}\nTr_imu_velo {matrix}\n"
    for first in range(0, frames, 500):
        name, count = f"{first // 500:04d}", min(500, frames - first)
        (folders["velodyne"] / name).mkdir()
        for number in range(count):
            (folders["velodyne"] / name / f"{number:06d}.bin").touch()
        rows = (f"{number} {each} {line}\n" for number in range(count) for each in range(5))
        (folders["label_02"] / f"{name}.txt").write_text("".join(rows))
        (folders["calib"] / f"{name}.txt").write_text(calibration)


def write_nuscenes(root: Path, frames: int) -> None:
    """Write tables of keyframes alone, 40 a scene; no file of a sensor."""
    samples = 40 if frames % 40 == 0 else frames
    kept = {name: (modality, 1) for name, (modality, _) in open_tables.CHANNELS.items()}
    smaller = {"CHANNELS": kept, "OBJECTS": 5, "SAMPLES": samples}
    before = {name: getattr(open_tables, name) for name in smaller}
    try:
        vars(open_tables).update(smaller)
        open_tables.write_tables(root, frames // samples)
    finally:
        vars(open_tables).update(before)


def write_openlabel(root: Path, frames: int) -> None:
    """Write one file of objects in frames."""
    values = [10.0625, 1.0, 0.5, 0.0, 0.0, 0.0, 1.0, 4.5, 1.8, 1.5]
    cuboid = {"name": "box", "coordinate_system": "base", "val": values}
    shown = {"object_data": {"cuboid": [cuboid]}}
    interval = [{"frame_start": 0, "frame_end": frames - 1}]
    objects = {
        str(each): {"name": f"car{each}", "type": "car", "frame_intervals": interval}
        for each in range(5)
    }
    document = {
        "metadata": {"schema_version": "1.0.0"},
        "coordinate_systems": {"base": {"type": "local_cs", "parent": "", "children": []}},
        "objects": objects,
        "frames": {str(n): {"objects": dict.fromkeys(objects, shown)} for n in range(frames)},
    }
    (root / "openlabel.json").write_text(json.dumps({"openlabel": document}))


def write_lightly(root: Path, frames: int) -> None:
    """Write images and one file of predictions each, a thousand a folder."""
    task = root / ".lightly" / "predictions" / "task"
    task.mkdir(parents=True)
    (task.parent / "tasks.json").write_text('["task"]')
    schema = {"task_type": "object-detection", "categories": [{"id": 0, "name": "car"}]}
    (task / "schema.json").write_text(json.dumps(schema))
    rows = [{"category_id": 0, "bbox": [1, 2, 30, 40], "score": 0.5}] * 5
    picture = png()
    for number in range(frames):
        image = _in_folder(root, number) / f"{number:06d}.png"
        image.write_bytes(picture)
        own = _in_folder(task, number) / f"{number:06d}.json"
        name = str(image.relative_to(root))
        own.write_text(json.dumps({"file_name": name, "predictions": rows}))


def png() -> bytes:
    """Return the smallest picture there is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        size, checksum = (struct.pack(">I", each) for each in (len(data), zlib.crc32(kind + data)))
        return size + kind + data + checksum

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _in_folder(root: Path, number: int) -> Path:
    folder = root / f"{number // A_FOLDER:03d}"
    if number % A_FOLDER == 0:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "Dataloop": write_dataloop,
    "Pascal VOC": write_voc,
    "YOLO": write_yolo,
    "Sightline scene": write_native,
    "Supervisely": write_supervisely,
    "SUSTechPOINTS": write_sustechpoints,
    "labelCloud": write_labelcloud,
    "KITTI object": write_kitti,
    "KITTI tracking": write_kitti_tracking,
    "nuScenes": write_nuscenes,
    "ASAM OpenLABEL": write_openlabel,
    "Lightly": write_lightly,
}
