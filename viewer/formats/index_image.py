"""PNG files whose 8-bit values are indices, not colours: masks of classes or objects."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.scene.masks import MAX_MASK_PX

_PLAIN_MODES = ("L", "P", "1")
_MAX_PX_A_BYTE = 1032 * 8
"""Deflate packs no more than 1032 bytes into one, and PNG no more than 8 pixels into a byte."""


def read_index_image(path: Path) -> npt.NDArray[np.int32]:
    """Return the (H, W) values of a PNG with 8 bits or fewer a pixel, palettes not applied.

    Raises
    ------
    DamagedData
        When it cannot be decoded, is absurdly large, or has colours.
    """
    from PIL import Image as pillow  # noqa: N813 - the module, beside our own Image

    width, height = image_size(path)
    if width * height > min(MAX_MASK_PX, path.stat().st_size * _MAX_PX_A_BYTE):
        raise DamagedData(path, "header", f"claims {width} x {height} pixels")
    try:
        with pillow.open(path, formats=("PNG",)) as image:
            if image.mode not in _PLAIN_MODES:
                problem = f"is a PNG of kind {image.mode} where 8 bits a pixel belong"
                raise DamagedData(path, "header", problem)
            return np.array(image).astype(np.int32)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        reason = str(error).split("\n", 1)[0][:160]
        raise DamagedData(path, "", f"cannot be decoded: {reason}") from None


def encode_index_image(indices: npt.NDArray[np.integer]) -> bytes:
    """Return (H, W) values of 0 to 255 as a PNG file."""
    from PIL import Image as pillow  # noqa: N813 - the module, beside our own Image

    buffer = io.BytesIO()
    pillow.fromarray(indices.astype(np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()
