"""Places of open issues in the shown frame: pixels of images and points in 3D."""

from dataclasses import dataclass

PIN_RGB = (169, 139, 240)
PIN_GLYPH = "◆"
_LONGEST = 32


@dataclass(frozen=True, slots=True)
class Pin:
    """Where an issue is anchored: at a pixel of an image, or at a position in world."""

    issue_id: str
    title: str
    sensor_id: str | None = None
    pixel: tuple[float, float] | None = None
    """Of the stored image."""
    position: tuple[float, float, float] | None = None

    @property
    def text(self) -> str:
        """Title for a caption."""
        cut = len(self.title) > _LONGEST
        return f"{PIN_GLYPH} {self.title[: _LONGEST - 1]}…" if cut else f"{PIN_GLYPH} {self.title}"


Pins = tuple[Pin, ...]
