"""Everything of the review in a window: the desk, its panels, and what the others show of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QMainWindow, QWidget

from viewer.review import Entry, Reviewer
from viewer.review.issues.model import Pixel, Point
from viewer.session.review_changes import (
    BoxSought,
    DecisionsChanged,
    DeskChange,
    GhostsShown,
    HoldingChanged,
    PinsShown,
    QueueAsked,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_history import subject_of
from viewer.ui.dock import make_dock
from viewer.ui.review.bookmark_popover import BookmarkPopover
from viewer.ui.review.centre import ReviewCentre
from viewer.ui.review.desk_panel import LazyDeskPanel
from viewer.ui.review.issue_looks import WindowLooks
from viewer.ui.review.marking import MarkTool
from viewer.ui.review.panels import REVIEW_PANELS
from viewer.ui.review.tag_editor import TagPopover
from viewer.ui.review.threshold_popover import ThresholdPopover
from viewer.ui.review.verdict_marks import VerdictMarks
from viewer.ui.review.window import ReviewWindow

if TYPE_CHECKING:
    from viewer.ui.review.issue_panel import IssuePanel
    from viewer.ui.review.queue_panel import QueuePanel

NARROWEST_PX = 240


class ReviewRoom:
    """Made when the review begins; lives until the window closes."""

    def __init__(self, window: ReviewWindow, reviewer: Reviewer) -> None:
        self._window = window
        self.desk = ReviewDesk(window.session, reviewer)
        self.centre = ReviewCentre(self.desk, window.table, window.across)
        self.centre.bar.focus_target = window.viewport_widget
        window.add_below(self.centre.below)
        self._keeping: BookmarkPopover | None = None
        self._tagging: TagPopover | None = None
        self._thresholds: ThresholdPopover | None = None
        self._docks: list[QWidget] = []
        self._make_docks()
        self.marks = VerdictMarks(self.desk, window, self.judge, self.show_issue)
        self.desk.sights.looks = WindowLooks(window)
        self.marking = MarkTool(self.desk, window.viewport_widget)
        self.marking.active_changed.connect(self._on_marking)
        window.strip.pixel_clicked.connect(self.marking.pick_on_image)
        window.strip.pin_clicked.connect(self._open_pin)
        self.desk.issues.pixel_pointed = self._pixel_pointed
        self._unsubscribe = self.desk.subscribe(self._on_change)

    def dispose(self) -> None:
        """Close the workspace and stop listening."""
        self._unsubscribe()
        if self._tagging is not None:
            self._tagging.editor.dispose()
        if self._thresholds is not None:
            self._thresholds.dispose()
        self.marking.dispose()
        self.marks.dispose()
        self.centre.dispose()
        self.desk.dispose()

    def _make_docks(self) -> None:
        window = self._window
        for place in REVIEW_PANELS:
            panel = LazyDeskPanel(place.place, self.desk)
            panel.setMinimumWidth(NARROWEST_PX)
            dock = make_dock(_main_window(window), place.name, place.title, panel)
            window.panels[place.name] = panel
            window.docks[place.name] = dock
            dock.visibilityChanged.connect(window.docks_changed)
            _main_window(window).addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            dock.hide()

    def _on_marking(self, active: bool) -> None:
        self._window.take_clicks(taken=active)

    def leave_fields(self) -> bool:
        """Fold the edits, leave the comment or a drop-down list that has the focus."""
        focus = QApplication.focusWidget()
        for place in (self.marks.edits, self.centre.bar):
            if focus is not None and place.isAncestorOf(focus):
                self.marks.edits.set_open(False)
                return self._focus_view()
        if isinstance(focus, QComboBox) and not self.marking.active:
            return self._focus_view()
        return False

    def _focus_view(self) -> bool:
        self._window.viewport_widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def show_subject_of(self, entry: Entry) -> None:
        """Bring into view what a command was about."""
        workspace = self.desk.workspace
        subject = None if workspace is None else subject_of(workspace, entry)
        if subject is not None:
            self.desk.walk.return_to(subject)

    def judge(self, state: str) -> None:
        """Give a verdict: in the Review layout as its keys do, elsewhere on the label."""
        if self._window.shell.layout_shown("review"):
            self.centre.bar.judge(state)
        else:
            self.desk.judging.judge_label(state)

    def open_issue(self, anchor: Pixel | Point | None = None) -> None:
        """Open an issue on what is selected, or at a place; its title can be typed at once."""
        issues = self.desk.issues
        opened = issues.open_here() if anchor is None else issues.open_at(anchor)
        if opened is not None:
            self._after_showing_issue(lambda panel: panel.start_naming())

    def _pixel_pointed(self) -> Pixel | None:
        pointed = self._window.strip.pixel_pointed
        return None if pointed is None else Pixel(*pointed)

    def _open_pin(self, issue_id: str) -> None:
        self.desk.issues.choose(issue_id)
        self.show_issue()

    def keep_view(self) -> None:
        """Ask for a name under which the present view is kept."""
        if self._keeping is None:
            self._keeping = BookmarkPopover(self.desk, _main_window(self._window))
        self._keeping.ask()

    def tag_selection(self) -> None:
        """Ask for tags of what is selected."""
        if self._tagging is None:
            self._tagging = TagPopover(self.desk, _main_window(self._window))
        self._tagging.ask()

    def show_thresholds(self) -> None:
        """Show what the workspace says for everyone."""
        if self._thresholds is None:
            self._thresholds = ThresholdPopover(self.desk, _main_window(self._window))
        self._thresholds.ask()

    def _build_queue(self, asked: QueueAsked) -> None:
        """Show the queue builder with a slice in it."""
        self._window.shell.show_panel("queue")

        def go_on() -> None:
            panel = self.panel("queue")
            if panel is not None:
                cast("QueuePanel", panel).builder.choose_slice(asked.slice_id, asked.kind)

        QTimer.singleShot(0, self._window.viewport_widget, go_on)

    def show_issue(self) -> None:
        """Show the thread of the chosen issue."""
        self._window.shell.show_panel("issue")

    def discuss(self) -> None:
        """Comment on the issue of what is selected; open one where there is none."""
        if self.desk.issues.comment_here() is not None:
            self._after_showing_issue(lambda panel: panel.start_commenting())

    def _after_showing_issue(self, then: "Callable[[IssuePanel], None]") -> None:
        self._window.shell.show_panel("issue")

        def go_on() -> None:
            panel = cast("IssuePanel | None", self.panel("issue"))
            if panel is not None:
                panel.focus_target = self._window.viewport_widget
                then(panel)

        # The dock takes the keys itself when it comes up.
        QTimer.singleShot(0, self._window.viewport_widget, go_on)

    def panel(self, name: str) -> QWidget | None:
        """A panel of the review; None where its dock is put away and nobody looked yet."""
        stand_in = self._window.panels.get(name)
        if not isinstance(stand_in, LazyDeskPanel):
            return None
        return stand_in.panel if self._window.docks[name].isHidden() else stand_in.made()

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, QueueAsked):
            self._build_queue(change)
        if isinstance(change, GhostsShown):
            self._window.viewport.show_ghosts(change.ghosts)
            self._window.strip.show_ghosts(change.ghosts)
            self.centre.show_ghosts(change.ghosts)
        elif isinstance(change, PinsShown):
            self._window.viewport.show_pins(change.pins)
            self._window.strip.show_pins(change.pins)
        elif isinstance(change, BoxSought):
            self._window.viewport.focus_box(change.box)
        told = DecisionsChanged | HoldingChanged | WorkspaceOpened | WorkspaceClosed
        if isinstance(change, told):
            self._window.retitle()

    def title(self) -> str:
        """What the title bar says of the workspace."""
        workspace = self.desk.workspace
        if workspace is None:
            return ""
        reason = self.desk.read_only_reason
        name = workspace.path.name
        if reason is not None:
            return f"{name}, read only: {workspace.read_only_reason or reason}"
        return f"{name}, saved as you decide"


def _main_window(window: ReviewWindow) -> QMainWindow:
    if not isinstance(window, QMainWindow):
        raise TypeError("docks need a main window")
    return window
