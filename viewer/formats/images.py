"""Image files: decoded to BGRA, JPEG at the smallest scale that is wide enough.

Pixels are as stored: an EXIF orientation turns nothing, because calibrations and labels speak of
the stored pixels. An alpha channel is dropped; overlays keep theirs. 16-bit grey is scaled down
linearly from its full range, 32-bit and float grey from the range of their values.
"""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.scene.images import Image

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_PIXELS = 1 << 27
"""134 million, 512 MiB decoded. An image that claims more is refused before anything is decoded."""
MAX_FILE_BYTES = 1 << 30

IMAGE_SUFFIXES: tuple[str, ...] = (
    ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
)  # fmt: skip
"""File name endings of images, lower case."""

_JPEG_MAGIC = b"\xff\xd8\xff"
_JPEG_HEADER_BYTES = 1 << 18
_PILLOW_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM", "GIF")
_DECODER_ERRORS = (
    OSError, ValueError, TypeError, LookupError, ArithmeticError, SyntaxError, EOFError,
    MemoryError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow's decoders are known to raise on damaged data."""


def read_image(path: Path, min_width_px: int | None = None) -> Image:
    """Decode a file.

    Parameters
    ----------
    path
        A file of a format in `IMAGE_SUFFIXES`; its content, not its name, says which.
    min_width_px
        The image may be decoded smaller, but no narrower than this unless stored so; None for
        full size.

    Raises
    ------
    DamagedData
        When it is missing, truncated, no known image or larger than `MAX_PIXELS`.
    """
    return decode_image(_read(path, MAX_FILE_BYTES), path, min_width_px)


def decode_image(data: bytes, source: Path | str, min_width_px: int | None = None) -> Image:
    """Decode an encoded image; as `read_image`, with `source` named in errors."""
    if not data:
        raise DamagedData(source, "", "the file is empty")
    if data.startswith(_JPEG_MAGIC):
        return _decode_jpeg(data, source, min_width_px)
    return _decode_other(data, source, min_width_px)


def read_overlay(path: Path) -> Image:
    """Decode a picture that belongs over an image: as `read_image`, full size, alpha kept."""
    return decode_overlay(_read(path, MAX_FILE_BYTES), path)


def decode_overlay(data: bytes, source: Path | str) -> Image:
    """Decode an encoded overlay; as `read_overlay`, with `source` named in errors."""
    if not data:
        raise DamagedData(source, "", "the file is empty")
    if data.startswith(_JPEG_MAGIC):
        return _decode_jpeg(data, source, None)
    with _open(BytesIO(data), source) as image:
        width, height = _checked_size(source, image.size)
        try:
            see_through = image.has_transparency_data and not image.mode.startswith(("I", "F"))
            pixels = _bgra_with_alpha(image) if see_through else _bgra(image, 1)
        except _DECODER_ERRORS as error:
            raise DamagedData(source, "", _reason(error)) from None
    return Image(pixels, width, height)


def resized(pixels: npt.NDArray[np.uint8], size_px: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4) pixels at a width and height: the nearest where it grows, else means.

    Means of colours are weighted by alpha; those that need no resizing are returned as they are.
    """
    if (pixels.shape[1], pixels.shape[0]) == size_px:
        return pixels
    pillow = _pillow()
    # Named RGBA for its alpha; the order of the colours does not matter.
    picture = pillow.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(picture.resize(size_px, pillow.Resampling.BOX))


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) as stored, from the header alone."""
    head = _read(path, _JPEG_HEADER_BYTES, whole=False)
    if not head:
        raise DamagedData(path, "", "the file is empty")
    size = _jpeg_size(head) if head.startswith(_JPEG_MAGIC) else None
    if size is None:
        with _open(path, path) as image:
            size = image.size
    return _checked_size(path, size)


def encoded_size(data: bytes, source: Path | str) -> tuple[int, int]:
    """Return (width, height) of an encoded image, from its header alone."""
    size = _jpeg_size(data) if data.startswith(_JPEG_MAGIC) else None
    if size is None:
        with _open(BytesIO(data), source) as image:
            size = image.size
    return _checked_size(source, size)


def _read(path: Path, limit: int, *, whole: bool = True) -> bytes:
    try:
        with path.open("rb") as file:
            # Room is made for as much as is asked for, not for as much as there is.
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(limit, size) + whole)
    except FileNotFoundError:
        raise DamagedData(path, "", "the image is missing") from None
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None
    if len(data) > limit:
        raise DamagedData(path, "", f"is larger than {limit} bytes, too large for an image")
    return data


def _checked_size(source: Path | str, size: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        problem = f"claims {width} x {height} pixels; 1 to {MAX_PIXELS} are read"
        raise DamagedData(source, "header", problem)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height), or None when only the slower decoder may know."""
    import simplejpeg

    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError):
        return None
    return width, height


def _decode_jpeg(data: bytes, source: Path | str, min_width_px: int | None) -> Image:
    import simplejpeg

    size = _jpeg_size(data)
    if size is None:
        # A rare subsampling, or the header is damaged: Pillow tells which.
        return _decode_other(data, source, min_width_px)
    width, height = _checked_size(source, size)
    options = {"colorspace": "BGRA", "min_width": min(min_width_px or 0, width)}
    try:
        pixels = simplejpeg.decode_jpeg(data, **options)
    except ValueError as error:
        if "premature end" in str(error).lower():
            raise DamagedData(source, "end of the file", "the image is truncated") from None
        # Stray bytes between segments are common and harm no pixel.
        try:
            pixels = simplejpeg.decode_jpeg(data, strict=False, **options)
        except ValueError as fatal:
            raise DamagedData(source, "", _reason(fatal)) from None
    return Image(pixels, width, height)


def _pillow() -> ModuleType:
    """Return Pillow's image module, its own limit raised to ours."""
    from PIL import Image as pillow  # noqa: N813 - the module, beside our own Image

    pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
    return pillow


def _open(file: Path | BytesIO, source: Path | str) -> "PillowImage":
    pillow = _pillow()
    bomb = (pillow.DecompressionBombError, pillow.DecompressionBombWarning)
    try:
        image: PillowImage = pillow.open(file, formats=_PILLOW_FORMATS)
    except pillow.UnidentifiedImageError:
        raise DamagedData(source, "byte 0", "is no image of a known format") from None
    except bomb:
        raise DamagedData(source, "header", f"claims over {MAX_PIXELS} pixels") from None
    except _DECODER_ERRORS as error:
        raise DamagedData(source, "header", _reason(error)) from None
    return image


def _decode_other(data: bytes, source: Path | str, min_width_px: int | None) -> Image:
    with _open(BytesIO(data), source) as image:
        width, height = _checked_size(source, image.size)
        factor = max(1, width // min_width_px) if min_width_px else 1
        try:
            pixels = _bgra(image, factor)
        except _DECODER_ERRORS as error:
            raise DamagedData(source, "", _reason(error)) from None
    return Image(pixels, width, height)


def _bgra(image: "PillowImage", factor: int) -> npt.NDArray[np.uint8]:
    """Return (H, W, 4), shrunk by a whole factor."""
    if image.mode.startswith(("I", "F")):
        image = _pillow().fromarray(_bytes_from_deep_grey(np.asarray(image)))
    image = image.convert("RGB")
    if factor > 1:
        image = image.reduce(factor)
    raw = image.convert("RGBA").tobytes("raw", "BGRA")
    return np.frombuffer(bytearray(raw), dtype=np.uint8).reshape(image.height, image.width, 4)


def _bgra_with_alpha(image: "PillowImage") -> npt.NDArray[np.uint8]:
    raw = image.convert("RGBA").tobytes("raw", "BGRA")
    return np.frombuffer(bytearray(raw), dtype=np.uint8).reshape(image.height, image.width, 4)


def _bytes_from_deep_grey(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    if not finite.any():
        return np.zeros(values.shape, dtype=np.uint8)
    low, high = numbers[finite].min(), numbers[finite].max()
    if values.dtype.kind in "iu" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    numbers[~finite] = low
    span = (high - low) or 1.0
    levels: npt.NDArray[np.uint8] = np.rint((numbers - low) / span * 255.0).astype(np.uint8)
    return levels


def _reason(error: BaseException) -> str:
    text = str(error).split("\n", 1)[0][:160]
    return f"cannot be decoded: {text or type(error).__name__}"
