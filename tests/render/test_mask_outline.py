"""Outlines of masks, against the masks themselves."""

import numpy as np
import pytest

from viewer.render.mask_outline import MaskArea, bounds, outline
from viewer.scene.masks import RunLengths


def of(rows):
    return RunLengths.of(np.array([[letter == "#" for letter in row] for row in rows]))


def test_one_pixel_has_four_edges():
    lines = outline(of([".....", "..#..", "....."]))
    assert sorted(lines.tolist()) == [[2, 1, 2, 2], [2, 1, 3, 1], [2, 2, 3, 2], [3, 1, 3, 2]]


def test_straight_edges_are_one_line():
    lines = outline(of(["....", ".###", ".###"]))
    assert sorted(lines.tolist()) == [[1, 1, 1, 3], [1, 1, 4, 1], [1, 3, 4, 3], [4, 1, 4, 3]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["....", ".##.", "..#."], (1, 1, 2, 2)),
        # A run that goes on in the next row may reach all columns.
        (["...#", "#...", "...."], (0, 0, 3, 1)),
        (["....", "...."], None),
        (["####", "####"], (0, 0, 3, 1)),
    ],
)
def test_bounds_hold_all_pixels(rows, expected):
    assert bounds(of(rows)) == expected


@pytest.mark.parametrize("seed", range(6))
def test_a_pixel_is_inside_where_the_mask_has_it(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 13)) < (0.2, 0.5, 0.8)[seed % 3]
    area = MaskArea(RunLengths.of(mask))
    got = [[area.contains(u, v) for u in range(13)] for v in range(9)]
    np.testing.assert_array_equal(got, mask)
    # The edges are as long as pixels differ from their neighbours.
    framed = np.pad(mask, 1).astype(int)
    border = abs(np.diff(framed, axis=0)).sum() + abs(np.diff(framed, axis=1)).sum()
    assert abs(area.segments[:, 2:] - area.segments[:, :2]).sum() == border


def test_a_small_mask_is_scaled_to_its_image():
    area = MaskArea(of(["..", ".#"]), (4.0, 3.0))
    # The pixel takes columns 4..7 and rows 3..5 of the image.
    assert area.bounds_px.tolist() == [3.5, 2.5, 7.5, 5.5]
    assert area.contains(4, 3)
    assert area.contains(7, 5)
    assert not area.contains(3, 3)
    assert not area.contains(7, 6)


def test_a_moved_mask_is_where_it_is_moved_to():
    area = MaskArea(of(["..", ".#"]), to_shown=lambda pixels: np.add(pixels, (10.0, 0.0)))
    assert area.bounds_px.tolist() == [10.5, 0.5, 11.5, 1.5]
    assert area.contains(11, 1)
    assert not area.contains(1, 1)


def test_an_empty_mask_has_no_extent():
    area = MaskArea(of(["..", ".."]))
    assert area.bounds_px is None
    assert not area.contains(0, 0)
    assert len(area.lines) == 0
