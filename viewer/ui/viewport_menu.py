"""The menu of a right click in the 3D view: what can be done with what lies there."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from viewer.session.session import Session
from viewer.ui.action_table import ActionTable
from viewer.ui.measure_tool import MeasureTool

OnPoint = Callable[[tuple[float, float, float]], None]
"""Takes a position in world."""
_ON_LABEL = (
    ("eye.frame", "eye.behind"),
    ("label.isolate", "label.solo", "label.solo_track", "label.hide_class"),
)
_ON_NOTHING = (("eye.frame", "eye.top", "eye.ego"), ("file.copy_view", "file.copy_link"))


class ViewportMenu:
    """Selects the label that was clicked and offers the actions that concern it."""

    def __init__(
        self,
        session: Session,
        table: ActionTable,
        measure: MeasureTool,
        parent: QWidget,
        open_issue: OnPoint,
    ) -> None:
        self._session = session
        self._table = table
        self._measure = measure
        self._parent = parent
        self._open_issue = open_issue

    def open_at(self, place: QPoint, pick: Any) -> None:  # noqa: ANN401 - Pick or None, by signal
        """Show the menu at a position of the screen, beside what lies there."""
        if self._session.scene is not None:
            self.make(pick).popup(place)

    def make(self, pick: Any) -> QMenu:  # noqa: ANN401
        """Make the menu; it deletes itself once it is closed."""
        menu = QMenu(self._parent)
        menu.setObjectName("menuViewport")
        menu.aboutToHide.connect(menu.deleteLater)
        on_label = pick is not None and pick.label is not None
        if on_label:
            self._session.select(pick.label)
        for group in _ON_LABEL if on_label else _ON_NOTHING:
            for action_id in group:
                menu.addAction(self._table[action_id])
            menu.addSeparator()
        if pick is not None:
            menu.addAction("New issue at this point", lambda: self._issue_at(pick))
            menu.addAction("Measure from here", lambda: self._measure.measure_from(pick))
            menu.addAction("Copy position", lambda: self._copy(pick))
        return menu

    def _issue_at(self, pick: Any) -> None:  # noqa: ANN401
        x, y, z = (float(part) for part in pick.position_world)
        self._open_issue((x, y, z))

    def _copy(self, pick: Any) -> None:  # noqa: ANN401
        text = ", ".join(f"{float(part):.3f}" for part in pick.position_world)
        QGuiApplication.clipboard().setText(text)
        self._session.say(f"Copied the position {text} m")
