"""Scenes to Nucleus payloads and back: the same scene; payloads of Nucleus itself byte for byte."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from random_drive import drives

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.catalog import writer_by_name
from viewer.formats.writers.draft import WriteRefused
from viewer.progress import JobContext
from viewer.scene.labels import LabelSetKind

ATTRIBUTES = st.dictionaries(
    st.sampled_from(["state", "occluded", "points"]),
    st.one_of(st.booleans(), st.integers(-5, 5), st.text(max_size=5)),
)
SCENES = """{"scenes": [
  {"reference_id": "a", "foreign": [1.50, null], "frames": [
     {"lidar": {"url": "a.json", "reference_id": "a0", "metadata": {"x": 1e2}, "type": "pointcloud"}
     }
  ]},
  {"reference_id": "b", "frames": [
     {"lidar": {"url": "b.json", "reference_id": "b0", "type": "pointcloud"},
      "front": {"url": "s3://bucket/b.png", "reference_id": "b1", "type": "image"}}
  ]}
], "update": false, "unknown": {"kept": 1.0}}
"""
GEOMETRY = '{"position": {"x": 1.0, "y": 2, "z": 0.50}, "dimensions": {"x": 4, "y": 2, "z": 1}, '
CUBOIDS = "\n".join(
    f'{{"label": "car", "type": "cuboid", "geometry": {GEOMETRY}"yaw": 0.10}}, '
    f'"reference_id": "{owner}", "annotation_id": "{number}", "odd": -0.0}}'
    for number, owner in enumerate(["a0", "b0", "a0", "b0"])
)


def write(scenes, target, **options):
    return writer_by_name("nucleus").write(scenes, target, JobContext(), WriteOptions(**options))


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two scenes, annotations as lines, one model's predictions."""
    root = tmp_path / "nucleus"
    root.mkdir()
    (root / "scenes.json").write_text(SCENES)
    (root / "annotations.jsonl").write_text(CUBOIDS + "\n")
    predicted = CUBOIDS.splitlines()[1].replace('"odd"', '"confidence": 0.5, "odd"')
    (root / "model.json").write_text(f'{{"annotations": [{predicted}], "update": true}}')
    for name in "ab":
        points = [{"x": 1.0, "y": 2.0, "z": 0.5, "i": 3}]
        (root / f"{name}.json").write_text(json.dumps({"points": points}))
    return root


def files_of(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_payloads_are_written_back_byte_for_byte(folder, tmp_path):
    dataset = open_dataset(folder)
    assert [scene.scene_id for scene in dataset.scenes] == ["a", "b"]
    report = write(dataset.scenes, tmp_path / "out")
    assert files_of(tmp_path / "out") == files_of(folder)
    assert {what for what, *_ in report.rows()} <= {"unreadable"}
    dataset.close()


def test_the_rows_of_one_scene_alone(folder, tmp_path):
    dataset = open_dataset(folder)
    write(dataset.scenes[:1], tmp_path / "out")
    dataset.close()
    written = files_of(tmp_path / "out")
    assert sorted(written) == ["a.json", "annotations.jsonl", "scenes.json"]
    before, after = json.loads(SCENES), json.loads(written["scenes.json"])
    assert after == before | {"scenes": before["scenes"][:1]}
    lines = CUBOIDS.splitlines()
    kept = [line for line in written["annotations.jsonl"].decode().splitlines() if line]
    assert kept == [lines[0], lines[2]]


def test_one_label_set_alone(folder, tmp_path):
    dataset = open_dataset(folder)
    truth = dataset.scenes[0].label_sets[0].label_set_id
    report = write(dataset.scenes, tmp_path / "out", label_set_id=truth, labels_only=True)
    dataset.close()
    assert files_of(tmp_path / "out") == {"annotations.jsonl": (CUBOIDS + "\n").encode()}
    assert "label set" in {what for what, *_ in report.rows()}


def test_labels_alone_of_a_source_without_any_are_refused(folder, tmp_path):
    (folder / "annotations.jsonl").unlink()
    (folder / "model.json").unlink()
    dataset = open_dataset(folder)
    with pytest.raises(WriteRefused, match="nothing that was asked for"):
        write(dataset.scenes, tmp_path / "out", labels_only=True)
    dataset.close()
    assert not (tmp_path / "out").exists()


def test_a_missing_image_is_told(folder, tmp_path):
    text = SCENES.replace("s3://bucket/b.png", "b.png")
    (folder / "scenes.json").write_text(text)
    dataset = open_dataset(folder)
    report = write(dataset.scenes, tmp_path / "out", dry_run=True)
    dataset.close()
    assert ("file", str(folder / "b.png"), 1, "is missing") in report.rows()
    assert not (tmp_path / "out").exists()
    Image.new("RGB", (8, 6)).save(folder / "b.png")
    dataset = open_dataset(folder)
    write(dataset.scenes, tmp_path / "out")
    dataset.close()
    assert files_of(tmp_path / "out") == files_of(folder)


def test_the_clients_payloads_come_back(real_data, tmp_path):
    source = real_data / "labels" / "scale_nucleus"
    dataset = open_dataset(source)
    write(dataset.scenes, tmp_path / "out")
    dataset.close()
    for path in source.glob("*.json"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_drives_come_back(data, tmp_path_factory):
    before = data.draw(drives(boxes_in="world", attributes=ATTRIBUTES, ring="ring"))
    frames = [level(before.reader.read_labels(f.index, "annotations")) for f in before.frames]
    reader = Leveled(before.reader)
    out = tmp_path_factory.mktemp("drive") / "out"
    write([replace(before, reader=reader)], out)
    dataset = open_dataset(out)
    after = dataset.scenes[0]
    assert len(after.frames) == len(before.frames)
    sets = {each.kind: each.label_set_id for each in after.label_sets}
    assert (LabelSetKind.GROUND_TRUTH in sets) == any(len(each.cuboids) for each in frames)
    truth = sets.get(LabelSetKind.GROUND_TRUTH)
    for frame, labels in zip(before.frames, frames, strict=True):
        if truth is None:
            break
        again = after.reader.read_labels(frame.index, truth).cuboids
        assert list(again.class_names) == list(labels.cuboids.class_names)
        assert list(again.track_ids) == list(labels.cuboids.track_ids)
        for column in ("center", "size", "yaw_rad"):
            values = [getattr(each.cuboids, column) for each in (labels.cuboids, again)]
            np.testing.assert_allclose(*values, rtol=0, atol=1e-12)
        for mine, theirs in zip(labels.cuboids.attributes, again.attributes, strict=True):
            assert dict(mine).items() <= dict(theirs).items()
    dataset.close()


class Leveled:
    """A reader whose cuboids stand level, as all of Nucleus do."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        return level(self._reader.read_labels(frame_index, label_set_id))


def level(labels):
    cuboids = labels.cuboids.cuboids
    yaw = np.random.default_rng(len(cuboids)).uniform(-3, 3, len(cuboids))
    zero = np.zeros(len(cuboids))
    rotation = np.stack([np.cos(yaw / 2), zero, zero, np.sin(yaw / 2)], axis=1)
    return replace(
        labels, cuboids=replace(labels.cuboids, cuboids=replace(cuboids, rotation=rotation))
    )
