"""Letters for the 3D picture: rasterised once by FreeType, without a graphics context."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

# Importing the module registers FreeType with VTK's text renderer.
import vtkmodules.vtkRenderingFreeType  # noqa: F401
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTextProperty, vtkTextRenderer

from viewer.geometry import lazy_numba as nb
from viewer.render.convert import numpy_array

_FONT_FILES = (
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/segoeui.ttf",
)
"""First one that exists; VTK's built-in font, Latin only, where none does."""
_FONT_FROM_FILE = 4
_DPI = 72


class GlyphAtlas:
    """Coverage of every letter used so far, side by side in one row.

    Parameters
    ----------
    size_px
        Font size in device pixels.
    """

    def __init__(self, size_px: int) -> None:
        self._size_px = size_px
        self._font = next((path for path in _FONT_FILES if Path(path).is_file()), None)
        # Bars on both sides give every letter the same height and base line.
        bars = self._render("||")
        self.height_px = bars.shape[0]
        self._bars_px = bars.shape[1]
        self._bar_px = self._render("|||").shape[1] - bars.shape[1]
        self._columns: dict[str, tuple[int, int]] = {}
        self.pixels: npt.NDArray[np.uint8] = np.zeros((self.height_px, 0), np.uint8)

    def _style(self) -> vtkTextProperty:
        """Made anew each time: atlases outlive windows, VTK's objects shall not."""
        style = vtkTextProperty()
        style.SetFontSize(self._size_px)
        style.SetColor(1.0, 1.0, 1.0)
        if self._font is not None:
            style.SetFontFamily(_FONT_FROM_FILE)
            style.SetFontFile(self._font)
        return style

    def _render(self, text: str) -> npt.NDArray[np.uint8]:
        """(H, W) coverage of a text, top row first."""
        image, dims = vtkImageData(), [0, 0]
        style = self._style()
        vtkTextRenderer.GetInstance().RenderString(style, text, image, dims, _DPI)
        columns, rows, _ = image.GetDimensions()
        rgba = numpy_array(image.GetPointData().GetScalars()).reshape(rows, columns, -1)
        return np.ascontiguousarray(rgba[: dims[1], : dims[0], 3][::-1])

    def _add(self, letter: str) -> tuple[int, int]:
        between = self._render(f"|{letter}|")
        advance = between.shape[1] - self._bars_px
        if advance <= 0:
            return self._columns.setdefault(letter, self.column("?") if letter != "?" else (0, 0))
        cell = np.zeros((self.height_px, advance), np.uint8)
        rows = min(self.height_px, between.shape[0])
        cell[:rows] = between[:rows, self._bar_px : self._bar_px + advance]
        start = self.pixels.shape[1]
        self.pixels = np.hstack([self.pixels, cell])
        self._columns[letter] = (start, advance)
        return start, advance

    def column(self, letter: str) -> tuple[int, int]:
        """First column of a letter and its width."""
        found = self._columns.get(letter)
        return found if found is not None else self._add(letter)

    def width_px(self, text: str) -> int:
        """Width of a text."""
        return sum(self.column(letter)[1] for letter in text)

    def draw(
        self,
        buffer: npt.NDArray[np.uint8],
        text: str,
        left_px: int,
        top_px: int,
        rgb: tuple[int, int, int],
        alpha: float = 1.0,
    ) -> None:
        """Blend a text into a premultiplied BGRA buffer."""
        columns = np.array([self.column(letter) for letter in text], np.int64).reshape(-1, 2)
        colour = np.array([*rgb, alpha])
        _blit_text(buffer, self.pixels, columns, left_px, top_px, colour)


@lru_cache(maxsize=4)
def glyph_atlas(size_px: int) -> GlyphAtlas:
    """The shared atlas of one font size."""
    return GlyphAtlas(size_px)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _blit_text(
    buffer: npt.NDArray[np.uint8],
    atlas: npt.NDArray[np.uint8],
    columns: npt.NDArray[np.int64],
    left: int,
    top: int,
    colour: npt.NDArray[np.float64],
) -> None:
    height, width = buffer.shape[0], buffer.shape[1]
    pen = left
    for i in range(columns.shape[0]):
        for x in range(columns[i, 1]):
            at_x = pen + x
            if at_x < 0 or at_x >= width:
                continue
            for y in range(atlas.shape[0]):
                at_y = top + y
                if at_y < 0 or at_y >= height:
                    continue
                cover = atlas[y, columns[i, 0] + x] * colour[3] / 255.0
                if cover <= 0.0:
                    continue
                for part in range(3):
                    over = colour[2 - part] * cover
                    buffer[at_y, at_x, part] = int(
                        over + buffer[at_y, at_x, part] * (1 - cover) + 0.5
                    )
                buffer[at_y, at_x, 3] = int(255 * cover + buffer[at_y, at_x, 3] * (1 - cover) + 0.5)
        pen += columns[i, 1]


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def fill_plate(
    buffer: npt.NDArray[np.uint8],
    left: int,
    top: int,
    right: int,
    bottom: int,
    radius: float,
    colour: npt.NDArray[np.float64],
) -> None:
    """Blend a rounded rectangle; `colour` is red, green, blue 0..255 and alpha 0..1."""
    for y in range(max(0, top), min(buffer.shape[0], bottom)):
        for x in range(max(0, left), min(buffer.shape[1], right)):
            dx = max(left + radius - x - 0.5, x + 0.5 - (right - radius), 0.0)
            dy = max(top + radius - y - 0.5, y + 0.5 - (bottom - radius), 0.0)
            inside = radius + 0.5 - np.sqrt(dx * dx + dy * dy) if radius > 0 else 1.0
            cover = min(1.0, max(0.0, inside)) * colour[3]
            for part in range(3):
                over = colour[2 - part] * cover
                buffer[y, x, part] = int(over + buffer[y, x, part] * (1 - cover) + 0.5)
            buffer[y, x, 3] = int(255 * cover + buffer[y, x, 3] * (1 - cover) + 0.5)
