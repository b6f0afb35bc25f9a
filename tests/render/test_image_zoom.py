"""Zoom, pan and the sharing of an area among images."""

import numpy as np
import pytest

from viewer.render.image_mosaic import mosaic_cells
from viewer.render.image_zoom import MOST_PIXELS_PER_PIXEL, ImageZoom


@pytest.fixture
def zoom():
    zoom = ImageZoom()
    zoom.set_image_size((1600, 900))
    zoom.set_view_size((800, 600))
    return zoom


def test_starts_fitted_and_centred(zoom):
    assert zoom.is_fitted
    assert zoom.placement.scale == 0.5
    assert (zoom.placement.left_px, zoom.placement.top_px) == (0.0, 75.0)


def test_zoom_keeps_the_pixel_under_the_cursor(zoom):
    for _ in range(6):
        zoom.zoom_at(300.0, 350.0, 1.3)
    before = zoom.placement.to_image((300.0, 350.0))
    zoom.zoom_at(300.0, 350.0, 1.3)
    assert zoom.placement.to_image((300.0, 350.0)) == pytest.approx(before, abs=1.0)
    assert not zoom.is_fitted


def test_zooming_out_ends_fitted_and_in_ends_at_the_limit(zoom):
    zoom.zoom_at(10.0, 10.0, 1e9)
    assert zoom.placement.scale == MOST_PIXELS_PER_PIXEL
    zoom.zoom_at(700.0, 10.0, 1e-9)
    assert zoom.is_fitted


def test_image_never_leaves_the_view(zoom):
    zoom.zoom_at(400.0, 300.0, 4.0)
    zoom.pan_from(zoom.placement, 1e6, -1e6)
    right_bottom = zoom.placement.to_buffer((1599.5, 899.5))
    assert zoom.placement.left_px == 0.0
    assert right_bottom[1] == pytest.approx(599.5)


def test_another_size_is_fitted_the_same_size_keeps_the_zoom(zoom):
    zoom.zoom_at(400.0, 300.0, 4.0)
    zoom.set_image_size((1600, 900))
    assert not zoom.is_fitted
    zoom.set_image_size((640, 480))
    assert zoom.is_fitted


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("size", [(1280, 200), (1280, 720), (300, 900)])
def test_mosaic_keeps_aspects_and_never_overlaps(count, size):
    aspects = [1.78 if i % 3 else 1.33 for i in range(count)]
    cells = mosaic_cells(aspects, size)
    assert len(cells) == count
    painted = np.zeros((size[1], size[0]), dtype=int)
    for aspect, (left, top, width, height) in zip(aspects, cells, strict=True):
        assert left >= 0
        assert top >= 0
        assert left + width <= size[0]
        assert top + height <= size[1]
        assert width / height == pytest.approx(aspect, abs=1.5 * aspect / height)
        painted[top : top + height, left : left + width] += 1
    assert painted.max() == 1


def test_wide_area_gives_one_row():
    tops = {cell[1] for cell in mosaic_cells([1.78] * 6, (1280, 120))}
    assert len(tops) == 1
