"""The lidar beside the images of the street, and of a wall with known edges."""

from dataclasses import replace

import numpy as np
import pytest
from turned_rig import gathered, street_labels, turn, with_pose

from viewer.checks.catalog import check_by_id
from viewer.checks.finding import Severity
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.checks.sensors.image_edges import best_shift
from viewer.checks.sensors.lidar_edges import REACH_PX, depth_edges
from viewer.formats.base import DamagedData
from viewer.progress import JobContext


@pytest.fixture(scope="module")
def street():
    return street_labels().scene


def result(scene):
    seen = replace(gathered(scene), points=street_points())
    check = check_by_id()["image-edges"]
    return check_scene(seen, learn_scene(street_labels()), Policy(), JobContext(), [check])


def street_points():
    """Any measures: the check reads the clouds itself, and only needs that there are some."""
    return object()


def test_a_right_calibration_is_left_alone(street):
    assert result(street).findings == ()


@pytest.mark.parametrize(
    ("camera", "degrees", "focal_px"), [("front", 0.5, 430.0), ("rear", -0.8, 372.0),
                                        ("left_fisheye", 1.0, 186.0)]
)  # fmt: skip
def test_a_turned_camera_is_told_with_its_bias(street, camera, degrees, focal_px):
    (found,) = result(with_pose(street, camera, lambda pose, _: pose @ turn(1, degrees))).findings
    assert found.sensor_id == camera
    assert found.severity is Severity.MEDIUM
    true_px = focal_px * np.tan(np.radians(degrees))
    assert found.evidence.numbers["bias_right_px"] == pytest.approx(true_px, rel=0.3)


class NoImages:
    """Reads all but images."""

    def __init__(self, base):
        self._base = base

    def __getattr__(self, name):
        return getattr(self._base, name)

    def read_image(self, frame_index, sensor_id, min_width_px):
        raise DamagedData("images/0.jpg", "", "is no image")


def test_without_a_readable_image_it_is_not_asked(street):
    blind = result(replace(street, reader=NoImages(street.reader)))
    assert blind.findings == ()
    assert "can be read" in blind.skipped["image-edges"]


class BlankImages(NoImages):
    """Reads images that show nothing, as at night or behind a cover."""

    def read_image(self, frame_index, sensor_id, min_width_px):
        image = self._base.read_image(frame_index, sensor_id, min_width_px)
        return replace(image, pixels=np.full_like(image.pixels, 30))


def test_images_that_show_nothing_tell_nothing(street):
    blank = result(replace(street, reader=BlankImages(street.reader)))
    assert blank.findings == ()
    assert "frames" in blank.skipped["image-edges"]


def test_edges_are_the_points_in_front_of_what_lies_behind():
    columns = np.arange(0.0, 200.0, 2.0)
    near = (columns >= 80) & (columns < 120)
    pixels = np.column_stack([columns, np.full(len(columns), 50.0)])
    edges = depth_edges(pixels, np.where(near, 10.0, 30.0), 640)
    assert near[edges].all()
    assert columns[edges].min() == 80
    assert columns[edges].max() == 118
    assert not depth_edges(pixels, np.full(len(columns), 10.0), 640).any()


def test_the_peak_of_the_curves_is_the_shift():
    shifts = np.arange(-REACH_PX, REACH_PX + 1)
    curves = [0.2 + np.exp(-((shifts - 5.3 - by) ** 2) / 8) for by in (-0.2, 0.0, 0.2, 0.1, -0.1)]
    found = best_shift(curves)
    assert found.by_px == pytest.approx(5.3, abs=0.15)
    assert found.error_px < 0.5
    assert found.gain > 3
