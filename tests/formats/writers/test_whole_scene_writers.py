"""Scenes to our own layouts and back: the same, with labels of every kind."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_labels import all_kinds, assert_same_labels

from viewer.formats.catalog import open_dataset
from viewer.formats.writers.catalog import writer_by_name
from viewer.progress import JobContext
from viewer.scene.class_map import ClassEntry, ClassMap, Skeleton
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import GeoPosition
from viewer.scene.scene import OtherKind, OtherRef
from viewer.scene.tracks import Track

STREET = Path(__file__).parents[3] / "sample_scenes" / "street"

formats = pytest.mark.parametrize("name", ["native", "scene_pack"])


@formats
def test_street_comes_back_equal(name, tmp_path):
    before = open_dataset(STREET).scenes[0]
    report = writer_by_name(name).write([before], tmp_path / "out", JobContext())
    assert report.rows() == ()
    dataset = open_dataset(tmp_path / "out")
    after = dataset.scenes[0]
    assert (after.scene_id, after.class_map) == (before.scene_id, before.class_map)
    assert after.label_sets == before.label_sets
    for index in (0, 20, 39):
        frames = [scene.frames[index] for scene in (before, after)]
        assert frames[0].key == frames[1].key
        assert frames[0].timestamp_ns == frames[1].timestamp_ns
        for label_set in before.label_sets:
            labels = [
                scene.reader.read_labels(index, label_set.label_set_id).cuboids
                for scene in (before, after)
            ]
            for column in ("label_ids", "class_names", "track_ids", "attributes"):
                assert list(getattr(labels[0], column)) == list(getattr(labels[1], column))
            for column in ("center", "size", "rotation"):
                values = [getattr(each.cuboids, column) for each in labels]
                np.testing.assert_allclose(values[0], values[1], rtol=0, atol=1e-15)
        clouds = [scene.reader.read_point_cloud(index, "lidar_top") for scene in (before, after)]
        np.testing.assert_array_equal(clouds[0].xyz, clouds[1].xyz)
        for field, values in clouds[0].fields.items():
            np.testing.assert_array_equal(values, clouds[1].fields[field])
        images = [scene.reader.read_encoded_image(index, "rear") for scene in (before, after)]
        assert images[0] == images[1]
    dataset.close()


class EveryKind:
    """A reader of one frame that has everything the scene model knows."""

    def __init__(self, reader, labels):
        self._reader = reader
        self.labels = labels
        self.tracks = (Track("t 1", "car", (0, 2), ((0, 3), (5, 5)), {"parked": True}),)
        self.metadata = {
            "weather": "rain",
            "where": GeoPosition(47.5, -122.25, None),
            "nested": {"list": [1, 2.5, None]},
        }

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        return self.labels

    def read_frame_metadata(self, frame_index):
        return self.metadata

    def read_tracks(self, label_set_id):
        return self.tracks


CLASSES = ClassMap(
    (
        ClassEntry("car", (1, 2, 3)),
        ClassEntry("Größe", (4, 5, 6), 7, (8, 9, 10), "vehicle", True, "car"),
        ClassEntry("person", (0, 0, 0), skeleton=Skeleton(("head", "hand"), ((0, 1),))),
    )
)


@formats
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_labels_of_every_kind_come_back_equal(name, data, tmp_path_factory):
    street = open_dataset(STREET).scenes[0]
    labels = data.draw(all_kinds(street.reader.read_labels(0, "ground_truth")))
    frame = replace(
        street.frames[0], sweeps=(), images=(), others=(OtherRef(OtherKind.MESH, "map", "m.obj"),)
    )
    kinds = data.draw(st.lists(st.sampled_from(LabelSetKind), min_size=1, max_size=2))
    before = replace(
        street,
        reader=EveryKind(street.reader, labels),
        frames=(frame,),
        label_sets=tuple(LabelSet(f"set {i}", kind) for i, kind in enumerate(kinds)),
        class_map=CLASSES,
        metadata={"drive": 7, "start": GeoPosition(1.0, 2.0, 3.5)},
    )
    out = tmp_path_factory.mktemp(name) / "out"
    report = writer_by_name(name).write([before], out, JobContext())
    assert [what for what, *_ in report.rows()] == ["mesh"]
    dataset = open_dataset(out)
    after = dataset.scenes[0]
    assert (after.class_map, after.label_sets) == (CLASSES, before.label_sets)
    assert after.metadata == before.metadata
    assert after.frames[0].others == frame.others
    assert after.reader.read_frame_metadata(0) == before.reader.metadata
    for label_set in after.label_sets:
        again = after.reader.read_labels(0, label_set.label_set_id)
        np.testing.assert_allclose(
            again.cuboids.cuboids.rotation, labels.cuboids.cuboids.rotation, rtol=0, atol=1e-15
        )
        cuboids = replace(again.cuboids, cuboids=labels.cuboids.cuboids)
        assert_same_labels(labels, replace(again, cuboids=cuboids))
        assert_same_labels(before.reader.tracks, after.reader.read_tracks(label_set.label_set_id))
    dataset.close()
