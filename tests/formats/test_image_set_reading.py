"""COCO, YOLO and VOC files give the labels that their text holds."""

import image_sets
import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.formats.image_set import inner_path
from viewer.scene.shapes import ShapeKind


def test_coco_boxes_polygons_masks_keypoints_and_classes(tmp_path):
    dataset = open_dataset(image_sets.coco(tmp_path))
    (scene,) = dataset.scenes
    assert (dataset.format_name, scene.independent, len(scene)) == ("coco", True, 2)
    assert [entry.class_id for entry in scene.class_map.entries] == [3, 1]
    assert scene.class_map.entry("car").parent == "vehicle"
    assert scene.class_map.entry("person").skeleton.bones == ((0, 1), (1, 2))
    first = scene.reader.read_labels(0, "ground_truth")
    np.testing.assert_array_equal(first.boxes_2d.boxes_px, [[10.5, 4, 30.5, 12.25]])
    (mask,) = first.masks
    # Columns of four: the third column starts after eight pixels.
    np.testing.assert_array_equal(
        mask.runs.decoded(), [[False, False, True], [False, False, True], [False] * 3, [False] * 3]
    )
    assert mask.is_crowd
    assert first.shapes_2d.kinds.tolist() == [ShapeKind.KEYPOINTS]
    assert first.shapes_2d.vertex_visibilities(0).tolist() == [2, 1, 0]
    assert first.shapes_2d.attributes[0]["bbox"] == [0, 0, 30, 30]
    second = scene.reader.read_labels(1, "ground_truth")
    assert [len(part) for part in second.shapes_2d.parts(0)] == [3, 3]
    assert [each.class_name for each in second.classifications] == ["car"]
    predicted = scene.reader.read_labels(1, "results").boxes_2d
    assert predicted.scores.tolist() == [0.75]
    assert scene.reader.problems() == ()
    assert scene.reader.read_image(1, "image", None).full_width_px == 64


def test_yolo_numbers_are_shares_of_the_image(tmp_path):
    (scene,) = open_dataset(image_sets.yolo(tmp_path)).scenes
    labels = scene.reader.read_labels(0, "ground_truth")
    np.testing.assert_allclose(labels.boxes_2d.boxes_px, [[40, 15, 60, 35]], atol=1e-12)
    assert labels.boxes_2d.class_names == ("dog",)
    np.testing.assert_allclose(labels.shapes_2d.parts(0)[0][1], [30, 5], atol=1e-12)
    assert scene.reader.read_labels(1, "ground_truth").boxes_2d.scores.tolist() == [0.5]


def test_yolo_four_corners_alone_are_turned_boxes(tmp_path):
    root = image_sets.yolo(tmp_path)
    corners = "0 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6\n"
    for name in "ab":
        (root / "labels" / "train" / f"{name}.txt").write_text(corners)
    (scene,) = open_dataset(root).scenes
    shapes = scene.reader.read_labels(0, "ground_truth").shapes_2d
    assert shapes.kinds.tolist() == [ShapeKind.ROTATED_BOX]
    np.testing.assert_allclose(shapes.parameters[0], [20, 20, 20, 20, 0], atol=1e-9)


def test_yolo_images_in_folders_of_classes(tmp_path):
    for place in ("train/cat/a.png", "train/dog/b.png", "val/dog/c.png"):
        image_sets.picture(tmp_path / place)
    scenes = open_dataset(tmp_path, "yolo").scenes
    assert [scene.scene_id for scene in scenes] == ["train", "val"]
    (label,) = scenes[0].reader.read_labels(1, "ground_truth").classifications
    assert label.class_name == "dog"


def test_voc_boxes_keep_their_numbers_and_flags(tmp_path):
    (scene,) = open_dataset(image_sets.pascal_voc(tmp_path)).scenes
    labels = scene.reader.read_labels(0, "ground_truth")
    np.testing.assert_array_equal(labels.boxes_2d.boxes_px, [[5, 6.5, 25, 30], [7, 7, 12, 12]])
    assert labels.boxes_2d.attributes[0] == {"pose": "Left", "truncated": True, "difficult": False}
    assert [(link.kind, link.from_label_id) for link in labels.links] == [("part", "0:0")]
    assert labels.shapes_2d.kinds.tolist() == [ShapeKind.POLYGONS, ShapeKind.ROTATED_BOX]


def test_voc_with_entities_is_refused(tmp_path):
    root = image_sets.pascal_voc(tmp_path)
    bomb = (
        '<!DOCTYPE a [<!ENTITY b "bb">]><annotation><object><name>&b;</name></object></annotation>'
    )
    (root / "Annotations" / "a.xml").write_text(bomb)
    (scene,) = open_dataset(root).scenes
    with pytest.raises(DamagedData, match=r"a\.xml"):
        scene.reader.read_labels(0, "ground_truth")


@pytest.mark.parametrize("name", ["../a", "/a", "C:\\a", "\\\\host\\a", "a/../../b", "a\0b", ""])
def test_names_that_lead_out_of_the_folder_are_no_paths(name):
    assert inner_path(name) is None
