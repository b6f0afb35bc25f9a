"""What lies flat on the 3D picture: captions, legend, scale bar, axes, pointed mark."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.render.colour import PointColouring
from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Layer, Shown


class HeadsUp:
    """Composes one premultiplied BGRA picture as large as the canvas."""

    def picture(
        self,
        shown: Shown,
        eye: Eye,
        canvas: Canvas,
        layers: Sequence[Layer],
        colouring: PointColouring | None,
        pointed: npt.NDArray[np.float64] | None,
    ) -> npt.NDArray[np.uint8] | None:
        """(H, W, 4), top row first; None when there is nothing to say."""
        return None
