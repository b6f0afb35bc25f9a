"""Issues by state: which there are, narrowed by words; Enter brings back what one was about."""

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewer.review.issues.filter import IssueFilter
from viewer.review.issues.model import OPEN_STATES, Issue, IssueState
from viewer.review.issues.reading import count_issues, issues
from viewer.review.ledger import Reading
from viewer.session.review_changes import DeskChange, concerns_issues
from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.issue_style import state_icon
from viewer.ui.review.row_model import NOWHERE, Index, RowModel
from viewer.ui.review.row_table import RowTable

PAGE = 200
ISSUE_ROW_PX = 30
TYPING_MS = 150


class IssueModel(RowModel):
    """Issues of one filter, read a page at a time."""

    columns = ("Issue", "For")

    def __init__(self) -> None:
        super().__init__()
        self._reading: Reading | None = None
        self._wanted = IssueFilter()
        self._rows: list[Issue] = []
        self._is_whole = True

    def show(self, reading: Reading | None, wanted: IssueFilter) -> None:
        """Read the first page, and as many more as were shown."""
        self.beginResetModel()
        self._reading, self._wanted = reading, wanted
        most = max(PAGE, len(self._rows))
        self._rows = [] if reading is None else issues(reading, wanted=wanted, limit=most)
        self._is_whole = len(self._rows) < most
        self.endResetModel()

    def issue(self, row: int) -> Issue | None:
        """Issue of a row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, issue_id: str | None) -> int | None:
        """Row of an issue; None where it is not among those read."""
        found = (row for row, each in enumerate(self._rows) if each.issue_id == issue_id)
        return next(found, None)

    def canFetchMore(self, parent: Index = NOWHERE) -> bool:
        return not parent.isValid() and not self._is_whole

    def fetchMore(self, parent: Index = NOWHERE) -> None:
        if parent.isValid() or self._reading is None:
            return
        begin = len(self._rows)
        more = issues(self._reading, wanted=self._wanted, limit=PAGE, offset=begin)
        self._is_whole = len(more) < PAGE
        if more:
            self.beginInsertRows(QModelIndex(), begin, begin + len(more) - 1)
            self._rows += more
            self.endInsertRows()

    def row_total(self) -> int:
        return len(self._rows)

    def cell_text(self, row: int, column: int) -> str:
        found = self._rows[row]
        return (found.assignee or "") if column else found.title

    def row_text(self, row: int) -> str:
        return _summary(self._rows[row])

    def row_icon(self, row: int) -> QIcon:
        return state_icon(self._rows[row].state)


def _summary(found: Issue) -> str:
    lines = [found.title, f"{found.state.text}, {found.type}"]
    if found.assignee:
        lines.append(f"for {found.assignee}")
    if found.element_count:
        lines.append(f"{found.done_count} of {found.element_count} elements done")
    if found.comment_count:
        lines.append(f"{found.comment_count} comments")
    return "\n".join(lines)


class IssueListPanel(DeskPanel):
    """States with their counts, words to look for, and the issues."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Issues", parent)
        self.state_box = QComboBox()
        self.state_box.setAccessibleName("State of the issues shown")
        self.state_box.currentIndexChanged.connect(lambda _place: self._read())
        self.words = QLineEdit()
        self.words.setPlaceholderText("Find in titles and comments")
        self.words.setAccessibleName("Find issues")
        self.words.setClearButtonEnabled(True)
        self._states: list[tuple[IssueState, ...]] = [OPEN_STATES]
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._read)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.model = IssueModel()
        self.list = RowTable("Issues")
        self.list.setModel(self.model)
        self.list.verticalHeader().setDefaultSectionSize(ISSUE_ROW_PX)
        header = self.list.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.selectionModel().currentRowChanged.connect(lambda new, _old: self._choose(new))
        self.list.activated.connect(lambda _index: self.show_current())
        self.empty = wrapped_label(role="secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(12, 4, 12, 12)
        self.new_button = text_button(
            "New issue", "An issue on what is selected  (I)", desk.issues.open_here
        )
        self.show_button = text_button(
            "Show", "Come back to what it was about  (Enter)", self.show_current
        )
        self._lay_out()
        self.setFocusProxy(self.list)
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(6)
        top.addWidget(self.state_box)
        top.addWidget(self.words)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 8)
        row.addWidget(self.new_button)
        row.addWidget(self.show_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(row)

    def concerns(self, change: DeskChange) -> bool:
        """Only issues."""
        return concerns_issues(change)

    def refresh(self) -> None:
        """Count and read again."""
        reading = self.desk.reading
        counts = {} if reading is None else count_issues(reading)
        self._fill_states(counts)
        self._read()

    def _fill_states(self, counts: dict[IssueState, int]) -> None:
        opened = sum(counts.get(state, 0) for state in OPEN_STATES)
        entries: list[tuple[str, tuple[IssueState, ...]]] = [(f"Open  {opened:,}", OPEN_STATES)]
        entries += [
            (f"{state.text.capitalize()}  {counts.get(state, 0):,}", (state,))
            for state in IssueState
        ]
        entries.append((f"All  {sum(counts.values()):,}", ()))
        self._states = [states for _, states in entries]
        place = max(0, self.state_box.currentIndex())
        with quietly(self.state_box):
            self.state_box.clear()
            for text, _ in entries:
                self.state_box.addItem(text)
            self.state_box.setCurrentIndex(place)

    def _read(self) -> None:
        states = self._states[max(0, self.state_box.currentIndex())]
        wanted = IssueFilter(states=states, text=self.words.text())
        with quietly(self.list.selectionModel()):
            self.model.show(self.desk.reading, wanted)
            row = self.model.row_of(self.desk.issues.current_id)
            if row is not None:
                self.list.setCurrentIndex(self.model.index(row, 0))
        count = self.model.rowCount()
        self.list.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        if self.words.text().strip():
            self.empty.setText("No issue has these words.")
        else:
            self.empty.setText("No issue here. I opens one on what is selected, with this view.")
        reason = self.desk.read_only_reason
        self.new_button.setEnabled(reason is None)
        self.show_button.setEnabled(count > 0)

    def _choose(self, index: Index) -> None:
        found = self.model.issue(index.row())
        if found is not None:
            self.desk.issues.choose(found.issue_id)

    def show_current(self) -> None:
        """Come back to the sight of the chosen issue."""
        found = self.model.issue(self.list.currentIndex().row())
        if found is not None:
            self.desk.issues.show(found.issue_id)
