"""Where docks stand in each layout before a person moves them."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from viewer.ui.compare.panels import COMPARE_PANELS
from viewer.ui.findings.panels import FINDINGS_PANELS
from viewer.ui.layouts import COMPARE, REVIEW
from viewer.ui.review.panels import REVIEW_PANELS, PanelPlace

LEFT_PX, RIGHT_PX, BOTTOM_PX = 256, 304, 148
REVIEW_BOTTOM_PX = 112
COMPARE_PX, METRICS_PX = 288, 400
Docks = Mapping[str, QDockWidget]
_AREA = Qt.DockWidgetArea
_HORIZONTAL, _VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def arrange_docks(window: QMainWindow, docks: Docks, layout: str) -> None:
    """Put every dock to its place."""
    for dock in docks.values():
        if dock.isFloating():
            dock.setFloating(False)
        window.removeDockWidget(dock)
    window.setCorner(Qt.Corner.BottomLeftCorner, _AREA.BottomDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _AREA.BottomDockWidgetArea)
    if layout == REVIEW:
        _arrange_review(window, docks)
    elif layout == COMPARE:
        _arrange_compare(window, docks)
    else:
        _arrange_browse(window, docks)


def _arrange_browse(window: QMainWindow, docks: Docks) -> None:
    window.addDockWidget(_AREA.LeftDockWidgetArea, docks["scenes"])
    window.splitDockWidget(docks["scenes"], docks["layers"], _VERTICAL)
    for name in ("filters", "points", "images"):
        window.tabifyDockWidget(docks["layers"], docks[name])
    window.tabifyDockWidget(docks["scenes"], docks["findings"])
    window.addDockWidget(_AREA.RightDockWidgetArea, docks["inspector"])
    window.splitDockWidget(docks["inspector"], docks["labels"], _VERTICAL)
    window.addDockWidget(_AREA.BottomDockWidgetArea, docks["timeline"])
    elsewhere = _there(docks, REVIEW_PANELS) + _there(docks, COMPARE_PANELS)
    asked_for = _on_demand(docks)
    for dock in docks.values():
        dock.setVisible(dock not in elsewhere)
    _put_away(window, docks["scenes"], elsewhere)
    _put_away(window, docks["inspector"], asked_for)
    docks["layers"].raise_()
    docks["scenes"].raise_()
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
    _put_away(window, docks["inspector"], _on_demand(docks))
    for each in REVIEW_PANELS:
        if each.name in docks and each.area != "bottom":
            place(docks[each.name], each.area)
            if each.name == "issues":
                place(docks["findings"], "left")
    place(docks["scenes"], "left")
    place(docks["labels"], "right")
    place(docks["timeline"], "bottom")
    for each in REVIEW_PANELS:
        if each.name in docks and each.area == "bottom":
            place(docks[each.name], "bottom")
    idle = [docks[name] for name in ("layers", "filters", "points", "images")]
    _put_away(window, first["left"], [*idle, *_there(docks, COMPARE_PANELS)])
    on_demand = [docks.get(each.name) for each in REVIEW_PANELS if not each.shown]
    for dock in shown:
        dock.setVisible(dock not in on_demand)
    for dock in first.values():
        dock.raise_()
    window.resizeDocks([first["left"], docks["inspector"]], [LEFT_PX, RIGHT_PX], _HORIZONTAL)
    window.resizeDocks([docks["timeline"]], [REVIEW_BOTTOM_PX], _VERTICAL)


def _arrange_compare(window: QMainWindow, docks: Docks) -> None:
    """What is compared over the list of errors on the left, the figures on the right."""
    places = {each.name: docks[each.name] for each in COMPARE_PANELS if each.name in docks}
    window.addDockWidget(_AREA.LeftDockWidgetArea, places["sides"])
    window.splitDockWidget(places["sides"], places["errors"], _VERTICAL)
    window.addDockWidget(_AREA.RightDockWidgetArea, places["metrics"])
    window.addDockWidget(_AREA.RightDockWidgetArea, docks["inspector"])
    window.tabifyDockWidget(places["metrics"], docks["inspector"])
    window.addDockWidget(_AREA.LeftDockWidgetArea, docks["scenes"])
    window.tabifyDockWidget(places["sides"], docks["scenes"])
    window.addDockWidget(_AREA.BottomDockWidgetArea, docks["timeline"])
    shown = [*places.values(), docks["inspector"], docks["scenes"], docks["timeline"]]
    idle = [docks[name] for name in ("layers", "filters", "points", "images", "labels", "findings")]
    _put_away(window, places["sides"], [*idle, *_there(docks, REVIEW_PANELS)])
    _put_away(window, docks["inspector"], _on_demand(docks))
    for dock in shown:
        dock.show()
    places["sides"].raise_()
    places["metrics"].raise_()
    columns = [places["sides"], places["errors"], places["metrics"]]
    window.resizeDocks(columns, [COMPARE_PX, COMPARE_PX, METRICS_PX], _HORIZONTAL)
    window.resizeDocks([places["sides"], places["errors"]], [2, 5], _VERTICAL)
    window.resizeDocks([docks["timeline"]], [REVIEW_BOTTOM_PX], _VERTICAL)


def _there(docks: Docks, places: Sequence[PanelPlace]) -> list[QDockWidget]:
    """Docks of panels that were made already."""
    return [docks[each.name] for each in places if each.name in docks]


def _on_demand(docks: Docks) -> list[QDockWidget]:
    """Docks of what is told of the data besides findings: shown where somebody asks for them."""
    return [docks[each.name] for each in FINDINGS_PANELS if not each.shown and each.name in docks]


def _put_away(window: QMainWindow, beside: QDockWidget, hidden: Sequence[QDockWidget]) -> None:
    """Hide docks where a person who asks for them finds them: as tabs of another one."""
    for dock in hidden:
        window.addDockWidget(_AREA.LeftDockWidgetArea, dock)
        window.tabifyDockWidget(beside, dock)
        dock.hide()
