"""The menu of a right click on a camera image: what can be done with its pixel and label."""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.action_table import ActionTable

OnPixel = Callable[[str, float, float], None]
"""Takes sensor_id and pixel of the stored image."""
_ON_LABEL = ("eye.frame", "label.isolate", "label.solo", "label.hide_class")


class CameraMenu:
    """Selects the label that was clicked and offers what concerns it and the pixel.

    Parameters
    ----------
    open_issue, mark
        Open an issue at a pixel; say that an object is missing there.
    """

    def __init__(
        self,
        session: Session,
        table: ActionTable,
        parent: QWidget,
        *,
        open_issue: OnPixel,
        mark: OnPixel,
    ) -> None:
        self._session, self._table, self._parent = session, table, parent
        self._open_issue, self._mark = open_issue, mark

    def open_at(
        self, place: QPoint, sensor_id: str, u: float, v: float, key: LabelKey | None
    ) -> None:
        """Show the menu at a position of the screen."""
        if self._session.scene is not None:
            self.make(sensor_id, u, v, key).popup(place)

    def make(self, sensor_id: str, u: float, v: float, key: LabelKey | None) -> QMenu:
        """Make the menu; it deletes itself once it is closed."""
        menu = QMenu(self._parent)
        menu.setObjectName("menuCamera")
        menu.aboutToHide.connect(menu.deleteLater)
        if key is not None:
            self._session.select(key)
            for action_id in _ON_LABEL:
                menu.addAction(self._table[action_id])
            menu.addSeparator()
        menu.addAction("New issue at this pixel", lambda: self._open_issue(sensor_id, u, v))
        menu.addAction("An object is missing here", lambda: self._mark(sensor_id, u, v))
        menu.addSeparator()
        if self._session.large_camera == sensor_id:
            menu.addAction("Show all cameras", lambda: self._session.set_large_camera(None))
        else:
            menu.addAction("Show it large", lambda: self._session.set_large_camera(sensor_id))
        menu.addAction("Copy pixel", lambda: self._copy(sensor_id, u, v))
        return menu

    def _copy(self, sensor_id: str, u: float, v: float) -> None:
        text = f"{u:.1f}, {v:.1f}"
        QGuiApplication.clipboard().setText(text)
        self._session.say(f"Copied the pixel {text} of {sensor_id}")
