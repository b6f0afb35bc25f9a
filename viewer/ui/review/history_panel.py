"""History: who did what when; go to what it was about, or undo to there."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_history import HistoryRow, history, subject_of
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.ago import local_time
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.theme import palette

_ROW_ROLE = Qt.ItemDataRole.UserRole
_WHEN_PX, _WHO_PX = 52, 64


class HistoryPanel(DeskPanel):
    """The journal, newest first."""

    refresh_after_ms = 60

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "History", parent)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Decisions, newest first")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(["When", "Who", "What"])
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.list.setColumnWidth(0, _WHEN_PX)
        self.list.setColumnWidth(1, _WHO_PX)
        self.list.itemActivated.connect(lambda _item, _column: self.go_to_current())
        self.list.currentItemChanged.connect(lambda _new, _old: self._sync())
        self.empty = wrapped_label(
            "Nothing is decided yet. Every decision appears here, and can be undone.",
            role="secondary",
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(12, 12, 12, 12)
        self.show_button = text_button(
            "Show", "Go to what it was about  (Enter)", self.go_to_current
        )
        self.undo_button = text_button(
            "Undo to here", "Take back everything that you did after this", self.undo_to_current
        )
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 8)
        row.addWidget(self.show_button)
        row.addWidget(self.undo_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(row)
        self.setFocusProxy(self.list)
        self.refresh()

    def concerns(self, change: DeskChange) -> bool:
        """Only what the journal tells."""
        told = DecisionsChanged | WorkspaceOpened | WorkspaceClosed | HoldingChanged
        return isinstance(change, told)

    def refresh(self) -> None:
        """Read the newest commands."""
        workspace = self.desk.workspace
        rows = () if workspace is None else history(workspace)
        current = self._current()
        self.list.clear()
        for row in rows:
            self.list.addTopLevelItem(_item(row))
        if current is not None:
            self._select(current.entry.command_id)
        self.list.setColumnHidden(1, len({row.entry.reviewer for row in rows}) < 2)
        self.list.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self._sync()

    def _select(self, command_id: bytes) -> None:
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None and item.data(0, _ROW_ROLE).entry.command_id == command_id:
                self.list.setCurrentItem(item)
                return

    def _current(self) -> HistoryRow | None:
        item = self.list.currentItem()
        row: HistoryRow | None = None if item is None else item.data(0, _ROW_ROLE)
        return row

    def _sync(self) -> None:
        row = self._current()
        self.show_button.setEnabled(row is not None)
        writable = self.desk.read_only_reason is None
        self.undo_button.setEnabled(
            row is not None and row.is_own and not row.is_undone and writable
        )

    def go_to_current(self) -> None:
        """Show what the chosen command was about."""
        row, workspace = self._current(), self.desk.workspace
        if row is None or workspace is None:
            return
        subject = subject_of(workspace, row.entry)
        if subject is None:
            self.desk.session.say("This concerns no label, track, frame or scene")
        else:
            self.desk.walk.show(subject)

    def undo_to_current(self) -> None:
        """Take back what came after the chosen command."""
        row = self._current()
        if row is not None:
            self.desk.undo_to(row.entry.command_id)


def _item(row: HistoryRow) -> QTreeWidgetItem:
    when = local_time(row.entry.time_ns)
    item = QTreeWidgetItem([f"{when:%H:%M}", row.entry.reviewer, row.text])
    tip = f"{row.text}\n{row.entry.reviewer}, {when:%Y-%m-%d %H:%M:%S}"
    for column in range(3):
        item.setToolTip(column, f"{tip}\nTaken back" if row.is_undone else tip)
        if row.is_undone:
            font = item.font(column)
            font.setStrikeOut(True)
            item.setFont(column, font)
            item.setForeground(column, palette().colour("secondary"))
    item.setData(0, _ROW_ROLE, row)
    return item
