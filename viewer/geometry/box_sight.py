"""What the rays of a lidar tell of boxes: which pass through one, and which end before it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.box_sight_kernels import sort_rays, trace
from viewer.geometry.containment import as_points, usable_boxes
from viewer.geometry.cuboids import Cuboids

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class BoxSight:
    """N boxes beside the rays of one lidar; every ray that meets a box counts once for it."""

    passed: Counts
    """(N,) rays that cross the box and end beyond it: so much of it is empty space."""
    blocked: Counts
    """(N,) rays that end before they reach the box: so much of it is hidden."""
    ended: Counts
    """(N,) rays that end inside."""

    @classmethod
    def empty(cls, count: int) -> "BoxSight":
        """Boxes that no ray meets."""
        return cls(*(np.zeros(count, np.int64) for _ in range(3)))

    def joined(self, other: "BoxSight") -> "BoxSight":
        """The same boxes beside the rays of both lidars."""
        return BoxSight(
            self.passed + other.passed, self.blocked + other.blocked, self.ended + other.ended
        )


def trace_boxes(
    points: npt.NDArray[np.floating[Any]], origin: npt.NDArray[np.float64], boxes: Cuboids
) -> BoxSight:
    """Follow the ray from the lidar to each point through N boxes.

    Parameters
    ----------
    points
        (M, 3) finite, in the coord frame of the boxes.
    origin
        (3,) where the lidar was.

    Examples
    --------
    A wall at 20 m behind a box at 10 m, and a post at 5 m before another:

    >>> boxes = Cuboids(
    ...     np.array([[10.0, 0, 0], [0, 10.0, 0]]), np.full((2, 3), 2.0),
    ...     np.tile([1.0, 0, 0, 0], (2, 1)), "ego",
    ... )
    >>> sight = trace_boxes(np.array([[20.0, 0.5, 0], [0.2, 5.0, 0]]), np.zeros(3), boxes)
    >>> sight.passed.tolist(), sight.blocked.tolist()
    ([1, 0], [0, 1])
    """
    sight = BoxSight.empty(len(boxes))
    rows = usable_boxes(boxes.center, boxes.size)
    if not len(rows) or not len(points):
        return sight
    rays, starts = sort_rays(as_points(points), np.asarray(origin, dtype=np.float64))
    passed, blocked, ended = trace(
        rays, starts, boxes.center[rows] - origin, boxes.size[rows] / 2,
        boxes.rotation_matrices()[rows],
    )  # fmt: skip
    sight.passed[rows], sight.blocked[rows], sight.ended[rows] = passed, blocked, ended
    return sight
