"""The three import modes and the three ways with unknown classes, against counts by hand."""

import image_sets
import pytest

from viewer.formats.catalog import open_dataset
from viewer.formats.label_import.label_columns import label_count
from viewer.formats.label_import.modes import (
    ImportMode,
    ImportRefused,
    UnknownClasses,
    import_labels,
)
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, FrameLabels

CLASSES = ClassMap.from_names(["car", "person"])
EMPTY = FrameLabels(CuboidLabels.empty("world"))


@pytest.fixture
def labels(tmp_path):
    """One box, one mask and one set of keypoints; then a polygon and a class of the image."""
    (scene,) = open_dataset(image_sets.coco(tmp_path)).scenes
    return [scene.reader.read_labels(index, "ground_truth") for index in range(2)]


def test_replace_takes_the_place_of_what_is_there(labels):
    result = import_labels(*labels, CLASSES, ImportMode.REPLACE)
    plan = result.plan
    assert (plan.existing, plan.incoming, plan.removed, plan.added) == (3, 2, 3, 2)
    assert label_count(result.labels) == 2
    assert plan.by_class == {"car": 2}


def test_concatenate_adds_and_gives_new_ids_where_they_are_taken(labels):
    first, second = labels
    result = import_labels(first, second, CLASSES, ImportMode.CONCATENATE)
    assert (result.plan.removed, result.plan.added, result.plan.new_ids) == (0, 2, 0)
    assert label_count(result.labels) == 5
    assert [len(part) for part in result.labels.shapes_2d.parts(1)] == [3, 3]
    twice = import_labels(first, first, CLASSES, ImportMode.CONCATENATE)
    assert twice.plan.new_ids == 3
    assert list(twice.labels.boxes_2d.label_ids) == ["1", "1-2"]
    assert label_count(first) == 3


def test_keep_leaves_a_frame_with_labels_and_fills_an_empty_one(labels):
    first, second = labels
    kept = import_labels(first, second, CLASSES, ImportMode.KEEP)
    assert kept.labels is first
    assert (kept.plan.added, kept.plan.kept_out) == (0, 2)
    filled = import_labels(EMPTY, second, CLASSES, ImportMode.KEEP)
    assert (label_count(filled.labels), filled.plan.added) == (2, 2)
    assert ImportMode.named("SKIP") == ImportMode.KEEP


def test_unknown_classes_are_created_mapped_or_refused(labels):
    few = ClassMap.from_names(["vehicle", "person"])
    mode = ImportMode.REPLACE
    with pytest.raises(ImportRefused, match="unknown classes: car"):
        import_labels(EMPTY, labels[0], few, mode, UnknownClasses.REFUSE)
    created = import_labels(EMPTY, labels[0], few, mode, UnknownClasses.CREATE)
    assert created.class_map.names == ("vehicle", "person", "car")
    assert created.plan.created_classes == ("car",)
    table = {"car": "vehicle"}
    mapped = import_labels(EMPTY, labels[0], few, mode, UnknownClasses.MAP, table)
    assert mapped.labels.boxes_2d.class_names == ("vehicle",)
    assert mapped.labels.masks[0].class_name == "vehicle"
    assert mapped.plan.mapped_classes == table
    with pytest.raises(ImportRefused, match="unknown classes: car"):
        import_labels(EMPTY, labels[0], few, mode, UnknownClasses.MAP, {})
