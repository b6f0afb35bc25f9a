"""Status line: state, points, cameras, cache, renderer, problems, and running jobs."""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from viewer.session.changes import (
    Change,
    FrameRequested,
    FrameShown,
    JobsChanged,
    MessageShown,
    PointerMoved,
    ProblemsChanged,
    SceneClosed,
    SceneOpened,
)
from viewer.session.jobs import JobStatus
from viewer.session.point_class_lookup import pointed_text
from viewer.session.session import Session
from viewer.ui.icons import icon
from viewer.ui.numbers import bytes_text, counted, duration_text

MESSAGE_MS = 6000
SLOW_LOAD_MS = 1000
"""A frame that takes longer than this is named as loading."""
QUIET_S = 0.3
"""A job that is done sooner is not shown."""
HEIGHT_PX = 24
MAX_RENDERER_PX = 260


class StatusLine(QWidget):
    """One quiet line under everything."""

    def __init__(
        self, session: Session, show_problems: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Status")
        self._session = session
        self._message = QLabel("Ready")
        self._message.setProperty("role", "message")
        self._message.setMinimumWidth(0)
        self._full_message = "Ready"
        self._points, self._cameras, self._cache = QLabel(), QLabel(), QLabel()
        self._pointed = QLabel()
        self._pointed.setAccessibleName("Point under the pointer")
        self._pointed.setToolTip("Class and world position of the point under the pointer")
        self._pointed.setVisible(False)
        self._renderer = QLabel()
        self._problems = QToolButton()
        self._problems.setProperty("role", "flat")
        self._problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._problems.setAccessibleName("Problems in the data")
        self._problems.clicked.connect(show_problems)
        self._problems.clicked.connect(self._refresh)
        self._jobs = JobBar(session)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(16)
        row.addWidget(self._message, 1)
        row.addWidget(self._pointed)
        for widget in (self._problems, self._points, self._cameras, self._cache, self._renderer):
            row.addWidget(widget)
        row.addWidget(self._jobs)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(MESSAGE_MS)
        self._fade.timeout.connect(self._show_ready)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_LOAD_MS)
        self._slow.timeout.connect(self._show_loading)
        self._unsubscribe = session.subscribe(self._on_change)
        self._refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._fade.stop()
        self._slow.stop()
        self._jobs.dispose()

    def set_renderer(self, text: str) -> None:
        """Name what draws the 3D view."""
        short = text.split("(")[0].strip() or text
        metrics = QFontMetrics(self._renderer.font())
        self._renderer.setText(
            metrics.elidedText(f"GL: {short}", Qt.TextElideMode.ElideRight, MAX_RENDERER_PX)
        )
        self._renderer.setToolTip(text)

    @property
    def message(self) -> str:
        """What the line says."""
        return self._full_message

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._renderer.setVisible(self.width() >= 1000)
        self._cache.setVisible(self.width() >= 800)
        self._elide()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, MessageShown):
            self._say(change.text.partition("\n")[0], is_problem=change.is_problem)
            self._fade.start()
        elif isinstance(change, FrameRequested):
            self._slow.start()
        elif isinstance(change, FrameShown):
            was_loading = not self._slow.isActive() and self._full_message.startswith("Loading")
            self._slow.stop()
            if was_loading:
                self._show_ready()
            self._refresh()
        elif isinstance(change, ProblemsChanged | SceneOpened | SceneClosed):
            self._slow.stop()
            self._refresh()
        elif isinstance(change, PointerMoved):
            self._show_pointed()
        elif isinstance(change, JobsChanged):
            self._jobs.refresh()

    def _show_pointed(self) -> None:
        session = self._session
        text = pointed_text(session.content, session.pointed, session.view)
        self._pointed.setText(text)
        self._pointed.setVisible(bool(text))

    @property
    def pointed(self) -> str:
        """What is told of the point under the pointer."""
        return self._pointed.text()

    def _show_ready(self) -> None:
        self._say("Ready")

    def _show_loading(self) -> None:
        self._say(f"Loading frame {self._session.frame_index + 1}")

    def _say(self, text: str, *, is_problem: bool = False) -> None:
        self._full_message = text
        role = "problem" if is_problem else "message"
        if self._message.property("role") != role:
            self._message.setProperty("role", role)
            self._message.style().unpolish(self._message)
            self._message.style().polish(self._message)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self._message.font())
        width = max(self._message.width() - 4, 120)
        self._message.setText(
            metrics.elidedText(self._full_message, Qt.TextElideMode.ElideRight, width)
        )
        self._message.setToolTip(self._full_message)

    def _refresh(self) -> None:
        session = self._session
        content = session.content
        points = sum(len(sweep.cloud) for sweep in content.sweeps) if content else 0
        self._points.setText(f"{points:,} pts" if content else "")
        cameras = len(session.scene.camera_ids) if session.scene else 0
        self._cameras.setText(counted(cameras, "cam") if session.scene else "")
        stats = session.cache.stats
        held, budget = bytes_text(stats.held_bytes), bytes_text(stats.budget_bytes)
        self._cache.setText(f"cache {held} of {budget}" if content else "")
        for label in (self._points, self._cameras):
            label.setVisible(bool(label.text()))
        count = len(session.problems())
        self._problems.setVisible(count > 0)
        if count:
            self._problems.setIcon(icon("problem", "warning"))
            self._problems.setText(counted(count, "problem"))
            self._problems.setAccessibleName(f"{counted(count, 'problem')} in the data")
            self._problems.setToolTip("What is wrong with the data")


class JobBar(QWidget):
    """The oldest running job: what, how far, how long, and a button to give it up."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: JobStatus | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(round(QUIET_S * 1000) + 1)
        self._wait.timeout.connect(self.refresh)
        self._title, self._rest = QLabel(), QLabel()
        self._bar = QProgressBar()
        self._bar.setFixedWidth(96)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._cancel = QToolButton()
        self._cancel.setProperty("role", "flat")
        self._cancel.setIcon(icon("close", "secondary"))
        self._cancel.setAccessibleName("Cancel the job")
        self._cancel.setToolTip("Cancel")
        self._cancel.clicked.connect(self._give_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._title, self._bar, self._rest, self._cancel):
            row.addWidget(widget)
        self.hide()

    def dispose(self) -> None:
        """Stop waiting."""
        self._wait.stop()

    def refresh(self) -> None:
        """Show the oldest job."""
        now = time.monotonic()
        running = self._session.jobs.statuses
        statuses = [status for status in running if now - status.started_s >= QUIET_S]
        self._shown = statuses[0] if statuses else None
        self.setVisible(bool(statuses))
        if not statuses:
            if running and not self._wait.isActive():
                self._wait.start()
            return
        status = statuses[0]
        progress = status.progress
        more = f"  and {len(statuses) - 1} more" if len(statuses) > 1 else ""
        metrics = QFontMetrics(self._title.font())
        self._title.setText(
            metrics.elidedText(
                (progress.text or status.title) + more, Qt.TextElideMode.ElideMiddle, 280
            )
        )
        self._title.setToolTip(status.title)
        total = progress.total or 0
        self._bar.setRange(0, total)
        self._bar.setValue(progress.done if total else 0)
        parts = [f"{100 * progress.done // total} %"] if total else []
        remaining = status.remaining_s(now)
        if remaining is not None:
            parts.append(f"{duration_text(remaining)} left")
        self._rest.setText("  ".join(parts))

    def _give_up(self) -> None:
        given_up = self._shown
        if given_up is not None:
            self._session.say(f"Gave up: {given_up.title}")
            self._session.jobs.cancel(given_up.key)
