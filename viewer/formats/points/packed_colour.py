"""Colours of points, however a file packs them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.scene.point_cloud import PointCloud

_TRIPLES = (("red", "green", "blue"), ("Red", "Green", "Blue"), ("r", "g", "b"), ("R", "G", "B"))


def unpack(packed: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return (N, 3) RGB of PCD's packed rgb or rgba.

    Each value is 4 bytes whose bits are 0xAARRGGBB, declared as an integer or, by older writers,
    as a float that must not be read as a number.
    """
    if packed.dtype.itemsize != 4:
        raise ValueError(f"packed colours have 4 bytes, not {packed.dtype.itemsize}")
    bits = np.ascontiguousarray(packed).view(np.uint32)
    return np.stack([(bits >> shift).astype(np.uint8) for shift in (16, 8, 0)], axis=1)


def point_colours(cloud: PointCloud) -> npt.NDArray[np.uint8] | None:
    """Return (N, 3) RGB from a cloud's own colour fields; None when it has none.

    Understands packed rgb and rgba, and one field a channel: whole numbers up to 255 as they
    are, 16 bits scaled down when any value needs them, floats as 0..1 or 0..255.
    """
    for name in ("rgb", "rgba"):
        packed = cloud.fields.get(name)
        if packed is not None and packed.ndim == 1 and packed.dtype.itemsize == 4:
            return unpack(packed)
    for names in _TRIPLES:
        if all(name in cloud.fields and cloud.fields[name].ndim == 1 for name in names):
            channels = np.stack([cloud.fields[name] for name in names], axis=1)
            return _to_bytes(channels)
    return None


def _to_bytes(channels: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if channels.dtype == np.uint8:
        return channels
    numbers = np.nan_to_num(channels.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    highest = numbers.max(initial=0.0)
    if channels.dtype.kind == "f" and highest <= 1.0:
        numbers *= 255.0
    elif highest > 255.0:
        numbers /= 256.0
    levels: npt.NDArray[np.uint8] = np.clip(np.floor(numbers + 0.5), 0, 255).astype(np.uint8)
    return levels
