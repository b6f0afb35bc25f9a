"""Damaged Aquarium files end in clean errors only."""

import os
import random
import shutil

import pytest
from json_mutations import mutated_json

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.base import DamagedData

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
    original = (aquarium_folder / name).read_bytes()
    generator = random.Random(name)
    clean = 0
    for _ in range(ROUNDS):
        (folder / name).write_bytes(mutated_json(original, generator))
        try:
            dataset = AquariumFormat().open(folder)
            for scene in dataset.scenes:
                exercise(scene)
            clean += 1
        except DamagedData:
            continue
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
