"""Rectified images: equal to OpenCV's remapping, sane fields of view, overlays that follow."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.fake_drive import make_rig, make_scene
from viewer.formats.frame_cache import FrameCache
from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole
from viewer.progress import JobContext
from viewer.render.image_rectify import MAX_HALF_ANGLE_RAD, rectified_model, rectify
from viewer.render.overlay import build_overlay
from viewer.scene.images import Image
from viewer.scene.sensors import CameraSensor
from viewer.session.frame_store import FrameStore
from viewer.session.view_settings import ImageStyle, ViewSettings

LENS = BrownConrady(320, 200, fx=220.0, fy=215.0, cx=163.0, cy=97.0, k1=-0.25, k2=0.06, p1=0.001)
WIDE = Fisheye(320, 240, fx=95.0, fy=95.0, k1=0.02, k2=-0.004)
RECTIFIED = ViewSettings(images=ImageStyle(rectified=True, boxes_2d=True))


def _smooth(height, width):
    rows, columns = np.mgrid[0:height, 0:width]
    waves = 120 + 60 * np.sin(columns / 17) + 50 * np.cos(rows / 11)
    pixels = np.dstack([waves, waves * 0.8, waves[:, ::-1], np.full_like(waves, 255)])
    return pixels.astype(np.uint8)


def test_image_equals_opencv_undistortion():
    pixels = _smooth(200, 320)
    ours = rectify(Image(pixels, 320, 200), LENS).pixels
    shown = rectified_model(LENS)
    stored = np.array([[220.0, 0, 163], [0, 215, 97], [0, 0, 1]])
    wanted = np.array([[shown.fx, 0, shown.cx], [0, shown.fy, shown.cy], [0, 0, 1]])
    distortion = np.array([-0.25, 0.06, 0.001, 0, 0])
    maps = cv2.initUndistortRectifyMap(stored, distortion, None, wanted, (320, 200), cv2.CV_32FC1)
    truth = cv2.remap(pixels, *maps, cv2.INTER_LINEAR)
    inside = (maps[0] > 0.5) & (maps[0] < 318.5) & (maps[1] > 0.5) & (maps[1] < 198.5)
    difference = np.abs(ours.astype(int) - truth)[inside]
    assert difference.max() <= 2
    assert inside.mean() > 0.8


def test_reduced_image_is_rectified_as_the_whole_one():
    pixels = _smooth(200, 320)
    half = cv2.resize(pixels, (160, 100), interpolation=cv2.INTER_AREA)
    whole = rectify(Image(pixels, 320, 200), LENS).pixels
    ours = rectify(Image(half, 320, 200), LENS).pixels
    truth = cv2.resize(whole, (160, 100), interpolation=cv2.INTER_AREA)
    assert np.abs(ours.astype(int) - truth)[10:-10, 10:-10].max() <= 6


def test_field_of_view_is_the_lens_s_up_to_a_limit():
    (left,), _ = LENS.unproject(np.array([(0.0, 99.5)]))
    shown = rectified_model(LENS)
    assert (shown.width_px, shown.height_px) == (320, 200)
    assert math.atan(160 / shown.fx) >= math.atan2(math.hypot(left[0], left[1]), left[2]) - 1e-9
    wide = rectified_model(WIDE)
    assert math.atan(160 / wide.fx) == pytest.approx(MAX_HALF_ANGLE_RAD)
    plain = Pinhole(320, 200, fx=200, fy=200)
    assert rectified_model(plain) is plain


def test_blind_pixels_are_black():
    narrow = Fisheye(320, 240, fx=300.0, fy=300.0, k1=-0.6)
    rectified = rectify(Image(_smooth(240, 320), 320, 240), narrow)
    grid = np.stack(np.meshgrid(np.arange(320), np.arange(240)), -1).reshape(-1, 2)
    directions, _ = rectified_model(narrow).unproject(grid)
    pixels, valid = narrow.project(directions)
    blind = ~(valid & (pixels > -0.5).all(axis=1) & (pixels < (319.5, 239.5)).all(axis=1))
    assert (rectified.pixels.reshape(-1, 4)[blind][:, :3] == 0).all()


def _content(lens):
    scene = make_scene()
    rig = make_rig(12)
    cameras = {**rig.cameras, "front": CameraSensor("front", "front", lens)}
    scene.reader.rig = replace(rig, cameras=cameras)
    store = FrameStore(scene, FrameCache(10_000_000))
    try:
        return store.load(JobContext(), 4, ViewSettings(), 640)
    finally:
        store.close()


def test_overlay_follows_the_rectified_lens():
    lens = BrownConrady(640, 400, fx=400.0, fy=400.0, k1=-0.3, k2=0.1)
    content = _content(lens)
    overlay = build_overlay(content, "front", RECTIFIED)
    plain = build_overlay(content, "front", replace(RECTIFIED, images=ImageStyle(boxes_2d=True)))
    shown = rectified_model(lens)
    assert overlay.lens.shown == shown
    assert plain.lens.shown is lens
    for before in plain.labels:
        after = next(
            label
            for label in overlay.labels
            if label.key == before.key and (label.cuboids is None) == (before.cuboids is None)
        )
        if before.cuboids is None:  # its sides, which bend, reach a little beyond its corners
            directions, _ = lens.unproject(before.outline_px.reshape(2, 2))
            expected, _ = shown.project(directions)
            assert after.outline_px == pytest.approx(expected.ravel(), abs=6.0)
    car = next(label for label in overlay.labels if label.cuboids is not None)
    assert len(car.visible) + len(car.hidden) <= 12  # a pinhole draws an edge as one segment
