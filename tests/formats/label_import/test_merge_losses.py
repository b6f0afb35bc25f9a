"""What stays behind when labels join a scene, counted by hand."""

import json
from dataclasses import replace

import numpy as np

from viewer.formats.builder import SceneBuilder
from viewer.formats.catalog import open_dataset
from viewer.formats.label_import.merge_losses import merge_losses
from viewer.formats.label_import.modes import ImportMode, UnknownClasses
from viewer.formats.label_import.scene_import import ImportOptions, SceneImport
from viewer.scene.scene import Dataset
from viewer.scene.tracks import Track


def scene(name):
    """Two frames with a cuboid each."""
    builder = SceneBuilder(name)
    builder.add_lidar("lidar")
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index * 100_000_000)
        frame.add_points("lidar", np.zeros((4, 3), np.float32))
        frame.add_cuboids([[5.0, index, 0.5]], [[4.0, 2.0, 1.5]], class_names=["car"])
    return builder.build()


class WithTracks:
    """A scene's reader that tells of three tracks, and two facts a frame."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_tracks(self, label_set_id):
        return [Track(str(number), "car", keyframes=(0,)) for number in range(3)]

    def read_frame_metadata(self, frame_index):
        return {"weather": "rain", "road": "dry", "tags": ["night"]}


def tracked(name, **metadata):
    plain = scene(name)
    return replace(plain, reader=WithTracks(plain.reader), metadata=metadata)


def losses(base, other, mode, base_facts=None, other_facts=None):
    options = ImportOptions(mode, UnknownClasses.CREATE)
    work = SceneImport(base, [(other, other.label_sets[0].label_set_id)], options)
    datasets = [
        Dataset(each.path / each.scene_id, "native", (each,), metadata=facts or {})
        for each, facts in ((base, base_facts), (other, other_facts))
    ]
    return {(what, where): count for what, where, count, _ in merge_losses(work, *datasets).rows()}


def test_tracks_of_labels_that_are_replaced_are_lost():
    base, other = tracked("base"), scene("other")
    place = f"base/{base.label_sets[0].label_set_id}"
    assert losses(base, other, ImportMode.REPLACE) == {("track as a whole", place): 3}
    assert losses(base, other, ImportMode.CONCATENATE) == {}
    assert losses(base, other, ImportMode.KEEP) == {}


def test_tracks_and_facts_of_the_incoming_labels_stay_behind():
    base, other = scene("base"), tracked("other", city="Bern", driver="A")
    place = f"other/{other.label_sets[0].label_set_id}"
    found = losses(base, other, ImportMode.CONCATENATE, {"owner": 1}, {"slices": [1]})
    assert found == {
        ("fact about the dataset 'owner'", "base"): 1,
        ("incoming track as a whole", place): 3,
        ("incoming fact about the dataset 'slices'", "other"): 1,
        ("incoming fact about the scene", "other"): 2,
        ("incoming fact about a frame", "other"): 4,
    }


def test_nothing_is_lost_where_there_is_nothing_more():
    assert losses(scene("base"), scene("other"), ImportMode.REPLACE) == {}


def test_rows_of_a_platform_are_written_anew(tmp_path):
    row = {
        "label": "car",
        "type": "cuboid",
        "reference_id": "a",
        "geometry": {
            "position": {"x": 4.0, "y": 0.0, "z": 1.0},
            "dimensions": {"x": 4.0, "y": 2.0, "z": 1.5},
            "yaw": 0.0,
        },
        "vendor": {"x": 1},
    }
    item = {"reference_id": "a", "url": "a.json", "type": "pointcloud"}
    files = {"scene": {"scenes": [{"reference_id": "drive", "frames": [{"lidar": item}]}]}}
    for name, payload in (files | {"annotations": [row]}).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(payload))
    (base,) = open_dataset(tmp_path).scenes
    assert losses(base, base, ImportMode.KEEP) == {
        ("frame whose rows are written anew", "drive"): 1,
        ("incoming frame whose rows are written anew", "drive"): 1,
    }
