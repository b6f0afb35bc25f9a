"""Images in buffers: exact averages when smaller, exact pixels when large, tone."""

import cv2
import numpy as np
import pytest

from viewer.render.image_resample import draw_image, image_clip
from viewer.render.image_tone import NEUTRAL, tone_table
from viewer.render.rasterizer import Placement
from viewer.session.view_settings import ImageTone


def _image(height, width, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    pixels[:, :, 3] = 255
    return pixels


def _draw(pixels, full_size, placement, view, tone=NEUTRAL):
    buffer = np.full((view[1], view[0], 4), 7, dtype=np.uint8)
    clip = image_clip(full_size, placement, buffer)
    draw_image(buffer, pixels, full_size[0], placement, clip, tone_table(tone))
    return buffer, clip


@pytest.mark.parametrize("scale", [0.25, 0.5])
def test_shrinking_is_the_mean_of_the_area(scale):
    pixels = _image(40, 64)
    view = (int(64 * scale), int(40 * scale))
    buffer, _ = _draw(pixels, (64, 40), Placement(scale, 0.0, 0.0), view)
    step = round(1 / scale)
    blocks = pixels.reshape(view[1], step, view[0], step, 4).mean(axis=(1, 3))
    assert np.abs(buffer.astype(float) - blocks).max() <= 0.51


def test_uneven_shrinking_equals_opencv_area():
    pixels = _image(90, 160)
    buffer, _ = _draw(pixels, (160, 90), Placement(0.3, 0.0, 0.0), (48, 27))
    truth = cv2.resize(pixels, (48, 27), interpolation=cv2.INTER_AREA)
    assert np.abs(buffer.astype(int) - truth).max() <= 1


def test_one_to_one_changes_nothing():
    pixels = _image(30, 50)
    buffer, _ = _draw(pixels, (50, 30), Placement(1.0, 0.0, 0.0), (50, 30))
    assert np.array_equal(buffer, pixels)


def test_moderate_growth_equals_opencv_linear():
    pixels = _image(20, 30)
    buffer, _ = _draw(pixels, (30, 20), Placement(2.0, 0.0, 0.0), (60, 40))
    truth = cv2.resize(pixels, (60, 40), interpolation=cv2.INTER_LINEAR)
    assert np.abs(buffer.astype(int) - truth).max() <= 1


def test_high_zoom_shows_pixels_as_squares():
    pixels = _image(10, 10)
    buffer, _ = _draw(pixels, (10, 10), Placement(16.0, -32.0, -48.0), (64, 64))
    truth = np.kron(pixels[3:7, 2:6], np.ones((16, 16, 1), dtype=np.uint8))
    assert np.array_equal(buffer, truth)


def test_reduced_image_lies_where_the_stored_one_does():
    pixels = np.zeros((20, 40, 4), dtype=np.uint8)
    pixels[5, 10] = 255  # of a stored image twice the size: pixels 20, 21 and rows 10, 11
    buffer, clip = _draw(pixels, (80, 40), Placement(4.0, 0.0, 0.0), (320, 160))
    rows, columns = np.nonzero(buffer[:, :, 0])
    assert clip == (0, 0, 320, 160)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (80, 87, 40, 47)


def test_only_the_image_is_overwritten():
    pixels = _image(20, 40)
    buffer, clip = _draw(pixels, (40, 20), Placement.fit((40, 20), (100, 100)), (100, 100))
    assert clip == (0, 25, 100, 75)
    assert (buffer[:25] == 7).all()
    assert (buffer[75:] == 7).all()
    assert (buffer[25:75, :, 3] == 255).all()


def test_tone():
    assert tone_table(NEUTRAL).tolist() == list(range(256))
    assert tone_table(ImageTone(contrast=0.0)).tolist() == [128] * 256
    assert tone_table(ImageTone(gamma=2.0))[64] == round(255 * (64 / 255) ** 0.5)
    assert tone_table(ImageTone(contrast=2.0))[[0, 128, 200, 255]].tolist() == [0, 128, 255, 255]
    pixels = _image(10, 10)
    buffer, _ = _draw(pixels, (10, 10), Placement(1.0, 0.0, 0.0), (10, 10), ImageTone(0.2))
    expected = np.minimum(255, pixels[:, :, :3].astype(int) + 51)
    assert np.abs(buffer[:, :, :3].astype(int) - expected).max() <= 1
