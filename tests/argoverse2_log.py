"""A small log in the layout of the Argoverse 2 sensor dataset."""

from pathlib import Path

import numpy as np
from PIL import Image

SWEEP_NS = (315_966_265_259_836_000, 315_966_265_360_032_000)
IMAGE_OFFSETS_NS = (-9_000_000, 41_000_000, 91_000_000)
CAMERA = {
    "qw": 0.5016454083000883,
    "qx": -0.49861992463738697,
    "qy": 0.5010700093854159,
    "qz": -0.4986570973931321,
    "tx_m": 1.6350176513238963,
    "ty_m": 0.0026764466473251165,
    "tz_m": 1.3979667966613305,
}
LENS = {"fx_px": 177.6, "fy_px": 177.6, "cx_px": 77.8, "cy_px": 101.4}
IMAGE_SIZE = (155, 205)
BOX = {"length_m": 4.5, "width_m": 1.9, "height_m": 1.6}


def pose(index: int) -> dict[str, float]:
    """The vehicle at sweep `index`, fractions between sweeps; far out, as in the city's map."""
    yaw = -0.48 + 0.02 * index
    rotation = {"qw": np.cos(yaw / 2), "qx": 0.0, "qy": 0.0, "qz": np.sin(yaw / 2)}
    return {**rotation, "tx_m": 5172.6 + index, "ty_m": 2419.1 - 0.5 * index, "tz_m": 66.9}


def write_feather(path: Path, columns: dict, *, compression: str | None = "lz4") -> Path:
    import pyarrow as pa

    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(columns)
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, table.schema, options=options) as writer,
    ):
        writer.write_table(table)
    return path


def columns_of(rows: list[dict]) -> dict[str, list]:
    return {key: [row[key] for row in rows] for key in rows[0]}


def annotations() -> list[dict]:
    """Two boxes at the first sweep, one at the second."""
    places = ((0, "car", 12.0), (0, "walker", 8.0), (1, "car", 12.5))
    return [
        {
            "timestamp_ns": SWEEP_NS[sweep],
            "track_uuid": f"{name}-uuid",
            "category": "REGULAR_VEHICLE" if name == "car" else "PEDESTRIAN",
            **BOX,
            "qw": float(np.cos(0.2)),
            "qx": 0.0,
            "qy": 0.0,
            "qz": float(np.sin(0.2)),
            "tx_m": x,
            "ty_m": 2.0,
            "tz_m": 0.5,
            "num_interior_pts": 3 + sweep,
        }
        for sweep, name, x in places
    ]


def sweep_columns(seed: int, count: int = 400) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    xyz = generator.uniform([-30, -30, -1], [30, 30, 4], (count, 3)).astype(np.float16)
    return {
        "x": xyz[:, 0].copy(),
        "y": xyz[:, 1].copy(),
        "z": xyz[:, 2].copy(),
        "intensity": generator.integers(0, 256, count, dtype=np.uint8),
        "laser_number": generator.integers(0, 64, count, dtype=np.uint8),
        "offset_ns": generator.integers(0, 100_000_000, count, dtype=np.int32),
    }


def write_log(root: Path, *, compression: str | None = "lz4") -> Path:
    write_feather(root / "annotations.feather", columns_of(annotations()), compression=compression)
    camera_times = [SWEEP_NS[0] + offset for offset in IMAGE_OFFSETS_NS]
    step_ns = SWEEP_NS[1] - SWEEP_NS[0]
    times = sorted({*SWEEP_NS, *camera_times})
    rows = [{"timestamp_ns": t, **pose((t - SWEEP_NS[0]) / step_ns)} for t in times]
    write_feather(root / "city_SE3_egovehicle.feather", columns_of(rows), compression=compression)
    calibration = root / "calibration"
    distortion = {"k1": -0.24, "k2": -0.21, "k3": 0.33}
    size = {"height_px": IMAGE_SIZE[1], "width_px": IMAGE_SIZE[0]}
    lens = columns_of([{"sensor_name": "ring_front_center", **LENS, **distortion, **size}])
    lens |= {key: np.array(lens[key], dtype=np.uint16) for key in size}
    write_feather(calibration / "intrinsics.feather", lens, compression=compression)
    sensors = [{"sensor_name": name, **CAMERA} for name in ("ring_front_center", "up_lidar")]
    write_feather(
        calibration / "egovehicle_SE3_sensor.feather", columns_of(sensors), compression=compression
    )
    for seed, time in enumerate(SWEEP_NS):
        path = root / "sensors" / "lidar" / f"{time}.feather"
        write_feather(path, sweep_columns(seed), compression=compression)
    for time in camera_times:
        path = root / "sensors" / "cameras" / "ring_front_center" / f"{time}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", IMAGE_SIZE).save(path)
    return root
