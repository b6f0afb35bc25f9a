"""Measured lines with their texts."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Caption, Layer, Rgb, Shown, Stage
from viewer.render.lines import CASING_PX, LineSet, Segments

_RGB: Rgb = (224, 168, 60)


class MeasurementsLayer(Layer):
    """Lines drawn before everything else, so that both ends are seen."""

    name: ClassVar[str] = "measurements"
    title: ClassVar[str] = "Measurements"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "measurements"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        self._lines.set_drawing(xray=True, pull=0.0, casing_depth=2e-5)
        stage.add(stage.lines, self._lines.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw the lines anew."""
        ends = np.array([(m.start, m.end) for m in shown.measurements]).reshape(-1, 2, 3)
        self._lines.set(
            Segments.plain(
                (ends - shown.origin).astype(np.float32),
                np.array(_RGB, np.uint8),
                width_px=2.0,
                casing_px=CASING_PX,
            )
        )

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)

    def captions(self, shown: Shown) -> Sequence[Caption]:
        """Each text in the middle of its line."""
        found = []
        for measured in shown.measurements:
            x, y, z = (float(v) for v in np.mean([measured.start, measured.end], axis=0))
            found.append(Caption((x, y, z), measured.text, _RGB, 3.0))
        return found
