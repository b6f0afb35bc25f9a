"""A small PandaSet sequence: real pickles of pandas, JSON and images beside them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TABLES = Path(__file__).parent / "tables"
START_S = 1557539924.5
SIZE = (192, 108)
LENS = {"fx": 197.0, "fy": 197.1, "cx": 96.5, "cy": 53.25}


def pose(index: int, lift: float) -> dict:
    yaw = 0.25 * index + lift
    return {
        "position": {"x": 3.0 * index, "y": -1.5, "z": lift},
        "heading": {"w": float(np.cos(yaw / 2)), "x": 0.0, "y": 0.0, "z": float(np.sin(yaw / 2))},
    }


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    root = tmp_path / "001"
    for folder in ("lidar", "annotations/cuboids", "annotations/semseg", "camera/front_camera",
                   "meta"):  # fmt: skip
        (root / folder).mkdir(parents=True)
    for index in range(2):
        for table, folder in (
            ("points", "lidar"), ("cuboids", "annotations/cuboids"),
            ("classes", "annotations/semseg"),
        ):  # fmt: skip
            data = (TABLES / f"{table}_pandas1.5_protocol4.pkl.gz").read_bytes()
            (root / folder / f"{index:02d}.pkl.gz").write_bytes(data)
        Image.new("RGB", SIZE).save(root / "camera" / "front_camera" / f"{index:02d}.jpg")
    write = {
        "lidar/poses": [pose(index, 1.5) for index in range(2)],
        "lidar/timestamps": [START_S, START_S + 0.1],
        "camera/front_camera/poses": [pose(index, 1.0) for index in range(2)],
        "camera/front_camera/timestamps": [START_S + 0.05, START_S + 0.15],
        "camera/front_camera/intrinsics": LENS,
        "annotations/semseg/classes": {"5": "Vegetation", "6": "Ground", "7": "Road"},
        "meta/gps": [{"lat": 37.75, "long": -122.25, "height": 5.5, "xvel": 1.0, "yvel": -2.0}] * 2,
        "meta/timestamps": [START_S, START_S + 0.1],
    }
    for name, value in write.items():
        (root / f"{name}.json").write_text(json.dumps(value))
    return root
