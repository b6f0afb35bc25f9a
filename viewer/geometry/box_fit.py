"""How points lie in and around boxes: how many, how far out, and how many just outside."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.box_fit_kernels import measure
from viewer.geometry.containment import as_points, prepared_boxes, usable_boxes
from viewer.geometry.cuboids import Cuboids

Array = npt.NDArray[np.float64]
SIDES: Final = ("rear", "front", "right", "left", "bottom", "top")
"""Order of the columns that stand for faces, as in `cuboids.FACES`."""


@dataclass(frozen=True, eq=False, slots=True)
class BoxFit:
    """N boxes beside the points of one cloud; lengths in the axes of each box, metres."""

    counts: npt.NDArray[np.int64]
    """(N,) points inside, faces included."""
    low_m: Array
    """(N, 3) least coordinate of the points inside, from the centre; NaN where there are none."""
    high_m: Array
    """(N, 3) greatest."""
    outside: npt.NDArray[np.int64]
    """(N, 6) points that lie beyond one face only, by not more than the margin; see `SIDES`."""
    standing: npt.NDArray[np.int64]
    """(N,) points inside that are higher than the floor."""

    def slack_m(self, size_m: Array) -> Array:
        """(N, 6) empty space between each face and the outermost point inside."""
        half = size_m / 2
        rear, front = self.low_m + half, half - self.high_m
        return np.stack([rear, front], axis=2).reshape(len(size_m), 6)

    @classmethod
    def empty(cls, count: int) -> "BoxFit":
        """Boxes without points."""
        nothing = np.full((count, 3), np.nan)
        zeros = np.zeros(count, np.int64)
        return cls(zeros, nothing, nothing.copy(), np.zeros((count, 6), np.int64), zeros.copy())

    def joined(self, other: "BoxFit") -> "BoxFit":
        """The same boxes beside the points of both clouds."""
        return BoxFit(
            self.counts + other.counts, np.fmin(self.low_m, other.low_m),
            np.fmax(self.high_m, other.high_m), self.outside + other.outside,
            self.standing + other.standing,
        )  # fmt: skip


def fit_boxes(
    points: npt.NDArray[np.floating[Any]], boxes: Cuboids, margin_m: float, floor_m: float | Array
) -> BoxFit:
    """Measure N boxes against (M, 3) finite points in their coord frame.

    Parameters
    ----------
    margin_m
        How far outside of a face points still count as outside of it.
    floor_m
        Of all boxes, or (N,) of each. Points lower than this above a box's bottom are the ground's
        as much as the object's: they tell its count and height, not how far out it reaches to the
        sides.

    Examples
    --------
    A box of 2 m with a point in the middle, one near its front, and one 0.1 m before it:

    >>> box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    >>> points = np.array([[0.0, 0, 0], [0.9, 0.2, 0.1], [1.1, 0, 0]])
    >>> fit = fit_boxes(points, box, margin_m=0.3, floor_m=0.2)
    >>> int(fit.counts[0]), fit.outside[0].tolist()
    (2, [0, 1, 0, 0, 0, 0])
    >>> fit.slack_m(box.size)[0].round(3).tolist()
    [1.0, 0.1, 1.0, 0.8, 1.0, 0.9]
    """
    fit = BoxFit.empty(len(boxes))
    rows = usable_boxes(boxes.center, boxes.size)
    if not len(rows) or not len(points):
        return fit
    floors = np.broadcast_to(np.asarray(floor_m, dtype=np.float64), (len(boxes),))[rows]
    size = boxes.size[rows]
    matrices = boxes.rotation_matrices()[rows]
    grown, grid = prepared_boxes(boxes.center[rows], size + 2 * margin_m, matrices)
    counts, low, high, outside, standing = measure(
        as_points(points), grown[0], size / 2, matrices, margin_m, floors, *grid
    )
    fit.counts[rows], fit.outside[rows], fit.standing[rows] = counts, outside, standing
    fit.low_m[rows] = np.where(np.isinf(low), np.nan, low)
    fit.high_m[rows] = np.where(np.isinf(high), np.nan, high)
    return fit
