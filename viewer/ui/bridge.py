"""The one way from worker threads to the Qt thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class QtPost(QObject):
    """Call it with a callable on any thread: it runs on the Qt thread, soon, in order."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, run: Callable[[], None]) -> None:
        """Queue a callable; dropped once `close` was called."""
        if self._open:
            self._posted.emit(run)

    def close(self) -> None:
        """Drop whatever is still queued."""
        self._open = False

    @Slot(object)
    def _run(self, run: Callable[[], None]) -> None:
        if self._open:
            run()
