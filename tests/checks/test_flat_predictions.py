"""2D labels beside 2D predictions: images without any cuboid."""

import json
from dataclasses import replace

import pytest
from PIL import Image
from typer.testing import CliRunner

from viewer.checks.finding import Severity
from viewer.checks.frame.class_swap import ClassSwap
from viewer.checks.frame.missing_label import MissingLabel
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.ranking import rank
from viewer.checks.running import check_scene
from viewer.cli.parser import app
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras import Pinhole
from viewer.progress import JobContext
from viewer.session.findings_list import detail_of

CAR, PERSON, SIGN = (100.0, 100, 200, 180), (300.0, 90, 330, 170), (500.0, 20, 540, 60)


def add(frame, set_id, boxes, classes, scores=None):
    frame.add_boxes_2d(
        "front", [list(each) for each in boxes], class_names=classes, label_set_id=set_id,
        label_ids=[f"{set_id}-{number}" for number in range(len(boxes))], scores=scores,
    )  # fmt: skip


def findings(check, *, labels, predictions, scores):
    builder = SceneBuilder("photos")
    builder.add_camera("front", Pinhole(640, 480, fx=500, fy=500))
    builder.add_label_set("model", predictions=True)
    frame = builder.add_frame(timestamp_ns=1_000)
    add(frame, "ground_truth", *labels)
    add(frame, "model", *predictions, scores)
    scene = replace(builder.build(), independent=True)
    seen = gather_scene(scene, Wanted("ground_truth", ("model",), points=False), JobContext())
    result = check_scene(seen, learn_scene(seen), Policy(), JobContext(), [check])
    assert check.id not in result.skipped, result.skipped
    return result.findings


def test_sure_boxes_where_no_label_is_are_missing():
    found = findings(
        MissingLabel,
        labels=([CAR], ["car"]),
        predictions=([CAR, PERSON, SIGN], ["car", "person", "sign"]),
        scores=[0.9, 0.8, 0.6],
    )
    assert [(each.class_name, each.severity) for each in found] == [
        ("person", Severity.HIGH), ("sign", Severity.LOW),
    ]  # fmt: skip
    first = found[0]
    assert (first.evidence.camera_id, first.evidence.pixels) == ("front", PERSON)
    assert first.text == "model sees a person (0.80) on front that has no label"
    assert len({each.finding_id for each in found}) == len({detail_of(each) for each in found}) == 2
    assert [each.findings[0] for each in rank(found)] == list(found)


def test_a_box_of_another_class_is_a_swap():
    found = findings(
        ClassSwap,
        labels=([CAR, PERSON], ["car", "car"]),
        predictions=([CAR, PERSON], ["car", "person"]),
        scores=[0.8, 0.97],
    )
    (swapped,) = found
    assert swapped.labels[0].label_id == "ground_truth-1"
    assert swapped.fix.values == {"class_name": "person"}
    assert swapped.evidence.pixels == PERSON
    assert not swapped.evidence.boxes


def test_where_nobody_drew_2d_boxes_none_is_missing():
    assert findings(
        MissingLabel, labels=([], []), predictions=([CAR], ["car"]), scores=[0.9]
    ) == ()  # fmt: skip


@pytest.fixture
def coco(tmp_path):
    Image.new("RGB", (640, 480)).save(tmp_path / "a.png")
    labels = {
        "images": [{"id": 1, "file_name": "a.png", "width": 640, "height": 480}],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "person"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [100, 100, 100, 80],
                         "area": 8000, "iscrowd": 0}],
    }  # fmt: skip
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    results = tmp_path / "elsewhere" / "results.json"
    results.parent.mkdir()
    results.write_text(json.dumps([
        {"image_id": 1, "category_id": 1, "bbox": [101, 99, 100, 80], "score": 0.9},
        {"image_id": 1, "category_id": 2, "bbox": [300, 90, 30, 80], "score": 0.8},
    ]))  # fmt: skip
    return tmp_path / "labels.json", results


def test_results_of_coco_are_compared_on_images(tmp_path, coco):
    labels, results = coco
    out = tmp_path / "found.json"
    answer = CliRunner().invoke(app, [
        "check", str(labels), "--predictions", str(results), "--only", "missing-label",
        "--json", str(out),
    ])  # fmt: skip
    assert answer.exit_code == 0, answer.output
    (only,) = json.loads(out.read_text())["findings"]
    assert only["evidence"].startswith("results sees a person (0.80) on ")
    assert only["pixels"] == [300.0, 90.0, 330.0, 170.0]
    assert "NaN" not in out.read_text()
