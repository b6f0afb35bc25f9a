"""Where a camera or its clock is wrong, it is told once, and no label is accused of it."""

from dataclasses import replace

import numpy as np
import pytest
from turned_rig import gathered, street_labels, turn, with_clock, with_pose

from viewer.checks.catalog import check_by_id
from viewer.checks.finding import Severity
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.progress import JobContext


@pytest.fixture(scope="module")
def street():
    return street_labels().scene


def claims(scene, check):
    result = check_scene(
        gathered(scene), learn_scene(street_labels()), Policy(), JobContext(),
        [check_by_id()[check]],
    )  # fmt: skip
    return [each for each in result.findings if each.severity >= Severity.MEDIUM]


def test_a_camera_that_looks_aside_accuses_no_label(street):
    wrong = with_pose(street, "front", lambda pose, _: pose @ turn(1, 3.0))
    assert claims(wrong, "calibration-drift")
    accused = [each for each in claims(wrong, "box-2d") if each.evidence.camera_id == "front"]
    assert [each.text for each in accused if each.labels] == []


def test_a_clock_that_is_off_accuses_no_label(street):
    wrong = with_clock(street, "front", 150.0)
    assert claims(wrong, "sync-offset")
    assert [each.text for each in claims(wrong, "box-2d") if each.labels] == []


def test_a_pose_the_wrong_way_is_one_finding(street):
    wrong = with_pose(street, "front", lambda pose, _: np.linalg.inv(pose))
    (found,) = claims(wrong, "box-2d")
    assert (found.labels, found.sensor_id, found.frame_key) == ((), "front", None)
    numbers = found.evidence.numbers
    assert numbers["odd"] > 0.9 * numbers["boxes"]


def test_nothing_is_put_right_where_all_is(street):
    """A 2D box that was moved is told beside a right camera, and beside one put right."""
    seen = street_labels()
    boxes = seen.labels.boxes_px
    assert boxes is not None
    rows = [
        row for row in np.flatnonzero(np.isfinite(boxes).all(axis=1)).tolist()
        if seen.labels.cameras[row] == "front" and boxes[row, 2] - boxes[row, 0] > 60
        and boxes[row, 0] > 70 and boxes[row, 2] < 500
    ]  # fmt: skip
    chosen = rows[len(rows) // 2]
    kept = boxes[chosen].copy()
    try:
        boxes[chosen, [0, 2]] += (kept[2] - kept[0]) * 0.9
        for degrees in (0.0, 3.0):
            scene = with_pose(street, "front", lambda pose, _, by=degrees: pose @ turn(1, by))
            accused = [each for each in claims(scene, "box-2d") if each.labels]
            assert len(accused) == 1, degrees
            assert accused[0].frame_key == seen.frame_key(chosen)
    finally:
        boxes[chosen] = kept


def border_row():
    """Row of a 2D box that the right border of the front image cuts."""
    seen = street_labels()
    boxes, cameras = seen.labels.boxes_px, seen.labels.cameras
    assert boxes is not None
    return next(
        row for row in np.flatnonzero(boxes[:, 2] >= 639.0).tolist()
        if cameras[row] == "front" and boxes[row, 2] - boxes[row, 0] > 60
    )  # fmt: skip


@pytest.mark.parametrize(("beyond_px", "found"), [(400.0, 0), (9_000.0, 1)])
def test_boxes_may_go_on_beyond_the_image_but_not_by_images(street, beyond_px, found):
    boxes, row = street_labels().labels.boxes_px, border_row()
    kept = boxes[row].copy()
    try:
        boxes[row, 2] += beyond_px
        # Cameras without images have 2D boxes all the same.
        accused = [each for each in claims(replace(street, camera_ids=()), "box-2d") if each.labels]
        keys = [each.frame_key for each in accused]
        assert keys.count(street_labels().frame_key(row)) == found
    finally:
        boxes[row] = kept
