"""What the panels of the review share: listening to the desk, and waiting until they are seen."""

from importlib import import_module

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.session.review_changes import DeskChange
from viewer.session.review_desk import ReviewDesk


class DeskPanel(QWidget):
    """A panel over the desk; a hidden one catches up when it is shown.

    Subclasses override `refresh`, and `concerns` where most changes do not matter to them.
    """

    refresh_after_ms = 0
    """So long it waits, to follow several changes at once and after the object is shown."""

    def __init__(self, desk: ReviewDesk, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName("panelBody")
        self.setAccessibleName(f"{name} panel")
        self._behind = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh)
        self._unsubscribe = desk.subscribe(self._hear)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._later.stop()

    def refresh(self) -> None:
        """Show what there is now."""

    def concerns(self, _change: DeskChange) -> bool:
        """Whether a change asks for `refresh`."""
        return True

    def _hear(self, change: DeskChange) -> None:
        if not self.concerns(change):
            return
        if self.isVisible() and self.refresh_after_ms:
            self._later.start(self.refresh_after_ms)
        elif self.isVisible():
            self.refresh()
        else:
            self._behind = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._behind = False
            self.refresh()


class LazyDeskPanel(QWidget):
    """Stands for a `DeskPanel` that costs nothing until someone looks."""

    def __init__(self, place: str, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelBody")
        self._place, self._desk = place, desk
        self.panel: DeskPanel | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # While docks find their places, many are shown that end behind others.
        QTimer.singleShot(0, self, self._make_where_seen)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.panel is None:
            QTimer.singleShot(0, self, self._make_where_seen)

    def _make_where_seen(self) -> None:
        if not self.visibleRegion().isEmpty():
            self.made()

    def made(self) -> DeskPanel:
        """The panel; makes it where nobody looked yet."""
        if self.panel is None:
            module, _, name = self._place.partition(":")
            panel: DeskPanel = getattr(import_module(module), name)(self._desk)
            had_focus = self.hasFocus()
            self.panel = panel
            column = self.layout()
            if column is not None:
                column.addWidget(panel)
            self.setFocusProxy(panel)
            if had_focus:
                panel.setFocus(Qt.FocusReason.OtherFocusReason)
        return self.panel

    def dispose(self) -> None:
        """Stop listening."""
        if self.panel is not None:
            self.panel.dispose()
