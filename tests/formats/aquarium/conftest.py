"""Rows as the vendor's client writes them, and the small files that they speak of."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

HALF = math.sqrt(0.5)

# Runs where the vendor's client is installed.
collect_ignore = ["golden/make_rows.py"]


class Rows:
    """Makes rows; every argument overrides or adds a key."""

    @staticmethod
    def sensor(sensor_id, kind, frame, urls, **more):
        return {
            "coordinate_frame": frame,
            "data_urls": urls,
            "date_captured": "2021-06-01T12:00:00+00:00",
            "sensor_id": sensor_id,
            "sensor_metadata": {},
            "sensor_type": kind,
            "mirror_asset": False,
        } | more

    @staticmethod
    def coord_frame(name, kind="WORLD", **metadata):
        record = {"coordinate_frame_id": name, "coordinate_frame_type": kind}
        return record | ({"coordinate_frame_metadata": json.dumps(metadata)} if metadata else {})

    @classmethod
    def frame(cls, frame_id="scene1_000", **more):
        """Lidar 1.8 m over the world; a camera 1 m before it that looks along x."""
        return {
            "task_id": frame_id,
            "date_captured": "2021-06-01T12:00:00+00:00",
            "device_id": "truck1",
            "coordinate_frames": [
                cls.coord_frame("world"),
                cls.coord_frame(
                    "lidar",
                    position={"x": 0, "y": 0, "z": 1.8},
                    orientation={"w": 1, "x": 0, "y": 0, "z": 0},
                    parent_frame_id="world",
                ),
                cls.coord_frame(
                    "cam0_proj",
                    "IMAGE_PROJECTION",
                    fx=100,
                    fy=100,
                    camera_model="brown_conrady",
                    position={"x": 1, "y": 0, "z": -0.3},
                    orientation={"w": 0.5, "x": -0.5, "y": 0.5, "z": -0.5},
                    parent_frame_id="lidar",
                    k1=-0.1,
                    cx=64,
                    cy=36,
                ),
                cls.coord_frame("cam1", "IMAGE"),
            ],
            "sensor_data": [
                cls.sensor("top", "POINTCLOUD_V0", "lidar", {"kitti_format_url": "top.bin"}),
                cls.sensor(
                    "cam0",
                    "IMAGE_V0",
                    "cam0_proj",
                    {"image_url": "cam0.png"},
                    sensor_metadata={"width": 128, "height": 72},
                ),
                cls.sensor("cam1", "IMAGE_V0", "cam1", {"image_url": "cam0.png"}),
            ],
            "geo_data": {},
            "reuse_latest_embedding": False,
            "change": "ADD",
        } | more

    @staticmethod
    def label(uuid, kind, frame, attributes, **more):
        return {
            "uuid": uuid,
            "linked_labels": [],
            "label_type": kind,
            "label": "car",
            "label_coordinate_frame": frame,
            "attributes": attributes,
            "reuse_latest_embedding": False,
            "change": "ADD",
        } | more

    @classmethod
    def cuboid(cls, uuid, frame="world", *, attributes=None, **more):
        """Four metres long, turned a quarter to the left about z."""
        numbers = {
            "pos_x": 1.0, "pos_y": 2.0, "pos_z": 0.5, "dim_x": 4.0, "dim_y": 2.0, "dim_z": 1.5,
            "rot_x": 0.0, "rot_y": 0.0, "rot_z": HALF, "rot_w": HALF, "iscrowd": False,
        }  # fmt: skip
        return cls.label(uuid, "CUBOID_3D", frame, numbers | (attributes or {}), **more)

    @staticmethod
    def labels(frame_id, labels):
        return {"task_id": frame_id, "label_data": labels, "type": "GT"}

    @staticmethod
    def inferences(frame_id, labels, **more):
        return {
            "task_id": frame_id,
            "type": "Inference",
            "custom_metrics": {},
            "inference_metadata": {"visualization_assets": {}, "user_metadata": {}},
            "inference_data": labels,
            "reuse_latest_embedding": False,
            "change": "ADD",
        } | more

    @staticmethod
    def write(path: Path, rows):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path


@pytest.fixture(scope="session")
def rows():
    return Rows


@pytest.fixture
def aquarium_folder(tmp_path, rows) -> Path:
    """One frame in the streaming form, its labels and one file of inferences."""
    root = tmp_path / "aquarium"
    rows.write(root / "frames.jsonl", [rows.frame()])
    rows.write(root / "labels.jsonl", [rows.labels("scene1_000", [rows.cuboid("c1")])])
    inferred = [rows.cuboid("i1", attributes={"confidence": 0.75})]
    rows.write(root / "model_a.jsonl", [rows.inferences("scene1_000", inferred)])
    np.arange(40, dtype="<f4").tofile(root / "top.bin")
    Image.new("RGB", (128, 72), (1, 2, 3)).save(root / "cam0.png")
    return root
