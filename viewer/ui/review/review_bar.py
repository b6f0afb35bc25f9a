"""The review bar: what is judged, the verdict keys, the comment, and where the queue stands."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.review import SubjectKind
from viewer.review.verdicts.model import Verdict, VerdictState
from viewer.session.review_changes import DeskChange, QueueChanged
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_judging import SCOPES
from viewer.session.review_subjects import short_text
from viewer.ui.icons import icon
from viewer.ui.panel import quietly
from viewer.ui.review.ago import ago_text
from viewer.ui.review.reason_picker import ReasonPicker
from viewer.ui.review.verdict_style import GLYPH_PX, STYLES, paint_glyph, verdict_icon
from viewer.ui.review.window import KeyedActions

SCOPE_NAMES = {
    SubjectKind.LABEL: "Label",
    SubjectKind.TRACK: "Track",
    SubjectKind.FRAME: "Frame",
    SubjectKind.SCENE: "Scene",
}
WITH_REASON = ("rejected", "needs_fix")
"""States that ask why."""
_NARROW_PX = 760


class VerdictGlyph(QWidget):
    """The shape of a state."""

    def __init__(self, size_px: int = GLYPH_PX) -> None:
        super().__init__()
        self._state: str | None = None
        self.setFixedSize(size_px, size_px)

    def show_state(self, state: str | None) -> None:
        """Show another state."""
        self._state = state
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_glyph(painter, QRectF(self.rect()), self._state)
        painter.end()


class ReviewBar(QWidget):
    """Everything a verdict needs, in two lines; its keys are the window's actions."""

    def __init__(
        self, desk: ReviewDesk, table: KeyedActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reviewBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Verdict")
        self._desk, self._table = desk, table
        self._full_text = ""
        self.picker = ReasonPicker()
        self.picker.chosen.connect(self._on_reason)
        self.picker.given_up.connect(self._leave_picker)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        self._lines = QWidget()
        lines = QVBoxLayout(self._lines)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        lines.addLayout(self._make_state_line())
        lines.addWidget(self._make_keys())
        column.addWidget(self._lines)
        column.addWidget(self.picker)
        self._unsubscribe = desk.subscribe(self._on_change)
        self.focus_target: QWidget | None = None
        """Gets the focus back when typing is done."""
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    # -- parts -------------------------------------------------------------------------------

    def _make_state_line(self) -> QHBoxLayout:
        self.glyph = VerdictGlyph(14)
        self.state_label = QLabel()
        self.state_label.setTextFormat(Qt.TextFormat.PlainText)
        self.state_label.setMinimumWidth(80)
        self.state_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.queue_label = QLabel()
        self.queue_label.setProperty("role", "secondary")
        self.previous_button = self._nav("review.previous", "previous")
        self.next_button = self._nav("review.next", "next")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.glyph)
        line.addWidget(self.state_label, 1)
        line.addWidget(self.queue_label)
        line.addWidget(self.previous_button)
        line.addWidget(self.next_button)
        return line

    def _nav(self, action_id: str, glyph: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "flat")
        button.setIcon(icon(glyph))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self._table.run(action_id))
        button.setAccessibleName(self._table[action_id].text())
        button.setToolTip(self._table[action_id].toolTip())
        return button

    def _make_keys(self) -> QWidget:
        keys = QWidget()
        line = QHBoxLayout(keys)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.scope_box = QComboBox()
        self.scope_box.setAccessibleName("What a verdict is about")
        self.scope_box.setToolTip(self._table["review.scope"].toolTip())
        for scope in SCOPES:
            self.scope_box.addItem(SCOPE_NAMES[scope], scope)
        self.scope_box.activated.connect(
            lambda place: self._desk.judging.set_scope(SubjectKind(self.scope_box.itemData(place)))
        )
        line.addWidget(self.scope_box)
        self.buttons: dict[str, QPushButton] = {}
        for style in STYLES.values():
            button = QPushButton(style.act)
            button.setIcon(verdict_icon(style.state))
            button.setIconSize(QSize(16, 16))
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(
                lambda _checked=False, state=style.state: self._table.run(f"review.{state}")
            )
            self.buttons[style.state] = button
            line.addWidget(button)
        self.comment_edit = QLineEdit()
        self.comment_edit.setAccessibleName("Comment on the verdict")
        self.comment_edit.setMinimumWidth(90)
        self.comment_edit.textEdited.connect(self._desk.judging.set_draft)
        self.comment_edit.returnPressed.connect(self._on_comment)
        line.addWidget(self.comment_edit, 1)
        return keys

    def apply_keys(self) -> None:
        """Name the keys anew, after one changed."""
        narrow = self.width() < _NARROW_PX
        for state, button in self.buttons.items():
            action = self._table[f"review.{state}"]
            key = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            act = STYLES[state].act
            button.setText(key if narrow and key else f"{act}  {key}".rstrip())
            button.setToolTip(action.toolTip())
            button.setAccessibleName(act)
        comment = self._table["review.comment"].shortcut()
        key = comment.toString(comment.SequenceFormat.NativeText)
        self.comment_edit.setPlaceholderText(f"Comment  {key}".rstrip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.apply_keys()
        self._elide()

    # -- desk to widget ----------------------------------------------------------------------

    def _on_change(self, change: DeskChange) -> None:
        self.refresh()
        if isinstance(change, QueueChanged) and self._desk.walk.item is not None:
            self._give_focus_back()

    def refresh(self) -> None:
        """Show what is judged now, and what holds for it."""
        judging = self._desk.judging
        subject = judging.subject()
        verdict = judging.verdict(subject) if subject is not None else None
        state = None if verdict is None else str(verdict.state)
        self.glyph.show_state(state)
        if judging.missing is not None:
            begins_with_name = self._desk.read_only_reason is not None
            first = judging.missing[:1]
            self._full_text = (first if begins_with_name else first.upper()) + judging.missing[1:]
        elif subject is not None:
            lost = ", not in the data any more" if subject is self._desk.walk.lost_item else ""
            self._full_text = f"{short_text(subject).capitalize()}{lost}: {_told(verdict)}"
        for name, button in self.buttons.items():
            button.setChecked(name == state)
            button.setEnabled(judging.missing is None)
        with quietly(self.scope_box):
            self.scope_box.setCurrentIndex(SCOPES.index(judging.scope))
        own = verdict is not None and verdict.reviewer == self._desk.reviewer.name
        text = judging.draft or (verdict.comment if own and verdict is not None else "")
        if not self.comment_edit.hasFocus() or not self.comment_edit.isModified():
            with quietly(self.comment_edit):
                self.comment_edit.setText(text)
        self.comment_edit.setEnabled(subject is not None)
        self._show_queue()
        self._elide()

    def _show_queue(self) -> None:
        text = self._desk.walk.progress_text
        self.queue_label.setText(text)
        self.queue_label.setVisible(bool(text))
        for button in (self.previous_button, self.next_button):
            button.setEnabled(self._desk.walk.queue_id is not None)

    def _elide(self) -> None:
        """Cut what does not fit a line; why nothing can be decided goes on in a second one."""
        label, metrics = self.state_label, QFontMetrics(self.state_label.font())
        width = max(label.width(), 80)
        wraps = self._desk.read_only_reason is not None
        label.setWordWrap(wraps)
        text = metrics.elidedText(self._full_text, Qt.TextElideMode.ElideRight, width)
        label.setText(self._full_text if wraps else text)
        self.state_label.setToolTip(self._full_text)
        self.state_label.setAccessibleName(self._full_text)

    @property
    def state_text(self) -> str:
        """What the bar says of what is judged, in full."""
        return self._full_text

    # -- keys --------------------------------------------------------------------------------

    def judge(self, state: str, *, at_once: bool = False) -> None:
        """Give a verdict; where the state asks why, the reason first."""
        judging = self._desk.judging
        reasons = judging.reasons()
        if judging.missing is None and state in WITH_REASON and reasons and not at_once:
            subject = judging.subject()
            self._lines.hide()
            about = "" if subject is None else short_text(subject).capitalize()
            self.picker.ask(state, reasons, about)
            return
        judging.judge(VerdictState(state))
        self._give_focus_back()

    def _leave_picker(self) -> None:
        self._lines.show()
        self._give_focus_back()

    def _on_reason(self, state: str, reasons: tuple[str, ...]) -> None:
        self._lines.show()
        self._desk.judging.judge(VerdictState(state), reasons)
        self._give_focus_back()

    def edit_comment(self) -> None:
        """Let the person type a comment."""
        self.comment_edit.setModified(False)
        self.comment_edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.comment_edit.selectAll()

    def _on_comment(self) -> None:
        text = self.comment_edit.text().strip()
        self.comment_edit.setModified(False)
        if self._desk.judging.change_comment(text):
            self._desk.session.say("Comment saved")
        elif text:
            self._desk.session.say("The comment goes with the verdict that you give next")
        self._give_focus_back()

    def _give_focus_back(self) -> None:
        if self.focus_target is not None:
            self.focus_target.setFocus(Qt.FocusReason.OtherFocusReason)


def _told(verdict: Verdict | None) -> str:
    """A verdict in one line."""
    if verdict is None:
        return "no verdict yet"
    text = STYLES[str(verdict.state)].word
    if verdict.reasons:
        text += f" ({', '.join(verdict.reasons)})"
    text += f", by {verdict.reviewer} {ago_text(verdict.time_ns)}"
    return f"{text}: “{verdict.comment}”" if verdict.comment else text
