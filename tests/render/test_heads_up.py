"""Flat things on the 3D picture: captions without overlap, round scale bars, short numbers."""

import numpy as np
import pytest

from viewer.render.caption_placement import place_captions
from viewer.render.glyph_atlas import GlyphAtlas, fill_plate
from viewer.render.heads_up import length_text, number_text, scale_length_m

SIZE = (640, 360)


def _place(anchors, importance, widths=None, height=14):
    count = len(anchors)
    sizes = np.full(count, 60, np.int64) if widths is None else widths
    corners = place_captions(
        np.asarray(anchors, float), sizes, height, np.asarray(importance, float), SIZE, gap_px=5
    )
    return corners, (corners != -1).any(axis=1)


def test_captions_never_cover_each_other():
    rng = np.random.default_rng(5)
    anchors, widths = rng.uniform((0, 0), SIZE, (400, 2)), rng.integers(20, 120, 400)
    corners, placed = _place(anchors, rng.uniform(0, 0.99, 400), widths)
    assert 30 < placed.sum() < 400
    boxes = np.column_stack([corners, corners[:, 0] + widths, corners[:, 1] + 14])[placed]
    for i, (left, top, right, bottom) in enumerate(boxes):
        others = np.delete(boxes, i, axis=0)
        apart = (
            (others[:, 0] >= right) | (others[:, 2] <= left)
            | (others[:, 1] >= bottom) | (others[:, 3] <= top)
        )  # fmt: skip
        assert apart.all()
        assert left >= 0
        assert top >= 0
        assert right <= SIZE[0] + 4
        assert bottom <= SIZE[1] + 4


def test_more_important_caption_wins_its_place():
    corners, placed = _place([[300, 200], [302, 201], [301, 199]], [0.2, 0.9, 0.5])
    np.testing.assert_array_equal(placed, [False, True, True])
    assert corners[1, 1] < 201 - 14
    assert corners[2, 1] > 199


def test_selected_caption_is_placed_whatever_it_covers():
    _, placed = _place([[300, 200], [300, 200], [300, 200]], [2.0, 1.5, 1.2])
    assert placed.all()


def test_selected_caption_at_the_edge_is_moved_into_the_picture():
    anchors = [[300, 3], [2, 200], [638, 100], [639, 359]]
    corners, placed = _place(anchors, [2.0] * 4)
    assert placed.all()
    assert (corners >= 0).all()
    assert (corners[:, 0] + 60 <= SIZE[0]).all()
    assert (corners[:, 1] + 14 <= SIZE[1]).all()


def test_captions_outside_are_left_out():
    _, placed = _place([[-1e6, -1e6], [700, 100], [300, 200]], [2.0, 0.5, 0.5])
    np.testing.assert_array_equal(placed, [False, False, True])


def test_letters_have_their_own_widths_and_are_drawn_inside_them():
    atlas = GlyphAtlas(11)
    assert atlas.width_px("W") > atlas.width_px("i") > 0
    assert atlas.width_px("car 18") == sum(atlas.width_px(letter) for letter in "car 18")
    buffer = np.zeros((40, 200, 4), np.uint8)
    atlas.draw(buffer, "Wij", 20, 10, (255, 0, 0))
    drawn = np.argwhere(buffer[..., 3] > 0)
    assert len(drawn) > 20
    assert drawn[:, 0].min() >= 10
    assert drawn[:, 0].max() < 10 + atlas.height_px
    assert drawn[:, 1].min() >= 20
    assert drawn[:, 1].max() < 20 + atlas.width_px("Wij")
    assert (buffer[..., :2] == 0).all()


def test_unknown_letters_do_not_break_a_text():
    assert GlyphAtlas(11).width_px("a\U0010fffdb") > 0


def test_text_at_the_border_is_cut():
    buffer = np.zeros((8, 16, 4), np.uint8)
    GlyphAtlas(11).draw(buffer, "WWW", -5, -4, (255, 255, 255))
    assert buffer.any()


def test_plate_is_premultiplied():
    buffer = np.zeros((10, 10, 4), np.uint8)
    fill_plate(buffer, 2, 2, 8, 8, 0.0, np.array([200.0, 100.0, 50.0, 0.5]))
    np.testing.assert_array_equal(buffer[5, 5], [25, 50, 100, 128])
    np.testing.assert_array_equal(buffer[0, 0], 0)


@pytest.mark.parametrize(
    ("metres_per_px", "expected"),
    [(0.1, 10.0), (0.05, 5.0), (0.0168, 2.0), (12.0, 1000.0), (0.0004, 0.02)],
)
def test_scale_bar_is_the_longest_round_length_that_fits(metres_per_px, expected):
    assert scale_length_m(metres_per_px, 120) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metres", "text"), [(10.0, "10 m"), (0.05, "5 cm"), (2000.0, "2 km"), (0.5, "50 cm")]
)
def test_lengths_have_units(metres, text):
    assert length_text(metres) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.636, "0.636"), (-1.8944, "\u22121.89"), (255.0, "255"), (54321.0, "54321"),
     (1.5e-7, "1.5e\u221207"), (12.0, "12")],
)  # fmt: skip
def test_legend_numbers_are_short(value, text):
    assert number_text(value) == text


def test_legend_numbers_are_as_fine_as_the_range():
    assert number_text(-0.0072, 5.57) == "\u22120.01"
    assert number_text(0.0004, 5.57) == "0"
    assert number_text(5.5628, 5.57) == "5.56"
    assert number_text(1003.2, 2.0) == "1003"
    assert number_text(0.00012, 0.0009) == "1.2e\u221204"
