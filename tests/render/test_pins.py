"""Pins of issues: where the lens puts them, and back from the shown to the stored image."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from tests.render.test_overlay_flat import SHOWN, _content
from viewer.geometry.cameras import BrownConrady
from viewer.render.overlay import build_overlay
from viewer.render.painter import PIN_HEIGHT_PX, ensure_application, paint_pin
from viewer.render.rasterizer import Placement
from viewer.session.pins import PIN_RGB, Pin


def test_a_pixel_is_pinned_on_its_own_image_only():
    overlay = build_overlay(_content(), "image", SHOWN)
    assert overlay.pin_px(Pin("1", "x", "image", (7.5, 3.0))) == (7.5, 3.0)
    assert overlay.pin_px(Pin("1", "x", "other", (7.5, 3.0))) is None


def test_a_point_is_pinned_where_the_lens_sees_it():
    overlay = build_overlay(_content(calibrated=True), "image", SHOWN)
    # 20 px a unit of the tangent, the middle at (20, 15).
    assert overlay.pin_px(Pin("1", "x", position=(1.0, -2.0, 10.0))) == pytest.approx((22, 11))
    assert overlay.pin_px(Pin("1", "x", position=(1.0, -2.0, -10.0))) is None


def test_a_pixel_of_a_rectified_image_leads_back_to_the_stored_one():
    content = _content(calibrated=True)
    lens = BrownConrady(40, 30, fx=20, fy=20, cx=20, cy=15, k1=-0.2, k2=0.02)
    camera = replace(content.rig.cameras["image"], model=lens)
    content = replace(content, rig=replace(content.rig, cameras={"image": camera}))
    view = replace(SHOWN, images=replace(SHOWN.images, rectified=True))
    overlay = build_overlay(content, "image", view)
    stored = overlay.stored_px(30.0, 20.0)
    assert np.hypot(stored[0] - 30.0, stored[1] - 20.0) > 0.2
    assert overlay.pin_px(Pin("1", "x", "image", stored)) == pytest.approx((30.0, 20.0), abs=1e-6)


def test_a_pin_stands_on_its_pixel():
    ensure_application()
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_pin(painter, (30.0, 40.0), Placement(1.0, 0.0, 0.0), 1.0)
    painter.end()

    def rgb(x, y):
        return image.pixelColor(x, y).getRgb()[:3]

    head = round(40.5 - PIN_HEIGHT_PX)
    assert rgb(30 + 4, head) == pytest.approx(PIN_RGB, abs=2)
    assert rgb(30, 40) != (0, 0, 0)
    assert rgb(30, 44) == (0, 0, 0)
    assert rgb(30, 10) == (0, 0, 0)
