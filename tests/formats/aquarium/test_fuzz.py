"""Damaged Aquarium files end in clean errors only."""

import os
import shutil

import pytest
from damaged_folders import open_damaged, read_everything

from viewer.formats.aquarium.format import AquariumFormat

ROUNDS = 5000 if os.environ.get("SIGHTLINE_LONG") else 350


@pytest.mark.parametrize("name", ["frames.jsonl", "labels.jsonl", "model_a.jsonl"])
def test_mutations_raise_nothing_else(aquarium_folder, rows, name, tmp_path):
    point = [[0, 0], [1, 0], [1, 1]]
    labels = [
        rows.cuboid("a", "lidar"),
        rows.label("p", "POLYGON_LIST_2D", "cam0", {"polygons": [{"vertices": point}]}),
        rows.label("k", "KEYPOINTS_2D", "cam0", {"keypoints": [{"x": 1, "y": 2, "name": "n"}]}),
        rows.label("t", "TEXT_TOKEN", "cam0", {"index": 0, "token": "hi", "visible": True}),
        rows.label("c1", "CUBOID_3D", "world", {"pos_x": 3.0}, change="MODIFY"),
    ]
    update = rows.labels("scene1_000", labels)
    rows.write(
        aquarium_folder / "labels.jsonl", [rows.labels("scene1_000", [rows.cuboid("c1")]), update]
    )
    folder = tmp_path / "fuzzed"
    shutil.copytree(aquarium_folder, folder)
    open_damaged(AquariumFormat(), folder, name, ROUNDS, read_everything, rows_read_later=True)
