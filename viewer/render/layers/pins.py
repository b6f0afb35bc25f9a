"""Pins of issues in 3D: a stem on the place, a diamond on top, the issue's title."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Caption, Layer, Shown, Stage
from viewer.render.lines import CASING_PX, LABEL_WIDTH_PX, LineSet, Segments
from viewer.session.pins import PIN_RGB

STEM_M = 1.2
HEAD_M = 0.2
"""Half of the diamond's diagonals."""
_AROUND = ((0, 1), (1, 2), (2, 3), (3, 0))
_HEAD_EDGES = (*_AROUND, *((i, 4) for i in range(4)), *((i, 5) for i in range(4)))


class PinsLayer(Layer):
    """They cannot be picked: they are no labels of the frame."""

    name: ClassVar[str] = "pins"
    title: ClassVar[str] = "Pins of issues"
    reads: ClassVar[frozenset[str]] = frozenset({"frame", "pins"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._lines = LineSet()
        self._lines.set_drawing(xray=True, pull=0.0, casing_depth=2e-5)
        stage.add(stage.lines, self._lines.actor)

    def update(self, shown: Shown, changed: frozenset[str]) -> None:
        """Draw stems and diamonds anew."""
        ends = [np.empty((0, 2, 3))]
        ends += [_pin(np.array(pin.position) - shown.origin) for pin in shown.pins if pin.position]
        self._lines.set(
            Segments.plain(
                np.concatenate(ends).astype(np.float32), np.array(PIN_RGB, np.uint8),
                width_px=LABEL_WIDTH_PX, casing_px=CASING_PX,
            )
        )  # fmt: skip

    def captions(self, shown: Shown) -> Sequence[Caption]:
        """The issue's title over each pin."""
        return [
            Caption((x, y, z + STEM_M + 2 * HEAD_M), pin.text, PIN_RGB, 1.2)
            for pin in shown.pins
            if pin.position is not None
            for x, y, z in (pin.position,)
        ]

    def eye_moved(self, eye: Eye, shown: Shown, canvas: Canvas) -> None:
        """Keep the width of lines."""
        self._lines.set_viewport(canvas.width_px, canvas.height_px, canvas.pixel_ratio)


def _pin(place: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(13, 2, 3) ends of the lines of a pin."""
    middle = place + np.array([0.0, 0.0, STEM_M + HEAD_M])
    around = [(HEAD_M, 0, 0), (0, HEAD_M, 0), (-HEAD_M, 0, 0), (0, -HEAD_M, 0)]
    corners = middle + np.array([*around, (0, 0, HEAD_M), (0, 0, -HEAD_M)])
    return np.concatenate([[[place, corners[5]]], corners[np.array(_HEAD_EDGES)]])
