"""What stands in the middle of the 3D view while there is nothing in it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from viewer.session.changes import Change, FrameShown, SceneClosed, SceneOpened
from viewer.session.empty_view import why_3d_is_empty
from viewer.session.session import Session

_MARGIN_PX = 16


class ViewportNote(QLabel):
    """Lies over the middle of a 3D view; the mouse goes through."""

    def __init__(self, session: Session, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setObjectName("viewportNote")
        self.setProperty("role", "secondary")
        self.setAccessibleName("Why the 3D view is empty")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._viewport = viewport
        viewport.installEventFilter(self)
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if watched is self._viewport and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            text = why_3d_is_empty(change.content)
            self.setText(text or "")
            self.setVisible(text is not None)
            self._place()
        elif isinstance(change, SceneOpened | SceneClosed):
            self.hide()

    def _place(self) -> None:
        room = self._viewport.width() - 2 * _MARGIN_PX
        self.setFixedWidth(max(1, min(self._wanted_width(), room)))
        self.adjustSize()
        self.move(self._viewport.rect().center() - self.rect().center())

    def _wanted_width(self) -> int:
        metrics = self.fontMetrics()
        lines = self.text().splitlines()
        longest = max((metrics.horizontalAdvance(line) for line in lines), default=0)
        return longest + 2 * _MARGIN_PX
