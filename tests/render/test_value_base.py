"""Fields with large numbers: what float32 cannot tell apart is coloured by differences."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import still_content
from viewer.render.colour import PointColouring, colour_points, colour_range, point_rgb
from viewer.render.colour_maps import colour_table
from viewer.render.heads_up import base_text
from viewer.render.overlay_points import ProjectedPoints, projected_colours
from viewer.render.value_base import less_base, value_base
from viewer.session.frame_content import LoadedSweep
from viewer.session.view_settings import PointStyle, ViewSettings

# A sweep of 0.1 s at 1.6e9 s: float32 has a step of 128 s there.
TIMES_S = 1_600_000_000.25 + np.array([0.0, 0.025, 0.05, 0.075, 0.1])
TIMES_NS = 1_600_000_000_250_000_000 + np.arange(5) * 25_000_000


def coloured(values, **style) -> PointColouring:
    content = still_content(np.zeros((len(values), 3)), fields={"t": values})
    return colour_points(content, content.sweeps[0], PointStyle(colour_by="t", **style))


@pytest.mark.parametrize(
    ("values", "unit"),
    [(TIMES_S, 1.0), (TIMES_NS, 1e9), (TIMES_NS.astype(np.uint64), 1e9)],
    ids=["seconds", "nanoseconds", "unsigned"],
)
def test_absolute_times_are_spread_over_the_colours(values, unit):
    found = coloured(values)
    assert found.values is not None
    assert found.range is not None
    assert found.base == float(values[0])
    np.testing.assert_allclose(found.values / unit, [0, 0.025, 0.05, 0.075, 0.1], atol=1e-6)
    # By hand: places 0.08 and 3.92 of 0..4, so 0.002 s and 0.098 s after the first.
    ends = (np.array(found.range) - found.base) / unit
    np.testing.assert_allclose(ends, [0.002, 0.098], atol=1e-6)
    table = colour_table("viridis")
    # (0.025 - 0.002) / 0.096 * 255 = 61.09, and so on.
    np.testing.assert_array_equal(point_rgb(found, "viridis"), table[[0, 61, 127, 193, 255]])


def test_a_range_that_a_person_set_keeps_its_meaning():
    found = coloured(TIMES_S, colour_range=(1_600_000_000.25, 1_600_000_000.45))
    assert found.range == (1_600_000_000.25, 1_600_000_000.45)
    # 0.025 of 0.2 s is an eighth of 255: 31.875.
    table = colour_table("viridis")
    np.testing.assert_array_equal(point_rgb(found, "viridis"), table[[0, 31, 63, 95, 127]])


@pytest.mark.parametrize(
    "values",
    [
        np.array([0.0, 0.5, 1.0]),
        np.array([1000.0, 1001.0, 1002.0]),
        # A step of 1/16 at a million is a hundredth of 6, a thousandth of 62.5.
        np.array([1e6, 1e6 + 100.0]),
        TIMES_S.astype(np.float32),
        np.array([40_000, 65_535], np.uint16),
        np.full(3, 1.6e9),
        np.array([np.nan, np.inf]),
        np.array([]),
        np.array([True, False]),
    ],
    ids=["small", "wide", "enough", "float32", "words", "equal", "nothing", "none", "flags"],
)
def test_numbers_that_float32_tells_apart_stay(values):
    assert value_base([values]) == 0.0


def test_a_spread_of_few_steps_has_a_base():
    assert value_base([np.array([1e6, 1e6 + 6.0])]) == 1e6


def test_missing_times_do_not_hide_the_others():
    values = np.concatenate([[0.0], 1.6e9 + np.linspace(0, 0.1, 999), [np.nan]])
    base = value_base([values])
    assert 1.6e9 <= base <= 1.6e9 + 0.01
    rest = less_base(values, base)[1:-1]
    np.testing.assert_allclose(np.diff(rest), 0.1 / 998, atol=1e-6)


def test_older_sweeps_lie_before_the_base_of_the_frame():
    content = still_content(np.zeros((5, 3)), fields={"t": TIMES_NS.astype(np.uint64)})
    earlier = replace(
        content.sweeps[0].cloud, fields={"t": (TIMES_NS - 1_000_000_000).astype(np.uint64)}
    )
    sweeps = (*content.sweeps, LoadedSweep("lidar", earlier, None, -1))
    content = replace(content, sweeps=sweeps)
    style = PointStyle(colour_by="t")
    older = colour_points(content, content.sweeps[1], style)
    assert older.base == float(TIMES_NS[0])
    assert older.range == colour_points(content, content.sweeps[0], style).range
    assert older.range == colour_range(content, "t", style)
    expected = np.arange(5) * 25e6 - 1e9
    np.testing.assert_allclose(older.values, expected, atol=100)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_the_largest_integers_are_no_reason_to_fail(dtype):
    top = np.iinfo(dtype).max
    values = np.array([top - 4096 * 500, top - 2048 * 3, top], dtype)
    found = less_base(values, value_base([values]))
    assert np.isfinite(found).all()
    assert found[0] < found[2]


def test_a_base_is_written_with_the_digits_that_count():
    assert base_text(1_600_000_000.25, 0.096) == "1600000000.2500"
    assert base_text(1.6e18, 9.6e7) == "1600000000000000000"
    assert base_text(-1_000_000.0, 6.0) == "\u22121000000.00"


def test_points_on_images_have_the_colours_of_the_3d_view():
    content = still_content(np.zeros((5, 3)), fields={"t": TIMES_NS})
    view = ViewSettings(images=replace(ViewSettings().images, points_colour_by="t"))
    rows = np.array([4, 0, 2], np.int32)
    points = ProjectedPoints(
        xy_px=np.zeros((3, 2), np.float32),
        depth_m=np.ones(3, np.float32),
        sweep=np.zeros(3, np.int16),
        row=rows,
    )
    rgb, _ = projected_colours(points, content, view)
    np.testing.assert_array_equal(rgb, colour_table(view.points.colour_map)[[255, 0, 127]])
