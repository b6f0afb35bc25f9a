"""How projected labels look: which pens draw them, in which order."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.render.overlay_labels import ProjectedLabel
from viewer.render.rasterizer import DrawingBuilder, Pen, Polylines, Rgb

CASING_RGB: Rgb = (8, 10, 13)
HALO_RGB: Rgb = (255, 255, 255)
WIDTH_PX = 1.5
SELECTED_WIDTH_PX = 2.5
HIDDEN_WIDTH_PX = 1.0
DOT_PX = 6.0
HIDDEN_ALPHA = 0.4
CASING_PX = 1.0
CASING_ALPHA = 0.6
DASH_PX = (6.0, 4.0)
DOTS_PX = (2.0, 4.5)
_HOVER_HALO = Pen(HALO_RGB, 6.0, alpha=0.4)
_SELECTION_HALO = Pen(HALO_RGB, 9.0, alpha=0.45)
_ARROW_ALPHA = 0.9
_ARROW_BEHIND_ALPHA = 0.4
_ARROW_PREDICTED = 0.6
_ARROW_SHADES = (1.0, 0.86, 0.62, 0.74)
"""Brightness of the four sides of an arrow, so that it reads as solid."""
_SMALLEST_ARROW_PX = 2.0


def add_labels(
    builder: DrawingBuilder,
    labels: Sequence[ProjectedLabel],
    *,
    selected: int | None,
    hovered: int | None,
) -> None:
    """Draw labels in the given order, farthest first; the hovered and the selected come last.

    All that one label consists of, e.g. a 2D box and a mask, is marked together.
    """
    chosen, previewed = _parts(labels, selected), _parts(labels, hovered)
    last = dict.fromkeys([*previewed, *chosen])
    for place in [*(i for i in range(len(labels)) if i not in last), *last]:
        _draw_label(builder, labels[place], selected=place in chosen, hovered=place in previewed)


def _parts(labels: Sequence[ProjectedLabel], place: int | None) -> dict[int, None]:
    """Places of what belongs to the label at a place, itself last."""
    if place is None:
        return {}
    key = labels[place].key
    others = (i for i, label in enumerate(labels) if label.key == key and i != place)
    return dict.fromkeys([*others, place])


def _draw_label(
    builder: DrawingBuilder, label: ProjectedLabel, *, selected: bool, hovered: bool
) -> None:
    visible = builder.add_lines(label.visible)
    hidden = builder.add_lines(label.hidden)
    dash = DASH_PX if label.is_prediction or label.is_interpolated else None
    if label.is_mark:
        dash = DOTS_PX
    if selected or hovered:
        halo = _SELECTION_HALO if selected else _HOVER_HALO
        builder.stroke(visible, halo)
        if label.area is not None:
            outline = builder.add_lines(label.area.lines)
            builder.stroke(outline, halo)
            cased(builder, outline, label.rgb, SELECTED_WIDTH_PX, 1.0, None)
    hidden_alpha = HIDDEN_ALPHA * (1.5 if selected else 1.0)
    cased(builder, hidden, label.rgb, HIDDEN_WIDTH_PX, hidden_alpha, dash)
    if not label.front_seen:
        _draw_arrow(builder, label)
    width = SELECTED_WIDTH_PX if selected else WIDTH_PX
    cased(builder, visible, label.rgb, width, 1.0, dash)
    if label.front_seen:
        _draw_arrow(builder, label)
    scale = 1.3 if selected else 1.0
    draw_dots(builder, label.dots, label.rgb, hollow=False, scale=scale)
    # Rings are keypoints that the object hides.
    draw_dots(builder, label.rings, label.rgb, hollow=True, scale=scale)


def draw_dots(
    builder: DrawingBuilder, dots: Polylines, rgb: Rgb, *, hollow: bool, scale: float = 1.0
) -> None:
    """Draw discs, or rings where they are hollow."""
    width_px = DOT_PX * scale
    if len(dots):
        rows = builder.add_lines(dots)
        builder.stroke(rows, Pen(CASING_RGB, width_px + 2 * CASING_PX, CASING_ALPHA))
        builder.stroke(rows, Pen(rgb, width_px))
        if hollow:
            builder.stroke(rows, Pen(CASING_RGB, 0.5 * width_px))


def cased(
    builder: DrawingBuilder,
    rows: tuple[int, int],
    rgb: Rgb,
    width_px: float,
    alpha: float,
    dash_px: tuple[float, float] | None,
) -> None:
    """Draw lines with their casing."""
    casing_width = width_px + 2 * CASING_PX
    builder.stroke(
        rows, Pen(CASING_RGB, casing_width, CASING_ALPHA * alpha, dash_px, grow_px=CASING_PX)
    )
    builder.stroke(rows, Pen(rgb, width_px, alpha, dash_px))


def _draw_arrow(builder: DrawingBuilder, label: ProjectedLabel) -> None:
    arrow = label.arrow_px
    if arrow is None or np.ptp(arrow, axis=0).max() < _SMALLEST_ARROW_PX:
        return
    alpha = _ARROW_ALPHA if label.front_seen else _ARROW_BEHIND_ALPHA
    if label.is_prediction:
        alpha *= _ARROW_PREDICTED
    hull = convex_hull(arrow)
    edge = np.vstack([hull, hull[:1]])
    rows = builder.add_lines(Polylines(np.hstack([edge[:-1], edge[1:]]), np.ones((len(hull), 2))))
    builder.stroke(rows, Pen(CASING_RGB, 2 * CASING_PX, CASING_ALPHA * alpha))
    builder.fill(hull, label.rgb, alpha)
    for side, shade in enumerate(_ARROW_SHADES):
        triangle = arrow[[side, (side + 1) % 4, 4]]
        if _faces_eye(triangle):
            red, green, blue = (int(part * shade) for part in label.rgb)
            builder.fill(triangle, (red, green, blue), alpha)


def _faces_eye(triangle: npt.NDArray[np.float64]) -> bool:
    """Sides wind counter-clockwise seen from outside, so clockwise turns on a y-down image."""
    (ax, ay), (bx, by) = triangle[1] - triangle[0], triangle[2] - triangle[0]
    return bool(ax * by - ay * bx < 0)


def convex_hull(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Corners (M, 2) of the convex hull of a few points, in order (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)

    def half(chain: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for x, y in chain:
            while len(kept) >= 2:
                (ox, oy), (px, py) = kept[-2:]
                if (px - ox) * (y - oy) - (py - oy) * (x - ox) > 0:
                    break
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))
