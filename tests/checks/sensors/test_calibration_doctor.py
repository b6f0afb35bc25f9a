"""The street with a camera's pose or clock wrong by a known amount: it is told by how much."""

from dataclasses import replace

import numpy as np
import pytest
from turned_rig import gathered, street_labels, turn, with_clock, with_pose

from viewer.checks.catalog import check_by_id
from viewer.checks.finding import Severity
from viewer.checks.kept import sensors_digest
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.checks.sensors.camera_boxes import camera_boxes, label_velocities
from viewer.checks.sensors.camera_fit import camera_fits
from viewer.checks.sensors.pose_hypotheses import AXIS_TURNS
from viewer.progress import JobContext

DOCTOR = ("extrinsics", "calibration-drift", "sync-offset")
FOCAL_PX = 430.0
"""Of the street's front camera, 640 px wide."""


@pytest.fixture(scope="module")
def street():
    return street_labels().scene


def claims(scene, *checks):
    seen = gathered(scene)
    asked = [check_by_id()[check] for check in checks]
    result = check_scene(seen, learn_scene(seen), Policy(), JobContext(), asked)
    assert not result.skipped
    return [each for each in result.findings if each.severity >= Severity.MEDIUM]


def test_a_right_calibration_is_left_alone(street):
    assert [each.text for each in claims(street, *DOCTOR)] == []


@pytest.mark.parametrize(
    ("axis", "number", "sign"), [(1, "bias_right_px", 1), (0, "bias_down_px", -1)]
)
@pytest.mark.parametrize("degrees", [0.7, -1.0])
def test_a_turned_camera_is_told_with_its_bias(street, axis, number, sign, degrees):
    # Whoever looks too far right by its calibration expects things too far left on the image.
    wrong = with_pose(street, "front", lambda pose, _: pose @ turn(axis, degrees))
    found = claims(wrong, "calibration-drift")
    assert [each.sensor_id for each in found] == ["front"]
    true_px = sign * FOCAL_PX * np.tan(np.radians(degrees))
    assert found[0].evidence.numbers[number] == pytest.approx(true_px, rel=0.3)


def test_half_a_degree_is_enough(street):
    wrong = with_pose(street, "front", lambda pose, _: pose @ turn(1, 0.5))
    (found,) = claims(wrong, "calibration-drift")
    true_px = FOCAL_PX * np.tan(np.radians(0.5))
    assert found.evidence.numbers["bias_right_px"] == pytest.approx(true_px, rel=0.3)
    assert found.severity is Severity.MEDIUM


def test_a_turn_changes_the_fit_by_the_turn(street):
    """What the shapes of objects add to it is the same with and without the turn."""
    wrong = with_pose(street, "rear", lambda pose, _: pose @ turn(1, 0.6) @ turn(2, -1.5))
    before = camera_fits(gathered(street), JobContext())["rear"].turn_deg
    after = camera_fits(gathered(wrong), JobContext())["rear"].turn_deg
    assert after - before == pytest.approx([0.0, -0.6, 1.5], abs=0.15)


def test_a_drift_is_told_from_a_bias(street):
    def drifting(pose, frame):
        return pose @ turn(1, 1.2 * (frame / 39 - 0.5))

    (found,) = claims(with_pose(street, "front_left", drifting), "calibration-drift")
    numbers = found.evidence.numbers
    true_px = 346.0 * np.radians(1.2)
    assert numbers["drift_right_px"] == pytest.approx(true_px, rel=0.3)
    assert abs(numbers["bias_right_px"]) < 2.0
    assert "from the first frame to the last" in found.text


@pytest.mark.parametrize(("camera", "by_ms"), [("front_left", 60), ("front", -60), ("rear", 50)])
def test_a_clock_that_is_off_is_told_in_milliseconds(street, camera, by_ms):
    found = claims(with_clock(street, camera, by_ms), "sync-offset")
    assert [each.sensor_id for each in found] == [camera]
    # Stamps that are too late: the images were taken earlier than they say.
    assert found[0].evidence.numbers["offset_ms"] == pytest.approx(-by_ms, abs=15)


def test_a_clock_is_not_mistaken_for_a_turn(street):
    assert claims(with_clock(street, "front_left", 60), "calibration-drift", "extrinsics") == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda pose, _: np.linalg.inv(pose), "inverse_px"),
        (lambda pose, _: _moved(pose, pose[:3, :3].T, pose[:3, 3]), "transposed_px"),
        (lambda pose, _: pose @ np.array(
            [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]]), "vehicle_axes_px"),
        (lambda pose, _: pose @ np.diag([1.0, -1, -1, 1]), "opengl_axes_px"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("camera", ["front_left", "rear"])
def test_a_pose_the_wrong_way_is_told_with_what_fits(street, change, name, camera):
    found = claims(with_pose(street, camera, change), "extrinsics")
    assert [each.sensor_id for each in found] == [camera]
    assert found[0].severity is Severity.HIGH
    numbers = found[0].evidence.numbers
    assert min(numbers, key=numbers.get) == name
    assert numbers[name] < 6.0 < 60.0 < numbers["as_is_px"]


def test_a_pose_that_nothing_mends_is_told_without_a_remedy(street):
    wrong = with_pose(street, "front", lambda pose, _: pose @ turn(1, 47.0) @ turn(0, 23.0))
    (found,) = claims(wrong, "extrinsics")
    assert found.severity is Severity.MEDIUM
    assert "no usual mistake" in found.text


def without_boxes_2d(scene):
    seen = gathered(scene)
    labels = replace(seen.labels, boxes_px=None, cameras=None)
    return replace(seen, labels=labels)


def by_edges(scene):
    seen = without_boxes_2d(scene)
    check = check_by_id()["extrinsics"]
    result = check_scene(seen, learn_scene(seen), Policy(), JobContext(), [check])
    assert not result.skipped
    return result.findings


def test_without_2d_boxes_a_right_pose_is_left_alone(street):
    assert by_edges(street) == ()


@pytest.mark.parametrize(
    ("camera", "change", "name"),
    [
        ("front", lambda pose, _: np.linalg.inv(pose), "inverse_sigmas"),
        ("rear", lambda pose, _: _moved(pose, pose[:3, :3].T, pose[:3, 3]), "transposed_sigmas"),
        ("front_right", lambda pose, _: pose @ np.array(
            [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]]), "vehicle_axes_sigmas"),
        ("left_fisheye", lambda pose, _: np.linalg.inv(pose), "inverse_sigmas"),
    ],
)  # fmt: skip
def test_without_2d_boxes_the_lidar_tells(street, camera, change, name):
    (found,) = by_edges(with_pose(street, camera, change))
    assert found.sensor_id == camera
    numbers = found.evidence.numbers
    assert max(numbers, key=numbers.get) == name


def _moved(pose, rotation, place):
    changed = pose.copy()
    changed[:3, :3], changed[:3, 3] = rotation, place
    return changed


def test_there_are_23_other_right_handed_axes():
    turns = np.array([each for _, each in AXIS_TURNS])
    assert len({each.tobytes() for each in turns}) == 23
    assert np.linalg.det(turns) == pytest.approx(1.0)


def test_velocities_are_those_of_the_labels(street):
    seen = gathered(street)
    rows = seen.boxes
    true = seen.labels.velocities_mps[rows]
    found = label_velocities(seen)[rows]
    apart = np.linalg.norm(found - true, axis=1)
    assert np.median(apart) < 0.05
    assert np.quantile(apart, 0.95) < 0.5


def test_motion_on_the_image_is_where_the_centre_is_a_little_later(street):
    seen, later = gathered(street), gathered(with_clock(street, "left_fisheye", 20))
    now = camera_boxes(seen, JobContext())["left_fisheye"]
    then = camera_boxes(later, JobContext())["left_fisheye"]
    assert np.array_equal(now.rows, then.rows)

    def pixels(boxes):
        matrix, points = boxes.camera_from_world, boxes.centers_world
        own = np.einsum("nij,nj->ni", matrix[:, :3, :3], points) + matrix[:, :3, 3]
        return boxes.model.project(own).pixels

    moved = pixels(then) - pixels(now)
    expected = (now.motion_px_s + then.motion_px_s) / 2 * 0.02
    inside = now.comparable() & np.isfinite(moved).all(axis=1)
    assert inside.sum() > 50
    assert moved[inside] == pytest.approx(expected[inside], rel=0.02, abs=0.1)


def test_kept_answers_are_of_one_calibration_and_clock(street):
    """Answers kept from before a calibration was mended are not given again."""
    digests = {
        sensors_digest(street),
        sensors_digest(with_pose(street, "front", lambda pose, _: pose @ turn(1, 1e-3))),
        sensors_digest(with_clock(street, "front", 1)),
    }
    assert len(digests) == 3
    assert sensors_digest(street_labels().scene) in digests
