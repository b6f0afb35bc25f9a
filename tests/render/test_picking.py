"""Picking: the same answers as slow, plain arithmetic."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import still_content
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import matrix_from_quaternion, quaternion_from_yaw
from viewer.render import picking, point_slabs
from viewer.render.picking import boxes_on_ray, picked_box, small_box_near
from viewer.render.snapshot import SceneSnapshots
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, Layers, ViewSettings

pytestmark = pytest.mark.render

SIZE = (400, 300)


@pytest.fixture(scope="module")
def snapshots():
    with SceneSnapshots(SIZE) as one:
        yield one


@pytest.fixture(params=[256, 16])
def block_points(request, monkeypatch):
    """Search in blocks of the usual size, and in ones small enough to be skipped."""
    monkeypatch.setattr(point_slabs, "BLOCK_POINTS", request.param)
    monkeypatch.setattr(picking, "BLOCK_POINTS", request.param)


def _shown(snapshots, content, preset="auto", **view):
    snapshots.take(content, ViewSettings(**view), preset=preset)
    return snapshots.view


def _random_boxes(count, seed=0):
    rng = np.random.default_rng(seed)
    rotation = rng.normal(size=(count, 4))
    rotation /= np.linalg.norm(rotation, axis=1, keepdims=True)
    return Cuboids(rng.normal(0, 5, (count, 3)), rng.uniform(0.5, 3, (count, 3)), rotation, "world")


def test_ray_meets_boxes_where_sampling_says():
    boxes = _random_boxes(60)
    origin, direction = np.array([-20.0, 1, 2]), np.array([1.0, -0.02, -0.1])
    direction /= np.linalg.norm(direction)
    enter, leave = boxes_on_ray(boxes, origin, direction)
    along = np.linspace(0, 40, 40_001)
    samples = origin + along[:, None] * direction
    for i in range(len(boxes)):
        local = (samples - boxes.center[i]) @ matrix_from_quaternion(boxes.rotation[i])
        inside = along[(np.abs(local) <= boxes.size[i] / 2).all(axis=1)]
        if len(inside) > 2:
            assert enter[i] == pytest.approx(inside[0], abs=2e-3)
            assert leave[i] == pytest.approx(inside[-1], abs=2e-3)
        elif len(inside) == 0 and np.isfinite(enter[i]):
            assert leave[i] - enter[i] < 2e-3
    assert np.isfinite(enter).sum() > 3


def test_box_behind_the_eye_is_not_hit_and_from_inside_the_distance_is_zero():
    boxes = Cuboids(
        np.array([[-10.0, 0, 0], [0, 0, 0]]), np.full((2, 3), 2.0),
        quaternion_from_yaw(np.zeros(2)), "world",
    )  # fmt: skip
    enter, leave = boxes_on_ray(boxes, np.zeros(3), np.array([1.0, 0, 0]))
    assert np.isnan(enter[0])
    assert (enter[1], leave[1]) == (0.0, 1.0)


def _row(centers, sizes):
    count = len(centers)
    return Cuboids(
        np.array(centers, float), np.array(sizes, float),
        quaternion_from_yaw(np.zeros(count)), "world",
    )  # fmt: skip


def test_nearest_box_wins_and_a_small_one_inside_it_wins_over_it():
    ahead = np.array([1.0, 0, 0])
    apart = _row([[20, 0, 0], [10, 0, 0]], [[2, 2, 2], [4, 4, 4]])
    assert picked_box(apart, np.zeros(3), ahead) == 1
    nested = _row([[10, 0, 0], [10.5, 0, 0]], [[4, 4, 4], [1, 1, 1]])
    assert picked_box(nested, np.zeros(3), ahead) == 1
    assert picked_box(nested, np.zeros(3), -ahead) is None


def test_tiny_box_is_hit_by_its_centre():
    centers = np.array([[100.0, 100], [103, 100], [200, 200]])
    assert small_box_near(centers, np.array([2.0, 2, 2]), (102.0, 100.0)) == 1
    assert small_box_near(centers, np.array([2.0, 2, 2]), (150.0, 100.0)) is None
    assert small_box_near(centers, np.array([50.0, 50, 50]), (102.0, 100.0)) is None


def _brute_force(view, points, at_px, reach_px):
    """Nearest in depth among the points in reach, distance in the picture counted in."""
    pixels, depth = view.eye.project(points)
    apart = np.linalg.norm(pixels - at_px, axis=1) / reach_px
    parallel = view.eye.current.parallel
    spread = view.eye.current.distance_m if parallel else depth
    candidate = (parallel | (depth > 0)) & (apart <= 1)
    score = np.where(candidate, depth + 0.3 * apart**2 * spread, np.inf)
    return int(np.argmin(score)) if np.isfinite(score).any() else None


@pytest.mark.parametrize("preset", ["auto", "top"])
def test_point_pick_equals_brute_force(snapshots, block_points, preset):
    xyz = np.random.default_rng(3).normal(0, 8, (3000, 3)).astype(np.float32)
    xyz = xyz[np.lexsort(np.round(xyz / 4).T)]
    view = _shown(snapshots, still_content(xyz), preset)
    found = 0
    rng = np.random.default_rng(4)
    near_points = view.project(xyz[::100].astype(float)) + rng.normal(0, 3, (30, 2))
    inside = ((near_points > 0) & (near_points < SIZE)).all(axis=1)
    for at_px in np.concatenate([near_points[inside], rng.uniform(0, SIZE, (20, 2))]):
        pick = view.pick(*at_px)
        expected = _brute_force(view, xyz.astype(float), at_px, 5.0)
        assert (pick.point_index if pick else None) == expected
        found += expected is not None
    assert found > 15


def test_pick_gives_fields_and_world_position(snapshots):
    xyz = np.array([[0.0, 0, 0], [4_000_000.0, 0, 0], [np.nan, 0, 0], [4_000_003.0, 2, 1]])
    content = still_content(xyz[1:], fields={"ring": np.array([7, 8, 9], np.int32)})
    view = _shown(snapshots, content)
    at_px = view.project(xyz[3:])[0]
    pick = view.pick(*at_px)
    assert pick.kind == "point"
    np.testing.assert_allclose(pick.position_world, xyz[3], atol=1e-3)
    assert pick.point_index == 2
    assert pick.values["ring"] == 9


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (Filters(), {0, 1, 2, 3}),
        (Filters(height_band_m=(-0.5, 0.5)), {0, 2, 3}),
        (Filters(max_range_m=8.0), {0, 1, 3}),
        (Filters(min_range_m=3.0), {1, 2}),
        (Filters(hide_ego_points=True), {1, 2}),
    ],
)
def test_points_left_out_by_filters_are_neither_picked_nor_drawn(snapshots, filters, left):
    xyz = np.array([[2.0, 0, 0], [5, 3, 2], [12, -2, 0], [-1, 1, 0.2]])
    plain = Layers(grid=False, axes=False, captions=False)
    shown = _shown(snapshots, still_content(xyz), filters=filters, layers=plain)
    picture = shown.pixels()
    ground = picture[0, 0]
    for index, pixel in enumerate(shown.project(xyz)):
        pick = shown.pick_point(*pixel)
        assert (pick is not None) == (index in left)
        x, y = (int(value) for value in pixel)
        around = picture[y - 2 : y + 3, x - 2 : x + 3]
        assert (around != ground).any() == (index in left)


def test_label_pick_and_isolated_box(snapshots):
    boxes = [((0, 0, 0), (4, 4, 4), 0.3, "red"), ((10, 0, 0), (2, 2, 2), 0.0, "green")]
    xyz = np.array([[0.5, 0.5, 0.5], [10, 0, 0], [5, 5, 0], [2.5, 0, 0]])
    content = still_content(xyz, boxes)
    view = _shown(snapshots, content)
    pick = view.pick(*view.project(np.array([[10.0, 0, 0]]))[0])
    assert pick.kind == "label"
    assert pick.label == LabelKey("gt", 0, "gt1")
    isolated = ViewSettings(filters=Filters(isolate_margin_m=0.1))
    view.show_view(isolated, frozenset({"filters"}))
    view.show_selection(LabelKey("gt", 0, "gt0"), None)
    view.render_complete()
    seen = [view.pick_point(*pixel) is not None for pixel in view.project(xyz)]
    assert seen == [True, False, False, False]
    view.show_view(replace(isolated, filters=Filters(isolate_margin_m=0.6)), frozenset({"filters"}))
    view.render_complete()
    assert view.pick_point(*view.project(xyz[3:])[0]) is not None


def test_empty_place_gives_nothing(snapshots):
    view = _shown(snapshots, still_content(np.zeros((1, 3))))
    assert view.pick(1, 1) is None
