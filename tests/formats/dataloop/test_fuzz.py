"""Damaged Dataloop files end in clean errors only."""

import os

import pytest
from damaged_folders import open_damaged

from viewer.formats.dataloop.format import DataloopFormat
from viewer.scene.metadata import FrameMetadata
from viewer.scene.tracks import TrackSource

ROUNDS = 1000 if os.environ.get("SIGHTLINE_LONG") else 250


PLACES = {
    "picture": "json/a/picture.json",
    "scene": "items/drive/frames.json",
    "tracks": "json/drive/frames.json",
    "ontology": "ontology.json",
}


@pytest.mark.parametrize("name", list(PLACES))
def test_mutations_raise_nothing_else(picture_export, make, name):
    make.lidar_export(picture_export, frames=2)
    snapshots = [{"frame": 1, "fixed": True, "objectVisible": True, "label": "van"}]
    car = make.cube_3d(end=1, system={"snapshots_": snapshots, "endFrame": 1})
    make.write_json(picture_export / PLACES["tracks"], {"annotations": [car]})
    roots = [{"value": {"tag": "car", "color": "#ff0000"}, "children": [{"value": {"tag": "a"}}]}]
    attributes = [{"key": "1", "type": "range"}]
    ontology = {"roots": roots, "attributes": attributes}
    make.write_json(picture_export / "ontology.json", ontology)
    open_damaged(DataloopFormat(), picture_export, PLACES[name], ROUNDS, exercise)


def exercise(scene):
    assert isinstance(scene.reader, TrackSource)
    assert isinstance(scene.reader, FrameMetadata)
    for frame in scene.frames[:20]:
        scene.reader.read_rig(frame.index)
        scene.reader.read_frame_metadata(frame.index)
        for each in scene.label_sets:
            labels = scene.reader.read_labels(frame.index, each.label_set_id)
            assert len(labels.cuboids.scores) == len(labels.cuboids)
    for each in scene.label_sets:
        scene.reader.read_tracks(each.label_set_id)
    assert all(problem.message for problem in scene.reader.problems())
