"""The labels of a task's items with their attributes."""

from pathlib import Path

import pytest

from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.review import Subject
from viewer.review.tasks.answered import answered_labels
from viewer.review.tasks.model import AnsweredLabel
from viewer.scene.scene import Dataset


@pytest.fixture
def dataset() -> Dataset:
    builder = SceneBuilder("street")
    builder.add_lidar("top", position=(0, 0, 2))
    builder.add_camera("front", Pinhole(8, 6, fx=5, fy=5))
    builder.add_label_set("model", predictions=True)
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=index * 100, ego_position=(0, 0, 0))
        frame.add_cuboids(
            [(5, 0, 0), (9, 0, 0)], (2, 2, 2), label_set_id="gt", class_names=["car", "van"],
            label_ids=["9", "10"], track_ids=["a", "b"],
            attributes=[{"occlusion": index}, {}],
        )  # fmt: skip
        frame.add_cuboids(
            [(5, 0, 0)], (2, 2, 2), label_set_id="model", class_names=["car"], label_ids=["p"],
            track_ids=["a"],
        )  # fmt: skip
        frame.add_boxes_2d(
            "front", [(1, 1, 3, 3), (2, 2, 4, 4)], class_names=["car", "sign"], label_set_id="gt",
            label_ids=["9", "12"], attributes=[{"occlusion": 7, "colour": "red"}, {}],
        )  # fmt: skip
    return Dataset(Path("street"), "native", (builder.build(),))


def test_a_frame_has_the_labels_of_the_truth_each_once(dataset: Dataset):
    [scene] = dataset.scenes
    found = answered_labels(dataset, Subject.frame("d", "street", scene.frames[1].key))
    assert found == [
        AnsweredLabel("9", "car", {"occlusion": 1, "colour": "red"}),
        AnsweredLabel("10", "van", {}),
        AnsweredLabel("12", "sign", {}),
    ]


def test_a_label_a_track_and_a_scene_have_theirs(dataset: Dataset):
    key = dataset.scenes[0].frames[0].key
    [label] = answered_labels(dataset, Subject.label("d", "street", key, "gt", "10"))
    assert (label.label_id, label.class_name) == ("10", "van")
    [guess] = answered_labels(dataset, Subject.label("d", "street", key, "model", "p"))
    assert guess.label_id == "p"
    track = answered_labels(dataset, Subject.track("d", "street", "gt", "a"))
    assert [each.attributes["occlusion"] for each in track] == [0, 1]
    assert len(answered_labels(dataset, Subject.scene("d", "street"))) == 6
    assert answered_labels(dataset, Subject.scene("d", "yard")) == []
