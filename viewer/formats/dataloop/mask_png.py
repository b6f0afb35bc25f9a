"""Binary masks as PNG in a data URL: alpha above 127 is inside."""

import base64
import binascii
import io
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.scene.masks import MAX_MASK_PX, RunLengths

PREFIX = "data:image/png;base64,"
MAX_PNG_BYTES = 64 * 1024 * 1024
COLOUR = (255, 255, 255)


def mask_from_url(url: object, path: Path, place: str) -> RunLengths:
    """Return the mask; `DamagedData` when the text holds no PNG of a possible size."""
    from PIL import Image

    if not isinstance(url, str) or not url.startswith("data:image/png;base64,"):
        raise DamagedData(path, place, "is no PNG in a data URL; it is left out")
    if len(url) > MAX_PNG_BYTES:
        raise DamagedData(path, place, "is too large for a mask; it is left out")
    try:
        data = base64.b64decode(url[len(PREFIX) :], validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=("PNG",))
            if image.width * image.height > MAX_MASK_PX:
                raise DamagedData(path, place, "the mask is too large; it is left out")
            alpha = np.asarray(image.convert("RGBA"))[:, :, 3]
    except (binascii.Error, ValueError, OSError, SyntaxError, MemoryError) as error:
        raise DamagedData(path, place, f"the PNG of the mask is damaged ({error})") from None
    except Image.DecompressionBombError:
        raise DamagedData(path, place, "the mask is too large; it is left out") from None
    return RunLengths.of(alpha > 127)


def url_from_mask(mask: npt.NDArray[np.bool_]) -> str:
    """Return a (H, W) mask as the format writes it."""
    from PIL import Image

    pixels = np.zeros((*mask.shape, 4), dtype=np.uint8)
    pixels[mask] = (*COLOUR, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return PREFIX + base64.b64encode(file.getvalue()).decode()
