"""Measuring on the small drive: numbers that can be checked in the head."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import make_scene

from viewer.formats.frame_cache import FrameCache
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import JobContext
from viewer.session.frame_store import FrameStore
from viewer.session.measure import (
    CannotMeasure,
    MeasureKind,
    box_world,
    measure_boxes,
    measure_points,
    measure_to_ground,
    points_world,
)
from viewer.session.measuring import Measuring, Picked
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

VIEW = ViewSettings()
CAR, WALKER = LabelKey("gt", 4, "car-4", "1"), LabelKey("gt", 4, "walker-4", "2")


@pytest.fixture(scope="module")
def content():
    store = FrameStore(make_scene(), FrameCache(10_000_000))
    content = store.load(JobContext(), 4, VIEW, 320)
    store.close()
    return content


def test_point_to_point(content):
    made = measure_points(content, (1.0, 2.0, 3.0), (4.0, 6.0, 15.0))
    assert made.delta_m == pytest.approx((3.0, 4.0, 12.0))
    assert made.horizontal_m == pytest.approx(5.0)
    assert made.total_m == pytest.approx(13.0)
    assert made.caption == "13.00 m"
    assert "horizontal 5.00 m" in made.detail


def test_deltas_run_along_the_vehicles_heading(content):
    yaw_90 = RigidTransform.from_quaternion(
        "world", "ego", quaternion_from_yaw(np.pi / 2), [0, 0, 0]
    )
    rig = replace(content.rig, transforms=TransformTree([yaw_90]))
    made = measure_points(replace(content, rig=rig), (0.0, 0.0, 0.0), (0.0, 7.0, 1.0))
    assert made.delta_m == pytest.approx((7.0, 0.0, 1.0))


def test_point_to_ground_on_the_slope(content):
    """The ego stands at x = 4 m; the slope rises 5 cm a metre from there."""
    made = measure_to_ground(content, (14.0, 0.0, 2.0), VIEW)
    assert made.end[:2] == (14.0, 0.0)
    assert made.end[2] == pytest.approx(0.5, abs=0.03)
    assert made.total_m == pytest.approx(1.5, abs=0.03)
    assert made.horizontal_m == pytest.approx(0.0)
    assert "plane" in made.method


def test_no_ground_far_away(content):
    with pytest.raises(CannotMeasure, match="no points within 12 m"):
        measure_to_ground(content, (500.0, 0.0, 2.0), VIEW)


def test_box_to_box(content):
    """World: car x 28..32, y 1..3, z 1.55..3.05; walker (yaw 90) x 13.7..14.3, y -3.25..-2.75."""
    np.testing.assert_allclose(box_world(content, CAR).center, [30.0, 2.0, 2.3])
    np.testing.assert_allclose(box_world(content, WALKER).center, [14.0, -3.0, 0.9])
    made = measure_boxes(content, CAR, WALKER)
    assert made.delta_m[0] == pytest.approx(-(28.0 - 14.3))
    assert made.delta_m[1] == pytest.approx(-(1.0 + 2.75))
    assert made.delta_m[2] == pytest.approx(0.0, abs=1e-9)
    assert made.total_m == pytest.approx(np.hypot(13.7, 3.75))
    assert made.subject == "car 1 to pedestrian 2"


def test_overlapping_boxes_are_said_to_overlap(content):
    made = measure_boxes(content, CAR, LabelKey("model", 4, "p0-4"))
    assert made.total_m == 0
    assert made.method == "The boxes overlap"
    assert made.subject == "car 1 to car p0-4"


@pytest.mark.parametrize(
    "other",
    [CAR, LabelKey("gt", 4, "nobody"), LabelKey("none", 4, "x"), LabelKey("gt", 3, "car-3")],
)
def test_what_is_no_other_box_is_refused(content, other):
    with pytest.raises(CannotMeasure):
        measure_boxes(content, CAR, other)


def test_points_of_the_frame_lie_in_the_world(content):
    points = points_world(content, VIEW)
    assert len(points) == len(content.sweeps[0].cloud)
    np.testing.assert_allclose(points[0], [-20 + 4, -10, -1.0], atol=1e-5)


class TestSteps:
    def test_two_clicks_measure_points(self, content):
        steps = Measuring()
        assert steps.prompt == "Click the first point"
        assert steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0))) is None
        assert (steps.begun, steps.prompt) == (True, "Click the second point")
        made = steps.pick(content, VIEW, Picked((3.0, 4.0, 0.0)))
        assert made.total_m == pytest.approx(5.0)
        assert steps.measurements == [made]
        assert not steps.begun

    def test_one_click_measures_to_the_ground(self, content):
        steps = Measuring()
        steps.set_kind(MeasureKind.GROUND)
        assert steps.pick(content, VIEW, Picked((4.0, 0.0, 1.0))).kind is MeasureKind.GROUND

    def test_boxes_need_labels(self, content):
        steps = Measuring()
        steps.set_kind(MeasureKind.BOXES)
        with pytest.raises(CannotMeasure, match="nothing labelled"):
            steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0)))
        assert not steps.begun
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0), CAR))
        with pytest.raises(CannotMeasure, match="another box"):
            steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0), CAR))
        assert steps.begun
        assert steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0), WALKER)).kind is MeasureKind.BOXES

    def test_preview_is_not_kept(self, content):
        steps = Measuring()
        assert steps.preview(content, Picked((1.0, 0.0, 0.0))) is None
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0)))
        assert steps.preview(content, Picked((2.0, 0.0, 0.0))).total_m == pytest.approx(2.0)
        assert steps.preview(content, None) is None
        assert steps.measurements == []

    def test_stepping_back_drops_what_was_begun_once(self, content):
        steps = Measuring()
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0)))
        assert steps.step_back()
        assert not steps.step_back()

    def test_begun_point_survives_a_frame_change_and_a_begun_box_does_not(self, content):
        steps = Measuring()
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0)))
        steps.leave_frame()
        assert steps.begun
        steps.set_kind(MeasureKind.BOXES)
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0), CAR))
        steps.leave_frame()
        assert not steps.begun

    def test_text_for_the_clipboard(self, content):
        steps = Measuring()
        steps.pick(content, VIEW, Picked((0.0, 0.0, 0.0)))
        steps.pick(content, VIEW, Picked((3.0, 4.0, 0.0)))
        header, line = steps.to_text().split("\n")
        assert header.split("\t")[:3] == ["what", "frame", "total m"]
        assert line.split("\t")[:7] == [
            "Point to point", "5", "5.000", "5.000", "3.000", "4.000", "0.000",
        ]  # fmt: skip
        assert steps.of_frame(4) == tuple(steps.measurements)
        assert steps.of_frame(5) == ()
        steps.clear()
        assert steps.to_text() == header
