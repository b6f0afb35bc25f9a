"""What is usual for a class, drawn: a histogram with the values that checks start from."""

from html import escape
from typing import Final

import numpy as np

from viewer.checks.learned import Usual

WIDTH_PX: Final = 360
HEIGHT_PX: Final = 120
EDGE_PX: Final = 16
COLUMNS: Final = 60
INK: Final = "#3b82c4"
MARK: Final = "#d9822b"


def usual_chart(usual: Usual, title: str, marks: tuple[tuple[str, float], ...]) -> str:
    """Return a histogram over the values that occur, with named values marked.

    Examples
    --------
    >>> from viewer.checks.learned import SPEED_BINS
    >>> counts = np.zeros(SPEED_BINS.count, np.int64)
    >>> counts[10:20] = 3
    >>> svg = usual_chart(Usual(SPEED_BINS, counts), "car: speed", (("median", 1.5),))
    >>> "<rect" in svg, "median 1.5" in svg
    (True, True)
    """
    used = np.flatnonzero(usual.counts)
    opening = (
        f'<svg role="img" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" width="{WIDTH_PX}"'
        f' height="{HEIGHT_PX}"><title>{escape(title)}</title>'
    )
    if not len(used):
        return opening + "</svg>"
    low, high = max(int(used[0]) - 2, 0), min(int(used[-1]) + 3, usual.bins.count)
    edges = np.linspace(low, high, COLUMNS + 1)
    running = np.concatenate([[0], np.cumsum(usual.counts)])
    counts = np.diff(np.interp(edges, np.arange(len(running)), running))
    wide, tall = (WIDTH_PX - 2 * EDGE_PX) / COLUMNS, HEIGHT_PX - 44
    lines = [opening]
    for place, count in enumerate(counts.tolist()):
        height = tall * count / float(counts.max())
        lines.append(
            f'<rect x="{EDGE_PX + place * wide:.1f}" y="{22 + tall - height:.1f}"'
            f' width="{wide * 0.9:.1f}" height="{height:.1f}" fill="{INK}"/>'
        )
    for name, value in marks:
        middle = float(usual.bins.places(np.array([value]))[0]) + 0.5
        x = EDGE_PX + (middle - low) / (high - low) * (WIDTH_PX - 2 * EDGE_PX)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="18" y2="{22 + tall}" stroke="{MARK}"/>'
            f'<text x="{min(max(x, 40.0), WIDTH_PX - 40.0):.1f}" y="9" text-anchor="middle">'
            f"{escape(name)} {value:.3g}</text>"
        )
    for value, x, anchor in (
        (usual.bins.value_at(low), EDGE_PX, "start"),
        (usual.bins.value_at(high), WIDTH_PX - EDGE_PX, "end"),
    ):
        lines.append(
            f'<text x="{x}" y="{HEIGHT_PX - 10}" text-anchor="{anchor}">{value:.3g}</text>'
        )
    return "".join([*lines, "</svg>"])
