"""Runs every kernel of the image overlays once, so that the cache on disk holds them all."""

import numpy as np

from viewer.geometry.cameras import Fisheye
from viewer.render.image_rectify import rectify
from viewer.render.image_resample import draw_image
from viewer.render.image_tone import NEUTRAL, tone_table
from viewer.render.rasterizer import (
    DrawingBuilder,
    Pen,
    Placement,
    Polylines,
    far_to_near,
    splat_points,
)
from viewer.scene.images import Image


def compile_kernels() -> None:
    """Compile for images that may be written and for those that may not."""
    buffer = np.zeros((16, 16, 4), dtype=np.uint8)
    clip = (0, 0, 16, 16)
    builder = DrawingBuilder()
    rows = builder.add_lines(Polylines(np.array([[1.0, 1, 9, 9]]), np.array([[0.0, 11]])))
    builder.stroke(rows, Pen((1, 2, 3), 1.5))
    builder.fill(np.array([[1.0, 1], [9, 1], [5, 9]]), (1, 2, 3), 1.0)
    builder.build().draw(buffer, Placement(1.0, 0.0, 0.0), clip)
    order = far_to_near(np.ones(2, dtype=np.float32))
    xy, rgb = np.ones((2, 2), dtype=np.float32), np.ones((2, 3), dtype=np.uint8)
    splat_points(buffer, xy[order], rgb[order], Placement(1.0, 0.0, 0.0), 1.0, 1.0, clip)
    lens = Fisheye(8, 8, fx=4.0, fy=4.0)
    for writeable in (True, False):
        pixels = np.zeros((8, 8, 4), dtype=np.uint8)
        pixels.flags.writeable = writeable
        for scale in (0.5, 1.5):
            draw_image(buffer, pixels, 8, Placement(scale, 0.0, 0.0), (0, 0, 4, 4),
                       tone_table(NEUTRAL))  # fmt: skip
        rectify(Image(pixels, 8, 8), lens)
