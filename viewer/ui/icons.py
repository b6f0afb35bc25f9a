"""Icons from one set (Material Design Icons), coloured by the palette."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from viewer.ui.theme import palette

_NAMES = {
    "open": "folder-open-outline",
    "recent": "history",
    "play": "play",
    "pause": "pause",
    "next": "chevron-right",
    "previous": "chevron-left",
    "first": "page-first",
    "last": "page-last",
    "forward": "chevron-double-right",
    "back": "chevron-double-left",
    "loop": "repeat",
    "top": "arrow-down-bold-box-outline",
    "front": "arrow-left-bold-box-outline",
    "side": "arrow-up-bold-box-outline",
    "ego": "car-outline",
    "behind": "target",
    "camera": "camera-outline",
    "frame": "image-filter-center-focus",
    "xray": "cube-scan",
    "labels": "label-outline",
    "predictions": "robot-outline",
    "points": "dots-grid",
    "measure": "ruler",
    "colour": "palette-outline",
    "copy": "content-copy",
    "save": "content-save-outline",
    "link": "link-variant",
    "search": "magnify",
    "help": "help-circle-outline",
    "close": "close",
    "float": "open-in-new",
    "theme": "theme-light-dark",
    "reset": "view-dashboard-outline",
    "problem": "alert-outline",
    "scene": "movie-open-outline",
    "image": "image-outline",
    "keyboard": "keyboard-outline",
    "label": "cube-outline",
    "track": "vector-polyline",
    "mosaic": "view-grid-outline",
    "full_screen": "fullscreen",
    "zoom_in": "magnify-plus-outline",
    "zoom_out": "magnify-minus-outline",
    "fit": "arrow-expand-horizontal",
    "filter": "filter-outline",
    "about": "information-outline",
    "quit": "exit-to-app",
    "follow": "crosshairs-gps",
    "eye": "eye-outline",
    "job": "progress-clock",
    "undo": "undo",
    "redo": "redo",
    "comment": "comment-text-outline",
    "queue": "playlist-check",
    "issue": "alert-circle-outline",
    "mark": "map-marker-plus-outline",
}
ICON_NAMES = tuple(_NAMES)
_made: dict[tuple[str, str], QIcon] = {}


def icon(name: str, colour: str = "text") -> QIcon:
    """Return an icon by its own name, in a colour of the palette; it follows the theme."""
    key = (name, colour)
    if key not in _made:
        _made[key] = QIcon(_GlyphEngine(_glyph(_NAMES[name]), colour))
    return _made[key]


class _GlyphEngine(QIconEngine):
    """Paints one letter of the icon font, sharp at every size and scale."""

    def __init__(self, glyph: str, colour: str) -> None:
        super().__init__()
        self._glyph, self._colour = glyph, colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        font = QFont(_family())
        font.setPixelSize(max(1, rect.height()))
        painter.save()
        painter.setFont(font)
        name = "disabled" if mode == QIcon.Mode.Disabled else self._colour
        painter.setPen(palette().colour(name))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._glyph, self._colour)


def _font_file(suffix: str) -> Path:
    """File of the icon font. The package itself is not imported: that takes 0.2 s."""
    found = find_spec("qtawesome")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the icons are missing: install qtawesome")
    fonts = Path(found.submodule_search_locations[0]) / "fonts"
    return next(fonts.glob(f"materialdesignicons6-webfont*{suffix}"))


@cache
def _letters() -> dict[str, str]:
    letters: dict[str, str] = json.loads(_font_file(".json").read_text(encoding="utf-8"))
    return letters


@cache
def _glyph(name: str) -> str:
    return chr(int(_letters()[name], 16))


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(_font_file(".ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]
