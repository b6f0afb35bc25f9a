"""Classes of points; the oracle is the published description of the label files."""

from pathlib import Path

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.formats.semantic_kitti.classes import find_class_file, read_class_file
from viewer.scene.class_map import UNKNOWN_COLOUR
from viewer.scene.labels import LabelSetKind

CLASS_FILE = """\
name: "kitti"
labels:
  0 : "unlabeled"
  10: "car"
  40: "road"
  60: "lane-marking"
color_map: # bgr
  0 : [0, 0, 0]
  10: [245, 150, 100]
  40: [255, 0, 255]
  60: [170, 255, 150]
learning_map:
  0 : 0
  10: 1
  40: 9
  60: 9
learning_map_inv:
  0: 0
  1: 10
  9: 40
learning_ignore:
  0: True
  1: False
  9: False
"""


def test_the_lower_half_is_the_class_and_the_upper_the_object(odometry_folder: Path) -> None:
    sequence = odometry_folder / "sequences" / "04"
    numbers = np.full(500, 40, dtype="<u4")
    numbers[:3] = [10 | 7 << 16, 252 | 65535 << 16, 777]
    numbers.tofile(sequence / "labels" / "000000.label")
    (scene,) = open_dataset(odometry_folder).scenes
    (found,) = scene.reader.read_labels(0, "labels").point_classes
    assert found.sensor_id == "velo"
    assert found.class_indices[:4].tolist() == [10, 252, 777, 40]
    assert found.instances is not None
    assert found.instances[:4].tolist() == [7, 65535, 0, 0]
    assert found.class_names[252] == "moving-car"
    assert 777 not in found.class_names


def test_labels_are_truth_and_predictions_are_not(odometry_folder: Path) -> None:
    (scene,) = open_dataset(odometry_folder).scenes
    kinds = {each.label_set_id: each.kind for each in scene.label_sets}
    assert kinds == {
        "labels": LabelSetKind.GROUND_TRUTH,
        "predictions": LabelSetKind.PREDICTIONS,
    }
    (predicted,) = scene.reader.read_labels(2, "predictions").point_classes
    assert set(predicted.class_indices.tolist()) == {40}
    assert not scene.reader.read_labels(0, "predictions").point_classes


def test_the_published_table_holds_without_a_file(odometry_folder: Path) -> None:
    (scene,) = open_dataset(odometry_folder).scenes
    entries = {entry.class_id: entry for entry in scene.class_map.entries}
    assert len(entries) == 34
    assert (entries[81].name, entries[81].colour) == ("traffic-sign", (255, 0, 0))
    assert entries[60].train_name == "road"
    assert entries[13].train_name == "other-vehicle"
    assert entries[40].train_name is None
    ignored = {number for number, entry in entries.items() if entry.ignored}
    assert ignored == {0, 1, 52, 99}
    # Black, the published colour of points without a class, cannot be seen on a dark ground.
    assert entries[0].colour == UNKNOWN_COLOUR


@pytest.mark.parametrize("folder", [".", "config", "sequences", "sequences/04"])
def test_the_class_file_is_found_near(odometry_folder: Path, folder: str) -> None:
    place = odometry_folder / folder / "semantic-kitti.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(CLASS_FILE)
    assert find_class_file(odometry_folder / "sequences" / "04") == place
    (scene,) = open_dataset(odometry_folder).scenes
    assert scene.class_map.names == ("unlabeled", "car", "road", "lane-marking")
    assert scene.class_map.colour("car") == (100, 150, 245)
    lane = scene.class_map.entry("lane-marking")
    assert lane is not None
    assert (lane.class_id, lane.train_name, lane.ignored) == (60, "road", False)
    nothing = scene.class_map.entry("unlabeled")
    assert nothing is not None
    assert nothing.ignored


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, 2]", "is no mapping"),
        ("labels: {}", "names no class"),
        ("labels: {-1: car}", "must be a number"),
        ("labels: {10: car}\ncolor_map: {10: [1, 2]}", "blue, green, red"),
        ("labels: {10: car}\ncolor_map: {10: [1, 2, 256]}", "0 to 255"),
        ("labels: {10: [car]}", "must be a name"),
        ("labels: &a {10: car}\nagain: *a", "anchors"),
        ("labels: {10: !!python/object/apply:os.getcwd []}", "not valid YAML"),
    ],
)
def test_a_damaged_class_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "semantic-kitti.yaml"
    path.write_text(text)
    with pytest.raises(DamagedData, match=problem):
        read_class_file(path)


def test_a_damaged_class_file_leaves_the_published_table(odometry_folder: Path) -> None:
    (odometry_folder / "semantic-kitti.yaml").write_text("labels: 3")
    (scene,) = open_dataset(odometry_folder).scenes
    assert scene.class_map.index("traffic-sign") >= 0
    assert "published classes" in scene.reader.problems()[0].message


def test_real_numbers_have_names(real_data: Path) -> None:
    folder = real_data / "bin" / "mmdet3d" / "semantickitti"
    (scene,) = open_dataset(folder).scenes
    (found,) = scene.reader.read_labels(0, "labels").point_classes
    stored = np.fromfile(folder / "labels" / "000000.label", dtype="<u4")
    assert np.array_equal(found.class_indices, stored % 65536)
    assert set(found.class_indices.tolist()) <= set(found.class_names)
