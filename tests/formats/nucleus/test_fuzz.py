"""Damaged Nucleus payloads end in clean errors only."""

import os
import random
import shutil

import pytest
from json_mutations import mutated_json

from viewer.formats.base import DamagedData
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
    original = (nucleus_folder / name).read_bytes()
    generator = random.Random(name)
    clean = 0
    for _ in range(ROUNDS):
        (folder / name).write_bytes(mutated_json(original, generator))
        try:
            dataset = NucleusFormat().open(folder)
        except DamagedData:
            continue
        for scene in dataset.scenes:
            exercise(scene)
        clean += 1
    assert clean


def exercise(scene):
    for frame in scene.frames:
        scene.reader.read_rig(frame.index)
        for each in scene.label_sets:
            labels = scene.reader.read_labels(frame.index, each.label_set_id)
            assert list(labels.cuboids.attributes) is not None
        for sweep in frame.sweeps:
            try:
                scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
            except DamagedData:
                continue
    assert all(problem.message for problem in scene.reader.problems())
