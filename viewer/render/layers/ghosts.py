"""Boxes as they were, dotted: what labels are compared with."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from viewer.geometry.cuboids import EDGES
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Rgb, Shown, Stage
from viewer.render.lines import CASING_PX, LABEL_WIDTH_PX, LineSet, Segments

DOT_PX = 4.0
_ON_DARK: Rgb = (230, 232, 235)
_ON_LIGHT: Rgb = (22, 24, 28)


class GhostsLayer(Layer):
    """They cannot be picked: they are no labels of the frame."""

    name: ClassVar[str] = "ghosts"
    title: ClassVar[str] = "Compared boxes"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "ghosts", "layers"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        self._lines.set_drawing(xray=True, pull=0.0, casing_depth=2e-5)
        stage.add(stage.lines, self._lines.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw their edges anew."""
        ends = np.empty((0, 2, 3))
        if shown.ghosts is not None and shown.view.layers.cuboids:
            ends = (shown.ghosts.corners() - shown.origin)[:, EDGES].reshape(-1, 2, 3)
        rgb = np.array(_ON_DARK if shown.view.dark else _ON_LIGHT, np.uint8)
        plain = Segments.plain(
            ends.astype(np.float32), rgb, width_px=LABEL_WIDTH_PX, casing_px=CASING_PX
        )
        self._lines.set(replace(plain, dash_px=np.full(len(ends), DOT_PX, np.float32)))

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)
