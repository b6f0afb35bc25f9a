"""Lets time pass while a scene plays."""

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from viewer.session.changes import Change, PlaybackChanged
from viewer.session.session import Session

INTERVAL_MS = 15
LONGEST_STEP_S = 0.25
"""A longer pause (a window dragged, a machine asleep) does not count as playing."""


class PlayClock(QObject):
    """Tells the session how much time passed, only while it plays."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)
        self._unsubscribe = session.subscribe(self._on_change)
        self._follow()

    def dispose(self) -> None:
        """Stop for good."""
        self._unsubscribe()
        self._timer.stop()

    @property
    def running(self) -> bool:
        """True while time passes."""
        return self._timer.isActive()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, PlaybackChanged):
            self._follow()

    def _follow(self) -> None:
        playing = self._session.playback.playing
        if playing and not self._timer.isActive():
            self._elapsed.start()
            self._timer.start()
        elif not playing:
            self._timer.stop()

    def _tick(self) -> None:
        elapsed_s = min(self._elapsed.restart() / 1000.0, LONGEST_STEP_S)
        self._session.advance(elapsed_s)
