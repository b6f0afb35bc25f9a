"""Damaged Lightly files end in clean errors only."""

import os

import pytest
from damaged_folders import open_damaged

from viewer.formats.base import DamagedData
from viewer.formats.lightly.embeddings import read_embeddings
from viewer.formats.lightly.format import LightlyFormat

ROUNDS = 1000 if os.environ.get("SIGHTLINE_LONG") else 120
NAMES = (
    "tags.json", "metadata.json", "corrupt.json", ".lightly/filenames.txt",
    ".lightly/embeddings/default.csv", ".lightly/metadata/b.json", ".lightly/metadata/schema.json",
    ".lightly/predictions/tasks.json", ".lightly/predictions/pose/schema.json",
    ".lightly/predictions/detector/sub/c.json", ".lightly/predictions/masks/sub/c.json",
    ".lightly/predictions/pose/sub/c.json", ".lightly/predictions/scene/sub/c.json",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_mutations_raise_nothing_else(dataset, name):
    open_damaged(LightlyFormat(), dataset, name, ROUNDS, exercise)


def exercise(scene):
    for frame in scene.frames:
        scene.reader.read_rig(frame.index)
        assert isinstance(scene.reader.read_frame_metadata(frame.index), dict)
        for each in scene.label_sets:
            labels = scene.reader.read_labels(frame.index, each.label_set_id)
            assert len(labels.boxes_2d.scores) == len(labels.boxes_2d)
    for path in scene.reader.side.embeddings:
        try:
            read_embeddings(path)
        except DamagedData:
            continue
    assert all(problem.message for problem in scene.reader.problems())
