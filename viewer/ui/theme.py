"""Colours, fonts and the look of every standard widget, dark and light."""

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from viewer.ui.stylesheet import stylesheet

FONT_PX = 13
CAPTION_PX = 11
GRID_PX = 4
ICON_PX = 16
ROW_PX = 24
"""Height of rows in lists and tables, and of single-line controls."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour of the window as ``#rrggbb``; widgets take colours from here only."""

    window: str
    panel: str
    field: str
    """Ground of text fields, menus and check boxes."""
    raised: str
    """Buttons: one step off the panel."""
    hover: str
    line: str
    text: str
    secondary: str
    disabled: str
    accent: str
    on_accent: str
    selected: str
    """Background of selected rows; carries `text`."""
    accepted: str
    rejected: str
    warning: str
    issue: str
    scene: str
    """Background of the 3D view and of images."""

    def colour(self, name: str) -> QColor:
        """Return one of the colours by the name of its field."""
        return QColor(getattr(self, name))


DARK = Palette(
    window="#16181c",
    panel="#1e2126",
    field="#191b20",
    raised="#262a30",
    hover="#30353d",
    line="#2a2e35",
    text="#e6e8eb",
    secondary="#9aa1ab",
    disabled="#666d78",
    accent="#4c9ffe",
    on_accent="#16181c",
    selected="#203650",
    accepted="#3fb68b",
    rejected="#e5604d",
    warning="#e0a83c",
    issue="#a98bf0",
    scene="#101216",
)
LIGHT = Palette(
    window="#eceef1",
    panel="#f8f9fa",
    field="#ffffff",
    raised="#ffffff",
    hover="#e3e7ec",
    line="#d3d8de",
    text="#16181c",
    secondary="#555c66",
    disabled="#8d949e",
    accent="#1560b8",
    on_accent="#ffffff",
    selected="#cfe1f7",
    accepted="#12694b",
    rejected="#b3301f",
    warning="#7d5500",
    issue="#6440c0",
    scene="#ffffff",
)

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *(
        (text, ground)
        for text in ("text", "secondary")
        for ground in ("window", "panel", "field", "raised", "hover", "selected")
    ),
    *(
        (text, ground)
        for text in ("accent", "accepted", "rejected", "warning", "issue")
        for ground in ("window", "panel", "field")
    ),
    ("on_accent", "accent"),
    ("on_accent", "accepted"),
    ("on_accent", "rejected"),
    ("on_accent", "warning"),
    ("on_accent", "issue"),
)
"""Every (text, background) pair that the window draws."""

_current = DARK


def palette() -> Palette:
    """Return the palette in use."""
    return _current


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance of sRGB).

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 6)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ui_font(size_px: int = FONT_PX) -> QFont:
    """System font at a size, with digits of equal width."""
    font = QApplication.font()
    font.setPixelSize(size_px)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def apply_theme(app: QApplication, *, dark: bool) -> None:
    """Give the whole application one look; open windows change at once."""
    global _current
    _current = DARK if dark else LIGHT
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(ui_font())
    app.setPalette(_qt_palette(_current))
    colours = {field.name: getattr(_current, field.name) for field in fields(_current)}
    app.setStyleSheet(stylesheet(colours, "dark" if dark else "light"))


def _qt_palette(colours: Palette) -> QPalette:
    """Palette for whatever the style sheet leaves to the style."""
    role = QPalette.ColorRole
    result = QPalette()
    for target, name in (
        (role.Window, "panel"), (role.WindowText, "text"), (role.Base, "field"),
        (role.AlternateBase, "panel"), (role.Text, "text"), (role.Button, "raised"),
        (role.ButtonText, "text"), (role.BrightText, "rejected"), (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"), (role.ToolTipBase, "field"),
        (role.ToolTipText, "text"), (role.PlaceholderText, "secondary"), (role.Link, "accent"),
        (role.LinkVisited, "issue"), (role.Mid, "line"), (role.Midlight, "line"),
        (role.Dark, "window"), (role.Light, "hover"), (role.Shadow, "window"),
        (role.Accent, "accent"),
    ):  # fmt: skip
        result.setColor(target, colours.colour(name))
    for target in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, target, colours.colour("disabled"))
    return result
