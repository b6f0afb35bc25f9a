"""Two people's labels of the same frames: every planted disagreement, by hand calculation."""

import math

import numpy as np
import pytest
from car_grid import FRAMES, Box, cars, checked, scene

from viewer.checks.finding import BoxRole, Severity
from viewer.formats.builder import SceneBuilder
from viewer.geometry.cameras import Pinhole

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
    assert row[10:] == (0, 0)


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
    assert row[10:] == (2 * FRAMES, FRAMES)
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


def pictures(first, second=(), makers=()):
    """Two frames of two cameras; boxes by camera, the same in both frames."""
    builder = SceneBuilder("pictures")
    for set_id in ("ground_truth", *(["second"] if second else [])):
        builder.add_label_set(set_id, predictions=False)
    for camera in ("left", "right"):
        builder.add_camera(camera, Pinhole(640, 400, fx=300, fy=300), position=(0, 0, 1))
    for index in range(2):
        frame = builder.add_frame(timestamp_ns=10**9 + index * 10**8, ego_position=(0, 0, 0))
        for set_id, boxes in (("ground_truth", first), ("second", second)):
            for camera, own in dict(boxes).items():
                frame.add_boxes_2d(
                    camera, [box for _, box in own], class_names=[name for name, _ in own],
                    label_set_id=set_id,
                    label_ids=[f"{set_id} {camera} {n}" for n in range(len(own))],
                    attributes=[{"worker": each} for each in makers] or None,
                )  # fmt: skip
    return builder.build()


def test_2d_boxes_are_compared_where_there_are_no_cuboids():
    first = {"left": [("car", (0, 0, 100, 50)), ("car", (200, 0, 260, 40)),
                      ("bus", (300, 0, 400, 80)), ("car", (500, 300, 560, 340))],
             "right": [("car", (0, 0, 100, 50))]}  # fmt: skip
    second = {"left": [("car", (0, 0, 100, 50)), ("car", (240, 0, 300, 40)),
                       ("van", (300, 0, 400, 80)), ("dog", (10, 300, 40, 330))]}  # fmt: skip
    run = checked([pictures(first, second)], CHECK)
    found = [each for each in run.findings if each.frame_key == "000000"]
    told = {each.labels[0].label_id: each for each in found}
    assert set(told) == {
        "ground_truth left 1", "ground_truth left 2", "ground_truth left 3", "second left 3"
    }, "the second has labelled no image of the right camera"  # fmt: skip
    shifted = told["ground_truth left 1"]
    # 20 of 60 columns are shared: 20 / 100.
    assert shifted.evidence.numbers == pytest.approx({"iou": 0.2, "apart_px": 40.0})
    assert shifted.evidence.camera_id == "left"
    assert shifted.evidence.pixels == (240, 0, 300, 40)
    assert shifted.text == "second has it otherwise: overlap 20%, centres 40 px apart"
    assert told["ground_truth left 2"].text.startswith("second calls it 'van'")
    assert told["second left 3"].labels[0].label_set_id == "second"
    assert len({each.finding_id for each in run.findings}) == len(list(run.findings)) == 8
    (row,) = run.dataset.tables[CHECK].rows
    assert row[:6] == ("ground_truth", "second", 2, 6, 66.67, 66.67)
    assert row[7:9] == (None, None)
    assert row[10:] == (2, 2)


def test_workers_who_drew_the_same_2d_boxes_are_compared():
    boxes = [("car", (100 * n, 0, 100 * n + 60, 50)) for n in range(4)]
    twice = {"left": [*boxes, *boxes]}
    run = checked([pictures(twice, makers=["ann"] * 4 + ["bob"] * 4)], CHECK)
    (row,) = run.dataset.tables[CHECK].rows
    assert row[:6] == ("ann", "bob", 2, 8, 100.0, 100.0)
    assert list(run.findings) == []
