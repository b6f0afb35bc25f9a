"""Everything of the findings in a window: the desk, its panel, and what the others show of it."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QFileDialog, QMainWindow

from viewer.session.changes import Change, FrameShown, SceneOpened
from viewer.session.findings_changes import (
    EvidenceShown,
    FindingsChange,
    FindingsListed,
    PlaceSought,
)
from viewer.session.findings_desk import FindingsDesk
from viewer.session.review_desk import ReviewDesk
from viewer.ui.findings.dismiss_popover import DismissPopover
from viewer.ui.findings.findings_panel import FindingsPanel
from viewer.ui.findings.marks import FindingsRow, SceneMarks, TimelineTicks
from viewer.ui.findings.panels import FINDINGS_PANELS
from viewer.ui.inspector import Inspector
from viewer.ui.review.entry import ReviewEntry
from viewer.ui.review.window import ReviewWindow
from viewer.ui.timeline_widget import TimelineWidget

if TYPE_CHECKING:
    from viewer.ui.findings.doctor_panel import DoctorPanel
    from viewer.ui.findings.usual_panel import UsualPanel

    AnyPanel = FindingsPanel | DoctorPanel | UsualPanel

POLICY_FILES = "Policy (*.toml);;All files (*)"


class FindingsRoom:
    """Made when findings are first asked for; lives until the window closes."""

    def __init__(self, window: ReviewWindow, review: ReviewEntry) -> None:
        self._window, self._review = window, review
        self.desk = FindingsDesk(window.session)
        self.desk.work.review = self._open_review
        self.desk.work.known_review = lambda: review.desk
        self.desk.policy.remember = self._remember_policy
        self.desk.policy.remembered = self._remembered_policy
        self.desk.policy.restore()
        self.panel = FindingsPanel(self.desk, window.table)
        self._panels: dict[str, AnyPanel] = {"findings": self.panel}
        self._popover: DismissPopover | None = None
        self._marks = SceneMarks(self.desk)
        # Before its parts: they ask for marks that are made anew.
        self._unsubscribe = (
            self.desk.subscribe(self._on_change), window.session.subscribe(self._on_session)
        )  # fmt: skip
        self.row = FindingsRow(self.desk, self._marks, self._show_panel)
        inspector, timeline = window.panels["inspector"], window.panels["timeline"]
        if isinstance(inspector, Inspector):
            inspector.above_facts.addWidget(self.row)
        self._area = timeline.area if isinstance(timeline, TimelineWidget) else None
        self._ticks: TimelineTicks | None = None
        if self._area is not None:
            self._ticks = TimelineTicks(self.desk, self._marks, self._area)
        self.follow_review()

    def dispose(self) -> None:
        """Stop listening and checking."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self._ticks is not None:
            self._ticks.dispose()
        self.row.dispose()
        for panel in self._panels.values():
            panel.dispose()
        self.desk.dispose()

    def panel_of(self, name: str) -> "AnyPanel":
        """One of the panels, made when it is first asked for."""
        if name not in self._panels:
            place = next(each.place for each in FINDINGS_PANELS if each.name == name)
            module, class_name = place.split(":")
            made: AnyPanel = getattr(import_module(module), class_name)(
                self.desk, self._window.table
            )
            self._panels[name] = made
        return self._panels[name]

    def follow_review(self) -> None:
        """Hear of decisions once the review has begun."""
        self.desk.follow(self._review.desk)

    def dismiss(self) -> None:
        """Ask why, then dismiss the finding that is looked at."""
        finding = self.desk.current
        if finding is None:
            self._window.session.say("Choose a finding first")
            return
        if self._popover is None:
            self._popover = DismissPopover(
                cast(QMainWindow, self._window), lambda reason: self.desk.work.dismiss(reason)
            )
        self._popover.ask(finding.text)

    def show_why(self) -> None:
        """Show what is usual for the class of the finding that is looked at."""
        from viewer.ui.findings.usual_panel import UsualPanel

        finding, panel = self.desk.current, self.panel_of("usual")
        if finding is not None and isinstance(panel, UsualPanel):
            self._window.shell.show_panel("usual")
            panel.show_why(finding)

    def choose_policy(self) -> None:
        """Ask for a policy file and follow it."""
        known = self.desk.policy.path
        start = str(Path.home() if known is None else known.parent)
        chosen, _ = QFileDialog.getOpenFileName(
            cast(QMainWindow, self._window), "Choose a policy", start, POLICY_FILES
        )
        if chosen:
            self.desk.policy.choose(Path(chosen))

    def write_policy(self) -> None:
        """Ask for a file and write what was learned into it."""
        if self.desk.learned is None:
            self._window.session.say("Run the checks first: nothing is learned yet")
            return
        start = str(Path.home() / "policy.toml")
        chosen, _ = QFileDialog.getSaveFileName(
            cast(QMainWindow, self._window), "Write the learned thresholds", start, POLICY_FILES
        )
        if chosen:
            self.desk.policy.write(Path(chosen))

    def _remember_policy(self, path: Path | None) -> None:
        dataset, window = self._window.session.dataset, self._window
        if dataset is not None:
            text = None if path is None else str(path.absolute())
            window.remember(window.settings.with_policy(str(dataset.path), text))

    def _remembered_policy(self) -> Path | None:
        dataset = self._window.session.dataset
        known = dict(self._window.settings.policies)
        found = None if dataset is None else known.get(str(dataset.path))
        return None if found is None else Path(found)

    def open_issue(self) -> None:
        """Make an issue of the finding, and show it in Review."""
        opened, room = self.desk.work.open_issue(), self._review.room
        if opened is not None and room is not None and self._window.shell.layout_shown("review"):
            room.show_issue()

    def _open_review(self) -> ReviewDesk | None:
        """The desk of the review with a workspace; None where there is none to be had."""
        opened = self._review.open()
        self.follow_review()
        return self._review.desk if opened else None

    def _show_panel(self) -> None:
        self._window.shell.show_panel("findings")

    def _on_session(self, change: Change) -> None:
        if isinstance(change, SceneOpened | FrameShown):
            self._redraw_ticks()

    def _redraw_ticks(self) -> None:
        if self._area is not None:
            self._area.viewport().update()

    def _on_change(self, change: FindingsChange) -> None:
        window = self._window
        if isinstance(change, FindingsListed):
            self._marks.forget()
            self._redraw_ticks()
        elif isinstance(change, EvidenceShown):
            window.viewport.show_ghosts(change.ghosts)
            window.strip.show_ghosts(change.ghosts)
            window.viewport.show_evidence(change.lit)
            room = self._review.room
            if room is not None:
                room.centre.show_ghosts(change.ghosts)
        elif isinstance(change, PlaceSought):
            window.viewport.focus_box(change.box)
