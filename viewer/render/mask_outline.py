"""Where the pixels of a mask end: its outline as lines, its extent, what lies inside."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from viewer.render.rasterizer import Polylines
from viewer.scene.masks import RunLengths

Floats = npt.NDArray[np.float64]


class MaskArea:
    """A mask on the image as it is shown.

    Parameters
    ----------
    runs
        The mask.
    scale
        Pixels of the stored image for one of the mask, across and down.
    to_shown
        Leads (N, 2) pixels of the stored image to those of the shown one.
    """

    def __init__(
        self,
        runs: RunLengths,
        scale: tuple[float, float] = (1.0, 1.0),
        to_shown: Callable[[Floats], Floats] | None = None,
    ) -> None:
        self._runs, self._scale, self._to_shown = runs, scale, to_shown

    @cached_property
    def bounds_px(self) -> Floats | None:
        """(4,) left, top, right, bottom of what is inside; None where nothing is."""
        if self._to_shown is not None:
            ends = self.segments.reshape(-1, 2)
            ends = ends[np.isfinite(ends).all(axis=1)]
            return np.concatenate([ends.min(axis=0), ends.max(axis=0)]) if len(ends) else None
        found = bounds(self._runs)
        if found is None:
            return None
        left, top, right, bottom = found
        corners = np.array([[left, top], [right + 1, bottom + 1]], np.float64)
        return (corners * self._scale - 0.5).ravel()

    @cached_property
    def segments(self) -> Floats:
        """(S, 4) edges between pixels inside and outside."""
        edges = outline(self._runs).reshape(-1, 2) * self._scale - 0.5
        if self._to_shown is not None:
            edges = self._to_shown(edges)
        return np.asarray(edges, np.float64).reshape(-1, 4)

    @cached_property
    def lines(self) -> Polylines:
        """The edges as lines that are never dashed."""
        seen = self.segments[np.isfinite(self.segments).all(axis=1)]
        return Polylines(seen, np.zeros((len(seen), 2)))

    def contains(self, u: float, v: float) -> bool:
        """Whether a pixel lies inside, by counting crossings of the edges."""
        box = self.bounds_px
        if box is None or not (box[0] <= u <= box[2] and box[1] <= v <= box[3]):
            return False
        return encloses(self.segments, u, v)


def encloses(segments: Floats, u: float, v: float) -> bool:
    """Whether closed lines (S, 4), in any order, go around a pixel; holes are outside."""
    x0, y0, x1, y1 = segments.T
    crosses = (y0 > v) != (y1 > v)
    x0, y0, x1, y1 = x0[crosses], y0[crosses], x1[crosses], y1[crosses]
    at_x = x0 + (v - y0) * (x1 - x0) / (y1 - y0)
    return bool((at_x > u).sum() % 2)


def bounds(runs: RunLengths) -> tuple[int, int, int, int] | None:
    """First column, first row, last column, last row of what is inside; None where nothing is."""
    ends = np.cumsum(runs.lengths)
    starts, lasts = ends[:-1:2], ends[1::2] - 1
    kept = lasts >= starts
    starts, lasts = starts[kept], lasts[kept]
    if not len(starts):
        return None
    width = runs.width_px
    top, bottom = int(starts[0]) // width, int(lasts[-1]) // width
    wrapped = (starts // width != lasts // width).any()
    left = 0 if wrapped else int((starts % width).min())
    right = width - 1 if wrapped else int((lasts % width).max())
    return left, top, right, bottom


def outline(runs: RunLengths) -> Floats:
    """(S, 4) edges between pixels inside and outside, from corner to corner of pixels.

    Corner (0, 0) is the top left of the first pixel. Edges along a row or column are one line.
    """
    found = bounds(runs)
    if found is None:
        return np.empty((0, 4))
    left, top, right, bottom = found
    rows = _decoded_rows(runs, top, bottom)[:, left : right + 1]
    framed = np.pad(rows, 1)
    across = _joined(framed[1:] != framed[:-1])
    down = _joined((framed[:, 1:] != framed[:, :-1]).T)
    # A change between the framed rows i and i + 1 lies on the corner line i of the rows.
    lines_across = np.column_stack([across[:, 1] - 1, across[:, 0], across[:, 2] - 1, across[:, 0]])
    lines_down = np.column_stack([down[:, 0], down[:, 1] - 1, down[:, 0], down[:, 2] - 1])
    edges = np.concatenate([lines_across, lines_down]).astype(np.float64)
    return edges + np.array([left, top, left, top], np.float64)


def _decoded_rows(runs: RunLengths, top: int, bottom: int) -> npt.NDArray[np.bool_]:
    """(H, W) of the rows from `top` to `bottom`, without the rest of the image."""
    width = runs.width_px
    first, last = top * width, (bottom + 1) * width
    ends = np.clip(np.cumsum(runs.lengths), first, last) - first
    lengths = np.diff(ends, prepend=0)
    inside = np.arange(len(lengths)) % 2 == 1
    filled = np.repeat(inside, lengths)
    rest = np.zeros(last - first - len(filled), bool)
    return np.concatenate([filled, rest]).reshape(-1, width)


def _joined(changes: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """(S, 3) row, first column and column after the last of each stretch of True."""
    framed = np.pad(changes, ((0, 0), (1, 1)))
    steps = framed[:, 1:] != framed[:, :-1]
    # Each row begins and ends outside, so begins and ends of stretches take turns.
    places = np.flatnonzero(steps)
    row, first = np.divmod(places[::2], steps.shape[1])
    return np.column_stack([row, first, places[1::2] - row * steps.shape[1]])
