"""The way into the findings: a dock from the start, everything else when it is looked at."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from viewer.ui.dock import make_dock
from viewer.ui.findings.panels import FINDINGS_PANELS
from viewer.ui.layouts import BROWSE
from viewer.ui.review.window import ReviewWindow, as_widget

if TYPE_CHECKING:
    from viewer.session.findings_desk import FindingsDesk
    from viewer.ui.findings.room import FindingsRoom
    from viewer.ui.review.entry import ReviewEntry

WARM_JOB = "findings-code"
FINDINGS = "findings"
NARROWEST_PX = 240
CHARTS_PX, ROOMY_PX = 352, 1400
"""Width of panels with charts, in a window that has room for it."""
FINDINGS_SHARE = 4
"""Height beside that of the layers."""


class FindingsEntry(QObject):
    """Opens the findings for the window; nothing of `viewer.checks` is imported before `begin`.

    Parameters
    ----------
    window
        The main window.
    review
        The way into the review, where findings are decided about.
    changed
        Called when what actions can do may have changed.
    """

    def __init__(
        self, window: ReviewWindow, review: "ReviewEntry", changed: Callable[[], None]
    ) -> None:
        super().__init__(as_widget(window))
        self._window, self._review, self._changed = window, review, changed
        self._room: FindingsRoom | None = None
        self._stand_ins: dict[str, FindingsStandIn] = {}

    def dispose(self) -> None:
        """Stop listening and checking."""
        if self._room is not None:
            self._room.dispose()
            self._room = None

    def make_docks(self, window: QMainWindow) -> None:
        """Make the docks; they cost nothing until someone looks."""
        for place in FINDINGS_PANELS:
            stand_in = self._stand_ins[place.name] = FindingsStandIn(self, place.name)
            stand_in.setMinimumWidth(NARROWEST_PX)
            dock = make_dock(window, place.name, place.title, stand_in)
            self._window.panels[place.name] = stand_in
            self._window.docks[place.name] = dock
            dock.visibilityChanged.connect(self._window.docks_changed)

    @property
    def room(self) -> "FindingsRoom | None":
        """What the findings consist of; None until they were asked for."""
        return self._room

    @property
    def desk(self) -> "FindingsDesk | None":
        """What was found; None until it was asked for."""
        return None if self._room is None else self._room.desk

    def begin(self, name: str = FINDINGS) -> "FindingsRoom":
        """Make everything of the findings, once, and one of its panels."""
        if self._room is None:
            from viewer.ui.findings.room import FindingsRoom

            self._room = FindingsRoom(self._window, self._review)
            self._room.desk.subscribe(lambda _change: self._changed())
        stand_in = self._stand_ins.get(name)
        if stand_in is not None and not stand_in.is_made:
            stand_in.take(self._room.panel_of(name))
            self._make_room(name)
        return self._room

    def _make_room(self, name: str) -> None:
        """In Browse a panel stands over another one: it needs more of the height than that."""
        window, docks = self._window, self._window.docks
        if isinstance(window, QMainWindow) and window.shell.layout_shown(BROWSE):
            both = [docks[name], docks["layers" if name == FINDINGS else "labels"]]
            if name != FINDINGS and window.width() >= ROOMY_PX:
                window.resizeDocks([docks[name]], [CHARTS_PX], Qt.Orientation.Horizontal)
            window.resizeDocks(both, [FINDINGS_SHARE, 1], Qt.Orientation.Vertical)

    def follow_review(self) -> None:
        """Hear of decisions where the review has begun."""
        if self._room is not None:
            self._room.follow_review()

    def warm_up(self) -> None:
        """Read the code of checking in the background, so that the panel need not wait."""
        self._window.session.jobs.start(
            WARM_JOB,
            lambda _context: import_module("viewer.session.findings_desk"),
            done=lambda _module: None,
            failed=lambda _error: None,
            priority=72,
        )


class FindingsStandIn(QWidget):
    """Stands for the panel until someone looks."""

    def __init__(self, entry: FindingsEntry, name: str) -> None:
        super().__init__()
        self.setObjectName("panelBody")
        self._entry, self._name = entry, name
        self.is_made = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def dispose(self) -> None:
        """Nothing is held."""

    def take(self, panel: QWidget) -> None:
        """Show the panel from now on."""
        self.is_made = True
        had_focus = self.hasFocus()
        column = self.layout()
        if column is not None:
            column.addWidget(panel)
        self.setFocusProxy(panel)
        if had_focus:
            panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_made:
            QTimer.singleShot(0, self, self._make_where_seen)

    def _make_where_seen(self) -> None:
        if not self.is_made and not self.visibleRegion().isEmpty():
            self._entry.begin(self._name)
