"""Damaged COCO, YOLO and VOC files end in clean errors only."""

import image_sets
import pytest
from byte_mutations import mutated
from damaged_folders import open_damaged

from viewer.formats.base import DamagedData
from viewer.formats.catalog import format_by_name

ROUNDS = 1000
CASES = (
    ("coco", "annotations/instances.json"),
    ("coco", "annotations/results.json"),
    ("yolo", "data.yaml"),
    ("yolo", "labels/train/a.txt"),
    ("pascal_voc", "Annotations/a.xml"),
)


@pytest.mark.parametrize(("name", "file"), CASES)
def test_mutations_raise_nothing_else(name, file, tmp_path):
    root = getattr(image_sets, name)(tmp_path)
    open_damaged(format_by_name(name), root, file, ROUNDS, read_boxes, damage=mutated)


def read_boxes(scene):
    for frame in scene.frames:
        for each in scene.label_sets:
            try:
                labels = scene.reader.read_labels(frame.index, each.label_set_id)
            except DamagedData:
                continue
            assert len(labels.boxes_2d.scores) == len(labels.boxes_2d)
    assert all(problem.message for problem in scene.reader.problems())
