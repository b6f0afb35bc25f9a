"""Images: what a frame refers to and what decoding gives."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One image of a frame; nothing is read before it is needed."""

    sensor_id: str
    timestamp_ns: int | None
    source: str
    """Where it lies, for people: a path, or a path and a place in it."""


@dataclass(frozen=True, slots=True)
class OverlayRef:
    """A picture that belongs over an image of a frame; nothing is read before it is needed."""

    sensor_id: str
    """The camera whose image it belongs over."""
    overlay_id: str
    """Tells the overlays of one image apart."""
    source: str
    """Where it lies, for people."""
    fill: bool = False
    """Stretched to the image; else at its own size, its top left corner on that of the image."""


@dataclass(frozen=True, eq=False, slots=True)
class Image:
    """A decoded image, possibly smaller than the stored one."""

    pixels: npt.NDArray[np.uint8]
    """(H, W, 4) BGRA: the layout that Qt paints without converting.

    Alpha is 255, but in an overlay, whose colours are not multiplied by it.
    """
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


@runtime_checkable
class OverlaySource(Protocol):
    """A scene's reader whose frames have overlays."""

    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Image:
        """Return an overlay at its stored size, with its alpha; may run on any thread.

        Raises `formats.base.DamagedData` when its file cannot be used.
        """
        ...

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        """Return the file of an overlay as it is."""
        ...
