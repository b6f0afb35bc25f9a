"""Two people's labels of the same frames: every planted disagreement, by hand calculation."""

import math

import numpy as np
import pytest
from car_grid import FRAMES, Box, cars, checked, scene

from viewer.checks.finding import BoxRole, Severity

CHECK = "reviewer-agreement"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path))


def changed(boxes, track, **fields):
    return [Box(**{**vars(box), **fields}) if box.track == track else box for box in boxes]


@pytest.fixture
def boxes():
    return [Box(each.track, center=each.center) for each in cars(12, np.random.default_rng(0))]


def test_people_who_agree_are_quiet_and_counted(boxes):
    run = checked([scene("s", boxes, boxes)], CHECK)
    assert list(run.findings) == []
    (row,) = run.dataset.tables[CHECK].rows
    assert row[:6] == ("ground_truth", "second", FRAMES, 12 * FRAMES, 100.0, 100.0)
    assert row[6] == pytest.approx(1.0, abs=0.01)
    assert row[7:9] == pytest.approx((0.0, 0.0), abs=0.03)
    assert row[9:] == (0, 0)


def test_a_box_that_lies_elsewhere_is_told_with_its_overlap(boxes):
    x, y, z = boxes[3].center
    run = checked([scene("s", boxes, changed(boxes, "car-3", center=(x + 1.5, y, z)))], CHECK)
    found = list(run.findings)
    assert len(found) == FRAMES
    # Of 4.5 m of length 3 m are shared: 3 / (4.5 + 1.5).
    assert found[0].evidence.numbers["iou"] == pytest.approx(0.5, abs=1e-9)
    assert found[0].evidence.numbers["apart_m"] == pytest.approx(1.5)
    assert [each.role for each in found[0].evidence.boxes] == [BoxRole.LABEL, BoxRole.OTHER]
    assert [each.label_set_id for each in found[0].labels] == ["ground_truth", "second"]
    assert {each.labels[0].label_id for each in found} == {f"car-3.{n}" for n in range(FRAMES)}
    assert found[0].severity == Severity.LOW
    assert found[0].text == ("second has it otherwise: overlap 50%, centres 1.50 m apart, "
                             "0° turned")  # fmt: skip


def test_opposite_headings_and_other_classes_are_grave(boxes):
    second = changed(changed(boxes, "car-1", yaw=math.pi), "car-2", class_name="van")
    found = list(checked([scene("s", boxes, second)], CHECK).findings)
    assert {each.labels[0].track_id for each in found} == {"car-1", "car-2"}
    assert all(each.severity == Severity.MEDIUM and each.score == 1.0 for each in found)
    turned = next(each for each in found if each.labels[0].track_id == "car-1")
    assert turned.evidence.numbers["turn_rad"] == pytest.approx(math.pi)
    named = next(each for each in found if each.labels[0].track_id == "car-2")
    assert named.text.startswith("second calls it 'van'")


def test_labels_of_one_alone_are_told_on_both_sides(boxes):
    more = [*boxes[2:], Box("walker", "pedestrian", (-40, 0, 0.9), (0.6, 0.6, 1.8))]
    run = checked([scene("s", boxes, more)], CHECK)
    alone = [each for each in run.findings if each.labels]
    assert {each.labels[0].track_id for each in alone} == {"car-0", "car-1"}
    assert alone[0].text == "second labelled the frame and has nothing here"
    other = [each for each in run.findings if not each.labels]
    assert len(other) == FRAMES
    assert other[0].text == ("second has a pedestrian here; ground_truth labelled the frame and "
                             "has nothing")  # fmt: skip
    assert other[0].evidence.boxes[0].center_m == pytest.approx((-40, 0, 0.9))
    (row,) = run.dataset.tables[CHECK].rows
    assert row[9:] == (2 * FRAMES, FRAMES)
    assert len({each.finding_id for each in run.findings}) == len(list(run.findings))


def test_people_beside_each_other_are_paired_by_nearness():
    pair = [Box(f"p{n}", "pedestrian", (0.9 * n, 0, 0.9), (0.5, 0.5, 1.8)) for n in range(2)]
    beside = [Box(f"q{n}", "pedestrian", (0.9 * n + 0.4, 0, 0.9), (0.5, 0.5, 1.8))
              for n in range(2)]  # fmt: skip
    (row,) = checked([scene("s", pair, beside)], CHECK).dataset.tables[CHECK].rows
    assert row[3] == 2 * FRAMES
    assert row[7] == pytest.approx(0.4, abs=0.01)


def test_annotators_of_one_set_who_labelled_the_same_are_compared(boxes):
    twice = [
        Box(f"{name}-{box.track}", center=(box.center[0] + (name == "bob") * 0.1, *box.center[1:]),
            yaw=math.pi if (name, box.track) == ("bob", "car-4") else 0.0,
            attributes={"annotator": name})
        for box in boxes for name in ("ann", "bob")
    ]  # fmt: skip
    run = checked([scene("s", twice)], CHECK)
    assert {each.labels[0].track_id for each in run.findings} == {"ann-car-4"}
    (row,) = run.dataset.tables[CHECK].rows
    assert row[:4] == ("ann", "bob", FRAMES, 12 * FRAMES)


def test_annotators_who_share_the_work_are_not_compared(boxes):
    shared = [
        Box(**{**vars(box), "attributes": {"annotator": ("ann", "bob")[place % 2]}})
        for place, box in enumerate(boxes)
    ]
    run = checked([scene("s", shared)], CHECK)
    assert list(run.findings) == []
    assert run.scenes[0].skipped == {CHECK: "no frame was labelled by two people"}
