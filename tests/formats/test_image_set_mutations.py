"""Damaged COCO, YOLO and VOC files end in clean errors only."""

import random

import image_sets
import pytest
from byte_mutations import mutated

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
    path = root / file
    original = path.read_bytes()
    generator = random.Random(file)
    opened = 0
    for _ in range(ROUNDS):
        path.write_bytes(mutated(original, generator))
        try:
            dataset = format_by_name(name).open(root)
        except DamagedData:
            continue
        opened += 1
        for scene in dataset.scenes:
            for frame in scene.frames:
                for each in scene.label_sets:
                    try:
                        labels = scene.reader.read_labels(frame.index, each.label_set_id)
                    except DamagedData:
                        continue
                    assert len(labels.boxes_2d.scores) == len(labels.boxes_2d)
            assert all(problem.message for problem in scene.reader.problems())
    assert opened
