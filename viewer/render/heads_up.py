"""What lies flat on the 3D picture: captions, legend, scale bar, axes, pointed mark."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.render.caption_placement import place_captions
from viewer.render.class_colours import short_name
from viewer.render.colour import PointColouring
from viewer.render.colour_maps import colour_table
from viewer.render.eye import Eye
from viewer.render.glyph_atlas import GlyphAtlas, fill_plate, glyph_atlas
from viewer.render.layers.base import Canvas, Caption, Layer, Rgb, Shown
from viewer.render.rasterizer import DrawingBuilder, Pen, Placement, Polylines

_FONT_PX = 11
_MARGIN_PX = 16
_AXIS_PX = 26
_LETTER_PX = 10
"""Room for the letter beyond the end of an axis."""
_LEGEND_WIDTH_PX = 132
_LEGEND_BAR_PX = 8
_SWATCH_PX = 9
_MOST_CLASSES = 14
_CLASSES_SHARE = 0.6
"""Part of the picture's height that the legend of classes may take."""
_AXES: tuple[tuple[str, Rgb], ...] = (
    ("x", (229, 96, 77)),
    ("y", (63, 182, 139)),
    ("z", (76, 159, 254)),
)
_ACCENT: Rgb = (76, 159, 254)


@dataclass(frozen=True, slots=True)
class _Tones:
    """Colours of text and plates on this ground."""

    plate: Rgb
    text: Rgb
    quiet: Rgb


_DARK = _Tones((22, 24, 28), (230, 232, 235), (154, 161, 171))
_LIGHT = _Tones((250, 251, 252), (29, 32, 38), (84, 91, 102))


class HeadsUp:
    """Composes one premultiplied BGRA picture as large as the canvas."""

    def __init__(self) -> None:
        self._buffer = np.zeros((0, 0, 4), np.uint8)
        self._shown_texts: frozenset[str] = frozenset()
        self.legend_px: tuple[int, int, int, int] | None = None
        """Left, top, right, bottom of the legend's colour bar in the last picture."""

    def picture(
        self,
        shown: Shown,
        eye: Eye,
        canvas: Canvas,
        layers: Sequence[Layer],
        colouring: PointColouring | None,
        pointed: npt.NDArray[np.float64] | None,
    ) -> npt.NDArray[np.uint8]:
        """(H, W, 4), top row first."""
        if self._buffer.shape[:2] != (canvas.height_px, canvas.width_px):
            self._buffer = np.zeros((canvas.height_px, canvas.width_px, 4), np.uint8)
        self._buffer.fill(0)
        sheet = _Sheet(self._buffer, canvas, _DARK if shown.view.dark else _LIGHT)
        captions = [caption for layer in layers for caption in layer.captions(shown)]
        self._draw_captions(sheet, eye, captions)
        self.legend_px = None
        if colouring is not None and shown.view.layers.points:
            if colouring.values is not None:
                self.legend_px = _draw_legend(sheet, shown, colouring)
            elif colouring.legend:
                _draw_classes(sheet, colouring)
        if shown.view.layers.axes:
            _draw_axes(sheet, eye)
            _draw_scale_bar(sheet, eye, self.legend_px)
        if pointed is not None:
            _draw_mark(sheet, eye, pointed)
        return self._buffer

    def _draw_captions(self, sheet: "_Sheet", eye: Eye, captions: Sequence[Caption]) -> None:
        if not captions:
            return
        pixels, depth = eye.project(np.array([caption.position for caption in captions]))
        ahead = (depth > 0) & np.isfinite(pixels).all(axis=1)
        anchors = np.where(ahead[:, None], pixels, -1e6)
        pad = round(4 * sheet.ratio)
        widths = np.array([sheet.atlas.width_px(c.text) + 2 * pad for c in captions], np.int64)
        height = sheet.atlas.height_px + round(2 * sheet.ratio)
        # What was shown in the last picture keeps its place: captions do not flicker.
        importance = np.array(
            [
                c.importance * (1.25 if c.text in self._shown_texts and c.importance < 0.75 else 1)
                for c in captions
            ]
        )
        corners = place_captions(
            anchors, widths, height, importance, sheet.size_px, gap_px=round(5 * sheet.ratio)
        )
        placed = np.flatnonzero((corners != -1).any(axis=1))
        self._shown_texts = frozenset(captions[int(i)].text for i in placed)
        for i in placed[np.argsort(importance[placed], kind="stable")]:
            caption, (left, top) = captions[int(i)], (int(corners[i, 0]), int(corners[i, 1]))
            fade = min(1.0, 0.45 + 0.55 * caption.importance)
            sheet.plate(left, top, left + int(widths[i]), top + height, 0.78 * fade)
            rgb = sheet.readable(caption.rgb)
            sheet.text(caption.text, left + pad, top + round(sheet.ratio), rgb, fade)


class _Sheet:
    """The buffer with what is needed to write on it."""

    def __init__(self, buffer: npt.NDArray[np.uint8], canvas: Canvas, tones: _Tones) -> None:
        self.buffer = buffer
        self.size_px = (canvas.width_px, canvas.height_px)
        self.ratio = canvas.pixel_ratio
        self.tones = tones
        self.atlas: GlyphAtlas = glyph_atlas(max(6, round(_FONT_PX * canvas.pixel_ratio)))

    def plate(self, left: int, top: int, right: int, bottom: int, alpha: float) -> None:
        """Rounded ground under a text."""
        colour = np.array([*self.tones.plate, alpha])
        fill_plate(self.buffer, left, top, right, bottom, 3.0 * self.ratio, colour)

    def text(self, text: str, left: int, top: int, rgb: Rgb, alpha: float = 1.0) -> None:
        """Write a text."""
        self.atlas.draw(self.buffer, text, left, top, rgb, alpha)

    def readable(self, rgb: Rgb) -> Rgb:
        """The colour moved towards the text colour until it reads on a plate."""
        red, green, blue = (
            round(part + (towards - part) * 0.35)
            for part, towards in zip(rgb, self.tones.text, strict=True)
        )
        return red, green, blue

    def lines(self, strokes: Sequence[tuple[npt.NDArray[np.float64], Rgb, float]]) -> None:
        """Stroke polylines (N, 2), colour, width, each over a dark casing."""
        builder = DrawingBuilder()
        for points, rgb, width_px in strokes:
            lines, _ = Polylines.from_curves(points, np.array([0, len(points)]))
            rows = builder.add_lines(lines)
            builder.stroke(rows, Pen(self.tones.plate, width_px + 2.0, 0.55))
            builder.stroke(rows, Pen(rgb, width_px))
        clip = (0, 0, *self.size_px)
        builder.build().draw(self.buffer, Placement(1.0, 0.0, 0.0), clip, unit_px=self.ratio)


def number_text(value: float, span: float = 0.0) -> str:
    """A number for the legend: three significant digits, no exponent where it can be avoided.

    What is less than a thousandth of the `span` between both ends is rounded away.
    """
    if span > 0:
        step = 10.0 ** math.floor(math.log10(span) - 2)
        value = round(value / step) * step
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
        text = f"{value:.{min(digits, 4)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace("-", "\u2212")
    return f"{value:.1e}".replace("-", "\u2212")


def base_text(base: float, span: float) -> str:
    """Return all digits of a large number down to a hundredth of the `span` of a legend.

    Examples
    --------
    >>> base_text(1600000000.123456, 0.1), base_text(1600000000123456768.0, 1e8)
    ('1600000000.123', '1600000000123456768')
    """
    places = 0 if span <= 0 else min(9, max(0, 2 - math.floor(math.log10(span))))
    return f"{base:.{places}f}".replace("-", "\u2212")


def _draw_legend(
    sheet: _Sheet, shown: Shown, colouring: PointColouring
) -> tuple[int, int, int, int]:
    """Name, colour bar and both ends with unit, in the lower right corner.

    Where values are differences to a base, the name says to which, and the ends are such too.
    """
    style, ratio = shown.view.points, sheet.ratio
    ends = style.colour_range or colouring.range or (0.0, 1.0)
    low, high = (end - colouring.base for end in ends)
    width, bar = round(_LEGEND_WIDTH_PX * ratio), max(4, round(_LEGEND_BAR_PX * ratio))
    margin, line = round(_MARGIN_PX * ratio), sheet.atlas.height_px
    gap = round(4 * ratio)
    right, bottom = sheet.size_px[0] - margin, sheet.size_px[1] - margin
    left = right - width
    bar_top = bottom - line - gap - bar
    pad = round(8 * ratio)
    title = f"{colouring.label} ({colouring.unit})" if colouring.unit else colouring.label
    if colouring.base:
        title += f" \u2212 {base_text(colouring.base, high - low)}"
    title_left = min(left, right - sheet.atlas.width_px(title))
    sheet.plate(title_left - pad, bar_top - gap - line - pad, right + pad, bottom + pad // 2, 0.6)
    table = colour_table(style.colour_map)
    place = np.linspace(0, 255, width).astype(np.int64)
    if left >= 0 and bar_top >= 0:
        sheet.buffer[bar_top : bar_top + bar, left:right, :3] = table[place][:, ::-1]
        sheet.buffer[bar_top : bar_top + bar, left:right, 3] = 255
    sheet.text(title, title_left, bar_top - gap - line, sheet.tones.quiet)
    high_text = number_text(high, high - low)
    sheet.text(number_text(low, high - low), left, bar_top + bar + gap, sheet.tones.text)
    at = right - sheet.atlas.width_px(high_text)
    sheet.text(high_text, at, bar_top + bar + gap, sheet.tones.text)
    return left, bar_top, right, bar_top + bar


def _draw_classes(sheet: _Sheet, colouring: PointColouring) -> None:
    """Swatch and name of the most frequent classes, in the lower right corner."""
    ratio, atlas = sheet.ratio, sheet.atlas
    line = atlas.height_px + round(3 * ratio)
    margin, pad, swatch = (round(length * ratio) for length in (_MARGIN_PX, 8, _SWATCH_PX))
    most = int(sheet.size_px[1] * _CLASSES_SHARE) // line - 1
    count = len(colouring.legend)
    if count > (most := max(1, min(most, _MOST_CLASSES))):
        most -= most > 1
    rows = colouring.legend[:most]
    texts = [short_name(row.name) for row in rows]
    rest = f"and {count - most} more" if count > most else ""
    wide = [atlas.width_px(text) + swatch + pad for text in texts]
    width = max(*wide, atlas.width_px(colouring.label), atlas.width_px(rest))
    height = line * (1 + len(rows) + bool(rest))
    right, bottom = sheet.size_px[0] - margin, sheet.size_px[1] - margin
    left, top = right - width, bottom - height
    sheet.plate(left - pad, top - pad // 2, right + pad, bottom + pad // 2, 0.6)
    sheet.text(colouring.label, left, top, sheet.tones.quiet)
    for place, (row, text) in enumerate(zip(rows, texts, strict=True), start=1):
        y = top + place * line
        middle = y + (atlas.height_px - swatch) // 2
        colour = np.array([*row.rgb, 1.0])
        fill_plate(sheet.buffer, left, middle, left + swatch, middle + swatch, ratio, colour)
        sheet.text(text, left + swatch + pad, y, sheet.tones.text)
    if rest:
        sheet.text(rest, left, bottom - line, sheet.tones.quiet)


def _draw_axes(sheet: _Sheet, eye: Eye) -> None:
    """World axes in the lower left corner, the farther ones first."""
    ratio = sheet.ratio
    middle = (_MARGIN_PX + _AXIS_PX + _LETTER_PX) * ratio
    center = np.array([middle, sheet.size_px[1] - middle])
    reach = (_AXIS_PX + _LETTER_PX) * ratio
    left, top = (round(float(part - reach)) for part in center)
    right, bottom = (round(float(part + reach)) for part in center)
    sheet.plate(left, top, right, bottom, 0.6)
    axes = eye.rotation.T
    strokes, letters = [], []
    for axis in np.argsort(axes[2]):
        name, rgb = _AXES[axis]
        tip = center + np.array([axes[0, axis], -axes[1, axis]]) * _AXIS_PX * ratio
        strokes.append((np.array([center, tip]), rgb, 1.75))
        if np.linalg.norm(tip - center) > 0.25 * _AXIS_PX * ratio:
            letters.append((name, rgb, tip + (tip - center) * 0.28))
    sheet.lines(strokes)
    for name, rgb, (x, y) in letters:
        half = sheet.atlas.width_px(name) / 2, sheet.atlas.height_px / 2
        sheet.text(name, round(x - half[0]), round(y - half[1]), sheet.readable(rgb))


def scale_length_m(metres_per_px: float, longest_px: float) -> float:
    """Longest of 1, 2, 5 times a power of ten metres that fits into `longest_px`."""
    longest = max(metres_per_px * longest_px, 1e-9)
    power = 10.0 ** math.floor(math.log10(longest))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest * (1 + 1e-9))


def length_text(metres: float) -> str:
    """A round length with its unit."""
    if metres >= 1000:
        return f"{metres / 1000:g} km"
    return f"{metres:g} m" if metres >= 1 else f"{metres * 100:g} cm"


def _draw_scale_bar(sheet: _Sheet, eye: Eye, legend_px: tuple[int, int, int, int] | None) -> None:
    """Length at the pivot, beside the axes; above the legend's height where that is in the way."""
    ratio = sheet.ratio
    metres = scale_length_m(eye.metres_per_px, 120 * ratio)
    width = metres / eye.metres_per_px
    left = (2 * (_MARGIN_PX + _AXIS_PX + _LETTER_PX) + 8) * ratio
    y = sheet.size_px[1] - (_MARGIN_PX + 4) * ratio
    if legend_px is not None and left + width > legend_px[0] - _MARGIN_PX * ratio:
        y = legend_px[1] - (_MARGIN_PX + 4) * ratio - sheet.atlas.height_px
    tick = 4 * ratio
    bracket = np.array([[left, y - tick], [left, y], [left + width, y], [left + width, y - tick]])
    sheet.lines([(np.round(bracket), sheet.tones.quiet, 1.25)])
    text = length_text(metres)
    at = left + width / 2 - sheet.atlas.width_px(text) / 2
    top, pad = round(y - tick - sheet.atlas.height_px), round(3 * ratio)
    width_px = sheet.atlas.width_px(text)
    plate = (round(at) - pad, top, round(at) + width_px + pad, top + sheet.atlas.height_px)
    sheet.plate(*plate, 0.6)
    sheet.text(text, round(at), top, sheet.tones.text)


def _draw_mark(sheet: _Sheet, eye: Eye, position: npt.NDArray[np.float64]) -> None:
    """Ring around a pointed position."""
    pixels, depth = eye.project(position[None])
    if depth[0] <= 0 or not np.isfinite(pixels).all():
        return
    turn = np.linspace(0, 2 * math.pi, 33)
    ring = pixels[0] + 7 * sheet.ratio * np.column_stack([np.cos(turn), np.sin(turn)])
    sheet.lines([(ring, _ACCENT, 2.0)])
