"""Payloads as the vendor's client writes them."""

import json
from pathlib import Path

import pytest
from PIL import Image

# Looks along the world's +y from 2 m up: camera x is world x, camera y is down, z is world y.
HEADING = {"x": -0.7071067811865476, "y": 0.0, "z": 0.0, "w": 0.7071067811865476}


class Payloads:
    """Makes parts of payloads; keyword arguments override or add keys."""

    @staticmethod
    def camera_params(**more):
        position = {"x": 1.0, "y": 0.0, "z": 2.0}
        inner = {"fx": 100.0, "fy": 100.0, "cx": 64.0, "cy": 36.0}
        return {"position": position, "heading": HEADING} | inner | more

    @classmethod
    def scene(cls, frames=2, name="drive", **params):
        return {
            "reference_id": name,
            "frames": [
                {
                    "lidar": {
                        "metadata": {},
                        "reference_id": f"{name}_lidar_{index}",
                        "url": f"clouds/{index}.json",
                        "type": "pointcloud",
                    },
                    "front": {
                        "metadata": {"camera_params": cls.camera_params(**params)},
                        "reference_id": f"{name}_front_{index}",
                        "url": "front.png",
                        "type": "image",
                    },
                }
                for index in range(frames)
            ],
        }

    @staticmethod
    def annotation(kind, geometry, reference_id="drive_lidar_0", **more):
        row = {"label": "car", "type": kind, "geometry": geometry, "reference_id": reference_id}
        return row | more

    @classmethod
    def cuboid(cls, reference_id="drive_lidar_0", *, yaw=0.0, size=(4.0, 2.0, 1.5), **more):
        geometry = {
            "position": {"x": 1.0, "y": 2.0, "z": 0.5},
            "dimensions": dict(zip("xyz", size, strict=True)),
            "yaw": yaw,
        }
        return cls.annotation("cuboid", geometry, reference_id, **more)

    @staticmethod
    def write(path: Path, payload):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(payload))
        return path

    @staticmethod
    def write_lines(path: Path, rows):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path


@pytest.fixture(scope="session")
def payloads():
    return Payloads


@pytest.fixture
def nucleus_folder(tmp_path, payloads) -> Path:
    """A scene of two frames, its annotations and one model's predictions."""
    root = tmp_path / "nucleus"
    payloads.write(root / "scenes.json", {"scenes": [payloads.scene()], "update": False})
    truth = [payloads.cuboid(annotation_id="a1", track_reference_id="t1", metadata={"n": 3})]
    truth += [payloads.cuboid("drive_lidar_1", annotation_id="a1", metadata={"track_id": 5})]
    payloads.write(root / "annotations.json", {"annotations": truth, "update": False})
    scored = payloads.cuboid(
        annotation_id="p1", confidence=0.25, class_pdf={"car": 0.25, "van": 0.75}
    )
    payloads.write(root / "model.json", {"predictions": [scored]})
    points = [{"x": 1.5, "y": 2, "z": -3, "i": 0.5, "d": 1, "t": 1_600_000_000_123_456_789}]
    points += [{"x": 4, "y": 5, "z": 6}]
    payloads.write(root / "clouds" / "0.json", {"points": points, "device_position": {"x": 0}})
    payloads.write(root / "clouds" / "1.json", {"points": []})
    Image.new("RGB", (128, 72), (1, 2, 3)).save(root / "front.png")
    return root
