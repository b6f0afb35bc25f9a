"""labelCloud: degrees, radians and corners tell the same box; point classes; damage."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damaged_folders import open_with_one_damaged, read_finite_boxes

from viewer.formats.base import Match, Probe, Rejected
from viewer.formats.catalog import open_dataset, recognise
from viewer.formats.labelcloud.format import LabelCloudFormat

FUZZ_ROUNDS = 2000 if os.environ.get("SIGHTLINE_LONG") else 150
DEGREES = (10.0, 20.0, 235.0)
# Rz(235) Ry(20) Rx(10), multiplied out by hand for its first column and its last row.
X, Y, Z = np.radians(DEGREES)
FRONT = [np.cos(Z) * np.cos(Y), np.sin(Z) * np.cos(Y), -np.sin(Y)]
LAST = [-np.sin(Y), np.cos(Y) * np.sin(X), np.cos(Y) * np.cos(X)]


def box(rotations: tuple[float, ...]) -> dict[str, Any]:
    return {
        "name": "cart",
        "centroid": {"x": -0.2, "y": 0.3, "z": 0.1},
        "dimensions": {"length": 0.75, "width": 0.55, "height": 0.15},
        "rotations": dict(zip("xyz", rotations, strict=True)),
    }


def document(*objects: Any) -> dict[str, Any]:
    return {"folder": "pointclouds", "filename": "a.pcd", "path": "a.pcd", "objects": [*objects]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "room"
    for name in ("pointclouds", "labels/segmentation"):
        (root / name).mkdir(parents=True)
    (root / "pointclouds" / "a.pcd").write_text(
        "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\n"
        "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\nDATA ascii\n0 0 0\n1 1 1\n"
    )
    (root / "labels" / "segmentation" / "a.bin").write_bytes(b"\x00\x02")
    (root / "labels" / "a.json").write_text(json.dumps(document(box(DEGREES))))
    write_classes(root, "centroid_abs")
    return root


def write_classes(root: Path, label_format: str) -> None:
    classes = [{"name": "none", "id": 0, "color": "#9da2ab"}, {"name": "cart", "color": "#f156ff"}]
    content = {"classes": classes, "default": 0, "format": label_format}
    (root / "labels" / "_classes.json").write_text(json.dumps(content))


def assert_is_the_box(root: Path) -> None:
    dataset = open_dataset(root)
    assert dataset.format_name == "labelcloud"
    (scene,) = dataset.scenes
    labels = scene.reader.read_labels(0, "labels").cuboids
    matrix = labels.cuboids.rotation_matrices()[0]
    np.testing.assert_allclose(matrix[:, 0], FRONT, atol=1e-9)
    np.testing.assert_allclose(matrix[2], LAST, atol=1e-9)
    np.testing.assert_allclose(labels.cuboids.center, [[-0.2, 0.3, 0.1]], atol=1e-9)
    np.testing.assert_allclose(labels.cuboids.size, [[0.75, 0.55, 0.15]], atol=1e-9)
    assert labels.class_names == ("cart",)
    assert scene.reader.problems() == ()


def test_degrees(folder: Path) -> None:
    assert_is_the_box(folder)
    (scene,) = open_dataset(folder).scenes
    assert scene.class_map.colour("cart") == (0xF1, 0x56, 0xFF)
    assert scene.independent


def test_radians_when_the_class_file_says_relative(folder: Path) -> None:
    write_classes(folder, "centroid_rel")
    (folder / "labels" / "a.json").write_text(
        json.dumps(document(box((float(X), float(Y), float(Z - 2 * np.pi)))))
    )
    assert_is_the_box(folder)


def test_eight_corners(folder: Path) -> None:
    write_classes(folder, "vertices")
    up = np.array([0.0, 0.0, LAST[2]])
    # The rows of the turn, each told by the angles themselves.
    rows = np.array(
        [
            [FRONT[0], np.cos(Z) * np.sin(Y) * np.sin(X) - np.sin(Z) * np.cos(X),
             np.cos(Z) * np.sin(Y) * np.cos(X) + np.sin(Z) * np.sin(X)],
            [FRONT[1], np.sin(Z) * np.sin(Y) * np.sin(X) + np.cos(Z) * np.cos(X),
             np.sin(Z) * np.sin(Y) * np.cos(X) - np.cos(Z) * np.sin(X)],
            LAST,
        ]
    )  # fmt: skip
    assert rows[2, 2] == up[2]
    signs = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
    corners = [[x, y, z] for z in (-1, 1) for x, y in signs]
    vertices = (np.array(corners) * [0.375, 0.275, 0.075]) @ rows.T + [-0.2, 0.3, 0.1]
    label = {"name": "cart", "vertices": vertices.tolist()}
    (folder / "labels" / "a.json").write_text(json.dumps(document(label)))
    assert_is_the_box(folder)


def test_point_classes_are_labels_and_a_field(folder: Path) -> None:
    (scene,) = open_dataset(folder).scenes
    (classes,) = scene.reader.read_labels(0, "labels").point_classes
    assert classes.class_indices.tolist() == [0, 2]
    # The second class of the file has no number there.
    assert (classes.sensor_id, dict(classes.class_names)) == ("pointclouds", {0: "none"})
    cloud = scene.reader.read_point_cloud(0, "pointclouds")
    assert cloud.fields["class_id"].tolist() == [0, 2]
    (folder / "labels" / "segmentation" / "a.bin").write_bytes(b"\x00")
    (scene,) = open_dataset(folder).scenes
    assert "class_id" not in scene.reader.read_point_cloud(0, "pointclouds").fields
    (problem,) = scene.reader.problems()
    assert problem.source.endswith("a.bin")


def test_a_damaged_object_is_named_and_the_rest_stays(folder: Path) -> None:
    good = box(DEGREES)
    flat = {**good, "dimensions": {"length": 0, "width": 1, "height": 1}}
    bent = {"name": "cart", "vertices": [[index, index % 2, index % 3] for index in range(8)]}
    nameless = {**good, "name": None}
    path = folder / "labels" / "a.json"
    path.write_text(json.dumps(document(flat, good, bent, nameless, 5)))
    (scene,) = open_dataset(folder).scenes
    assert scene.reader.read_labels(0, "labels").cuboids.label_ids == ("a:1",)
    assert [problem.place for problem in scene.reader.problems()] == [
        "$.objects[0]", "$.objects[2].vertices", "$.objects[3].name", "$.objects[4]",
    ]  # fmt: skip


def test_other_labels_are_not_taken(folder: Path) -> None:
    for path in (folder / "labels").glob("*.json"):
        path.write_text("{}")
    with pytest.raises(Rejected, match="_classes"):
        LabelCloudFormat().recognise(Probe(folder))


def test_fuzzed_files_raise_only_clean_errors(folder: Path) -> None:
    victims = sorted(folder.rglob("*.json"))
    open_with_one_damaged(LabelCloudFormat(), folder, victims, FUZZ_ROUNDS, read_finite_boxes)


def test_the_real_room(real_data: Path) -> None:
    root = real_data / "scenes" / "labelcloud"
    format_, match = recognise(root)
    assert (format_.name, match) == ("labelcloud", Match.LIKELY)
    (scene,) = open_dataset(root).scenes
    (frame,) = scene.frames
    cloud = scene.reader.read_point_cloud(0, "pointclouds")
    labels = scene.reader.read_labels(0, "labels").cuboids
    assert len(cloud) == 86357
    assert np.bincount(cloud.fields["class_id"]).tolist() == [81944, 4413]
    assert labels.class_names == ("cart",)
    # The points that the segmentation calls a cart are nearly all those of the box.
    inside = labels.cuboids.containing_cuboid(cloud.xyz.astype(np.float64)) == 0
    marked = cloud.fields["class_id"][inside] == 1
    assert (frame.key, scene.reader.problems()) == ("exemplary", ())
    assert marked.sum() > 3500
    assert marked.mean() > 0.97
