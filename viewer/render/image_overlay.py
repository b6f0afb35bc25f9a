"""Pictures that a recording has over its images, laid over them by their alpha."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.images import resized
from viewer.scene.images import Image
from viewer.session.frame_content import FrameContent, LoadedOverlay

Pixels = npt.NDArray[np.uint8]
_FULL_WEIGHT = 256
_BLOCK_ROWS = 16
"""So many rows at a time stay in the processor's cache."""


def overlaid(image: Image, content: FrameContent, sensor_id: str, opacity: float) -> Image:
    """Return an image with its overlays over it; itself where it has none.

    Parameters
    ----------
    opacity
        0 .. 1, times the alpha of each pixel of an overlay.
    """
    opacity = float(np.clip(opacity, 0.0, 1.0)) if np.isfinite(opacity) else 1.0
    found = [each for each in content.overlays if each.ref.sensor_id == sensor_id]
    if not found or opacity == 0.0:
        return image
    pixels = image.pixels.copy()
    for overlay in found:
        _blend(pixels, _placed(overlay, image), opacity)
    return replace(image, pixels=pixels)


def _placed(overlay: LoadedOverlay, image: Image) -> Pixels:
    """(H, W, 4) pixels of an overlay for the upper left part of a decoded image."""
    pixels = overlay.image.pixels
    height, width = image.pixels.shape[:2]
    if overlay.ref.fill:
        return resized(pixels, (width, height))
    seen = pixels[: image.full_height_px, : image.full_width_px]
    across = width / max(image.full_width_px, 1)
    down = height / max(image.full_height_px, 1)
    size = max(1, round(seen.shape[1] * across)), max(1, round(seen.shape[0] * down))
    return resized(seen, size)


def _blend(pixels: Pixels, over: Pixels, opacity: float) -> None:
    """Lay `over` on the upper left of the pixels, in place.

    In 256ths of a share, whose sums fit 16 bits: within one level of the exact value.
    """
    shares: npt.NDArray[Any] = np.arange(256) / 255.0 * (opacity * _FULL_WEIGHT)
    table = np.rint(shares).astype(np.uint16)
    height, width = min(len(over), len(pixels)), min(over.shape[1], pixels.shape[1])
    for top in range(0, height, _BLOCK_ROWS):
        rows = slice(top, min(top + _BLOCK_ROWS, height))
        above, below = over[rows, :width], pixels[rows, :width]
        weights = table[above[:, :, 3]][:, :, None]
        mixed = below * (_FULL_WEIGHT - weights)
        mixed += above * weights
        mixed += _FULL_WEIGHT // 2
        mixed >>= 8
        below[...] = mixed
        below[:, :, 3] = 255
