"""Everything of the comparison in a window: the desk and its panels."""

from dataclasses import replace
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from viewer.review import Workspace
from viewer.session.changes import Change, FrameShown
from viewer.session.compare_changes import ChoicesChanged, CompareChange
from viewer.session.compare_desk import CompareDesk
from viewer.session.review_desk import ReviewDesk
from viewer.ui.compare.desk_panel import LazyComparePart
from viewer.ui.compare.panels import COMPARE_PANELS
from viewer.ui.compare.sides_panel import SidesPanel
from viewer.ui.dock import make_dock
from viewer.ui.layouts import COMPARE
from viewer.ui.review.entry import ReviewEntry
from viewer.ui.review.window import ReviewWindow

NARROWEST_PX = {"metrics": 368}
NARROWEST_LEFT_PX = 276


class CompareRoom:
    """Made when the comparison begins; lives until the window closes."""

    def __init__(self, window: ReviewWindow, review: ReviewEntry) -> None:
        self._window = window
        self._review = review
        self.desk = CompareDesk(window.session)
        self.desk.work.review = self._open_review
        self.desk.workspace = self._workspace
        for place in COMPARE_PANELS:
            panel = LazyComparePart(place.place, self.desk)
            panel.setMinimumWidth(NARROWEST_PX.get(place.name, NARROWEST_LEFT_PX))
            main = cast(QMainWindow, window)
            dock = make_dock(main, place.name, place.title, panel)
            window.panels[place.name] = panel
            window.docks[place.name] = dock
            dock.visibilityChanged.connect(window.docks_changed)
            main.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            dock.hide()

        self.desk.recall(window.settings.compare)
        self.desk.subscribe(self._remember)
        self._unsubscribe = window.session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening and computing."""
        self._unsubscribe()
        self.desk.dispose()

    def _on_change(self, change: Change) -> None:
        """Of another dataset the picture comes first, then what is compared."""
        if isinstance(change, FrameShown) and self._window.shell.layout_shown(COMPARE):
            self.desk.arrive()

    def _remember(self, change: CompareChange) -> None:
        """Pairs are found the same way at the next start."""
        rules = self.desk.choice.rules()
        if isinstance(change, ChoicesChanged) and rules != self._window.settings.compare:
            self._window.remember(replace(self._window.settings, compare=rules))

    def arrive(self) -> None:
        """Compare what is open, unless that was done."""
        self.desk.arrive()

    def _open_review(self) -> ReviewDesk | None:
        """The desk of the review with a workspace; None where there is none to be had."""
        return self._review.desk if self._review.open() else None

    def _workspace(self) -> tuple[Workspace, str] | None:
        """The open workspace, and the id of the dataset in it; None where none is open."""
        desk = self._review.desk
        if desk is None or desk.workspace is None or desk.dataset_id is None:
            return None
        return desk.workspace, desk.dataset_id

    def ask_predictions(self, *, folder: bool) -> None:
        """Ask for predictions and load them."""
        stand_in = self._window.panels.get("sides")
        panel = stand_in.make() if isinstance(stand_in, LazyComparePart) else None
        if isinstance(panel, SidesPanel):
            panel.ask_file(folder=folder)

    def part(self, name: str) -> QWidget | None:
        """A panel of the comparison, once it was looked at."""
        stand_in = self._window.panels.get(name)
        return stand_in.part if isinstance(stand_in, LazyComparePart) else None
