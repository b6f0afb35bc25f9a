"""Icons from one set (Material Design Icons), coloured by the palette."""

from PySide6.QtGui import QIcon

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
}
ICON_NAMES = tuple(_NAMES)
_made: dict[tuple[str, str, str], QIcon] = {}


def icon(name: str, colour: str = "text") -> QIcon:
    """Return an icon by its own name, in a colour of the palette."""
    import qtawesome  # loads its fonts, so only once something is shown

    colours = palette()
    wanted, disabled = getattr(colours, colour), colours.disabled
    key = (name, wanted, disabled)
    if key not in _made:
        _made[key] = qtawesome.icon(
            f"mdi6.{_NAMES[name]}", color=wanted, color_disabled=disabled
        )  # fmt: skip
    return _made[key]
