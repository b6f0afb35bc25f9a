"""Ground grid: metres on the ground, fading with distance."""

import math
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Shown, Stage
from viewer.render.lines import LineSet, Segments

_CELLS = 12
"""Cells on either side of the middle."""
_DARK_RGB = (120, 130, 145)
_LIGHT_RGB = (110, 118, 130)
_OPACITY = 0.3


class GridLayer(Layer):
    """Lines of the world's axes, so that the vehicle moves over a ground that stays."""

    name: ClassVar[str] = "grid"
    title: ClassVar[str] = "Ground grid"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "layers"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        stage.add(stage.lines, self._lines.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Lay the grid around the scene."""
        if not shown.view.layers.grid:
            self._lines.actor.SetVisibility(False)
            return
        extent = shown.extent
        cell_m = grid_cell_m(extent.radius_m)
        ends, opacity = grid_segments(np.array(extent.center[:2]), extent.ground_m, cell_m)
        rgb = np.array(_DARK_RGB if shown.view.dark else _LIGHT_RGB, np.uint8)
        offset = (ends - shown.origin).astype(np.float32)
        self._lines.set(Segments.plain(offset, rgb, opacity=opacity, width_px=1.0))

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)


def grid_cell_m(radius_m: float) -> float:
    """Power of ten metres, or a half of it, so that some ten cells cover the scene."""
    power = 10.0 ** math.floor(math.log10(max(radius_m, 1e-3) / 2.0))
    return power * (5.0 if radius_m / 2.0 >= 5.0 * power else 1.0)


def grid_segments(
    middle: npt.NDArray[np.float64], ground_m: float, cell_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    """(S, 2, 3) a segment for each side of a cell on round world numbers; (S, 2) opacities."""
    first = np.round(middle / cell_m) - _CELLS
    steps = np.arange(2 * _CELLS + 1)
    lines, ticks = np.meshgrid(steps, steps[:-1], indexing="ij")
    across, along = lines.ravel(), ticks.ravel()
    ends = np.empty((2, len(across), 2, 3))
    for axis in range(2):
        other = 1 - axis
        ends[axis, :, :, axis] = ((along[:, None] + [0, 1]) + first[axis]) * cell_m
        ends[axis, :, :, other] = ((across + first[other]) * cell_m)[:, None]
    ends[..., 2] = ground_m
    flat = ends.reshape(-1, 2, 3)
    away = np.linalg.norm(flat[:, :, :2] - middle, axis=2) / (_CELLS * cell_m)
    fade = np.clip(1.0 - away, 0.0, 1.0) ** 1.5
    seen = fade.max(axis=1) > 0.01
    return flat[seen], (_OPACITY * fade[seen]).astype(np.float32)
