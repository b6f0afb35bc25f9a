"""SUSTechPOINTS: the boxes' turn, the stale extrinsic, damage, and the real scene's oracle."""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from damaged_folders import open_with_one_damaged, read_finite_boxes
from PIL import Image

from viewer.formats.base import Match, Probe, Rejected
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.sustechpoints.format import SustechPointsFormat
from viewer.geometry.projection import project_points

FUZZ_ROUNDS = 2000 if os.environ.get("SIGHTLINE_LONG") else 150
CAR = {
    "psr": {
        "position": {"x": 5.0, "y": -2.0, "z": 1.0},
        "scale": {"x": 4.0, "y": 2.0, "z": 1.5},
        "rotation": {"x": -0.1, "y": 0.2, "z": 1.4},
    },
    "obj_type": "Car",
    "obj_id": "4",
    "obj_attr": "parked",
}
# camera from lidar: x right = -y, y down = -z, z forward = x.
EXTRINSIC = [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1]


@pytest.fixture
def scene_folder(tmp_path: Path) -> Path:
    root = tmp_path / "drive"
    for name in ("lidar", "label", "camera/front", "calib/camera"):
        (root / name).mkdir(parents=True)
    for key in ("000001", "000002"):
        (root / "lidar" / f"{key}.pcd").write_text(
            "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
            "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n5 -2 1\n"
        )
        Image.new("RGB", (64, 48)).save(root / "camera" / "front" / f"{key}.jpg")
    (root / "label" / "000001.json").write_text(json.dumps([CAR]))
    (root / "label" / "000002.json").write_text(json.dumps({"frame": "000002", "objs": [CAR]}))
    stale = [0, -1, 0, 9, 0, 0, -1, 9, 1, 0, 0, 9, 0, 0, 0, 1]
    calibration = {
        "extrinsic_ok": stale, "extrinsic": EXTRINSIC, "intrinsic": [50, 0, 32, 0, 50, 24, 0, 0, 1],
    }  # fmt: skip
    (root / "calib" / "camera" / "front.json").write_text(json.dumps(calibration))
    return root


def test_a_box_is_turned_about_z_then_y_then_x(scene_folder: Path) -> None:
    (scene,) = open_dataset(scene_folder).scenes
    assert scene.format_name == "sustechpoints"
    labels = scene.reader.read_labels(0, "label").cuboids
    x, y, z = -0.1, 0.2, 1.4
    # The first row and the last column of Rx Ry Rz, multiplied out by hand.
    front_x, left_x, up_x = np.cos(y) * np.cos(z), -np.cos(y) * np.sin(z), np.sin(y)
    up_y, up_z = -np.sin(x) * np.cos(y), np.cos(x) * np.cos(y)
    matrix = labels.cuboids.rotation_matrices()[0]
    np.testing.assert_allclose(matrix[0], [front_x, left_x, up_x], atol=1e-12)
    np.testing.assert_allclose(matrix[:, 2], [up_x, up_y, up_z], atol=1e-12)
    assert labels.cuboids.center.tolist() == [[5.0, -2.0, 1.0]]
    assert labels.cuboids.size.tolist() == [[4.0, 2.0, 1.5]]
    assert labels.cuboids.coord_frame_id == "lidar"
    assert labels.track_ids == ("4",)
    assert labels.attributes == ({"obj_attr": "parked"},)
    assert not scene.independent


def test_a_list_and_an_object_hold_the_same_boxes(scene_folder: Path) -> None:
    (scene,) = open_dataset(scene_folder).scenes
    first, second = (scene.reader.read_labels(index, "label").cuboids for index in (0, 1))
    assert first.class_names == second.class_names == ("Car",)
    np.testing.assert_array_equal(first.cuboids.rotation, second.cuboids.rotation)
    assert scene.class_map.names == ("Car",)


def test_the_stale_extrinsic_is_not_used(scene_folder: Path) -> None:
    (scene,) = open_dataset(scene_folder).scenes
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["front"]
    found = project_points(
        np.array([[5.0, -2.0, 1.0]]), camera.model, rig.camera_from(camera, "lidar", None, None)
    )
    # u = 32 + 50 * 2 / 5, v = 24 - 50 * 1 / 5.
    np.testing.assert_allclose(found.pixels, [[52.0, 14.0]])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"psr": None}, r"\$\[1\]"),
        ({"obj_type": 7}, r"\$\[1\]\.obj_type"),
        ({"psr": {**CAR["psr"], "scale": {"x": 1, "y": 0, "z": 1}}}, r"\$\[1\]"),
        ({"psr": {**CAR["psr"], "position": {"x": 1, "z": 1}}}, r"\$\[1\]\.psr\.position\.y"),
        ({"psr": {**CAR["psr"], "rotation": {"x": "a"}}}, r"\$\[1\]\.psr\.rotation\.x"),
        ({"psr": {**CAR["psr"], "position": {"x": 1e300, "y": 0, "z": 1}}}, r"\$\[1\]"),
    ],
)
def test_a_damaged_box_is_named_and_the_others_stay(
    scene_folder: Path, change: dict[str, object], place: str
) -> None:
    path = scene_folder / "label" / "000001.json"
    path.write_text(json.dumps([CAR, CAR | change, CAR]))
    (scene,) = open_dataset(scene_folder).scenes
    labels = scene.reader.read_labels(0, "label").cuboids
    assert labels.label_ids == ("000001:0", "000001:2")
    (problem,) = scene.reader.problems()
    assert problem.source == str(path)
    assert re.fullmatch(place, problem.place)


def test_labels_without_a_cloud_are_told_of(scene_folder: Path) -> None:
    (scene_folder / "label" / "000009.json").write_text("[]")
    (scene,) = open_dataset(scene_folder).scenes
    assert [problem.source for problem in scene.reader.problems()] == [
        str(scene_folder / "label" / "000009.json")
    ]


def test_a_folder_whose_labels_are_others_is_rejected(scene_folder: Path) -> None:
    for path in (scene_folder / "label").iterdir():
        path.write_text('[{"name": "car"}]')
    with pytest.raises(Rejected, match="psr"):
        SustechPointsFormat().recognise(Probe(scene_folder))
    assert recognise(scene_folder)[0].name == "point_folder"


def test_fuzzed_labels_and_calibration_raise_only_clean_errors(scene_folder: Path) -> None:
    victims = [scene_folder / name for name in ("label/000001.json", "calib/camera/front.json")]
    opener = SustechPointsFormat()
    open_with_one_damaged(opener, scene_folder, victims, FUZZ_ROUNDS, read_finite_boxes)


def test_the_real_scene_agrees_with_its_oracle(real_data: Path, tmp_path: Path) -> None:
    root = real_data / "scenes" / "sustechpoints"
    expected = json.loads((real_data / "oracles" / "scene_expected.json").read_text())
    format_, match = recognise(root)
    assert (format_.name, match) == ("sustechpoints", Match.LIKELY)
    (scene,) = open_dataset(root).scenes
    rig = scene.reader.read_rig(0)
    for frame in scene.frames:
        told = expected["sustechpoints"]["frames"][frame.key]
        cloud = scene.reader.read_point_cloud(frame.index, "lidar")
        assert len(cloud) == told["points"]
        for name in ("front", "left", "right"):
            camera = rig.cameras[name]
            found = project_points(
                cloud.xyz, camera.model, rig.camera_from(camera, "lidar", None, None)
            )
            seen = found.valid & (found.depth_m > 0.5) & camera.model.in_image(found.pixels)
            assert seen.sum() == told[f"points_in_{name}_image_depth>0.5m"]
        plain = json.loads((root / "label" / f"{frame.key}.json").read_text())
        labels = scene.reader.read_labels(frame.index, "label").cuboids
        assert list(labels.track_ids) == [box["obj_id"] for box in plain]
        assert (labels.cuboids.count_points(cloud.xyz.astype(np.float64)) >= 16).all()
    assert scene.reader.problems() == ()
    shutil.copytree(root / "label", tmp_path / "label")
    with pytest.raises(Rejected, match="lidar"):
        SustechPointsFormat().recognise(Probe(tmp_path))
