"""What is drawn over an image, against hand calculation and figures from outside."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.fake_drive import (
    CAR_SIZE,
    FRONT_IMAGE_DELAY_NS,
    LIDAR_HEIGHT_M,
    PERIOD_NS,
    car_center_lidar,
    make_scene,
)
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.render.overlay import build_overlay, contains
from viewer.render.overlay_drawing import DASH_PX, SELECTED_WIDTH_PX, convex_hull
from viewer.render.overlay_points import project_sweeps
from viewer.render.rasterizer_kernels import PASS_COLUMNS, STROKE
from viewer.scene.images import Image
from viewer.session.frame_store import FrameStore
from viewer.session.point_counts import count_points
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import Filters, ImageStyle, Layers, Solo, ViewSettings

VIEW = ViewSettings()
POINTS = ViewSettings(images=ImageStyle(points=True))


def load(index=4, scene=None, view=VIEW):
    store = FrameStore(scene or make_scene(), FrameCache(100_000_000))
    try:
        return store.load(JobContext(), index, view, 640)
    finally:
        store.close()


def label_of(overlay, label_id):
    return next(label for label in overlay.labels if label.key.label_id == label_id)


def car_corners_front_px(frame_index, ego_moved_m):
    """(8, 2) by hand: forward x right of lidar frame, camera 1 m ahead, 0.5 m left, 1.5 m up."""
    x, y, z = car_center_lidar(frame_index)
    signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])
    corners = np.array([x, y, z + LIDAR_HEIGHT_M]) + signs * np.array(CAR_SIZE) / 2
    depth = corners[:, 0] - 1.0 - ego_moved_m
    u = 400 * -(corners[:, 1] - 0.5) / depth + 320
    v = 400 * -(corners[:, 2] - 1.5) / depth + 200
    return np.column_stack([u, v])


def test_box_is_where_the_image_saw_it_not_where_the_sweep_did():
    overlay = build_overlay(load(4), "front", VIEW)
    moved = FRONT_IMAGE_DELAY_NS / PERIOD_NS  # 1 m a frame
    corners = car_corners_front_px(4, moved)
    expected = [*corners.min(axis=0), *corners.max(axis=0)]
    assert label_of(overlay, "car-4").outline_px == pytest.approx(expected, abs=1e-6)


def test_time_offset_of_a_camera_moves_its_overlay():
    view = replace(VIEW, time_offsets_ns={"front": 3 * PERIOD_NS})
    outline = label_of(build_overlay(load(4), "front", view), "car-4").outline_px
    corners = car_corners_front_px(4, FRONT_IMAGE_DELAY_NS / PERIOD_NS + 3)
    assert outline == pytest.approx([*corners.min(axis=0), *corners.max(axis=0)], abs=1e-6)


def test_labels_stay_with_the_cloud_whose_lidar_is_offset():
    """Two periods later the ego, and with it cloud and labels, is 2 m further on."""
    content = load(4)
    view = replace(POINTS, time_offsets_ns={"lidar": 2 * PERIOD_NS})
    outline = label_of(build_overlay(content, "front", view), "car-4").outline_px
    corners = car_corners_front_px(4, FRONT_IMAGE_DELAY_NS / PERIOD_NS - 2)
    assert outline == pytest.approx([*corners.min(axis=0), *corners.max(axis=0)], abs=1e-6)
    counts = [count_points(JobContext(), content, v) for v in (VIEW, view)]
    np.testing.assert_array_equal(counts[0]["gt"], counts[1]["gt"])


def test_own_motion_is_added_only_when_asked():
    still = label_of(build_overlay(load(4), "front", VIEW), "walker-4").outline_px
    moving_view = ViewSettings(images=ImageStyle(move_with_velocity=True))
    moved = label_of(build_overlay(load(4), "front", moving_view), "walker-4").outline_px
    seconds = FRONT_IMAGE_DELAY_NS * 1e-9
    x, y = 10.0 + 3.0 * seconds, -3.0 + 4.0 * seconds  # the walker's velocity is (3, 4, 0)
    # turned by 90 degrees: 0.6 m along x, 0.5 m along y; right of the axis the far face ends left
    ego_x = FRONT_IMAGE_DELAY_NS / PERIOD_NS
    far = x + 0.3 - 1.0 - ego_x
    assert moved[0] == pytest.approx(400 * -(y + 0.25 - 0.5) / far + 320, abs=1e-6)
    assert abs(moved[0] - still[0]) > 1


def _strokes(overlay):
    return [dict(zip(PASS_COLUMNS, row, strict=True)) for row in overlay.drawing.passes]


def test_predictions_are_dashed_and_ground_truth_is_not():
    truth = build_overlay(load(4), "front", ViewSettings(layers=Layers(predictions=False)))
    assert all(p["drawn"] == 0 for p in _strokes(truth))
    assert {label.is_prediction for label in truth.labels} == {False}
    hidden = Filters(hidden_label_sets=frozenset({"gt"}))
    guess = build_overlay(load(4), "front", ViewSettings(filters=hidden))
    outlines = [p for p in _strokes(guess) if p["kind"] == STROKE and p["drawn"] > 0]
    assert outlines
    assert {(p["drawn"], p["skipped"]) for p in outlines} == {DASH_PX}
    assert all(label.is_prediction for label in guess.labels)


def test_hidden_edges_are_thinner_at_forty_percent():
    overlay = build_overlay(load(4), "front", ViewSettings(layers=Layers(predictions=False)))
    label = label_of(overlay, "car-4")
    assert len(label.hidden) > 0
    assert len(label.visible) > 0
    cores = {
        (p["width"], round(p["alpha"], 3)) for p in _strokes(overlay) if p["r"] == label.rgb[0]
    }
    assert (1.0, 0.4) in cores
    assert (1.5, 1.0) in cores


def test_selected_is_wide_last_and_detailed():
    key = LabelKey("gt", 4, "car-4", "1")
    overlay = build_overlay(load(4), "front", VIEW, selected=key)
    assert SELECTED_WIDTH_PX in {p["width"] for p in _strokes(overlay)}
    caption = max(overlay.captions, key=lambda c: c.importance)
    distance = np.hypot(*car_center_lidar(4)[:2])
    assert caption.text == f"car 1 · {distance:.1f} m"
    plain = overlay.with_selection(None, None)
    assert SELECTED_WIDTH_PX not in {p["width"] for p in _strokes(plain)}
    assert plain.with_selection(None, None) is plain


def test_captions_off_leaves_only_the_selected_one():
    key = LabelKey("gt", 4, "car-4", "1")
    view = ViewSettings(images=ImageStyle(captions=False))
    assert build_overlay(load(4), "front", view).captions == ()
    assert len(build_overlay(load(4), "front", view, selected=key).captions) == 1


def test_one_of_two_labels_on_the_same_object_speaks():
    overlay = build_overlay(load(11), "front", VIEW)
    assert {label.key.label_id for label in overlay.labels} == {"car-11", "p0-11", "p1-11"}
    assert sorted(caption.text for caption in overlay.captions) == ["car", "car 1"]
    chosen = overlay.with_selection(LabelKey("model", 11, "p0-11"), None)
    distance = np.hypot(car_center_lidar(11)[0] + 0.3, 2.0)
    assert f"car · {distance:.1f} m · 0.90" in [caption.text for caption in chosen.captions]


def test_filters_and_solo_reach_images():
    content = load(4)
    hidden = Filters(hidden_classes=frozenset({"car"}))
    names = {
        x.text.class_name
        for x in build_overlay(content, "front", replace(VIEW, filters=hidden)).labels
    }
    assert names == {"pedestrian"}
    key = LabelKey("gt", 4, "car-4", "1")
    solo = replace(VIEW, filters=Filters(solo=Solo.LABEL))
    overlay = build_overlay(content, "front", solo, selected=key)
    assert [label.key for label in overlay.labels] == [key]


def test_unknown_lens_and_wrong_size_are_refused_in_words():
    content = load(4)
    assert "double_sphere" in build_overlay(content, "side", VIEW).refusal
    pixels = np.zeros((10, 10, 4), np.uint8)
    small = replace(content, images={**content.images, "front": Image(pixels, 600, 400)})
    refusal = build_overlay(small, "front", VIEW).refusal
    assert "600 x 400" in refusal
    assert "640 x 400" in refusal
    assert "no calibration" in build_overlay(content, "nowhere", VIEW).refusal


def test_two_dimensional_boxes_lie_untouched():
    view = ViewSettings(images=ImageStyle(boxes_2d=True, cuboids=False))
    overlay = build_overlay(load(4), "front", view)
    (label,) = overlay.labels
    assert label.outline_px.tolist() == [100.0, 120.0, 180.0, 170.0]
    assert overlay.hit(100.5, 140.0).label_id == "car-4"
    assert overlay.hit(140.0, 145.0) is None  # inside an empty box is not on it


def test_hit_prefers_the_line_then_the_smallest_area():
    view = ViewSettings(layers=Layers(predictions=False))
    overlay = build_overlay(load(4), "front", view)
    car = label_of(overlay, "car-4")
    left, top, right, bottom = car.outline_px
    assert overlay.hit((left + right) / 2, (top + bottom) / 2).label_id == "car-4"
    assert overlay.hit(left, (top + bottom) / 2).label_id == "car-4"
    assert overlay.hit(left - 30, top - 30) is None


def test_points_fall_where_the_lens_puts_them_nearest_last():
    overlay = build_overlay(load(4), "front", POINTS)
    points = overlay.points
    xyz = load(4).sweeps[0].cloud.xyz.astype(float)
    depth = xyz[:, 0] - 1.0 - FRONT_IMAGE_DELAY_NS / PERIOD_NS
    with np.errstate(divide="ignore"):
        u = 400 * -(xyz[:, 1] - 0.5) / depth + 320
        v = 400 * -(xyz[:, 2] + LIDAR_HEIGHT_M - 1.5) / depth + 200
    inside = (depth > 0) & (u >= 0) & (u < 640) & (v >= 0) & (v < 400)
    assert sorted(points.row.tolist()) == np.flatnonzero(inside).tolist()
    assert points.xy_px == pytest.approx(np.column_stack([u, v])[points.row], abs=1e-3)
    assert (np.diff(points.depth_m) <= 0.01 * points.depth_m[:-1]).all()
    near, far = overlay.points_rgb[-1].astype(int), overlay.points_rgb[0].astype(int)
    assert near.sum() > far.sum() + 100


def test_thinned_points_keep_their_rows():
    lens = build_overlay(load(4), "front", VIEW).lens
    whole, thin = project_sweeps(lens, VIEW), project_sweeps(lens, VIEW, 2000)
    pixels = dict(zip(whole.row.tolist(), whole.xy_px.tolist(), strict=True))
    assert 0 < len(thin) < 0.6 * len(whole)
    assert all(
        pixels[row] == xy for row, xy in zip(thin.row.tolist(), thin.xy_px.tolist(), strict=True)
    )


def test_point_near_a_pixel_gives_its_world_position():
    content = load(4)
    for view in (VIEW, POINTS):
        overlay = build_overlay(content, "front", view)
        x, y, z = overlay.point_near(320.0, 330.0, 20.0)
        assert z == pytest.approx(0.05 * (x - 4.0), abs=1e-3)  # the slope; the ego drove 4 m
        assert abs(y - 0.5) < 0.5
        assert overlay.point_near(320.0, 2.0, 5.0) is None


@pytest.mark.parametrize("filters", [
    Filters(max_range_m=8.0), Filters(min_range_m=12.0), Filters(height_band_m=(0.1, 0.4)),
    Filters(hide_ego_points=True),
])  # fmt: skip
def test_point_filters_reach_images(filters):
    content = load(4)
    kept = build_overlay(content, "rear", replace(POINTS, filters=filters)).points
    whole = build_overlay(content, "rear", POINTS).points
    assert set(kept.row.tolist()) < set(whole.row.tolist())
    if filters.max_range_m is not None:
        xyz = content.sweeps[0].cloud.xyz[kept.row]
        assert np.hypot(xyz[:, 0], xyz[:, 1]).max() <= 8.0


def test_isolating_a_box_leaves_its_points_on_the_image():
    content, key = load(4), LabelKey("gt", 4, "car-4", "1")
    margin_m = 0.3
    view = replace(POINTS, filters=Filters(isolate_margin_m=margin_m))
    kept = build_overlay(content, "front", view, selected=key).points
    whole = build_overlay(content, "front", POINTS, selected=key).points
    off_center = np.abs(content.sweeps[0].cloud.xyz - car_center_lidar(4))
    inside = (off_center <= np.array(CAR_SIZE) / 2 + margin_m).all(axis=1)
    expected = set(whole.row.tolist()) & set(np.flatnonzero(inside).tolist())
    assert 0 < len(expected) < len(whole)
    assert set(kept.row.tolist()) == expected
    assert len(build_overlay(content, "front", view).points) == len(whole)


def test_position_pointed_at_in_3d_has_a_pixel():
    overlay = build_overlay(load(4), "front", VIEW)
    moved = 4.0 + FRONT_IMAGE_DELAY_NS / PERIOD_NS
    pointed = PointedPosition((moved + 1.0 + 10.0, 0.5, 2.5), "3d")
    assert overlay.mark_px(pointed) == pytest.approx((320.0, 200.0 - 400 * 1.0 / 10.0))
    assert overlay.mark_px(replace(pointed, source="front")) is None
    assert overlay.mark_px(PointedPosition((-50.0, 0.0, 0.0), "3d")) is None


def test_convex_hull_and_contains():
    square = np.array([(0.0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (1, 3)])
    hull = convex_hull(square)
    assert {tuple(p) for p in hull} == {(0, 0), (4, 0), (4, 4), (0, 4)}
    assert contains(hull, 1.0, 1.0)
    assert not contains(hull, 5.0, 1.0)
    assert not contains(np.empty((0, 2)), 0.0, 0.0)


@pytest.mark.parametrize(("index", "key"), [(0, "000000"), (1, "000001")])
def test_real_frames_equal_the_devkits_formulas(real_data, index, key):
    from viewer.formats.catalog import open_dataset

    oracle = json.loads((real_data / "oracles/scene_expected.json").read_text("utf-8"))
    expected = oracle[f"kitti_object/{key}"]
    scene = open_dataset(real_data / "scenes/kitti_object").scenes[0]
    overlay = build_overlay(load(index, scene), "image_2", POINTS)
    assert len(overlay.points) == expected["points_projecting_into_image_z>0"]
    by_class = {label.text.class_name: label for label in overlay.labels}
    for item in expected["objects"]:
        outline = by_class[item["type"]].outline_px
        assert outline == pytest.approx(item["bbox_clipped"], abs=0.02)
