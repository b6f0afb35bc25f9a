"""What other parts of the window show of verdicts: timeline, label table, inspector."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from viewer.scene.scene import Scene
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    SubjectChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_marks import is_mark
from viewer.session.selection import LabelKey
from viewer.session.tracks import TrackExtent, stretches
from viewer.ui.inspector import Inspector
from viewer.ui.label_table import LabelTable
from viewer.ui.review.edit_box import EditBox
from viewer.ui.review.issue_marks import IssueRow, paint_issues
from viewer.ui.review.tag_editor import TagEditor
from viewer.ui.review.verdict_style import STYLES, verdict_icon
from viewer.ui.review.window import ReviewWindow
from viewer.ui.theme import palette
from viewer.ui.timeline_widget import TimelineWidget

Runs = tuple[tuple[int, int], ...]
"""(first, last) of each stretch of frames."""
_PATTERNS = {
    "accepted": Qt.BrushStyle.SolidPattern,
    "rejected": Qt.BrushStyle.BDiagPattern,
    "needs_fix": Qt.BrushStyle.VerPattern,
    "skipped": Qt.BrushStyle.NoBrush,
}
"""Told apart without colour too."""


class VerdictMarks:
    """Keeps timeline, table and inspector in step with the verdicts."""

    def __init__(
        self,
        desk: ReviewDesk,
        window: ReviewWindow,
        give: Callable[[str], None],
        show_issue: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._fills: dict[TrackExtent, dict[str, Runs]] = {}
        self._filled: Scene | None = None
        self._table = window.panels["labels"]
        self._timeline = window.panels["timeline"]
        self._area = self._timeline.area if isinstance(self._timeline, TimelineWidget) else None
        self.row = VerdictRow(desk, give)
        self.issues = IssueRow(desk, show_issue)
        self.tags = TagEditor(desk)
        self.edits = EditBox(desk)
        inspector = window.panels["inspector"]
        if isinstance(inspector, Inspector):
            inspector.above_facts.addWidget(self.row)
            inspector.above_facts.addWidget(self.issues)
            inspector.above_facts.addWidget(self.tags)
            inspector.above_facts.addWidget(self.edits)
        if self._area is not None:
            self._area.decorate = self._paint_track
        self._unsubscribe = desk.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        if self._area is not None:
            self._area.decorate = None
        self.row.dispose()
        self.issues.dispose()
        self.tags.dispose()
        self.edits.dispose()

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, DecisionsChanged | WorkspaceOpened | WorkspaceClosed):
            self._fills.clear()
            if self._area is not None:
                self._area.viewport().update()
            if isinstance(self._table, LabelTable):
                known = self._desk.dataset_id is not None
                icons = {state: verdict_icon(state) for state in STYLES}
                self._table.tell_verdicts(self._state_of if known else None, icons)

    def _state_of(self, key: LabelKey) -> str:
        return self._desk.judging.state_of(key) or ""

    # -- timeline ----------------------------------------------------------------------------

    def _fill_of(self, track: TrackExtent) -> dict[str, Runs]:
        """Stretches of frames by state; looked up once until something is decided."""
        scene = self._desk.session.scene
        if scene is not self._filled:
            self._filled = scene
            self._fills.clear()
        if track not in self._fills:
            by_state: dict[str, list[int]] = {}
            for frame in track.frames:
                key = track.key_at(frame)
                state = None if key is None else self._desk.judging.state_of(key)
                if state is not None:
                    by_state.setdefault(state, []).append(frame)
            self._fills[track] = {state: stretches(f) for state, f in by_state.items()}
        return self._fills[track]

    def _paint_track(self, painter: QPainter, row: int, track: TrackExtent) -> None:
        """Fill what is decided over a bar: each state in its colour and pattern."""
        if self._area is None or self._desk.dataset_id is None:
            return
        colours = palette()
        for state, runs in self._fill_of(track).items():
            colour = colours.colour(STYLES[state].colour)
            for run in runs:
                rect = self._area.bar_rect(row, run)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.colour("panel"))
                painter.drawRect(rect)
                painter.setPen(QPen(colour, 1))
                painter.setBrush(QBrush(colour, _PATTERNS[state]))
                painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
                if state == "skipped":
                    painter.drawLine(
                        QPointF(rect.left(), rect.center().y()),
                        QPointF(rect.right(), rect.center().y()),
                    )
        area = self._area
        paint_issues(painter, self._desk, track, lambda frame: area.bar_rect(row, (frame, frame)))


class VerdictRow(QWidget):
    """The inspector's line ``verdict:`` with a small button for each state."""

    def __init__(self, desk: ReviewDesk, give: Callable[[str], None]) -> None:
        super().__init__()
        self._desk, self._give = desk, give
        self.label = QLabel("Verdict")
        self.label.setProperty("role", "secondary")
        self.word = QLabel()
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.label)
        row.addSpacing(4)
        for style in STYLES.values():
            button = QPushButton()
            button.setProperty("role", "flat")
            button.setIcon(verdict_icon(style.state))
            button.setCheckable(True)
            button.setFixedWidth(26)
            button.setAccessibleName(style.act)
            button.setToolTip(f"{style.act} this label")
            button.clicked.connect(lambda _checked=False, state=style.state: self._judge(state))
            self.buttons[style.state] = button
            row.addWidget(button)
        self.word.setProperty("role", "secondary")
        self.word.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self.word, 1)
        self._unsubscribe = desk.subscribe(self._on_change)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _judge(self, state: str) -> None:
        self.refresh()
        self._give(state)

    def _on_change(self, change: DeskChange) -> None:
        told = DecisionsChanged | WorkspaceOpened | WorkspaceClosed | SubjectChanged
        if isinstance(change, told):
            self.refresh()

    def refresh(self) -> None:
        """Show what holds for the selected label."""
        key = self._desk.session.selection
        known = key is not None and not is_mark(key.label_id)
        self.setVisible(known and self._desk.dataset_id is not None)
        standing = None if key is None else self._desk.judging.standing(key)
        state = None if standing is None else str(standing.verdict.state)
        for name, button in self.buttons.items():
            button.setChecked(name == state)
            button.setEnabled(self._desk.read_only_reason is None)
        if standing is None or state is None:
            self.word.setText("none yet")
            self.word.setToolTip("")
            return
        on = "" if standing.given_on == "label" else f" ({standing.given_on})"
        self.word.setText(f"{STYLES[state].word}{on}")
        self.word.setToolTip(f"Given on the {standing.given_on} by {standing.verdict.reviewer}")
