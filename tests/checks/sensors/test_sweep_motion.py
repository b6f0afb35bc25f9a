"""Boxes of moving cars beside points of a sweep that goes round while they drive."""

import numpy as np
import pytest

from viewer.checks.catalog import check_by_id
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.checks.sensors.point_times import point_times_s
from viewer.formats.builder import SceneBuilder
from viewer.progress import JobContext
from viewer.scene.point_cloud import PointCloud

STEP_NS = 100_000_000
SIZE = (4.5, 1.8, 1.5)
SPEED = 15.0


def sides(rng, count=150):
    """Points on a car's sides, in the car."""
    own = rng.uniform(-0.5, 0.5, (count, 3)) * SIZE
    axis = rng.integers(0, 2, count)
    own[np.arange(count), axis] = np.array(SIZE)[axis] / 2 * rng.choice((-0.98, 0.98), count)
    return own


def found(at_points, field="time", speed=SPEED, unit=1.0):
    """Three lanes of cars; boxes at the time of the frame, or (`at_points`) of their points."""
    rng = np.random.default_rng(5)
    builder = SceneBuilder("lanes")
    builder.add_lidar("top", position=(0.0, 0.0, 1.8))
    for index in range(6):
        frame = builder.add_frame(
            timestamp_ns=1_000_000_000 + index * STEP_NS, ego_position=(0.0, 0.0, 0.0)
        )
        points, times, centers = [], [], []
        for lane in range(3):
            later = 0.02 + 0.025 * lane
            start = np.array([-20.0 + speed * index / 10, 8.0 + 5 * lane, 0.75])
            seen_at = start + np.array([speed * later, 0.0, 0.0])
            points.append(sides(rng) + seen_at - (0.0, 0.0, 1.8))
            times.append(np.full(len(points[-1]), later))
            centers.append(seen_at if at_points else start)
        fields = {field: (np.concatenate(times) / unit)} if field else {}
        frame.add_points("top", np.concatenate(points).astype(np.float32), **fields)
        frame.add_cuboids(
            centers, [SIZE] * 3, class_names=["car"] * 3,
            label_ids=[f"{lane}.{index}" for lane in range(3)],
            track_ids=[f"car-{lane}" for lane in range(3)],
        )  # fmt: skip
    seen = gather_scene(builder.build(), Wanted("ground_truth"), JobContext())
    check = check_by_id()["sweep-motion"]
    return check_scene(seen, learn_scene(seen), Policy(), JobContext(), [check])


@pytest.mark.parametrize(("field", "unit"), [("time", 1.0), ("t", 1e-9), ("offset_ns", 1e-9),
                                             ("timestamp", 1e-6)])  # fmt: skip
def test_boxes_at_the_time_of_the_frame_leave_points_out(field, unit):
    (finding,) = found(at_points=False, field=field, unit=unit).findings
    numbers = finding.evidence.numbers
    assert finding.sensor_id == "top"
    # 15 m/s for 20, 45 and 70 ms.
    assert numbers["shift_m"] == pytest.approx(0.675, abs=0.02)
    assert numbers["inside_after"] > 0.99
    assert numbers["inside_before"] < 0.85
    label, expected = finding.evidence.boxes
    lane = round((label.center_m[1] - 8.0) / 5)
    moved = expected.center_m[0] - label.center_m[0]
    assert moved == pytest.approx(SPEED * (0.02 + 0.025 * lane), abs=0.02)


def test_boxes_drawn_around_the_points_are_left_alone():
    assert found(at_points=True).findings == ()


def test_what_stands_is_left_alone():
    result = found(at_points=False, speed=0.0)
    assert result.findings == ()
    assert result.skipped == {}


def test_without_times_of_points_it_is_not_asked():
    result = found(at_points=False, field=None)
    assert result.skipped == {"sweep-motion": "there are no times of single points"}


def cloud(**fields):
    return PointCloud(np.zeros((3, 3)), fields)


START_NS = 1_700_000_000_000_000_000


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("time", np.array([-0.05, 0.0, 0.05])),
        ("t", np.array([-50_000_000, 0, 50_000_000], dtype=np.int32)),
        ("timestamp", START_NS / 1e9 + np.array([-0.05, 0.0, 0.05])),
        ("timestamp_ns", START_NS + np.array([-50_000_000, 0, 50_000_000])),
        ("offset_time", np.array([-50_000, 0, 50_000])),
    ],
)
def test_times_are_read_in_their_unit(field, values):
    times = point_times_s(cloud(**{field: values}), START_NS)
    assert times == pytest.approx([-0.05, 0.0, 0.05], abs=1e-6)


@pytest.mark.parametrize(
    "values",
    [np.zeros(3), np.array([1.7e9, 1.7e9, 1.7e9], np.float32), np.full(3, np.nan)],
)
def test_fields_that_tell_nothing_are_none(values):
    assert point_times_s(cloud(time=values), START_NS) is None


def test_unsigned_nanoseconds_are_read_too():
    values = np.array([START_NS, START_NS + 30_000_000, START_NS + 90_000_000], dtype=np.uint64)
    assert point_times_s(cloud(timestamp=values), START_NS) == pytest.approx([0, 0.03, 0.09])
