"""Where docks stand in each layout before a person moves them."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from viewer.ui.layouts import REVIEW
from viewer.ui.review.panels import REVIEW_PANELS

LEFT_PX, RIGHT_PX, BOTTOM_PX = 256, 304, 148
REVIEW_BOTTOM_PX = 112
Docks = Mapping[str, QDockWidget]
_AREA = Qt.DockWidgetArea
_HORIZONTAL, _VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def arrange_docks(window: QMainWindow, docks: Docks, layout: str) -> None:
    """Put every dock to its place."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    window.setCorner(Qt.Corner.BottomLeftCorner, _AREA.BottomDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _AREA.BottomDockWidgetArea)
    if layout == REVIEW:
        _arrange_review(window, docks)
    else:
        _arrange_browse(window, docks)


def _arrange_browse(window: QMainWindow, docks: Docks) -> None:
    window.addDockWidget(_AREA.LeftDockWidgetArea, docks["scenes"])
    window.splitDockWidget(docks["scenes"], docks["layers"], _VERTICAL)
    for name in ("filters", "points", "images"):
        window.tabifyDockWidget(docks["layers"], docks[name])
    window.addDockWidget(_AREA.RightDockWidgetArea, docks["inspector"])
    window.splitDockWidget(docks["inspector"], docks["labels"], _VERTICAL)
    window.addDockWidget(_AREA.BottomDockWidgetArea, docks["timeline"])
    reviewed = [docks[each.name] for each in REVIEW_PANELS if each.name in docks]
    for name, dock in docks.items():
        dock.setVisible(dock not in reviewed and name in docks)
    for dock in reviewed:
        window.addDockWidget(_AREA.LeftDockWidgetArea, dock)
        window.tabifyDockWidget(docks["scenes"], dock)
        dock.hide()
    docks["layers"].raise_()
    window.resizeDocks([docks["scenes"], docks["inspector"]], [LEFT_PX, RIGHT_PX], _HORIZONTAL)
    window.resizeDocks([docks["timeline"]], [BOTTOM_PX], _VERTICAL)
    window.resizeDocks([docks["scenes"], docks["layers"]], [2, 3], _VERTICAL)
    window.resizeDocks([docks["inspector"], docks["labels"]], [3, 2], _VERTICAL)


def _arrange_review(window: QMainWindow, docks: Docks) -> None:
    """Queue and the like on the left, facts on the right; what browsing needs waits in tabs."""
    areas = {
        "left": _AREA.LeftDockWidgetArea,
        "right": _AREA.RightDockWidgetArea,
        "bottom": _AREA.BottomDockWidgetArea,
    }
    first: dict[str, QDockWidget] = {}
    shown: list[QDockWidget] = []

    def place(dock: QDockWidget, area: str) -> None:
        window.addDockWidget(areas[area], dock)
        if area in first:
            window.tabifyDockWidget(first[area], dock)
        else:
            first[area] = dock
        shown.append(dock)

    place(docks["inspector"], "right")
    for each in REVIEW_PANELS:
        if each.name in docks and each.area != "bottom":
            place(docks[each.name], each.area)
    place(docks["scenes"], "left")
    place(docks["labels"], "right")
    place(docks["timeline"], "bottom")
    for each in REVIEW_PANELS:
        if each.name in docks and each.area == "bottom":
            place(docks[each.name], "bottom")
    for name in ("layers", "filters", "points", "images"):
        window.addDockWidget(_AREA.LeftDockWidgetArea, docks[name])
        window.tabifyDockWidget(first["left"], docks[name])
        docks[name].hide()
    on_demand = [docks.get(each.name) for each in REVIEW_PANELS if not each.shown]
    for dock in shown:
        dock.setVisible(dock not in on_demand)
    for dock in first.values():
        dock.raise_()
    window.resizeDocks([first["left"], docks["inspector"]], [LEFT_PX, RIGHT_PX], _HORIZONTAL)
    window.resizeDocks([docks["timeline"]], [REVIEW_BOTTOM_PX], _VERTICAL)
