"""What a finding lights up: the way of its track as a thin line, points as crosses."""

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Shown, Stage
from viewer.render.lines import CASING_PX, LineSet, Segments
from viewer.session.findings_lit import LitEvidence
from viewer.session.ghosts import Became, ghost_rgb

TRAIL_PX, MARK_PX = 1.2, 2.0
KNOT_M, CROSS_M = 0.15, 0.06
"""Half the length of the marks on the way, and of the crosses on points."""
MOST_POINTS = 4_000
_AXES = np.eye(3)


class EvidenceLayer(Layer):
    """It cannot be picked: it is no label of the frame."""

    name: ClassVar[str] = "evidence"
    title: ClassVar[str] = "Evidence of a finding"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "evidence", "layers"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._trail, self._marks = LineSet(), LineSet()
        for each in (self._trail, self._marks):
            each.set_drawing(xray=True, pull=0.0, casing_depth=2e-5)
            stage.add(stage.lines, each.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw the way and the points anew."""
        lit = shown.lit or LitEvidence()
        rgb = np.array(ghost_rgb(Became.OTHER, dark=shown.view.dark), np.uint8)
        trail = _finite(lit.trail_m) - shown.origin
        steps = np.stack([trail[:-1], trail[1:]], axis=1) if len(trail) > 1 else _NONE
        points = _finite(lit.points_m)[:MOST_POINTS] - shown.origin
        marks = np.concatenate([_crosses(trail, KNOT_M), _crosses(points, CROSS_M)])
        self._trail.set(_segments(steps, rgb, TRAIL_PX))
        self._marks.set(_segments(marks, rgb, MARK_PX))

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        for each in (self._trail, self._marks):
            each.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)


_NONE = np.empty((0, 2, 3))


def _finite(points: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
    if points is None:
        return np.empty((0, 3))
    points = np.asarray(points, np.float64).reshape(-1, 3)
    return points[np.isfinite(points).all(axis=1)]


def _crosses(points: npt.NDArray[np.float64], half_m: float) -> npt.NDArray[np.float64]:
    """(3 N, 2, 3) ends of three short lines through each point."""
    middle = points[:, None, None, :]
    ends = np.stack([-_AXES, _AXES], axis=1)[None] * half_m
    return (middle + ends).reshape(-1, 2, 3)


def _segments(
    ends: npt.NDArray[np.float64], rgb: npt.NDArray[np.uint8], width_px: float
) -> Segments:
    return Segments.plain(ends.astype(np.float32), rgb, width_px=width_px, casing_px=CASING_PX)
