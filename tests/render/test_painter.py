"""Pictures of cameras without a display."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.fake_drive import make_scene
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.render.overlay_prepare import PaneRequest, prepare_overlays
from viewer.render.painter import pane_text, render_camera, render_mosaic
from viewer.session.frame_store import FrameStore
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ImageStyle, ImageTone, ViewSettings

VIEW = ViewSettings()
GREY = 128


def load_here():
    store = FrameStore(make_scene(), FrameCache(10_000_000))
    try:
        return store.load(JobContext(), 4, VIEW, 640)
    finally:
        store.close()


@pytest.fixture(scope="module")
def content():
    return load_here()


def _share_near(picture, rgb, tolerance=12):
    return (np.abs(picture.astype(int) - rgb).max(axis=2) < tolerance).mean()


def test_picture_has_the_asked_size_the_image_and_the_boxes(content):
    picture = render_camera(content, "front", VIEW, (640, 400))
    assert picture.shape == (400, 640, 3)
    assert picture.dtype == np.uint8
    assert _share_near(picture, (GREY,) * 3, 2) > 0.8
    assert _share_near(picture, content.scene.class_map.colour("car")) > 5e-4
    bare = render_camera(
        content, "front", ViewSettings(images=ImageStyle(cuboids=False)), (640, 400)
    )
    assert _share_near(bare, content.scene.class_map.colour("car")) == 0


def test_picture_equals_what_a_pane_prepares(content):
    view = ViewSettings(images=ImageStyle(captions=False))
    requests = {"p": PaneRequest("front", 500, 400, 1.0)}
    prepared = prepare_overlays(content, view, requests)["p"].picture
    picture = render_camera(content, "front", view, (500, 400))
    differs = (picture != prepared[:, :, 2::-1]).any(axis=2)
    assert not differs[100:].any()  # above lies the camera's name


def test_a_part_of_the_image_fills_the_picture(content):
    """A quarter of the image at double scale is the whole image's quarter."""
    view = ViewSettings(images=ImageStyle(captions=False))
    lens = content.rig.cameras["front"].model
    width, height = lens.width_px, lens.height_px
    whole = render_camera(content, "front", view, (2 * width, 2 * height))
    rect = (width / 4, height / 2, 3 * width / 4, height)
    part = render_camera(content, "front", view, (width, height), rect_px=rect)
    expected = whole[height:, width // 2 : width // 2 + width]
    assert (part != expected).any(axis=2)[100:].mean() < 1e-3  # above lies the camera's name
    assert (expected[100:] != GREY).any(axis=2).mean() > 1e-3  # boxes are in it


def test_tone_and_selection_change_the_picture(content):
    plain = render_camera(content, "front", VIEW, (320, 200)).astype(int)
    bright = replace(VIEW, tones={"front": ImageTone(brightness=0.25)})
    assert render_camera(content, "front", bright, (320, 200))[150, 10].tolist() == [192] * 3
    key = LabelKey("gt", 4, "car-4", "1")
    chosen = render_camera(content, "front", VIEW, (320, 200), selected=key)
    assert (chosen != plain).any()


def test_refusal_is_on_screen_and_the_image_too(content):
    picture = render_camera(content, "side", VIEW, (400, 250))
    bottom = picture[200:]
    assert _share_near(bottom, (224, 168, 60)) > 5e-4  # the sign
    assert _share_near(bottom, (230, 232, 235), 40) > 5e-3  # the words
    known = replace(content, images={**content.images, "side": content.images["front"]})
    assert _share_near(render_camera(known, "side", VIEW, (400, 250)), (GREY,) * 3, 2) > 0.7


def test_a_small_pane_keeps_its_image_beside_the_refusal(content):
    """In 150 x 90 px the whole sentence would take most of the pane: one line of it stays."""
    known = replace(content, images={**content.images, "side": content.images["front"]})
    picture = render_camera(known, "side", VIEW, (150, 90))
    assert _share_near(picture[-30:], (224, 168, 60)) > 1e-3
    between = picture[23:61, 15:-15]
    assert _share_near(between, (GREY,) * 3, 2) == 1


def test_missing_image_says_what_happened(content):
    from viewer.render.overlay import build_overlay
    from viewer.scene.scene import Problem

    cut = Problem("front.jpg", "byte 7", "the file is cut off")
    without = replace(content, images={}, problems=(cut,))
    assert "cut off" in pane_text(without, build_overlay(without, "front", VIEW)).problem
    assert "no image" in pane_text(without, build_overlay(without, "rear", VIEW)).problem
    picture = render_camera(without, "front", VIEW, (640, 400))
    assert _share_near(picture, (GREY,) * 3, 2) == 0
    # labels are drawn even where the image is missing: the lens is known
    assert _share_near(picture, content.scene.class_map.colour("car")) > 5e-4


def test_mosaic_shows_every_camera(content):
    picture = render_mosaic(content, VIEW, (960, 200))
    assert picture.shape == (200, 960, 3)
    assert _share_near(picture[:, :320], (GREY,) * 3, 2) > 0.7
    assert _share_near(picture[:, 320:640], (GREY,) * 3, 2) > 0.7


def test_light_view_has_a_light_ground(content):
    dark = render_camera(content, "front", VIEW, (640, 640))
    light = render_camera(content, "front", replace(VIEW, dark=False), (640, 640))
    assert dark[630, 320].max() < 40
    assert light[630, 320].min() > 230


def test_painting_needs_no_display():
    code = (
        "import os, sys; sys.path.insert(0, os.getcwd())\n"
        "from tests.render.test_painter import VIEW, load_here\n"
        "from viewer.render.painter import render_camera\n"
        "print(render_camera(load_here(), 'front', VIEW, (320, 200)).shape)"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert "(200, 320, 3)" in done.stdout, done.stderr
