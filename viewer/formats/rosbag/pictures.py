"""From the bytes of an image message to pixels."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.formats.images import MAX_PIXELS, decode_image
from viewer.formats.rosbag.messages import EncodedImageMessage, ImageMessage
from viewer.scene.images import Image

Bytes = npt.NDArray[np.uint8]

_CHANNEL_ORDERS: Final = {
    "rgb8": (2, 1, 0), "rgba8": (2, 1, 0), "bgr8": (0, 1, 2), "bgra8": (0, 1, 2),
    "rgb16": (2, 1, 0), "rgba16": (2, 1, 0), "bgr16": (0, 1, 2), "bgra16": (0, 1, 2),
    "8uc3": (0, 1, 2), "8uc4": (0, 1, 2),
}  # fmt: skip
"""Where blue, green and red stand in a stored pixel."""
_GREY: Final = {
    "mono8": "u1", "8uc1": "u1", "mono16": "u2", "16uc1": "u2", "32fc1": "f4",
}  # fmt: skip
_BAYER_RED: Final = {"rggb": (0, 0), "bggr": (1, 1), "grbg": (0, 1), "gbrg": (1, 0)}
"""Row and column of red in each square of four."""
_YUV_LUMA: Final = {
    "yuv422": (1, 0, 2), "uyvy": (1, 0, 2), "yuv422_yuy2": (0, 1, 3), "yuyv": (0, 1, 3),
}  # fmt: skip
"""Bytes of the first luma, of U and of V in each two pixels' four bytes; the second luma stands
two bytes after the first."""


class UnknownEncoding(ValueError):
    """The pixels are encoded in a way that is not read; the message says which."""


def picture_from_message(
    message: ImageMessage | EncodedImageMessage, source: str, min_width_px: int | None
) -> Image:
    """Return the pixels; ValueError or `DamagedData` when they cannot be had."""
    if isinstance(message, EncodedImageMessage):
        return decode_image(encoded_bytes(message), source, min_width_px)
    pixels = _pixels(message)
    height, width = pixels.shape[:2]
    factor = max(1, width // min_width_px) if min_width_px else 1
    if factor > 1:
        pixels = np.ascontiguousarray(pixels[::factor, ::factor])
    return Image(pixels, width, height)


def encoded_bytes(message: EncodedImageMessage) -> bytes:
    """Return the image file of a message; `UnknownEncoding` for depth and video."""
    form = message.format.lower()
    if "compresseddepth" in form:
        raise UnknownEncoding("holds a compressed depth image, which is not shown")
    if form in ("h264", "h265", "vp9", "av1"):
        raise UnknownEncoding(f"holds one frame of {form} video, which is not shown")
    return message.data.tobytes()


def _pixels(message: ImageMessage) -> Bytes:
    """Return (H, W, 4) BGRA."""
    encoding = message.encoding.lower()
    if encoding in _CHANNEL_ORDERS:
        return _from_channels(message, encoding)
    if encoding in _GREY:
        return _bgra(_bytes_of(_rows(message, _GREY[encoding], 1)[:, :, 0], encoding))
    if encoding.startswith("bayer_"):
        return _from_bayer(message, encoding)
    if encoding in _YUV_LUMA:
        return _from_yuv(message, *_YUV_LUMA[encoding])
    raise UnknownEncoding(f"has pixels encoded as {message.encoding[:40]!r}, which is not known")


def _rows(message: ImageMessage, kind: str, channels: int) -> npt.NDArray[Any]:
    """Return (H, W, channels) as stored; ValueError when the bytes do not suffice."""
    dtype = np.dtype((">" if message.big_endian else "<") + kind)
    width, height = message.width, message.height
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ValueError(f"claims {width} x {height} pixels; 1 to {MAX_PIXELS} are read")
    row_bytes = width * channels * dtype.itemsize
    step = message.step or row_bytes
    data = np.frombuffer(message.data, dtype=np.uint8)
    needed = (height - 1) * step + row_bytes
    if step < row_bytes or needed > len(data):
        raise ValueError(
            f"has {len(data)} bytes in rows of {step}; {width} x {height} pixels need {needed}"
            f" in rows of {row_bytes}"
        )
    strides = (step, channels * dtype.itemsize, dtype.itemsize)
    return np.ndarray((height, width, channels), dtype, data, 0, strides)


def _from_channels(message: ImageMessage, encoding: str) -> Bytes:
    kind = "u2" if encoding.endswith("16") else "u1"
    stored = _rows(message, kind, 4 if encoding[3] == "a" or encoding == "8uc4" else 3)
    pixels = np.empty((*stored.shape[:2], 4), dtype=np.uint8)
    for place, channel in enumerate(_CHANNEL_ORDERS[encoding]):
        level = stored[:, :, channel]
        pixels[:, :, place] = level >> 8 if kind == "u2" else level
    pixels[:, :, 3] = 255
    return pixels


def _bytes_of(levels: npt.NDArray[Any], encoding: str) -> Bytes:
    """Scale grey to bytes: ``mono16`` by its full range, depth by the range of its values."""
    if levels.dtype.itemsize == 1:
        return np.ascontiguousarray(levels)
    if encoding == "mono16":
        return (levels >> 8).astype(np.uint8)
    numbers = levels.astype(np.float64)
    finite = np.isfinite(numbers)
    low, high = (numbers[finite].min(), numbers[finite].max()) if finite.any() else (0.0, 0.0)
    scaled = (np.where(finite, numbers, low) - low) / ((high - low) or 1.0) * 255.0
    grey: Bytes = np.rint(scaled).astype(np.uint8)
    return grey


def _bgra(grey: Bytes) -> Bytes:
    pixels = np.empty((*grey.shape, 4), dtype=np.uint8)
    pixels[:, :, :3] = grey[:, :, None]
    pixels[:, :, 3] = 255
    return pixels


def _from_bayer(message: ImageMessage, encoding: str) -> Bytes:
    """Give each square of four its one red and blue, and each pixel the green of its own row."""
    pattern, deep = encoding[6:10], encoding[10:]
    if pattern not in _BAYER_RED or deep not in ("8", "16"):
        raise UnknownEncoding(f"has pixels encoded as {message.encoding[:40]!r}, not known")
    stored = _rows(message, "u2" if deep == "16" else "u1", 1)[:, :, 0]
    height, width = stored.shape[0] // 2 * 2, stored.shape[1] // 2 * 2
    if not height or not width:
        raise ValueError("has a Bayer pattern on less than 2 x 2 pixels")
    levels = (stored >> 8).astype(np.uint8) if deep == "16" else stored
    row, column = _BAYER_RED[pattern]
    red = levels[row:height:2, column:width:2]
    blue = levels[1 - row : height : 2, 1 - column : width : 2]
    whole = np.empty((height, width, 4), dtype=np.uint8)
    whole[:, :, 0] = blue.repeat(2, 0).repeat(2, 1)
    whole[:, :, 2] = red.repeat(2, 0).repeat(2, 1)
    # Green stands beside red in red's row, and beside blue in the other.
    for line, place in ((row, 1 - column), (1 - row, column)):
        green = levels[line:height:2, place:width:2]
        whole[line::2, :, 1] = green.repeat(2, 1)
    whole[:, :, 3] = 255
    if whole.shape[:2] == stored.shape:
        return whole
    padding = ((0, stored.shape[0] - height), (0, stored.shape[1] - width), (0, 0))
    return np.pad(whole, padding, mode="edge")


def _from_yuv(message: ImageMessage, luma_at: int, u_at: int, v_at: int) -> Bytes:
    """Return BGRA from two pixels in four bytes, by BT.601 with its narrow range of video."""
    if message.width % 2:
        raise ValueError(f"has {message.width} pixels a row where pairs of two belong")
    pairs = np.ascontiguousarray(_rows(message, "u1", 2)).reshape(message.height, -1, 4)
    luma = pairs[:, :, [luma_at, luma_at + 2]].reshape(message.height, -1).astype(np.float32)
    u = (pairs[:, :, u_at].astype(np.float32) - 128.0).repeat(2, 1)
    v = (pairs[:, :, v_at].astype(np.float32) - 128.0).repeat(2, 1)
    pixels = np.empty((*luma.shape, 4), dtype=np.uint8)
    luma = 1.164383 * (luma - 16.0)
    channels = (luma + 2.017232 * u, luma - 0.391762 * u - 0.812968 * v, luma + 1.596027 * v)
    for place, channel in enumerate(channels):
        pixels[:, :, place] = np.clip(np.rint(channel), 0, 255).astype(np.uint8)
    pixels[:, :, 3] = 255
    return pixels
