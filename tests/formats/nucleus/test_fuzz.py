"""Damaged Nucleus payloads end in clean errors only."""

import os
import shutil

import pytest
from damaged_folders import open_damaged, read_everything

from viewer.formats.nucleus.format import NucleusFormat

ROUNDS = 1000 if os.environ.get("SIGHTLINE_LONG") else 200


@pytest.mark.parametrize("name", ["scenes.json", "annotations.json", "rows.jsonl", "clouds/0.json"])
def test_mutations_raise_nothing_else(nucleus_folder, payloads, name, tmp_path):
    image = "drive_front_0"
    ring = {"vertices": [{"x": 0, "y": 0}, {"x": 4, "y": 0}, {"x": 4, "y": 4}]}
    points = {"keypoints": [{"x": 1, "y": 2, "visible": True}], "names": ["a"], "skeleton": []}
    rows = [
        payloads.annotation("box", {"x": 1, "y": 2, "width": 3, "height": 4}, image),
        payloads.annotation("polygon", ring, image),
        payloads.annotation("keypoints", points, image),
        payloads.annotation("category", {}, "drive", taxonomy_name="road"),
        payloads.cuboid(),
    ]
    payloads.write_lines(nucleus_folder / "rows.jsonl", rows)
    folder = tmp_path / "fuzzed"
    shutil.copytree(nucleus_folder, folder)
    open_damaged(NucleusFormat(), folder, name, ROUNDS, read_everything)
