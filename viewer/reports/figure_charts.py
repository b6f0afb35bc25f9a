"""Charts of figures as SVG text: bars of a value each, and curves over limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from viewer.reports.charts import BAR_PX, GAP_PX, NAME_PX, NUMBER_PX, TRACK_PX

WIDTH_PX: Final = 420
HEIGHT_PX: Final = 250
EDGE_PX: Final = 40
RIGHT_PX: Final = 24
COLOURS: Final = (
    "#3b82c4", "#d9822b", "#3fb68b", "#c44e6a", "#8a63c9", "#a08a2c", "#2ba6b5", "#8d6e5a",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over the limits of a chart; NaN leaves a gap."""

    title: str
    values: Sequence[float]
    colour: str
    """CSS colour."""


def value_bars(values: Sequence[tuple[str, float]], title: str) -> str:
    """Return horizontal bars of values from 0; a value below it has no length.

    Examples
    --------
    >>> svg = value_bars([("car", 0.5), ("bus", 0.25)], "AP by class")
    >>> svg.count("<rect"), "0.2500" in svg
    (2, True)
    """
    longest = max((value for _, value in values), default=0.0)
    longest = max(longest, 1.0 if longest <= 1.0 else longest)
    height = len(values) * (BAR_PX + GAP_PX) + GAP_PX
    lines = [_opening(NAME_PX + TRACK_PX + NUMBER_PX, height, title)]
    for place, (name, value) in enumerate(values):
        top = GAP_PX + place * (BAR_PX + GAP_PX)
        wide = TRACK_PX * max(value, 0.0) / longest
        lines += [
            f'<text class="name" x="{NAME_PX - 8}" y="{top + BAR_PX / 2}" text-anchor="end">'
            f"{escape(name if len(name) <= 22 else name[:21] + '…')}</text>",
            f'<rect x="{NAME_PX}" y="{top}" width="{wide:.1f}" height="{BAR_PX}"'
            f' fill="{COLOURS[0]}"><title>{escape(name)}: {value:.4f}</title></rect>',
            f'<text x="{NAME_PX + wide + 6:.1f}" y="{top + BAR_PX / 2}">{value:.4f}</text>',
        ]
    return "".join([*lines, "</svg>"])


def curve_chart(curves: Sequence[Curve], limits: Sequence[float], title: str, axis: str) -> str:
    """Return curves between 0 and 1 over ascending limits, with both axes.

    Examples
    --------
    >>> svg = curve_chart([Curve("HOTA", [0.9, 0.5], "#000")], [0.1, 0.9], "HOTA", "similarity")
    >>> svg.count("<polyline"), "similarity" in svg
    (1, True)
    """
    low, high = limits[0], limits[-1]
    wide, tall = WIDTH_PX - EDGE_PX - RIGHT_PX, HEIGHT_PX - EDGE_PX - 12

    def across(limit: float) -> float:
        return EDGE_PX + wide * (limit - low) / ((high - low) or 1.0)

    def up(value: float) -> float:
        return 10 + tall * (1.0 - min(max(value, 0.0), 1.0))

    lines = [_opening(WIDTH_PX, HEIGHT_PX, title)]
    for step in (0.0, 0.25, 0.5, 0.75, 1.0):
        lines.append(
            f'<line x1="{EDGE_PX}" x2="{EDGE_PX + wide}" y1="{up(step):.1f}" y2="{up(step):.1f}"'
            f' stroke="currentColor" stroke-opacity="0.15"/>'
            f'<text x="{EDGE_PX - 6}" y="{up(step):.1f}" text-anchor="end">{step:g}</text>'
        )
    for place in sorted({0, len(limits) // 2, len(limits) - 1}):
        lines.append(
            f'<text x="{across(limits[place]):.1f}" y="{HEIGHT_PX - 26}" text-anchor="middle">'
            f"{limits[place]:g}</text>"
        )
    lines.append(
        f'<text x="{EDGE_PX + wide / 2}" y="{HEIGHT_PX - 8}" text-anchor="middle">'
        f"{escape(axis)}</text>"
    )
    for curve in curves:
        for part in _unbroken(curve.values):
            points = " ".join(
                f"{across(limits[row]):.1f},{up(curve.values[row]):.1f}" for row in part
            )
            lines.append(
                f'<polyline points="{points}" fill="none" stroke="{curve.colour}"'
                f' stroke-width="2"><title>{escape(curve.title)}</title></polyline>'
            )
    return "".join([*lines, "</svg>"])


def _opening(width: float, height: float, title: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<title>{escape(title)}</title>"
    )


def _unbroken(values: Sequence[float]) -> list[list[int]]:
    """Return runs of rows whose values are known."""
    runs: list[list[int]] = [[]]
    for row, value in enumerate(values):
        if math.isnan(value):
            runs.append([])
        else:
            runs[-1].append(row)
    return [run for run in runs if run]
