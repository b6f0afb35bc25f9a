"""The list of errors: one question at a time; a row is looked at, made an issue, or queued."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from viewer.metrics.confusion_queries import Ordering
from viewer.session.changes import Change, FrameShown, SelectionChanged
from viewer.session.compare_changes import (
    CompareChange,
    Computed,
    FigureComputed,
    QueryChanged,
    RowChosen,
    ThresholdsChanged,
)
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_values import MatrixCounts, Query
from viewer.ui.compare.desk_panel import ComparePart
from viewer.ui.compare.error_model import ErrorModel
from viewer.ui.compare.exporting import export_list
from viewer.ui.compare.page import WAITS
from viewer.ui.compare.pair_crop import PairCrop
from viewer.ui.compare.query_bar import QueryBar
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.review.row_table import RowTable

_TOLD = Computed | QueryChanged | ThresholdsChanged | RowChosen
SHORTEST_LIST_PX = 110
_WIDTHS = (76, 76, 50, 50, 64)


class ErrorTable(RowTable):
    """Up and Down look at rows as they go, like a click; the first Down looks at the first row."""

    is_begun = False
    """Whether a row was looked at."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and not self.is_begun:
            self.activated.emit(self.model().index(0, 0))
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before:
            self.activated.emit(self.currentIndex())


class ErrorPanel(ComparePart):
    """Question on top, rows below it, the best camera's picture of the present one at the end."""

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Errors panel", parent)
        self.query_bar = QueryBar()
        self.query_bar.asked.connect(self._on_asked)
        self.model = ErrorModel()
        self.table = ErrorTable("Errors; Up, Down and Enter look at a row")
        self.table.setModel(self.model)
        self.table.activated.connect(self._show)
        self.table.clicked.connect(self._show)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for section, width in enumerate(_WIDTHS):
            header.resizeSection(section, width)
        self.count = QLabel()
        self.count.setProperty("role", "caption")
        self.empty = wrapped_label(role="secondary")
        self.empty.setContentsMargins(12, 8, 12, 8)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.more_button = QPushButton("List")
        self.more_button.setProperty("hasMenu", True)
        self.more_button.setToolTip("Make a queue of the list, or write it to a file")
        menu = QMenu(self.more_button)
        self.issue_action = menu.addAction("New issue from this row  (I)", self._open_issue)
        self.queue_action = menu.addAction("Make a queue of the list", self._make_queue)
        menu.addSeparator()
        self.export_action = menu.addAction("Export as CSV…", lambda: export_list(self, self.desk))
        self.more_button.setMenu(menu)
        self.crop = PairCrop(desk.session)
        self._lay_out()
        self._stop_listening = desk.session.subscribe(self._on_session)
        self.setFocusProxy(self.table)
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(4)
        top.addWidget(self.query_bar)
        self.query_bar.add_button(self.more_button)
        top.addWidget(self.count)
        listed = QWidget()
        inner = QVBoxLayout(listed)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        listed.setMinimumHeight(SHORTEST_LIST_PX)
        inner.addWidget(self.empty)
        inner.addWidget(self.table, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(listed)
        self.split.addWidget(self.crop)
        self.split.setCollapsible(0, False)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.split, 1)

    def dispose(self) -> None:
        """Stop listening."""
        self._stop_listening()
        self.crop.dispose()
        super().dispose()

    # -- acting ------------------------------------------------------------------------------

    def _on_asked(self, query: Query, ordering: Ordering) -> None:
        self.desk.ask_list(query, ordering)

    def _show(self, index: QModelIndex) -> None:
        if index.isValid() and index.row() != self.desk.walk.row:
            self.desk.walk.show(index.row())
        elif index.isValid():
            self.desk.session.focus_selection()

    def _open_issue(self) -> None:
        self.desk.work.open_issue()

    def _make_queue(self) -> None:
        self.desk.work.make_queue()

    # -- following ---------------------------------------------------------------------------

    def concerns(self, change: CompareChange) -> bool:
        """The list, and which row of it is looked at."""
        if isinstance(change, FigureComputed):
            return change.kind in ("list", "matrix")
        return isinstance(change, _TOLD)

    def _on_session(self, change: Change) -> None:
        if isinstance(change, FrameShown | SelectionChanged) and self.isVisible():
            self._show_crop()

    def refresh(self) -> None:
        """Show the rows of the present question."""
        desk = self.desk
        desk.figures.ask("list")
        matrix: MatrixCounts | None = desk.figures.value("matrix")
        if desk.found is not None:
            self.query_bar.show_classes(desk.found.class_names)
        elif matrix is None:
            self.query_bar.show_classes(())
        found = desk.found
        self.query_bar.offer_two(offered=found is not None and found.second_index is not None)
        self.query_bar.show_query(desk.query, desk.ordering)
        is_distance = desk.choice.is_distance
        self.model.match_name = "Distance" if is_distance else desk.choice.measure_text[-3:]
        self.model.match_unit = "m" if is_distance else ""
        rows = desk.figures.value("list")
        if rows is not self.model.rows:
            self.model.show(rows)
        self._show_row()
        self._tell()

    def _show_row(self) -> None:
        row = self.desk.walk.row
        self.table.is_begun = row >= 0
        if row != self.table.currentIndex().row() and row < self.model.rowCount():
            with quietly(self.table.selectionModel()):
                index = self.model.index(row, 0) if row >= 0 else QModelIndex()
                self.table.setCurrentIndex(index)
            if row >= 0:
                self.table.scrollTo(self.model.index(row, 0))
            self.table.viewport().update()
        self._show_crop()

    def _show_crop(self) -> None:
        session = self.desk.session
        has_row = self.desk.walk.row >= 0
        self.crop.setVisible(has_row and self.desk.found is not None)
        if has_row:
            self.crop.show_pair(session.content, session.selection, session.companion)

    def _tell(self) -> None:
        desk = self.desk
        rows = self.model.rows
        listed = 0 if rows is None else len(rows)
        has_rows = desk.found is not None and listed > 0
        self.table.setVisible(has_rows)
        self.empty.setVisible(not has_rows)
        self.query_bar.setEnabled(desk.found is not None)
        for action in (self.issue_action, self.queue_action, self.export_action):
            action.setEnabled(has_rows)
        self.issue_action.setEnabled(has_rows and desk.walk.row >= 0)
        self.more_button.setEnabled(has_rows)
        place = f"{desk.walk.row + 1:,} of " if desk.walk.row >= 0 and has_rows else ""
        self.count.setText(f"{place}{listed:,}" if has_rows else "")
        self.count.setVisible(has_rows)
        if desk.found is None:
            self.empty.setText("Errors are listed here once labels and predictions are compared.")
        elif desk.found.waits_for_yes:
            self.empty.setText(WAITS)
        elif rows is None or not desk.figures.is_current("list"):
            self.empty.setText("Looking…")
        else:
            self.empty.setText(
                f"None at these thresholds: {desk.query.text}. Another question, or a cell of "
                "the matrix, lists others."
            )
