"""A thin line along the top edge while a frame loads."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer.session.changes import (
    Change,
    FrameRequested,
    FrameShown,
    JobsChanged,
    MessageShown,
    SceneClosed,
)
from viewer.session.session import Session
from viewer.ui.theme import palette

DELAY_MS = 300
STEP_MS = 40
HEIGHT_PX = 2
_STEPS = 40


class LoadingLine(QWidget):
    """Stays empty for `DELAY_MS`, so that quick frames do not flicker."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self._session = session
        self._step = -1
        self._awaits_frame = False
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(DELAY_MS)
        self._delay.timeout.connect(self._begin)
        self._run = QTimer(self)
        self._run.setInterval(STEP_MS)
        self._run.timeout.connect(self._advance)
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening and moving."""
        self._unsubscribe()
        self.stop()

    @property
    def running(self) -> bool:
        """True while the line moves."""
        return self._run.isActive()

    def stop(self) -> None:
        """Empty the line."""
        self._delay.stop()
        self._run.stop()
        # Any update composes the whole window anew, the 3D view included.
        if self._step >= 0:
            self._step = -1
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._step < 0:
            return
        width = self.width() / 4
        travel = self.width() + width
        left = travel * (self._step % _STEPS) / _STEPS - width
        painter = QPainter(self)
        painter.fillRect(int(left), 0, int(width), self.height(), palette().colour("accent"))

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameRequested):
            self._awaits_frame = True
            self._start()
        elif isinstance(change, FrameShown | SceneClosed) or (
            isinstance(change, MessageShown) and change.is_problem
        ):
            self._awaits_frame = False
            self.stop()
        elif isinstance(change, JobsChanged):
            if self._session.jobs.statuses:
                self._start()
            elif not self._awaits_frame:
                # Jobs without a title go on unseen: nobody waits for them.
                self.stop()

    def _start(self) -> None:
        if not self._run.isActive() and not self._delay.isActive():
            self._delay.start()

    def _begin(self) -> None:
        self._step = 0
        self._run.start()

    def _advance(self) -> None:
        self._step += 1
        self.update()
