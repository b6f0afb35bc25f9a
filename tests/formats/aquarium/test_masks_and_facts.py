"""Masks, frame metadata, the project file, issues and work queues."""

import json

import numpy as np
import pytest
from PIL import Image

from viewer.formats.aquarium.format import AquariumFormat
from viewer.formats.aquarium.issues import read_issues
from viewer.formats.problem_log import ProblemLog
from viewer.scene.masks import InstanceMask, SemanticMask
from viewer.scene.metadata import GeoPosition

CLASSES = [
    {
        "name": "car", "id": 3, "train_name": "vehicle", "train_id": 9, "category": "thing",
        "ignore_in_eval": True, "color": [1, 2, 3], "train_color": [4, 5, 6],
        "keypoint_names": ["a", "b"], "skeleton": [[0, 1], [0, 7]],
    },
    {"name": "road", "id": 7, "train_name": "road", "category": "road", "color": [9, 9, 9]},
    {"name": "sky", "id": 8, "train_name": "", "color": [8, 8, 8]},
]  # fmt: skip
PIXELS = np.array([[0, 3, 3], [7, 7, 1]], np.uint8)


@pytest.fixture
def project(tmp_path):
    content = {"project_id": "p", "label_class_map": CLASSES, "iou_threshold": 0.4}
    (tmp_path / "project.json").write_text(json.dumps(content))


def opened(tmp_path, rows, labels=(), **frame):
    rows.write(
        tmp_path / "rows.jsonl", [rows.frame(**frame), rows.labels("scene1_000", list(labels))]
    )
    return AquariumFormat().open(tmp_path)


def test_class_entries_keep_what_the_project_says(tmp_path, rows, project):
    dataset = opened(tmp_path, rows)
    car, road, sky = dataset.scenes[0].class_map.entries
    assert (car.class_id, car.train_name, car.parent, car.ignored) == (3, "vehicle", "thing", True)
    assert (car.colour, car.prediction_colour) == ((1, 2, 3), (4, 5, 6))
    assert (car.skeleton.keypoint_names, car.skeleton.bones) == (("a", "b"), ((0, 1),))
    assert (road.train_name, road.parent, road.ignored) == (None, None, False)
    assert sky.ignored
    assert dataset.metadata == {"project_id": "p", "iou_threshold": 0.4}
    (problem,) = [p for p in dataset.scenes[0].reader.problems() if "skeleton" in p.place]
    assert "joins no two keypoints" in problem.message


def test_a_semantic_mask_names_the_classes_of_its_values(tmp_path, rows, project):
    Image.fromarray(PIXELS).save(tmp_path / "m.png")
    label = rows.label("m", "SEMANTIC_LABEL_URL_2D", "cam0", {"url": "m.png"}, label="__mask")
    dataset = opened(tmp_path, rows, [label])
    (mask,) = dataset.scenes[0].reader.read_labels(0, "labels").masks
    assert isinstance(mask, SemanticMask)
    assert (mask.sensor_id, mask.label_id) == ("cam0", "m")
    assert mask.class_names == {3: "car", 7: "road"}
    np.testing.assert_array_equal(mask.class_indices, PIXELS)


def test_objects_of_an_instance_mask_are_labels_of_their_own(tmp_path, rows):
    Image.fromarray(PIXELS).save(tmp_path / "m.png")
    labels = [
        rows.label("m", "INSTANCE_LABEL_URL_2D", "cam0", {"url": "m.png"}, label="__mask"),
        rows.label("m_3", "INSTANCE_LABEL_2D", "cam0", {"id": 3, "is_standing": False}),
        rows.label("m_7", "INSTANCE_LABEL_2D", "cam0", {"id": 7}),
    ]
    dataset = opened(tmp_path, rows, labels)
    first, second = dataset.scenes[0].reader.read_labels(0, "labels").masks
    assert isinstance(first, InstanceMask)
    assert (first.label_id, first.class_name, first.attributes) == (
        "m_3", "car", {"is_standing": False},
    )  # fmt: skip
    assert first.runs.decoded().tolist() == [[False, True, True], [False, False, False]]
    assert second.runs.area_px == 2


def test_a_coloured_mask_is_left_out_with_a_reason(tmp_path, rows):
    Image.fromarray(np.zeros((2, 2, 3), np.uint8)).save(tmp_path / "m.png")
    label = rows.label("m", "SEMANTIC_LABEL_URL_2D", "cam0", {"url": "m.png"}, label="__mask")
    scene = opened(tmp_path, rows, [label]).scenes[0]
    assert scene.reader.read_labels(0, "labels").masks == ()
    assert any("8 bits a pixel" in problem.message for problem in scene.reader.problems())


def test_frames_have_user_metadata_device_and_place(tmp_path, rows):
    geo = {"geo_EPSG4326_lat": 37.0, "geo_EPSG4326_lon": -122.5}
    dataset = opened(tmp_path, rows, user__weather="rain", user__speeds=[1.0, 2.0], geo_data=geo)
    assert dataset.scenes[0].reader.read_frame_metadata(0) == {
        "device_id": "truck1",
        "weather": "rain",
        "speeds": [1.0, 2.0],
        "geo_position": GeoPosition(37.0, -122.5),
    }


def test_issues_and_work_queues_are_read(tmp_path, rows):
    issue = {
        "name": "Cut boxes", "issue_id": "i1", "element_type": "crop", "state": "inReview",
        "reporter": "a@b.c", "dataset": "p.d",
        "elements": [
            {"element_id": "c1", "frame_id": "scene1_000", "crop_type": "label", "status": "done"},
        ],
    }  # fmt: skip
    queue = {
        "name": "Night", "work_queue_id": "q1", "element_type": "frame",
        "batch_statuses": {"0": "queued"}, "batch_assignees": {"0": None},
        "elements": [{"element_id": "scene1_000", "batch_name": "0", "status": "queued"}],
    }  # fmt: skip
    broken = {"name": "No state", "element_type": "frame", "elements": [], "state": "lost"}
    (tmp_path / "issues.json").write_text(json.dumps([issue, queue, broken]))
    problems = ProblemLog()
    read = read_issues([tmp_path / "issues.json"], problems)
    assert [(each.issue_id, each.is_work_queue) for each in read] == [("i1", False), ("q1", True)]
    (element,) = read[0].elements
    assert (element.frame_id, element.crop_type, element.status) == ("scene1_000", "label", "done")
    assert read[1].elements[0].frame_id == "scene1_000"
    (problem,) = problems.snapshot()
    assert (problem.place, "unknown state" in problem.message) == ("$[2]", True)
    assert opened(tmp_path, rows).metadata["issues"] == read
