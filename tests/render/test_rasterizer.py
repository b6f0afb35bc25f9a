"""Line, fill and point kernels against brute-force supersampling."""

import numpy as np
import pytest

from viewer.render.rasterizer import (
    DrawingBuilder,
    Pen,
    Placement,
    Polylines,
    far_to_near,
    new_scratch,
    splat_points,
)

SUB = 16
ONE_TO_ONE = Placement(1.0, 0.0, 0.0)


def _subpixels(height, width):
    """(H, W, SUB*SUB, 2) sample positions of every pixel."""
    offset = (np.arange(SUB) + 0.5) / SUB - 0.5
    ox, oy = np.meshgrid(offset, offset)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack(
        [x[..., None] + ox.ravel(), y[..., None] + oy.ravel()], axis=-1, dtype=np.float64
    )


def _distance(samples, a, b):
    direction = b - a
    t = np.clip((samples - a) @ direction / (direction @ direction), 0, 1)
    return np.linalg.norm(samples - a - t[..., None] * direction, axis=-1)


def _polyline(points):
    points = np.asarray(points, dtype=np.float64)
    lines, _ = Polylines.from_curves(points, np.array([0, len(points)]))
    return lines


def _draw(points, pen, size=(40, 50), background=(0, 0, 0, 0)):
    buffer = np.empty((*size, 4), dtype=np.uint8)
    buffer[:] = background
    scratch = new_scratch(buffer)
    builder = DrawingBuilder()
    builder.stroke(builder.add_lines(_polyline(points)), pen)
    clip = (0, 0, size[1], size[0])
    builder.build().draw(buffer, ONE_TO_ONE, clip, scratch=scratch)
    assert not scratch.any()
    return buffer


@pytest.mark.parametrize("width_px", [1.0, 1.5, 2.5, 6.0])
def test_polyline_coverage_equals_supersampling(width_px):
    rng = np.random.default_rng(3)
    samples = _subpixels(40, 50)
    errors, total = [], []
    for _ in range(12):
        points = rng.uniform((4, 4), (45, 35), size=(4, 2))
        drawn = _draw(points, Pen((255, 255, 255), width_px))[:, :, 3] / 255
        near = np.min([_distance(samples, *points[i : i + 2]) for i in range(3)], axis=0)
        truth = (near <= width_px / 2).mean(axis=-1)
        errors.append(np.abs(drawn - truth)[truth > 0])
        total.append(drawn.sum() / truth.sum())
    # the rest lies where two strokes meet or cross: coverage is the larger of the two, not the sum
    assert np.percentile(np.concatenate(errors), 95) < 0.1
    assert np.allclose(total, 1.0, atol=0.05)


def test_axis_aligned_line_is_exact():
    buffer = _draw([(5, 10.25), (30, 10.25)], Pen((255, 255, 255), 1.5))
    # the line covers y from 9.5 to 11.0: pixel row 10 (9.5..10.5) whole, row 11 half
    assert buffer[8:13, 15, 3].tolist() == [0, 0, 255, 128, 0]


def test_translucent_polyline_has_no_beads_at_its_joints():
    straight = np.column_stack([np.linspace(5, 45, 30), np.full(30, 20.0)])
    buffer = _draw(straight, Pen((200, 100, 50), 3.0, alpha=0.4), background=(0, 0, 0, 255))
    row = buffer[20, 8:42]
    assert (row == row[0]).all()
    assert row[0].tolist() == [20, 40, 80, 255]


def test_dashes_start_and_end_drawn_and_keep_their_share():
    buffer = _draw([(5, 20), (45, 20)], Pen((255, 255, 255), 3.0, dash_px=(6.0, 4.0)))
    row = buffer[20, :, 3]
    on = row[5:46] > 127
    assert on[:4].all()
    assert on[-4:].all()
    gaps = np.flatnonzero(np.diff(on.astype(int)) == -1)
    assert len(gaps) == 3  # 6 4 6 4 6 4 6 is 36, stretched to 40
    assert abs(on.mean() - 24 / 36) < 0.06


def test_dashes_do_not_depend_on_subdivision():
    pen = Pen((255, 255, 255), 2.0, dash_px=(5.0, 3.0))
    coarse = _draw([(4, 6), (44, 33)], pen)
    fine = _draw(np.linspace((4, 6), (44, 33), 25), pen)
    assert np.abs(coarse.astype(int) - fine).max() <= 2


def test_opaque_picture_stays_opaque_and_is_blended():
    buffer = _draw([(5, 10), (30, 10)], Pen((10, 20, 30), 1.0), background=(90, 80, 70, 255))
    assert (buffer[:, :, 3] == 255).all()
    assert buffer[10, 15].tolist() == [30, 20, 10, 255]
    assert buffer[30, 40].tolist() == [90, 80, 70, 255]


def test_nothing_is_drawn_outside_the_clip_rectangle():
    buffer = np.zeros((30, 30, 4), dtype=np.uint8)
    lines = _polyline([(-1e7, 15), (1e7, 15.5), (15, -1e6)])
    clip = (4, 6, 20, 25)
    builder = DrawingBuilder()
    builder.stroke(builder.add_lines(lines), Pen((9, 9, 9), 5.0))
    builder.fill(np.array([(-50.0, -50.0), (90.0, -50.0), (20.0, 90.0)]), (1, 2, 3), 1.0)
    builder.build().draw(buffer, ONE_TO_ONE, clip)
    inside = buffer[6:25, 4:20, 3].copy()
    buffer[6:25, 4:20] = 0
    assert inside.any()
    assert not buffer.any()


def _fill(buffer, polygon):
    builder = DrawingBuilder()
    builder.fill(polygon, (255, 255, 255), 1.0)
    builder.build().draw(buffer, ONE_TO_ONE, (0, 0, buffer.shape[1], buffer.shape[0]))


def test_fill_equals_supersampling():
    triangle = np.array([(6.3, 5.1), (40.7, 12.2), (18.4, 34.9)])
    buffer = np.zeros((40, 50, 4), dtype=np.uint8)
    _fill(buffer, triangle)
    samples = _subpixels(40, 50)
    sides = []
    for i in range(3):
        a, b = triangle[i], triangle[(i + 1) % 3]
        d = samples - a
        sides.append((b - a)[0] * d[..., 1] - (b - a)[1] * d[..., 0] >= 0)
    truth = np.all(sides, axis=0).mean(axis=-1)
    drawn = buffer[:, :, 3] / 255
    errors = np.abs(drawn - truth)[(truth > 0) & (truth < 1)]
    assert np.percentile(errors, 95) < 0.1  # the sharp tips are a little heavier
    assert abs(drawn.sum() / truth.sum() - 1) < 0.01
    mirrored = np.zeros_like(buffer)
    _fill(mirrored, triangle[::-1])
    assert np.array_equal(mirrored, buffer)


def test_points_lie_where_the_placement_says_and_the_last_is_on_top():
    buffer = np.zeros((20, 20, 4), dtype=np.uint8)
    xy = np.array([(4.0, 3.0), (4.0, 3.0), (-90.0, np.nan)], dtype=np.float32)
    rgb = np.array([(255, 0, 0), (0, 255, 0), (9, 9, 9)], dtype=np.uint8)
    placement = Placement(2.0, 1.0, 0.0)
    splat_points(buffer, xy[::-1].copy(), rgb[::-1].copy(), placement, 1.5, 1.0, (0, 0, 20, 20))
    weight = buffer[:, :, 3] / 255
    rows, columns = np.mgrid[0:20, 0:20]
    centre = (weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()
    # pixel (4, 3): edge 1 + 4.5 * 2 from the left is a position of 10.0, centre index 9.5
    assert centre == pytest.approx((9.5, 6.5), abs=0.01)
    assert buffer[6, 9].tolist() == [0, 0, 255, 255]


def test_placement_turns_back():
    placement = Placement.fit((1242, 375), (640, 400))
    corners = placement.to_buffer([(-0.5, -0.5), (1241.5, 374.5)])
    assert corners[0] == pytest.approx((-0.5, (400 - 375 * 640 / 1242) / 2 - 0.5))
    assert corners[1][0] == pytest.approx(639.5)
    assert placement.to_image(corners) == pytest.approx(np.array([(-0.5, -0.5), (1241.5, 374.5)]))


def test_far_to_near_sorts_by_depth():
    depth = np.random.default_rng(0).uniform(0.5, 200, 5000).astype(np.float32)
    order = far_to_near(depth)
    assert sorted(order.tolist()) == list(range(5000))
    ranked = depth[order]
    assert (ranked[1:] <= ranked[:-1] * (1 + 2e-3)).all()
    assert far_to_near(np.array([3, np.nan, -1, 5], dtype=np.float32)).tolist()[2:] == [3, 0]
