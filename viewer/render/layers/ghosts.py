"""Boxes as they were, dotted: what labels are compared with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from viewer.geometry.cuboids import EDGES
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Caption, Layer, Shown, Stage
from viewer.render.lines import CASING_PX, LABEL_WIDTH_PX, LineSet, Segments
from viewer.session.ghosts import GLYPHS, Became, ghost_rgb

DOT_PX = 4.0


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
        ghosts, ends = shown.ghosts, np.empty((0, 2, 3))
        rgb = np.zeros((0, 3), np.uint8)
        if ghosts is not None and shown.view.layers.cuboids:
            ends = (ghosts.cuboids.corners() - shown.origin)[:, EDGES].reshape(-1, 2, 3)
            colours = [ghost_rgb(each, dark=shown.view.dark) for each in ghosts.became]
            rgb = np.repeat(np.array(colours, np.uint8).reshape(-1, 3), len(EDGES), axis=0)
        plain = Segments.plain(
            ends.astype(np.float32), np.zeros(3, np.uint8), width_px=LABEL_WIDTH_PX,
            casing_px=CASING_PX,
        )  # fmt: skip
        dash = np.full(len(ends), DOT_PX, np.float32)
        self._lines.set(replace(plain, rgb=rgb, dash_px=dash))

    def captions(self, shown: Shown) -> Sequence[Caption]:
        """A glyph with the class over what was added or removed."""
        ghosts = shown.ghosts
        if ghosts is None or not shown.view.layers.captions or not shown.view.layers.cuboids:
            return ()
        found = []
        for row, became in enumerate(ghosts.became):
            if became is Became.CHANGED:
                continue
            x, y, z = (float(each) for each in ghosts.cuboids.center[row])
            top = z + float(ghosts.cuboids.size[row, 2]) / 2
            text = f"{GLYPHS[became]} {ghosts.class_names[row]}"
            rgb = ghost_rgb(became, dark=shown.view.dark)
            found.append(Caption((x, y, top), text, rgb, 1.0))
        return found

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)
