"""Everything that is said of one finding: its sentence, numbers, the score, and the check."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.checks.finding import Finding
from viewer.checks.ranking import Ranked
from viewer.checks.size_limits import SIZE_LIMITS
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import TITLES
from viewer.session.findings_text import (
    check_of,
    number_text,
    numbers_of,
    parameter_text,
    place_text,
)
from viewer.session.findings_usual import QUANTITY_OF
from viewer.ui.findings.severity_style import STYLES
from viewer.ui.plain_parts import scroll_down_alone
from viewer.ui.review.window import KeyedActions
from viewer.ui.theme import palette

_BAR_PX = 5


class FindingDetail(QScrollArea):
    """Scrolls; made anew for each finding."""

    def __init__(self, desk: FindingsDesk, actions: KeyedActions) -> None:
        super().__init__()
        self._desk, self._actions = desk, actions
        self.setAccessibleName("The finding in numbers")
        scroll_down_alone(self)

    def show_finding(self, finding: Finding | None) -> None:
        """Show one, or nothing."""
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        if finding is not None:
            self._fill(column, finding)
        self.setWidget(body)

    def _fill(self, column: QVBoxLayout, finding: Finding) -> None:
        column.addWidget(_text(finding.text))
        severity = STYLES[finding.severity].word.lower()
        column.addWidget(_text(f"{place_text(finding)}  severity {severity}", "caption"))
        numbers = numbers_of(finding)
        if numbers:
            column.addSpacing(4)
            column.addWidget(_table(numbers))
        ranked = self._desk.ranked_of(finding)
        if finding.check in QUANTITY_OF and finding.class_name and self._desk.learned is not None:
            column.addWidget(self._why(finding))
        if ranked is not None and (finding.labels or finding.evidence.boxes):
            column.addSpacing(4)
            self._add_score(column, ranked, finding.check)
        self._add_check(column, finding)

    def _add_score(self, column: QVBoxLayout, ranked: Ranked, check: str) -> None:
        """How probable it is that the label is wrong, or as yet a score, and what adds to it."""
        scale = self._desk.scale
        over = f" The track, {ranked.frames:,} frames." if ranked.frames > 1 else ""
        if scale.calibration is None:
            title = _text(f"Score  {scale.text(ranked.score)}", "heading")
            far = _text(f"No probability yet: {scale.progress}.{over}", "caption")
        else:
            title = _text(f"Probably wrong  {scale.text(ranked.score)}", "heading")
            far = _text(f"From {scale.progress}.{over}", "caption")
        for each in (title, far):
            each.setToolTip(scale.told)
            column.addWidget(each)
        column.addWidget(_Contributions(ranked, check))

    def _why(self, finding: Finding) -> QPushButton:
        action = self._actions["findings.why"]
        button = QPushButton(f"What is usual for {finding.class_name}")
        button.setProperty("role", "link")
        button.setToolTip(action.toolTip())
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        button.clicked.connect(lambda _checked=False: self._actions.run("findings.why"))
        return button

    def _add_check(self, column: QVBoxLayout, finding: Finding) -> None:
        check = check_of(finding)
        if check is None:
            return
        column.addSpacing(4)
        numbers = ", ".join(str(each) for each in check.numbers)
        column.addWidget(_text(check.title, "heading"))
        column.addWidget(_text(check.question, "secondary"))
        policy = self._desk.options.policy.parameters_of(check)
        for parameter in check.parameters:
            name, _, source = parameter_text(parameter)
            value = policy.of(parameter.name, finding.class_name or None)
            if parameter in SIZE_LIMITS and value == parameter.default:
                # Nothing is pinned.
                continue
            shown = number_text(parameter.name, value)[1]
            column.addWidget(_text(f"{shown}  {name}", "secondary"))
            column.addWidget(_text(f"Source: {source}", "caption"))
        if numbers:
            column.addWidget(_text(f"{check.id}, number {numbers} of the catalogue", "caption"))


class _Contributions(QWidget):
    """A bar for each check: how much it adds to the score of the label."""

    def __init__(self, ranked: Ranked, own: str) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 1)
        adds = sorted(ranked.contributions.items(), key=lambda each: -each[1])
        most = max((value for _, value in adds), default=1.0) or 1.0
        for row, (check, value) in enumerate(adds):
            name = QLabel(TITLES.get(check, check))
            name.setProperty("role", "" if check == own else "secondary")
            name.setWordWrap(True)
            number = QLabel(f"+{value:.1f}")
            number.setProperty("role", "secondary")
            grid.addWidget(name, row, 0)
            grid.addWidget(_Bar(value / most, strong=check == own), row, 1)
            grid.addWidget(number, row, 2, Qt.AlignmentFlag.AlignRight)
        self.setToolTip("What each check adds to the log odds that the label is wrong")


class _Bar(QWidget):
    def __init__(self, share: float, *, strong: bool) -> None:
        super().__init__()
        self._share, self._strong = share, strong
        self.setMinimumWidth(24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        y = (self.height() - _BAR_PX) / 2
        colour = palette().colour("accent" if self._strong else "disabled")
        painter.fillRect(QRectF(0, y, max(1.0, self.width() * self._share), _BAR_PX), colour)
        painter.end()


def _text(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label


def _table(numbers: list[tuple[str, str]]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(1)
    grid.setColumnStretch(0, 1)
    for row, (name, value) in enumerate(numbers):
        left = QLabel(name)
        left.setProperty("role", "secondary")
        left.setWordWrap(True)
        right = QLabel(value)
        right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(left, row, 0)
        grid.addWidget(right, row, 1, Qt.AlignmentFlag.AlignRight)
    return table
