"""Outlines of a mask: rings along the edges of its pixels."""

import numpy as np
import numpy.typing as npt

from viewer.scene.masks import RunLengths

Floats = npt.NDArray[np.float64]
_RIGHT, _DOWN, _LEFT, _UP = range(4)


def mask_rings(runs: RunLengths) -> tuple[list[Floats], int]:
    """Return the outer rings of a mask and the count of its holes, which are left out.

    A ring goes along pixel edges and has a vertex at each turn: pixel (x, y) covers x to x + 1 and
    y to y + 1. Pixels that touch at a corner only belong to two rings.

    Examples
    --------
    >>> rings, holes = mask_rings(RunLengths.of(np.array([[False, True], [False, True]])))
    >>> [ring.tolist() for ring in rings], holes
    ([[[1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 2.0]]], 0)
    """
    after = _edges(runs.decoded())
    rings: list[Floats] = []
    holes = 0
    for start in list(after):
        while start in after:
            ring = _ring(after, start)
            x, y = ring.T
            # Edges keep the mask on their right, so rings of holes run the other way round.
            if np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)) > 0:
                rings.append(ring)
            else:
                holes += 1
    return rings, holes


def _edges(mask: npt.NDArray[np.bool_]) -> dict[tuple[int, int], list[int]]:
    """Directions of the edges that begin at each corner, row by row."""
    wide = np.pad(mask, 1)
    inside = wide[1:-1, 1:-1]
    after: dict[tuple[int, int], list[int]] = {}
    sides = (
        (_RIGHT, ~wide[:-2, 1:-1], 0, 0),
        (_DOWN, ~wide[1:-1, 2:], 1, 0),
        (_LEFT, ~wide[2:, 1:-1], 1, 1),
        (_UP, ~wide[1:-1, :-2], 0, 1),
    )
    for direction, outside, right, down in sides:
        rows, columns = np.nonzero(inside & outside)
        for y, x in zip((rows + down).tolist(), (columns + right).tolist(), strict=True):
            after.setdefault((y, x), []).append(direction)
    return after


def _ring(after: dict[tuple[int, int], list[int]], start: tuple[int, int]) -> Floats:
    """Follow edges from a corner until the ring closes, and take them away."""
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
    at = start
    first = direction = after[start][0]
    vertices = [start]
    while True:
        _take(after, at, direction)
        at = (at[0] + steps[direction][0], at[1] + steps[direction][1])
        choices = [*after.get(at, ()), *([first] if at == start else ())]
        # Right before straight on before left keeps pixels that touch at a corner apart.
        following = next(
            turned for turn in (1, 0, 3) if (turned := (direction + turn) % 4) in choices
        )
        if at == start and following == first:
            break
        if following != direction:
            vertices.append(at)
        direction = following
    if direction == first:
        vertices = vertices[1:]
    return np.array(vertices, dtype=np.float64)[:, ::-1].copy()


def _take(after: dict[tuple[int, int], list[int]], at: tuple[int, int], direction: int) -> None:
    after[at].remove(direction)
    if not after[at]:
        del after[at]
