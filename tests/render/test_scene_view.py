"""The 3D picture: what is drawn where, in steps and at once, and what stays while stepping."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.render_content import drive_content, still_content
from viewer.render import points_picture
from viewer.render.eye_presets import EyeState
from viewer.render.layers import points
from viewer.render.point_slabs import slab_cloud
from viewer.render.prepare import PREPARERS, prepared_for
from viewer.render.snapshot import SceneSnapshots, snapshot_scene
from viewer.session.label_lookup import visible_keys
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, Layers, PointStyle, ViewSettings

pytestmark = pytest.mark.render

SIZE = (400, 300)
BARE = Layers(grid=False, axes=False, captions=False)
NO_POINTS = replace(BARE, points=False)
BOX = ((0.0, 0, 0), (4.0, 2, 1.5), 0.4, "red")


@pytest.fixture(scope="module")
def snapshots():
    with SceneSnapshots(SIZE) as one:
        yield one


@pytest.fixture
def small_slabs(monkeypatch):
    """Cut clouds into slabs of 500 points and draw one slab a step."""
    monkeypatch.setattr(points, "slab_cloud_once", partial(slab_cloud, slab_points=500))
    monkeypatch.setattr(points_picture, "MOVING_FRAME_S", 1e-9)


def _cloud(count=4000, seed=1):
    return np.random.default_rng(seed).normal(0, 6, (count, 3)).astype(np.float32)


def _red(picture):
    return (picture[..., 0] > 120) & (picture[..., 1:] < 60).all(axis=2)


def _darkness(picture):
    return np.abs(picture.astype(int) - picture[0, 0]).sum(axis=2)


# -- steps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("eye_dome", [False, True])
def test_steps_end_in_the_picture_drawn_at_once(monkeypatch, small_slabs, snapshots, eye_dome):
    view = ViewSettings(points=PointStyle(eye_dome_lighting=eye_dome, colour_by="height"))
    content = still_content(_cloud(), [BOX])
    shown = snapshots.view
    shown.show_frame(content, view)
    shown.set_moving(False)
    shown.render()
    steps = 1
    first = shown.pixels()
    while shown.refine():
        steps += 1
    stepped = shown.pixels()
    assert steps == 7
    assert (first != stepped).any()
    monkeypatch.setattr(points_picture, "MOVING_FRAME_S", 10.0)
    at_once = snapshots.take(content, view)
    assert not shown.is_refinable
    # Eye-dome lighting sees depth that went through a texture: some pixels round otherwise.
    apart = np.abs(stepped.astype(int) - at_once)
    assert apart.max() <= (1 if eye_dome else 0)
    assert (apart > 0).mean() < 1e-4


def test_a_picture_of_an_object_and_one_from_a_kept_eye(snapshots):
    view = ViewSettings(points=PointStyle(colour_by="height"))
    content = still_content(_cloud(), [BOX])
    (key,) = visible_keys(content, view, None)
    snapshots.take(content, view, selection=key)
    middle = snapshots.view.eye.pivot
    np.testing.assert_allclose(middle, BOX[0], atol=1e-9)
    kept = snapshots.view.eye.numbers()
    framed = snapshots.view.pixels()
    snapshots.take(content, view, preset="top")
    again = snapshots.take(content, view, selection=key, eye=kept)
    assert (again != framed).mean() < 1e-3


def test_moving_picture_holds_fewer_points(small_slabs, snapshots):
    content = still_content(_cloud())
    style = PointStyle(eye_dome_lighting=False)
    full = snapshots.take(content, ViewSettings(layers=BARE, points=style), preset="auto")
    shown = snapshots.view
    shown.set_moving(True)
    shown.eye.orbit(1.0, 0.0)
    shown.render()
    moving = shown.pixels()
    assert not shown.refine()
    drawn = (_darkness(moving) > 0).sum() / (_darkness(full) > 0).sum()
    assert 0.05 < drawn < 0.5
    shown.eye.orbit(-1.0, 0.0)
    shown.render_complete()
    np.testing.assert_array_equal(shown.pixels(), full)


def test_hovering_repaints_the_same_points(small_slabs, snapshots):
    content = still_content(_cloud(), [BOX])
    before = snapshots.take(content, ViewSettings(), preset="auto")
    shown = snapshots.view
    shown.show_selection(None, LabelKey("gt", 0, "gt0"))
    shown.render()
    assert (shown.pixels() != before).any()
    assert not shown.is_refinable
    shown.show_selection(None, None)
    shown.render()
    np.testing.assert_array_equal(shown.pixels(), before)


def test_settings_that_change_points_draw_them_anew(snapshots):
    content = still_content(_cloud(), [BOX])
    view = ViewSettings(layers=BARE)
    before = snapshots.take(content, view, preset="auto")
    for changed in (
        PointStyle(size_px=5.0),
        PointStyle(colour_by="distance"),
        PointStyle(colour_map="plasma"),
        PointStyle(colour_range=(0.0, 1.0)),
        PointStyle(colour_by="solid"),
        PointStyle(eye_dome_lighting=False),
    ):
        snapshots.view.show_view(replace(view, points=changed), frozenset({"points"}))
        snapshots.view.render()
        assert (snapshots.view.pixels() != before).any(), changed
    snapshots.view.show_view(view, frozenset({"points"}))
    snapshots.view.render()
    np.testing.assert_array_equal(snapshots.view.pixels(), before)


def test_prepared_frames_look_like_others(snapshots):
    content, view = drive_content(5, sweep_count=2), ViewSettings(layers=Layers(trails=True))
    plain = snapshots.take(content, view, preset="auto")
    prepared = {name: prepare(content, view) for name, prepare in PREPARERS.items()}
    ready = snapshots.take(replace(content, prepared=prepared), view)
    np.testing.assert_array_equal(ready, plain)


def _prepared(content, view):
    return replace(
        content, prepared={n: prepare(content, view) for n, prepare in PREPARERS.items()}
    )


@pytest.mark.parametrize(
    ("changed", "section"),
    [
        (ViewSettings(points=PointStyle(colour_by="class")), "points"),
        (ViewSettings(layers=Layers(trails=True)), "layers"),
    ],
)
def test_slow_things_keep_their_picture_until_they_are_prepared(snapshots, changed, section):
    content, view = drive_content(5), ViewSettings()
    before = snapshots.take(_prepared(content, view), view, preset="auto")
    shown = snapshots.view
    shown.show_view(changed, frozenset({section}))
    shown.render_complete()
    np.testing.assert_array_equal(shown.pixels(), before)
    assert prepared_for(changed) != prepared_for(view)
    after = snapshots.take(_prepared(content, changed), changed)
    assert (after != before).any()
    np.testing.assert_array_equal(after, snapshots.take(content, changed))


def test_quick_colours_do_not_wait(snapshots):
    content, view = drive_content(5), ViewSettings(points=PointStyle(colour_by="height"))
    before = snapshots.take(_prepared(content, view), view, preset="auto")
    solid = ViewSettings(points=PointStyle(colour_by="solid"))
    snapshots.view.show_view(solid, frozenset({"points"}))
    snapshots.view.render_complete()
    assert (snapshots.view.pixels() != before).any()


# -- points ---------------------------------------------------------------------------------


def test_point_is_drawn_where_the_eye_projects_it(snapshots):
    xyz = np.array([[0.0, 0, 0], [3, 2, 1], [-2, 1, 0.5]])
    style = PointStyle(colour_by="solid", size_px=3.0, eye_dome_lighting=False)
    view = ViewSettings(layers=BARE, points=style)
    picture = snapshots.take(still_content(xyz), view, preset="auto")
    drawn = np.argwhere(_darkness(picture) > 0)[:, ::-1] + 0.5
    pixels = snapshots.view.project(xyz)
    for pixel in pixels:
        nearby = drawn[np.linalg.norm(drawn - pixel, axis=1) < 3]
        assert np.linalg.norm(nearby.mean(axis=0) - pixel) < 0.8
    apart = np.linalg.norm(drawn[:, None] - pixels, axis=2).min(axis=1)
    assert apart.max() < 3


def test_large_coordinates_do_not_jitter(snapshots):
    """Points at UTM coordinates are drawn like the same points around zero."""
    xyz = _cloud(500).astype(np.float64)
    pictures = []
    for shift in (np.zeros(3), np.array([448_262.0, 5_411_932.0, 0])):
        view = ViewSettings(layers=BARE, points=PointStyle(colour_by="solid"))
        snapshots.take(still_content(xyz + shift), view)
        snapshots.view.eye.current = EyeState(tuple(shift), 0.3, -0.6, distance_m=30.0)
        snapshots.view.render_complete()
        pictures.append(snapshots.view.pixels().astype(int))
    near, far = pictures
    assert (_darkness(near) > 0).sum() > 800
    assert (np.abs(near - far).max(axis=2) > 8).sum() <= 12


def test_packed_colour_reaches_the_screen_exactly(snapshots):
    rgb = np.array([[255, 128, 1], [3, 200, 77]], np.uint8)
    content = still_content(np.array([[0.0, 0, 0], [3, 3, 0]]), fields={"rgb": rgb})
    style = PointStyle(colour_by="rgb", size_px=6.0, eye_dome_lighting=False)
    picture = snapshots.take(content, ViewSettings(layers=BARE, points=style), preset="top")
    for pixel, expected in zip(
        snapshots.view.project(content.sweeps[0].cloud.xyz), rgb, strict=True
    ):
        x, y = (int(value) for value in pixel)
        np.testing.assert_array_equal(picture[y, x], expected)


def test_round_splats_leave_out_the_corners(snapshots):
    content = still_content(np.zeros((1, 3)))
    counts = []
    for round_splats in (True, False):
        style = PointStyle(colour_by="solid", size_px=20.0, round_splats=round_splats)
        picture = snapshots.take(content, ViewSettings(layers=BARE, points=style), preset="top")
        counts.append((_darkness(picture) > 0).sum())
    assert counts[1] == 400
    assert counts[0] == pytest.approx(np.pi * 100, rel=0.06)


def test_broken_rows_are_left_out(snapshots):
    xyz = np.array([[0.0, 0, 0], [np.nan, 0, 0], [np.inf, 1, 1], [2, 2, 0]])
    view = ViewSettings(layers=BARE)
    broken = snapshots.take(still_content(xyz), view, preset="top")
    whole = snapshots.take(still_content(xyz[[0, 3]]), view, preset="top")
    np.testing.assert_array_equal(broken, whole)


# -- boxes ----------------------------------------------------------------------------------


def _box_picture(snapshots, predicted=False, preset="top", **view):
    boxes = {"predicted" if predicted else "boxes": [BOX]}
    xyz = np.array([[-6.0, -4, -0.75], [6, 4, -0.75]])
    content = still_content(xyz, **boxes)
    picture = snapshots.take(content, ViewSettings(layers=NO_POINTS, **view), preset=preset)
    return picture, content


def _edge_samples(snapshots, content, set_id):
    """Pixels along the four upper edges, computed from yaw and size by hand."""
    half = np.array([2.0, 1.0])
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    corners = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * half @ turn.T
    along = np.linspace(0.05, 0.95, 40)[:, None]
    sides = [
        a + (b - a) * along for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    samples = np.concatenate(sides)
    world = np.column_stack([samples, np.full(len(samples), 0.75)])
    return snapshots.view.project(world).astype(int)


def test_box_edges_are_drawn_solid_where_they_are(snapshots):
    picture, content = _box_picture(snapshots)
    red = _red(picture)
    x, y = _edge_samples(snapshots, content, "gt").T
    assert red[y, x].mean() > 0.98


def test_predictions_are_dashed(snapshots):
    picture, content = _box_picture(snapshots, predicted=True)
    x, y = _edge_samples(snapshots, content, "model").T
    drawn = _red(picture)[y, x].mean()
    assert 0.4 < drawn < 0.8


def test_selected_box_is_stronger_and_hovered_has_a_halo(snapshots):
    picture, _ = _box_picture(snapshots)
    shown = snapshots.view
    pictures = [picture]
    for selected, hovered in ((None, "gt0"), ("gt0", None)):
        keys = [LabelKey("gt", 0, name) if name else None for name in (selected, hovered)]
        shown.show_selection(*keys)
        shown.render()
        pictures.append(shown.pixels())
    lit = [(_darkness(one) > 60).sum() for one in pictures]
    assert lit[0] < lit[1] < lit[2]


def test_edges_behind_the_box_are_fainter(snapshots):
    """From the side the far edges are seen through the box, at 40 % and thinner."""
    _, _ = _box_picture(snapshots)
    shown = snapshots.view
    shown.eye.current = replace(shown.eye.current, pivot=(0, 0, 0), yaw_rad=0.4 + np.pi / 2,
                                pitch_rad=-0.5, distance_m=9.0, parallel=False)  # fmt: skip
    shown.render_complete()
    picture = shown.pixels()
    turn = np.array([[np.cos(0.4), -np.sin(0.4), 0], [np.sin(0.4), np.cos(0.4), 0], [0, 0, 1]])
    ends = np.array([[[-2, -1, -0.75], [2, -1, -0.75]], [[-2, 1, -0.75], [2, 1, -0.75]]]) @ turn.T
    along = np.linspace(0.1, 0.7, 30)[:, None]
    strength = []
    for a, b in ends:
        x, y = shown.project(a + (b - a) * along).astype(int).T
        around = [picture[y + dy, x, 0].astype(int) for dy in (-1, 0, 1)]
        strength.append(np.max(around, axis=0).mean())
    near, far = strength
    assert near > 200
    assert 40 < far < 0.75 * near


def test_xray_draws_boxes_over_the_points_before_them(snapshots):
    """A wall of points stands between the eye and the box."""
    y, z = np.meshgrid(np.linspace(-6, 6, 300), np.linspace(-4, 4, 300))
    wall = np.column_stack([np.full(y.size, -5.0), y.ravel(), z.ravel()])
    content = still_content(wall, [BOX])
    style = PointStyle(colour_by="solid", size_px=8.0)
    view = ViewSettings(layers=BARE, points=style)
    snapshots.take(content, view, preset="auto")
    shown = snapshots.view
    shown.eye.current = replace(shown.eye.current, pivot=(0, 0, 0), yaw_rad=0.0, pitch_rad=0.0,
                                distance_m=14.0)  # fmt: skip
    shown.render_complete()
    assert _red(shown.pixels()).sum() == 0
    shown.show_view(replace(view, layers=replace(BARE, xray=True)), frozenset({"layers"}))
    shown.render_complete()
    assert _red(shown.pixels()).sum() > 100


def test_heading_arrow_points_ahead(snapshots):
    """Red beyond the front face, none beyond the back one."""
    picture, _ = _box_picture(snapshots)
    ahead = np.array([np.cos(0.4), np.sin(0.4), 0.0])
    front, back = snapshots.view.project(np.array([2.3, -2.3])[:, None] * ahead).astype(int)
    assert _red(picture)[front[1], front[0]]
    assert not _red(picture)[back[1] - 2 : back[1] + 3, back[0] - 2 : back[0] + 3].any()


def test_hidden_class_disappears(snapshots):
    picture, _ = _box_picture(snapshots, filters=Filters(hidden_classes=frozenset({"red"})))
    assert (_darkness(picture) == 0).all()


# -- captions and marks ---------------------------------------------------------------------


def test_caption_appears_over_its_box(snapshots):
    picture, content = _box_picture(snapshots)
    captioned = ViewSettings(layers=replace(NO_POINTS, captions=True))
    with_text = snapshots.take(content, captioned)
    changed = np.argwhere((with_text != picture).any(axis=2))
    x, y = snapshots.view.project(np.array([[0.0, 0, 0.75]]))[0]
    assert len(changed) > 40
    assert changed[:, 0].max() < y + 1
    assert abs(changed[:, 1].mean() - x) < 4


def test_captions_name_each_object_once(snapshots):
    """Prediction 0 lies in the car's box, prediction 1 in none; a selected one is always named."""
    snapshots.take(drive_content(4), ViewSettings(), preset="auto")
    view = snapshots.view

    def texts():
        return sorted(caption.text for caption in view._cuboids.captions(view._shown))

    assert texts() == ["car 1", "car · 0.20", "pedestrian 2"]
    view.show_selection(LabelKey("model", 4, "p0-4"), None)
    assert texts() == ["car 1", "car · 0.20", "car · 26.4 m · 0.90", "pedestrian 2"]


def test_pointed_position_is_ringed(snapshots):
    picture, _ = _box_picture(snapshots)
    position = np.array([4.0, -2.0, 0.0])
    snapshots.view.show_pointed(position)
    snapshots.view.render()
    changed = np.argwhere((snapshots.view.pixels() != picture).any(axis=2))
    snapshots.view.show_pointed(None)
    middle = changed.mean(axis=0)[::-1]
    np.testing.assert_allclose(middle + 0.5, snapshots.view.project(position[None])[0], atol=1.0)


# -- frames ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("follow", "moved_m"), [("ego", 3.0), ("world", 0.0)])
def test_eye_keeps_its_place_while_stepping(snapshots, follow, moved_m):
    view = ViewSettings(follow=follow)
    content = drive_content(2)
    snapshots.take(content, view, preset="auto")
    before = snapshots.view.eye.pivot
    snapshots.take(drive_content(5, scene=content.scene), view)
    np.testing.assert_allclose(snapshots.view.eye.pivot - before, [moved_m, 0, 0], atol=1e-9)


def test_eye_follows_the_selected_track(snapshots):
    """The walker is 10 m ahead of the ego in every frame, so it moves with it: 3 m."""
    view = ViewSettings(follow="track")
    content = drive_content(3)
    snapshots.take(content, view, preset="auto", selection=LabelKey("gt", 3, "walker-3", "2"))
    before = snapshots.view.eye.pivot
    snapshots.view.show_frame(drive_content(6, scene=content.scene), view)
    snapshots.view.show_selection(LabelKey("gt", 6, "walker-6", "2"), None)
    np.testing.assert_allclose(snapshots.view.eye.pivot - before, [3, 0, 0], atol=1e-9)


def test_new_scene_gets_a_first_view_of_its_own(snapshots):
    snapshots.take(still_content(_cloud()), ViewSettings())
    snapshots.view.eye.orbit(100, 20)
    snapshots.take(still_content(_cloud() * 50), ViewSettings())
    assert snapshots.view.eye.current.distance_m > 200


def test_eye_goes_where_the_next_independent_frame_is(snapshots):
    """Two clouds of one folder, 100 km apart; the third lies where the second does."""
    here = still_content(_cloud())
    shifted = _cloud().astype(np.float64) + np.array([100_000.0, 0, 0])
    there = replace(still_content(shifted), scene=here.scene)
    snapshots.take(here, ViewSettings())
    snapshots.take(there, ViewSettings())
    assert snapshots.view.eye.pivot[0] == pytest.approx(100_000, abs=5)
    snapshots.view.eye.orbit(50, 10)
    kept = snapshots.view.eye.current
    snapshots.take(replace(there), ViewSettings())
    assert snapshots.view.eye.current == kept


def test_cleared_view_is_empty_and_can_be_used_again(snapshots):
    content = drive_content(5)
    before = snapshots.take(content, ViewSettings(), preset="auto")
    snapshots.view.clear()
    snapshots.view.render_complete()
    assert len(np.unique(snapshots.view.pixels().reshape(-1, 3), axis=0)) == 1
    assert snapshots.view.pick(200, 150) is None
    np.testing.assert_array_equal(snapshots.take(content, ViewSettings()), before)


def test_focus_brings_the_selection_into_the_middle(snapshots):
    _box_picture(snapshots, preset="auto")
    shown = snapshots.view
    assert not shown.focus_selection()
    shown.show_selection(LabelKey("gt", 0, "gt0"), None)
    assert shown.focus_selection()
    np.testing.assert_allclose(shown.project(np.zeros((1, 3)))[0], [200, 150], atol=1e-6)


# -- without a window -----------------------------------------------------------------------


def test_snapshot_needs_no_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    picture = snapshot_scene(drive_content(5), ViewSettings(), SIZE, preset="bev")
    assert picture.shape == (300, 400, 3)
    assert picture.dtype == np.uint8
    assert (_darkness(picture) > 40).sum() > 500


def test_snapshot_through_a_camera_and_through_none():
    view = ViewSettings()
    picture = snapshot_scene(drive_content(5), view, SIZE, preset="camera:front")
    assert picture.shape == (300, 400, 3)
    with pytest.raises(ValueError, match="side"):
        snapshot_scene(drive_content(5), view, SIZE, preset="camera:side")
    with pytest.raises(ValueError, match="no preset"):
        snapshot_scene(drive_content(5), view, SIZE, preset="nowhere")


def test_light_ground(snapshots):
    picture = snapshots.take(drive_content(5), ViewSettings(dark=False), preset="auto")
    assert np.median(picture) > 220


@pytest.mark.parametrize("preset", ["auto", "top", "front", "side", "ego"])
def test_axes_and_their_letters_keep_off_the_edge(preset):
    layers = Layers(points=False, cuboids=False, grid=False, captions=False)
    picture = snapshot_scene(drive_content(5), ViewSettings(layers=layers), SIZE, preset=preset)
    apart = np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > 8
    rows, columns = np.nonzero(apart)
    assert len(columns)
    assert columns.min() >= 12
    assert rows.max() < SIZE[1] - 12
