"""Small Dataloop exports, made as the documents describe them."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from small_files import write_image, write_json

GOLDEN = Path(__file__).parent / "golden"


def write_cloud(path, points=((1.0, 2.0, 3.0),)):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "\n".join(" ".join(str(v) for v in row) for row in points)
    path.write_text(
        "# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\n"
        f"WIDTH {len(points)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {len(points)}\n"
        f"DATA ascii\n{rows}\n"
    )
    return path


def cube_3d(label="car", object_id="1", position=(10.0, 0.0, 0.0), frame=0, end=0, **more):
    x, y, z = position
    coordinates = {
        "position": {"x": x, "y": y, "z": z},
        "scale": {"x": 4.0, "y": 2.0, "z": 1.5},
        "rotation": {"x": 0.0, "y": 0.0, "z": 0.0},
    }
    system = {"objectId": object_id, "frame": frame, "endFrame": end, "snapshots_": []}
    system.update(more.pop("system", {}))
    own = {"id": f"c{object_id}", "type": "cube_3d", "label": label, "coordinates": coordinates}
    return {**own, "attributes": [], "metadata": {"system": system, "user": {}}, **more}


@pytest.fixture
def picture_export(tmp_path):
    """Items with the SDK's annotations of every type, first-version names."""
    root = tmp_path / "export"
    write_image(root / "items/a/picture.png", (8, 6))
    write_json(root / "json/a/picture.json", json.loads((GOLDEN / "picture.json").read_text()))
    return root


def quaternion(matrix):
    from scipy.spatial.transform import Rotation

    x, y, z, w = Rotation.from_matrix(matrix).as_quat().tolist()
    return {"x": x, "y": y, "z": z, "w": w}


FORWARD = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Lidar from camera of a camera that looks along +x."""


def lidar_export(root, *, extrinsic=None, frames=3, distortion=None, step=5.0, boxes=True):
    """A drive along +x: one car that stands at (20, 1, 0) in the world, boxes on its images."""
    if extrinsic is None:
        extrinsic = (FORWARD, np.array([0.5, 0.0, 1.0]))
    rotation, position = extrinsic
    inner = {"fx": 100.0, "fy": 100.0, "cx": 64.0, "cy": 48.0, "skew": 0.0}
    camera = {
        "name": "cam_front", "id": "front", "cameraNumber": 0, "channel": "front",
        "sensorsData": {
            "extrinsic": {
                "position": dict(zip("xyz", position.tolist(), strict=True)),
                "rotation": quaternion(rotation),
            },
            "intrinsicData": {**inner, "distortion": distortion or {"model": "bc"}},
        },
    }  # fmt: skip
    listed = []
    for index in range(frames):
        write_cloud(root / f"items/drive/lidar/{index}.pcd")
        write_image(root / f"items/drive/frames/front/{index}.png", (128, 96))
        listed.append(
            {
                "translation": {"x": index * step, "y": 0.0, "z": 0.0},
                "rotation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
                "lidar": {
                    "remote_path": f"/drive/lidar/{index}.pcd",
                    "timestamp": 1600000000 + index,
                },
                "images": [
                    {
                        "camera_id": "front",
                        "timestamp": f"{1600000000 + index}.25",
                        "remote_path": f"/drive/frames/front/{index}.png",
                    }
                ],
            }
        )
        if boxes:
            corners = np.array([[x, y, z] for x in (18, 22) for y in (0, 2) for z in (-0.75, 0.75)])
            cam = (corners - [index * step + 0.5, 0, 1.0]) @ FORWARD
            u = 100 * cam[:, 0] / cam[:, 2] + 64
            v = 100 * cam[:, 1] / cam[:, 2] + 48
            box = {
                "id": f"b{index}", "type": "box", "label": "car",
                "coordinates": [{"x": u.min(), "y": v.min()}, {"x": u.max(), "y": v.max()}],
                "metadata": {"system": {"objectId": "1"}},
            }  # fmt: skip
            name = f"drive/frames/front/{index}.png"
            write_json(
                root / f"json/{name}.json",
                {
                    "filename": f"/{name}",
                    "annotations": [box],
                    "metadata": {"user": {"lux": index}},
                },
            )
    scene = {"isPCDFrames": True, "frames": listed, "cameras": [camera], "metadata": {"site": "x"}}
    write_json(root / "items/drive/frames.json", scene)
    car = cube_3d(position=(20.0, 1.0, 0.0), end=frames - 1)
    write_json(root / "json/drive/frames.json", {"annotations": [car]})
    return root


@pytest.fixture
def make():
    """Return the makers above."""
    return SimpleNamespace(
        cube_3d=cube_3d, write_json=write_json, write_image=write_image, write_cloud=write_cloud,
        lidar_export=lidar_export, forward=FORWARD, golden=GOLDEN,
    )  # fmt: skip
