"""Wires the rooms together: one session, one window, and the timer that plays."""

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication

from viewer.geometry import lazy_numba
from viewer.progress import JobContext
from viewer.render.overlay_prepare import PREPARED, OverlayPreparer
from viewer.render.prepare import PREPARERS, prepared_for
from viewer.scene.scene import Dataset, Scene
from viewer.session.changes import (
    Change,
    DatasetOpened,
    FrameShown,
    OpenFailed,
    PlaybackChanged,
    SceneOpened,
)
from viewer.session.link import Sight
from viewer.session.session import Session
from viewer.session.settings import Settings, load_settings, save_settings
from viewer.ui.bridge import QtPost
from viewer.ui.main_window import MainWindow
from viewer.ui.theme import apply_theme
from viewer.ui.viewport_widget import ViewportWidget, install_default_format

PLAY_TICK_MS = 15
PREFETCH_WITHIN_MS = 120
"""The next frames are loaded when this one is painted, at the latest after this time."""
PREFETCH_AFTER_MS = 15
"""From drawing the 3D view until the whole window is on screen, about."""
NO_PICTURE_MS = 3_000
"""After this long, what waits for the first picture goes on without one."""
SHOW_WITHIN_MS = 600
"""For so long the window waits for its first frame, rather than being painted twice."""
SWITCH_INTERVAL_S = 0.001
"""So long a worker thread in plain Python keeps the window waiting; usually it is 5 ms."""
MEASURE_START = "SIGHTLINE_QUIT_AFTER_FIRST_FRAME"
"""For measuring: with this environment variable set, the program says `first frame painted` on
standard output once a frame is on screen, and quits."""


def run_app(
    sight: Sight | None,
    *,
    first_frame: int | None = None,
    choices: Mapping[str, str] | None = None,
    workspace: Path | None = None,
    reviewer: str | None = None,
) -> int:
    """Open the window, on a place in a dataset or empty; return the exit code when it closes."""
    application = Application(choices=choices)
    application.window.review.use_reviewer(reviewer)
    if workspace is not None:
        application.window.review.open_with(workspace)
    if sight is not None:
        application.open_sight(sight, first_frame=first_frame)
    return application.run()


def open_scene(scene: Scene) -> int:
    """Open the window on a scene that was built in Python; return when it closes."""
    application = Application()
    application.session.open_dataset(Dataset(scene.path, scene.format_name, (scene,)))
    return application.run()


def open_path(context: JobContext, path: str, choices: Mapping[str, str] | None = None) -> Dataset:
    """Open a dataset. Runs on a worker thread."""
    from viewer.formats.catalog import open_dataset

    # The recent list and links shall hold wherever the program is started from next.
    place = Path(path).absolute()
    if not place.exists():
        raise FileNotFoundError(path)
    context.report(0, None, f"Opening {place.name or path}")
    return open_dataset(place, choices=choices, context=context, growing=True)


class Application:
    """The running program: what it holds lives from here to the end of `run`."""

    def __init__(
        self, settings: Settings | None = None, choices: Mapping[str, str] | None = None
    ) -> None:
        install_default_format()
        existing = QApplication.instance()
        self.qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
        self.qt.setApplicationName("sightline")
        self.qt.setApplicationDisplayName("Sightline")
        self.qt.setDesktopFileName("sightline")
        lazy_numba.defer()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        loaded = load_settings() if settings is None else settings
        apply_theme(self.qt, dark=loaded.view.dark)
        preparer = OverlayPreparer()
        self._post = QtPost()
        self._choices = dict(choices or {})
        self.session = Session(
            self._post, self._open, {**PREPARERS, PREPARED: preparer}, loaded.view, prepared_for
        )
        self.window = MainWindow(self.session, ViewportWidget(), preparer, loaded, self._save)
        self.window.closed.connect(self.qt.quit, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PLAY_TICK_MS)
        self._timer.timeout.connect(self._play_on)
        self._last_s = 0.0
        self.session.prefetches_at_once = False
        self._prefetch_timer = QTimer()
        self._prefetch_timer.setSingleShot(True)
        self._prefetch_timer.timeout.connect(self.session.prefetch)
        self.window.viewport_widget.painted.connect(self._on_painted)  # type: ignore[attr-defined]
        self._first_frame: int | None = None
        self.session.subscribe(self._on_change)

    def _open(self, context: JobContext, path: str) -> Dataset:
        """Open a dataset with what was chosen for it now or before. Runs on a worker thread."""
        from viewer.formats.path_map import without_lost_folders

        known = self.window.settings.choices_of(str(Path(path).absolute()))
        return open_path(context, path, without_lost_folders(known) | self._choices)

    def open_sight(self, sight: Sight, *, first_frame: int | None = None) -> None:
        """Open a place in a dataset; `first_frame` counts from 0."""
        self._first_frame = first_frame
        self.window.shell.open_sight(sight)

    def run(self) -> int:
        """Show the window until it closes, then let go of everything."""
        hook, sys.excepthook = sys.excepthook, self._show_error
        # Nothing is lost by leaving at once: settings are saved as they change.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
        if os.environ.get(MEASURE_START):
            self._after_first_picture(self._say_painted_and_quit)
        self._after_first_picture(self._go_on)
        self._show_window()
        try:
            return int(self.qt.exec())
        finally:
            sys.excepthook = hook
            signal.signal(signal.SIGINT, interrupt)
            self.dispose()

    def _show_window(self) -> None:
        """Show the window, with a frame in it at once where one is on its way and comes soon."""
        if not self.session.jobs.busy:
            self.window.show()
            return
        unsubscribe: Callable[[], None] | None = None

        def show() -> None:
            nonlocal unsubscribe
            if unsubscribe is not None:
                unsubscribe()
                unsubscribe = None
                self.window.show()

        def on_change(change: Change) -> None:
            if isinstance(change, FrameShown | OpenFailed):
                show()

        unsubscribe = self.session.subscribe(on_change)
        QTimer.singleShot(SHOW_WITHIN_MS, self.window, show)

    def _after_first_picture(self, then: Callable[[], None]) -> None:
        """Call `then` once, when a frame is on screen; after a while also without one."""
        waiting = [then]

        def call() -> None:
            if waiting:
                waiting.pop()()

        def on_painted(_milliseconds: float) -> None:
            if waiting and self.session.content is not None:
                # The event loop comes back when the picture is in the window.
                QTimer.singleShot(0, self.qt, call)

        self.window.viewport_widget.painted.connect(on_painted)  # type: ignore[attr-defined]
        QTimer.singleShot(NO_PICTURE_MS, self.qt, call)

    def _go_on(self) -> None:
        """Do what the first picture did not need."""
        gc.freeze()
        gc.enable()
        self.session.load_kernels()
        self.window.review.open_if_known()
        self.window.review.warm_up()
        self.window.compare.warm_up()
        self.window.findings.warm_up()

    def _say_painted_and_quit(self) -> None:
        if self.session.content is not None:
            print("first frame painted", flush=True)  # noqa: T201 - what is measured
        self.qt.quit()

    def dispose(self) -> None:
        """End threads and timers and free the window; nothing of it survives."""
        self._timer.stop()
        self._prefetch_timer.stop()
        self.window.dispose()
        self.session.shut_down()
        self._post.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        del self.window
        gc.unfreeze()
        gc.collect()

    def _save(self, settings: Settings) -> None:
        try:
            save_settings(settings)
        except OSError as error:
            self.session.say(f"Settings cannot be saved: {error}", is_problem=True)

    def _on_painted(self, _milliseconds: float) -> None:
        if self._prefetch_timer.isActive():
            self._prefetch_timer.start(PREFETCH_AFTER_MS)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._prefetch_timer.start(PREFETCH_WITHIN_MS)
        if isinstance(change, DatasetOpened) and self._choices:
            self._remember_choices()
        if isinstance(change, PlaybackChanged):
            if self.session.playback.playing and not self._timer.isActive():
                self._last_s = time.perf_counter()
                self._timer.start()
            elif not self.session.playback.playing:
                self._timer.stop()
        elif isinstance(change, SceneOpened) and self._first_frame is not None:
            first, self._first_frame = self._first_frame, None
            QTimer.singleShot(0, self.qt, lambda: self.session.go_to_frame(first))

    def _remember_choices(self) -> None:
        dataset, settings = self.session.dataset, self.window.settings
        if dataset is not None and str(dataset.path) in settings.recent:
            path = str(dataset.path)
            known = settings.choices_of(path)
            self.window.remember(settings.with_choices(path, known | self._choices))

    def _play_on(self) -> None:
        now = time.perf_counter()
        elapsed, self._last_s = now - self._last_s, now
        self.session.advance(elapsed)

    def _show_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Say that something unexpected happened; the details go to standard error."""
        traceback.print_exception(kind, error, trace)
        from viewer.review.errors import WorkspaceError

        # What can happen to a file at any moment, such as a share that goes away, is told as it is.
        is_told = isinstance(error, WorkspaceError)
        text = str(error) if is_told else f"Unexpected problem: {error or kind.__name__}"
        self.session.say(text, is_problem=True)
