"""Supervisely point cloud projects: boxes, tags, calibration beside each image, damage."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damaged_folders import open_with_one_damaged, read_finite_boxes
from PIL import Image

from viewer.formats.base import Match
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.supervisely.format import SuperviselyFormat
from viewer.geometry.projection import project_points

FUZZ_ROUNDS = 2000 if os.environ.get("SIGHTLINE_LONG") else 150


def annotation() -> dict[str, Any]:
    return {
        "key": "v", "tags": [{"name": "weather", "value": "rain", "key": "t"}],
        "objects": [
            {"key": "o1", "classTitle": "car", "tags": [{"name": "parked", "value": None}]}
        ],
        "figures": [
            {
                "key": "f1", "objectKey": "o1", "geometryType": "cuboid_3d",
                "geometry": {
                    "position": {"x": 5.0, "y": -2.0, "z": 1.0},
                    "rotation": {"x": 0.1, "y": 0.2, "z": 0.3},
                    "dimensions": {"x": 4.0, "y": 2.0, "z": 1.5},
                },
            }
        ],
    }  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    dataset = root / "ds0"
    for name in ("pointcloud", "ann", "related_images/a_1_pcd"):
        (dataset / name).mkdir(parents=True)
    (root / "meta.json").write_text(
        json.dumps({"classes": [{"title": "car", "color": "#fa3253", "shape": "cuboid_3d"}]})
    )
    for key in ("a_1", "a_2"):
        (dataset / "pointcloud" / f"{key}.pcd").write_text(
            "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
            "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n5 -2 1\n"
        )
    (dataset / "ann" / "a_1.pcd.json").write_text(json.dumps(annotation()))
    image = dataset / "related_images" / "a_1_pcd" / "a_1_front.png"
    Image.new("RGB", (64, 48)).save(image)
    sensors = {
        "extrinsicMatrix": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0],
        "intrinsicMatrix": [50, 0, 32, 0, 50, 24, 0, 0, 1],
    }
    calibration = {"name": image.name, "meta": {"sensorsData": sensors}}
    image.with_name(f"{image.name}.json").write_text(json.dumps(calibration))
    return root


def test_a_box_its_tags_and_its_colour(project: Path) -> None:
    dataset = open_dataset(project)
    assert dataset.format_name == "supervisely"
    (scene,) = dataset.scenes
    assert (scene.scene_id, scene.independent) == ("ds0", True)
    labels = scene.reader.read_labels(0, "ann")
    found = labels.cuboids
    assert found.cuboids.center.tolist() == [[5.0, -2.0, 1.0]]
    assert found.cuboids.size.tolist() == [[4.0, 2.0, 1.5]]
    # The last column of Rx(0.1) Ry(0.2) Rz(0.3), multiplied out by hand.
    up = [np.sin(0.2), -np.sin(0.1) * np.cos(0.2), np.cos(0.1) * np.cos(0.2)]
    np.testing.assert_allclose(found.cuboids.rotation_matrices()[0][:, 2], up, atol=1e-12)
    assert (found.label_ids, found.track_ids) == (("f1",), ("o1",))
    assert found.attributes == ({"parked": None},)
    (tag,) = labels.classifications
    assert (tag.class_name, tag.attributes) == ("weather", {"value": "rain"})
    assert scene.class_map.colour("car") == (0xFA, 0x32, 0x53)
    assert len(scene.reader.read_labels(1, "ann").cuboids) == 0


def test_the_image_s_own_calibration_places_it(project: Path) -> None:
    (scene,) = open_dataset(project).scenes
    assert scene.camera_ids == ("front",)
    assert [len(frame.images) for frame in scene.frames] == [1, 0]
    rig = scene.reader.read_rig(0)
    camera = rig.cameras["front"]
    found = project_points(
        np.array([[5.0, -2.0, 1.0]]),
        camera.model,
        rig.camera_from(camera, "pointcloud", None, None),
    )
    # u = 32 + 50 * 2 / 5, v = 24 - 50 * 1 / 5.
    np.testing.assert_allclose(found.pixels, [[52.0, 14.0]])
    assert scene.reader.read_rig(1).cameras["front"].model is None


def test_a_damaged_figure_is_named_and_the_rest_stays(project: Path) -> None:
    path = project / "ds0" / "ann" / "a_1.pcd.json"
    content = annotation()
    good = content["figures"][0]
    lost = {**good, "objectKey": "nobody"}
    flat = {**good, "geometry": {**good["geometry"], "dimensions": {"x": 1, "y": -1, "z": 1}}}
    cloud = {**good, "geometryType": "point_cloud"}
    content["figures"] = [lost, good, flat, cloud, {"objectKey": "o1"}]
    path.write_text(json.dumps(content))
    (scene,) = open_dataset(project).scenes
    assert scene.reader.read_labels(0, "ann").cuboids.label_ids == ("f1",)
    assert [problem.place for problem in scene.reader.problems()] == [
        "$.figures[0].objectKey",
        "$.figures[2]",
        "$.figures[4].geometry.rotation.x",
        "$.figures",
    ]


def test_without_classes_it_is_a_folder_of_clouds(project: Path) -> None:
    (project / "meta.json").write_text("{}")
    assert open_dataset(project).format_name == "point_folder"


def test_fuzzed_files_raise_only_clean_errors(project: Path) -> None:
    victims = sorted(project.rglob("*.json"))
    open_with_one_damaged(SuperviselyFormat(), project, victims, FUZZ_ROUNDS, read_finite_boxes)


def test_the_real_project(real_data: Path) -> None:
    root = real_data / "scenes" / "datumaro" / "sly_pointcloud_dataset"
    format_, match = recognise(root)
    assert (format_.name, match) == ("supervisely", Match.LIKELY)
    (scene,) = open_dataset(root).scenes
    counts = {}
    for frame in scene.frames:
        plain = json.loads((root / "ds0" / "ann" / f"{frame.key}.pcd.json").read_text())
        labels = scene.reader.read_labels(frame.index, "ann")
        assert list(labels.cuboids.label_ids) == [each["key"] for each in plain["figures"]]
        assert len(labels.classifications) == len(plain["tags"])
        counts[frame.key] = len(scene.reader.read_point_cloud(frame.index, "pointcloud"))
        for image in frame.images:
            camera = scene.reader.read_rig(frame.index).cameras[image.sensor_id]
            assert "all zero" in camera.refusal
    assert counts == {"frame1": 100, "frame2": 200}
    assert scene.class_map.names == ("car", "bus")
    assert scene.reader.problems() == ()
