"""Figures of cameras and clocks, told from a street whose camera is wrong by a known amount."""

from dataclasses import replace

import numpy as np
import pytest
from turned_rig import gathered, street_labels, turn, with_clock, with_pose

from viewer.checks.sensors.camera_boxes import camera_boxes
from viewer.checks.sensors.health import box_residuals, clocks, scene_health
from viewer.checks.sensors.pose_hypotheses import AS_IS, AXES, INVERSE
from viewer.progress import JobContext

FOCAL_PX = 430.0
"""Of the street's front camera."""


@pytest.fixture(scope="module")
def street():
    return street_labels().scene


def few_frames(scene):
    """The street with points in two frames: its edges are looked at there alone."""
    frames = [
        frame if frame.index in (0, 20) else replace(frame, sweeps=()) for frame in scene.frames
    ]
    return replace(scene, frames=tuple(frames))


def front_alone(scene):
    """The same with the images of one camera, to be quick."""
    frames = tuple(
        replace(frame, images=tuple(each for each in frame.images if each.sensor_id == "front"))
        for frame in scene.frames
    )
    return replace(scene, frames=frames)


def residuals(scene, camera_id):
    found = box_residuals(camera_boxes(gathered(scene), JobContext())[camera_id])
    assert found is not None
    return found


def test_frames_agree_with_medians_by_hand(street):
    boxes = camera_boxes(gathered(street), JobContext())["front"]
    found = box_residuals(boxes)
    rows = np.flatnonzero(boxes.comparable())
    frame = int(found.frames[np.argmax(found.counts)])
    own = rows[boxes.frames[rows] == frame]
    drawn = (boxes.boxes_px[own, :2] + boxes.boxes_px[own, 2:]) / 2
    seen = (boxes.expected_px[own, :2] + boxes.expected_px[own, 2:]) / 2
    place = int(np.flatnonzero(found.frames == frame)[0])
    assert found.counts[place] == len(own) > 2
    assert found.right_px.median[place] == pytest.approx(np.median((drawn - seen)[:, 0]))
    assert found.down_px.median[place] == pytest.approx(np.median((drawn - seen)[:, 1]))
    apart = np.hypot(*(drawn - seen).T)
    assert found.apart_px.low[place] == pytest.approx(np.percentile(apart, 25))
    assert found.apart_px.high[place] == pytest.approx(np.percentile(apart, 75))
    assert found.counts.sum() == len(rows) == len(found.frame_of)


def test_a_turned_camera_shows_in_every_frame(street):
    wrong = with_pose(street, "front", lambda pose, _: pose @ turn(1, 1.0))
    shift = FOCAL_PX * np.tan(np.radians(1.0))
    found, usual = residuals(wrong, "front"), residuals(street, "front")
    assert float(np.median(found.right_px.median)) == pytest.approx(shift, rel=0.2)
    assert abs(float(np.median(usual.right_px.median))) < 1.0
    assert found.median_px > 5 * usual.median_px


def test_a_drift_grows_from_frame_to_frame(street):
    wrong = with_pose(street, "front", lambda pose, frame: pose @ turn(1, 1.6 * frame / 39))
    found = residuals(wrong, "front")
    slope = float(np.polyfit(found.frames, found.right_px.median, 1)[0])
    assert slope * 39 == pytest.approx(FOCAL_PX * np.tan(np.radians(1.6)), rel=0.25)


def test_poses_lenses_edges_and_clocks_are_told(street):
    wrong = with_pose(few_frames(street), "front_left", lambda pose, _: np.linalg.inv(pose))
    health = scene_health(gathered(wrong), JobContext())
    cameras = {each.camera_id: each for each in health.cameras}
    assert set(cameras) == set(street.camera_ids)
    front, left = cameras["front"], cameras["front_left"]
    assert front.poses_unit == left.poses_unit == "px"
    assert front.poses[AS_IS] < 10 < 100 < front.poses[INVERSE]
    assert left.poses[INVERSE] < 10 < 100 < left.poses[AS_IS]
    assert front.lens.focal_px == (430.0, 430.0)
    assert front.lens.reach == 1.0
    assert front.size_px == (640, 400)
    assert front.edges.frames.tolist() == [0, 20]
    assert np.abs(front.edges.right_px).max() < 3.0
    # Two images are too few to speak of all.
    assert front.edges.whole is None
    assert health.frames == len(street.frames)


def test_clocks_are_told_against_their_frames(street):
    usual = {each.sensor_id: each for each in clocks(gathered(street))}
    late = {each.sensor_id: each for each in clocks(gathered(with_clock(street, "front", 25)))}
    assert late["front"].usual_ms - usual["front"].usual_ms == pytest.approx(25.0)
    assert late["rear"].usual_ms == usual["rear"].usual_ms
    own = usual["front"]
    stamps = [
        (next(i for i in f.images if i.sensor_id == "front").timestamp_ns - f.timestamp_ns) / 1e6
        for f in street.frames
    ]
    assert own.offsets_ms.tolist() == pytest.approx(stamps)
    assert own.worst == int(np.argmax(np.abs(np.array(stamps) - np.median(stamps))))


def test_without_boxes_poses_are_told_by_edges_and_all_axes_tried_only_where_none_fits(street):
    few = front_alone(few_frames(street))
    labels = replace(gathered(few).labels, boxes_px=None, cameras=None)
    bare = replace(gathered(few), labels=labels)

    def front_of(scene):
        return next(
            each for each in scene_health(scene, JobContext()).cameras if each.camera_id == "front"
        )

    front = front_of(bare)
    assert (front.boxes, front.fit, front.poses_unit) == (None, None, "sigmas")
    assert front.poses[AS_IS] > 10 > front.poses[INVERSE]
    assert AXES not in front.poses
    wrong = with_pose(few, "front", lambda pose, _: np.linalg.inv(pose))
    front = front_of(replace(bare, scene=wrong, cache={}))
    assert front.poses[INVERSE] > 10 > front.poses[AS_IS]
    assert AXES in front.poses
