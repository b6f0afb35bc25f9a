"""Rows that the vendor's client made: they are read, and our rows for the same content equal them.

How the rows were made stands in golden/README.md.
"""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.metadata import GeoPosition

GOLDEN = Path(__file__).parent / "golden"
PCD = (
    "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
    "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n1 2 3\n"
)


class Foreign:
    """Hides that a reader is Aquarium's, so that its rows are not copied but made anew."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def plain(row):
    """Return a row with the JSON in strings decoded."""
    for frame in row.get("coordinate_frames", ()):
        if isinstance(frame.get("coordinate_frame_metadata"), str):
            frame["coordinate_frame_metadata"] = json.loads(frame["coordinate_frame_metadata"])
    return row


@pytest.fixture
def scene(tmp_path):
    folder = tmp_path / "golden"
    folder.mkdir()
    for path in (*GOLDEN.glob("*.jsonl"), GOLDEN / "project.json"):
        shutil.copy(path, folder)
    for index in range(2):
        cloud = folder / f"pointclouds/drive/top/{index:06d}.pcd"
        picture = folder / f"images/drive/cam0/{index:06d}.png"
        for path in (cloud, picture):
            path.parent.mkdir(parents=True, exist_ok=True)
        cloud.write_text(PCD)
        Image.new("RGB", (128, 72), (index, 9, 9)).save(picture)
    dataset = open_dataset(folder)
    assert [each.scene_id for each in dataset.scenes] == ["drive"]
    yield dataset.scenes[0]
    dataset.close()


def test_the_clients_rows_are_read(scene):
    labels = scene.reader.read_labels(1, "labels")
    cuboids = labels.cuboids
    np.testing.assert_array_equal(cuboids.cuboids.center, [[11.0, 2.0, 0.75]])
    np.testing.assert_array_equal(cuboids.cuboids.size, [[4.0, 2.0, 1.5]])
    # The client takes xyzw; a turn about z of 2 atan(0.6 / 0.8).
    np.testing.assert_allclose(cuboids.cuboids.rotation, [[0.8, 0.0, 0.0, 0.6]], atol=1e-15)
    assert cuboids.track_ids == ["t1"]
    assert math.isnan(cuboids.scores[0])
    np.testing.assert_array_equal(labels.boxes_2d.boxes_px, [[2.0, 1.0, 32.0, 5.5]])
    assert len(labels.shapes_2d) == 2
    assert [each.class_name for each in labels.classifications] == ["road"]
    assert scene.reader.read_labels(1, "detector").cuboids.scores.tolist() == [0.875]
    rig = scene.reader.read_rig(0)
    world_from_camera = rig.transforms.transform("world", "cam0_proj")
    np.testing.assert_allclose(world_from_camera.translation, [1.5, 0.0, 1.5], atol=1e-15)
    # The camera looks along the vehicle's x.
    np.testing.assert_allclose(world_from_camera.rotation[:, 2], [1.0, 0.0, 0.0], atol=1e-15)
    facts = scene.reader.read_frame_metadata(0)
    assert facts["speeds"] == [1.0, 2.5]
    assert facts["geo_position"] == GeoPosition(37.5, -122.25)
    classes = {entry.name: entry for entry in scene.class_map.entries}
    assert classes["car"].class_id == 3
    assert classes["car"].prediction_colour == (40, 50, 60)
    assert classes["road"].ignored


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("frames.jsonl", "frames.jsonl"),
        ("labels.jsonl", "labels.jsonl"),
        ("inferences/detector.jsonl", "detector.jsonl"),
    ],
)
def test_our_rows_equal_the_clients(scene, tmp_path, ours, theirs):
    foreign = replace(scene, reader=Foreign(scene.reader))
    writer_by_name("aquarium").write([foreign], tmp_path / "out", JobContext())
    made = [plain(row) for row in rows_of(tmp_path / "out" / ours)]
    assert made == [plain(row) for row in rows_of(GOLDEN / theirs)]


def test_our_classes_equal_the_clients(scene, tmp_path):
    foreign = replace(scene, reader=Foreign(scene.reader))
    writer_by_name("aquarium").write([foreign], tmp_path / "out", JobContext())
    made = json.loads((tmp_path / "out" / "project.json").read_text())
    golden = json.loads((GOLDEN / "project.json").read_text())
    assert made["label_class_map"] == golden["label_class_map"]
