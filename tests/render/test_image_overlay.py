"""Pictures over images: what stands in each pixel, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import still_content
from viewer.render.image_overlay import overlaid
from viewer.render.overlay_flat import shown_image
from viewer.scene.images import Image, OverlayRef
from viewer.session.frame_content import LoadedOverlay
from viewer.session.view_settings import ImageStyle, ViewSettings

RED = (0, 0, 200, 255)
GREY = (100, 100, 100, 255)


def picture(rows, full=None):
    pixels = np.array(rows, np.uint8)
    width, height = full or (pixels.shape[1], pixels.shape[0])
    return Image(pixels, width, height)


def plain(width, height, bgra=GREY, full=None):
    return picture(np.full((height, width, 4), bgra), full)


def content_with(*overlays, fill=False):
    content = still_content(np.zeros((1, 3), np.float32))
    loaded = tuple(
        LoadedOverlay(OverlayRef("cam", str(number), "", fill), overlay)
        for number, overlay in enumerate(overlays)
    )
    return replace(content, overlays=loaded)


def test_each_pixel_is_mixed_by_its_alpha_times_the_opacity():
    image = plain(4, 1)
    overlay = picture([[(0, 0, 200, 255), (0, 0, 200, 128), (0, 0, 200, 0), (50, 50, 50, 51)]])
    half = overlaid(image, content_with(overlay), "cam", 0.5).pixels[0]
    # Shares 1/2, 0.2510, 0 and 1/10: e.g. 100 * 1/2 + 200 * 1/2 = 150.
    wanted = [(50, 50, 150, 255), (74.9, 74.9, 125.1, 255), GREY, (95, 95, 95, 255)]
    np.testing.assert_allclose(half, wanted, atol=1.0)
    assert half[0].tolist() == [50, 50, 150, 255]
    full = overlaid(image, content_with(overlay), "cam", 1.0).pixels[0]
    assert full[0].tolist() == list(RED)
    assert full[2].tolist() == list(GREY)


@pytest.mark.parametrize(("below", "over", "alpha"), [(255, 255, 255), (0, 255, 255), (255, 0, 7)])
def test_no_level_runs_over_its_end(below, over, alpha):
    image = plain(1, 1, (below, below, below, 255))
    overlay = plain(1, 1, (over, over, over, alpha))
    for opacity in (0.0, 0.25, 0.6, 1.0):
        share = alpha / 255 * opacity
        shown = overlaid(image, content_with(overlay), "cam", opacity).pixels[0, 0, 0]
        assert abs(float(shown) - (below + (over - below) * share)) <= 1.0


def test_without_fill_it_keeps_its_size_at_the_upper_left():
    image = plain(4, 3)
    small = plain(2, 1, RED)
    shown = overlaid(image, content_with(small), "cam", 1.0).pixels
    assert (shown[0, :2] == RED).all()
    assert (shown[0, 2:] == GREY).all()
    assert (shown[1:] == GREY).all()
    large = picture(np.full((9, 9, 4), RED))
    assert (overlaid(image, content_with(large), "cam", 1.0).pixels == RED).all()
    assert (image.pixels == GREY).all()


def test_with_fill_it_is_stretched_to_the_image():
    left_right = picture([[RED, (0, 200, 0, 255)]])
    shown = overlaid(plain(6, 4), content_with(left_right, fill=True), "cam", 1.0).pixels
    assert (shown[:, :3] == RED).all()
    assert (shown[:, 3:] == (0, 200, 0, 255)).all()


def test_it_shrinks_with_an_image_that_was_decoded_smaller():
    image = plain(4, 2, full=(8, 4))
    # Stored pixels 0..3 of 8 across, 0..1 of 4 down: the left half of the upper half.
    shown = overlaid(image, content_with(plain(4, 2, RED)), "cam", 1.0).pixels
    assert (shown[0, :2] == RED).all()
    assert (shown[0, 2:] == GREY).all()
    assert (shown[1] == GREY).all()


def test_the_colour_of_clear_pixels_does_not_bleed_in():
    image = plain(1, 1, full=(2, 1))
    half_clear = picture([[RED, (0, 255, 0, 0)]])
    shown = overlaid(image, content_with(half_clear), "cam", 1.0).pixels[0, 0]
    # Mean alpha 1/2, colour that of the opaque pixel alone.
    np.testing.assert_allclose(shown, (50, 50, 150, 255), atol=1.0)


def test_overlays_lie_in_order_over_their_own_image_only():
    green = (0, 200, 0, 255)
    content = content_with(plain(1, 1, RED), plain(1, 1, green))
    assert overlaid(plain(1, 1), content, "cam", 1.0).pixels[0, 0].tolist() == list(green)
    image = plain(1, 1)
    assert overlaid(image, content, "other", 1.0) is image
    assert overlaid(image, content, "cam", 0.0) is image


def test_the_view_says_whether_and_how_much():
    content = content_with(plain(1, 1, RED))
    content = replace(content, images={"cam": plain(1, 1)})

    def red(**style):
        view = ViewSettings(images=ImageStyle(**style))
        return int(shown_image(content, "cam", view).pixels[0, 0, 2])

    assert red(overlays=False) == 100
    assert red(overlay_opacity=1.0) == 200
    assert red(overlay_opacity=0.25) == 125
    # A damaged settings file may hold any number.
    assert red(overlay_opacity=7.0) == 200
    assert red(overlay_opacity=float("nan")) == 200
