"""Images: what a frame refers to and what decoding gives."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One image of a frame; nothing is read before it is needed."""

    sensor_id: str
    timestamp_ns: int | None
    source: str
    """Where it lies, for people: a path, or a path and a place in it."""


@dataclass(frozen=True, eq=False, slots=True)
class Image:
    """A decoded image, possibly smaller than the stored one."""

    pixels: npt.NDArray[np.uint8]
    """(H, W, 4) BGRA, alpha 255: the layout that Qt paints without converting."""
    full_width_px: int
    """Width of the stored image; `pixels` may be a fraction of it."""
    full_height_px: int

    @property
    def scale(self) -> float:
        """Decoded pixels per stored pixel, at most 1."""
        return self.pixels.shape[1] / self.full_width_px if self.full_width_px else 1.0

    def rgb(self) -> npt.NDArray[np.uint8]:
        """(H, W, 3) RGB view of the pixels."""
        return self.pixels[:, :, 2::-1]
