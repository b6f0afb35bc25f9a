"""The eye: what stays in place while it moves, and where presets put it."""

import math

import numpy as np
import pytest
from vtkmodules.vtkRenderingCore import vtkCamera

from tests.render_content import drive_content, still_content
from viewer.geometry.cuboids import Cuboid
from viewer.render.eye import Eye, blend_states
from viewer.render.eye_presets import (
    DEFAULT_VIEW_ANGLE_RAD,
    PRESETS,
    EyeState,
    camera_view,
    find_extent,
    rotation_of,
    surroundings_of,
)
from viewer.session.link import Sight, parse_link
from viewer.session.view_settings import ViewSettings

SIZE = (800, 600)
STATES = [
    EyeState(),
    EyeState((3, -4, 1), 2.0, -1.2, 0.3, 12.0, 0.9),
    EyeState((3, -4, 1), -3.0, math.radians(-90), 0.0, 30.0, 0.7, parallel=True),
    EyeState((0, 0, 0), 0.5, 0.4, -1.0, 5.0, 1.5),
]


def _eye(state=None):
    eye = Eye()
    eye.set_size(*SIZE)
    if state is not None:
        eye.current = state
    return eye


def _around(index=5):
    content = drive_content(index)
    return surroundings_of(content, ViewSettings(), find_extent(content))


@pytest.mark.parametrize("state", STATES)
def test_projection_is_what_vtk_camera_computes(state):
    eye = _eye(state)
    camera = vtkCamera()
    camera.SetPosition(*eye.position)
    camera.SetFocalPoint(*eye.pivot)
    camera.SetViewUp(*eye.rotation[:, 1])
    camera.SetViewAngle(math.degrees(state.view_angle_rad))
    camera.SetParallelScale(eye.half_height_m)
    camera.SetParallelProjection(state.parallel)
    camera.SetClippingRange(0.5, 200)
    matrix = camera.GetCompositeProjectionTransformMatrix(SIZE[0] / SIZE[1], -1, 1)
    expected = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
    np.testing.assert_allclose(eye.clip_from_world(0.5, 200), expected, atol=1e-9)


@pytest.mark.parametrize("state", STATES)
def test_project_agrees_with_clip_matrix_and_ray(state):
    eye = _eye(state)
    points = eye.pivot + np.random.default_rng(1).normal(0, 1, (20, 3))
    clip = np.column_stack([points, np.ones(20)]) @ eye.clip_from_world(0.5, 200).T
    ndc = clip[:, :2] / clip[:, 3:]
    expected = (ndc * [1, -1] + 1) / 2 * SIZE
    pixels, depth = eye.project(points)
    np.testing.assert_allclose(pixels, expected, atol=1e-6)
    assert (depth > 0).all()
    for point, pixel in zip(points, pixels, strict=True):
        origin, direction = eye.ray(*pixel)
        assert np.linalg.norm(np.cross(point - origin, direction)) < 1e-6


@pytest.mark.parametrize("state", STATES[:2])
def test_orbit_keeps_the_pivot_and_the_distance(state):
    eye = _eye(state)
    eye.orbit(120, -70)
    np.testing.assert_allclose(eye.pivot, state.pivot)
    assert np.linalg.norm(eye.position - eye.pivot) == pytest.approx(state.distance_m)


def test_orbit_stops_at_the_zenith():
    eye = _eye()
    eye.orbit(0, 10_000)
    assert eye.forward[2] < -0.999
    assert np.isfinite(eye.rotation).all()


@pytest.mark.parametrize("state", STATES[:2])
def test_orbit_about_keeps_the_center_where_it_is(state):
    eye = _eye(state)
    center = eye.pivot + np.array([1.0, 2.0, -0.5])
    before, _ = eye.project(center[None])
    eye.orbit_about(center, 90, 15)
    after, _ = eye.project(center[None])
    np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("state", STATES)
def test_zoom_keeps_what_lies_under_the_pointer(state):
    eye = _eye(state)
    target = eye.pivot + eye.rotation @ [1.0, 0.7, -1.0]
    at_px = tuple(eye.project(target[None])[0][0])
    eye.zoom(0.5, at_px, target)
    np.testing.assert_allclose(eye.project(target[None])[0][0], at_px, atol=1e-6)
    assert eye.current.distance_m == pytest.approx(0.5 * state.distance_m)


def test_zoom_in_the_dark_takes_the_pivots_depth():
    eye = _eye()
    at_px = (600.0, 200.0)
    origin, direction = eye.ray(*at_px)
    target = origin + direction * (eye.current.distance_m / (direction @ eye.forward))
    eye.zoom(0.8, at_px)
    np.testing.assert_allclose(eye.project(target[None])[0][0], at_px, atol=1e-6)


@pytest.mark.parametrize("state", STATES)
def test_pan_moves_the_pivot_with_the_pointer(state):
    eye = _eye(state)
    pivot = eye.pivot
    eye.pan(30, -20)
    np.testing.assert_allclose(eye.project(pivot[None])[0][0], [430, 280], atol=1e-6)


def test_look_and_new_pivot_keep_the_position():
    eye = _eye(STATES[1])
    place = eye.position
    eye.look(40, 10)
    np.testing.assert_allclose(eye.position, place)
    turned = eye.rotation
    eye.set_pivot_keeping_place(place + eye.forward * 7 + eye.rotation[:, 0])
    np.testing.assert_allclose(eye.position, place)
    np.testing.assert_allclose(eye.rotation, turned)
    assert eye.current.distance_m == pytest.approx(7)


def test_fly_moves_ahead_right_and_up():
    eye = _eye(EyeState(yaw_rad=0.0, pitch_rad=0.0))
    before = eye.position
    eye.fly(1.0, 2.0, 3.0)
    np.testing.assert_allclose(eye.position - before, [3, -1, 2], atol=1e-12)


def test_focus_fills_a_part_of_the_picture_with_the_cuboid():
    eye = _eye()
    box = Cuboid(np.array([50.0, 3, 1]), np.array([4.0, 2, 1.5]), np.array([1.0, 0, 0, 0]), "world")
    eye.focus(box)
    corners = box.center + box.size / 2 * np.array(
        [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    )
    pixels, depth = eye.project(corners)
    assert (depth > 0).all()
    np.testing.assert_allclose(eye.project(np.array([box.center]))[0][0], [400, 300], atol=1e-6)
    assert 0.25 * SIZE[1] < np.ptp(pixels, axis=0).max() < 0.9 * SIZE[1]


def test_frame_points_shows_every_corner():
    eye = _eye()
    low, high = np.array([-5.0, 10, 0]), np.array([25.0, 14, 3])
    eye.frame_points(low, high)
    corners = np.array([[x, y, z] for x in (-5, 25) for y in (10, 14) for z in (0, 3)], float)
    pixels, _ = eye.project(corners)
    assert (pixels > 0).all()
    assert (pixels < SIZE).all()


def test_state_goes_through_json():
    import json

    eye, other = _eye(STATES[1]), _eye()
    other.restore(json.loads(json.dumps(eye.state())))
    assert other.current == eye.current


@pytest.mark.parametrize(
    "state", [{}, {"pivot": [0, 0]}, {**_eye().state(), "yaw_rad": math.nan}, {"pivot": "abc"}]
)
def test_damaged_state_is_refused(state):
    with pytest.raises(ValueError, match="place of the eye"):
        _eye().restore(state)


@pytest.mark.parametrize("state", STATES[:2])
def test_numbers_of_a_link_come_back_relative_to_the_ego(state):
    """The same numbers a frame later see the same thing beside the ego, 1 m further."""
    eye = _eye()
    eye.surroundings = _around(5)
    eye.current = state
    numbers = eye.numbers()
    eye.surroundings = _around(6)
    eye.restore_numbers(numbers)
    np.testing.assert_allclose(eye.pivot, np.add(state.pivot, (1, 0, 0)), atol=1e-9)
    np.testing.assert_allclose(eye.rotation, rotation_of(state), atol=1e-9)


@pytest.mark.parametrize(
    "numbers",
    [
        (1.0,),
        (0.0,) * 9,
        (math.nan,) * 9,
        (0,) * 6 + (1, 0, 0),
        (0, 0, 0, 1, 0, 0, 0, 0, 1, 180.0, 0.0),
        (0, 0, 0, 1, 0, 0, 0, 0, 1, 40.0),
    ],
)
def test_senseless_numbers_are_refused(numbers):
    with pytest.raises(ValueError, match="eye"):
        _eye().restore_numbers(numbers)


@pytest.mark.parametrize("name", ["top", "ego", "auto"])
def test_view_angle_and_parallel_come_back_through_a_link(name):
    eye = _eye()
    eye.surroundings = _around(5)
    eye.preset(name)
    before = eye.current
    link = Sight("/no/such/place", eye=eye.numbers()).to_link()
    eye.preset("side")
    eye.restore_numbers(parse_link(link).eye)
    assert eye.current.parallel == (name == "top")
    assert eye.current.view_angle_rad == pytest.approx(before.view_angle_rad, abs=1e-5)
    assert eye.current.distance_m == pytest.approx(before.distance_m, abs=1e-3)
    np.testing.assert_allclose(eye.rotation, rotation_of(before), atol=1e-4)
    assert eye.current.roll_rad == pytest.approx(0.0, abs=1e-3)


def test_nine_numbers_of_older_links_are_a_perspective_view():
    eye = _eye(EyeState(view_angle_rad=1.0, parallel=True))
    eye.restore_numbers(eye.numbers()[:9])
    assert not eye.current.parallel
    assert eye.current.view_angle_rad == DEFAULT_VIEW_ANGLE_RAD


def test_looking_straight_down_survives_a_link():
    eye = _eye(EyeState((1, 2, 0), 0.7, math.radians(-90), 0.0, 20.0))
    before = eye.rotation
    eye.restore_numbers(eye.numbers())
    np.testing.assert_allclose(eye.rotation, before, atol=1e-9)


def test_blend_starts_and_ends_where_it_should():
    assert blend_states(STATES[0], STATES[1], 0.0).distance_m == pytest.approx(40)
    assert blend_states(STATES[0], STATES[1], 1.0) == STATES[1]
    west, east = EyeState(yaw_rad=3.0), EyeState(yaw_rad=-3.0)
    assert abs(blend_states(west, east, 0.5).yaw_rad) == pytest.approx(math.pi)


def test_keeps_its_place_to_a_turning_ego():
    """The ego moves 10 m and turns left by 90 degrees; what was ahead stays ahead."""
    eye = _eye(EyeState((20, 0, 0), 0.0))
    eye.keep_place("ego", (0, 0, 0), 0.0)
    eye.keep_place("ego", (10, 0, 0), math.pi / 2)
    np.testing.assert_allclose(eye.pivot, [10, 20, 0], atol=1e-9)
    assert eye.current.yaw_rad == pytest.approx(math.pi / 2)


def test_another_thing_to_follow_moves_nothing():
    eye = _eye()
    eye.keep_place("ego", (0, 0, 0))
    eye.keep_place("track 7", (50, 0, 0))
    assert eye.current == EyeState()


@pytest.mark.parametrize("name", PRESETS)
def test_presets_see_the_ego_or_look_from_it(name):
    eye = _eye()
    eye.surroundings = _around()
    eye.preset(name)
    assert np.isfinite(eye.clip_from_world(0.1, 500)).all()
    ego = np.array([[5.0, 0, 0]])
    pixels, depth = eye.project(ego)
    if name == "ego":
        np.testing.assert_allclose(eye.position[:2], [5, 0], atol=1e-9)
        assert eye.forward[0] > 0.9
    else:
        assert depth[0] > 0
        assert (pixels[0] > 0).all()
        assert (pixels[0] < SIZE).all()


def test_top_has_ahead_upwards_and_unknown_presets_are_refused():
    eye = _eye()
    eye.surroundings = _around()
    eye.preset("top")
    np.testing.assert_allclose(eye.rotation[:, 1], [1, 0, 0], atol=1e-9)
    with pytest.raises(ValueError, match="no preset"):
        eye.preset("below")


def test_camera_view_sees_what_the_camera_sees():
    """Front camera: fx = fy = 400 on 640 x 400, 20 ms after the frame, so 0.2 m further on."""
    state = camera_view(_around(5), "front")
    eye = Eye()
    eye.set_size(640, 400)
    eye.current = state
    np.testing.assert_allclose(eye.position, [5 + 0.2 + 1.0, 0.5, 1.5], atol=1e-9)
    assert state.view_angle_rad == pytest.approx(2 * math.atan(200 / 400), rel=0.01)
    ahead = eye.position + np.array([10, -1.0, 0.5])
    pixels, _ = eye.project(ahead[None])
    np.testing.assert_allclose(pixels[0], [320 + 40, 200 - 20], atol=1.0)


def test_camera_without_calibration_has_no_view():
    assert camera_view(_around(5), "side") is None
    assert not Eye().camera("front")


@pytest.mark.parametrize(
    ("scale", "shift"), [(1.0, 0.0), (0.01, 0.0), (1.0, 4_000_000.0), (0.2, -70_000.0)]
)
def test_first_view_shows_any_cloud(scale, shift):
    """Three points in four lie in the picture, whatever strays far away, ground at the bottom."""
    rng = np.random.default_rng(7)
    xyz = rng.normal(0, (20, 15, 1), (5000, 3)) * scale + [shift, shift, 0]
    xyz[:10] += 900 * scale
    xyz[10:15] = np.nan
    content = still_content(xyz)
    eye = _eye()
    eye.surroundings = surroundings_of(content, ViewSettings(), find_extent(content))
    eye.preset("auto")
    pixels, depth = eye.project(xyz[15:])
    seen = (depth > 0) & (pixels > 0).all(axis=1) & (pixels < SIZE).all(axis=1)
    assert seen.mean() > 0.75
    assert np.ptp(pixels[seen], axis=0).max() > 0.6 * SIZE[1]
    assert eye.rotation[2, 1] > 0


def test_first_view_of_nothing_is_defined():
    content = still_content(np.full((4, 3), np.nan))
    eye = _eye()
    eye.surroundings = surroundings_of(content, ViewSettings(), find_extent(content))
    eye.preset("auto")
    assert np.isfinite(eye.position).all()
