"""Images as a pinhole would have taken them."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as numba
from viewer.geometry.cameras import Pinhole
from viewer.geometry.cameras.base import CameraModel
from viewer.scene.images import Image

MAX_HALF_ANGLE_RAD = math.radians(52.5)
"""Half the widest horizontal field of a rectified image; beyond, a plane stretches too much."""
_KEPT_MAPS = 12


def rectified_model(model: CameraModel) -> CameraModel:
    """Pinhole of the same size that covers the lens's field along the middle row, up to a limit."""
    if isinstance(model, Pinhole):
        return model
    middle_v = (model.height_px - 1) / 2
    edges = np.array([(0.0, middle_v), (model.width_px - 1.0, middle_v)])
    directions, seen = model.unproject(edges)
    angles = np.arctan2(np.linalg.norm(directions[:, :2], axis=1), directions[:, 2])
    half_angle = float(angles.max()) if seen.all() else MAX_HALF_ANGLE_RAD
    focal = model.width_px / 2 / math.tan(min(max(half_angle, 0.01), MAX_HALF_ANGLE_RAD))
    return Pinhole(model.width_px, model.height_px, fx=focal, fy=focal)


def rectify(image: Image, model: CameraModel) -> Image:
    """Resample an image taken through `model` to its `rectified_model`; black where it is blind."""
    if isinstance(model, Pinhole):
        return image
    height, width = image.pixels.shape[:2]
    source = _source_positions(model, width, height)
    pixels = np.empty_like(image.pixels)
    _remap(image.pixels, source, pixels)
    return Image(pixels, image.full_width_px, image.full_height_px)


@lru_cache(maxsize=_KEPT_MAPS)
def _source_positions(model: CameraModel, width: int, height: int) -> npt.NDArray[np.float32]:
    """(H, W, 2) decoded pixel that each pixel of the rectified, equally decoded image shows."""
    scale = np.array([model.width_px / width, model.height_px / height])
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    pixels = (grid.reshape(-1, 2) + 0.5) * scale - 0.5
    directions, seen = rectified_model(model).unproject(pixels)
    stored, valid = model.project(np.where(seen[:, None], directions, np.nan))
    decoded = (stored + 0.5) / scale - 0.5
    decoded[~valid] = np.nan
    source: npt.NDArray[np.float32] = decoded.reshape(height, width, 2).astype(np.float32)
    source.setflags(write=False)
    return source


@numba.njit(cache=True, nogil=True)
def _remap(pixels: Any, source: Any, result: Any) -> None:  # noqa: ANN401 - compiled
    """Bilinear; a position outside the image, or NaN, gives black."""
    height, width = pixels.shape[0], pixels.shape[1]
    for y in range(result.shape[0]):
        for x in range(result.shape[1]):
            sx, sy = source[y, x, 0], source[y, x, 1]
            result[y, x, 3] = 255
            if not (-0.5 <= sx <= width - 0.5 and -0.5 <= sy <= height - 0.5):
                result[y, x, 0] = result[y, x, 1] = result[y, x, 2] = 0
                continue
            sx = min(max(sx, np.float32(0.0)), np.float32(width - 1))
            sy = min(max(sy, np.float32(0.0)), np.float32(height - 1))
            x0, y0 = int(sx), int(sy)
            x1, y1 = min(x0 + 1, width - 1), min(y0 + 1, height - 1)
            fx, fy = sx - x0, sy - y0
            for c in range(3):
                upper = pixels[y0, x0, c] * (1 - fx) + pixels[y0, x1, c] * fx
                lower = pixels[y1, x0, c] * (1 - fx) + pixels[y1, x1, c] * fx
                result[y, x, c] = int(upper * (1 - fy) + lower * fy + 0.5)
