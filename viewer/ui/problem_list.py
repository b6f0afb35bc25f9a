"""What is wrong with the data: file, place, message; everything else is shown."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from viewer.session.changes import Change, ProblemsChanged, SceneClosed, SceneOpened
from viewer.session.session import Session
from viewer.ui.popover import Popover


class ProblemList(Popover):
    """Problems of the open scene, newest last."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window, "Problems in the data", width_px=820, height_px=420)
        self._session = session
        self.add_title("Problems in the data")
        self._tree = QTreeWidget()
        self._tree.setAccessibleName("Problems")
        self._tree.setHeaderLabels(["File", "Place", "What is wrong"])
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._tree.header().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._tree.setColumnWidth(0, 240)
        self._tree.setColumnWidth(1, 100)
        self._empty = QLabel("Nothing is wrong with what was read so far.")
        self._empty.setProperty("role", "secondary")
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(self.copy_details)
        row = QHBoxLayout()
        row.addWidget(self._empty, 1)
        row.addWidget(self._copy)
        self.column.addWidget(self._tree, 1)
        self.column.addLayout(row)
        self._unsubscribe = session.subscribe(self._on_change)
        self._refresh()

    def open_list(self) -> None:
        """Show it."""
        self._refresh()
        self.open_popover(self._tree)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def copy_details(self) -> None:
        """Put the chosen problems, or all, on the clipboard, one a line."""
        chosen = [item.data(0, Qt.ItemDataRole.UserRole) for item in self._tree.selectedItems()]
        lines = chosen or [str(problem) for problem in self._session.problems()]
        QGuiApplication.clipboard().setText("\n".join(lines))
        count = len(lines)
        self._session.say(f"{count} problem{'s' if count != 1 else ''} copied")

    def _on_change(self, change: Change) -> None:
        if isinstance(change, ProblemsChanged | SceneOpened | SceneClosed) and self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        self._tree.clear()
        problems = self._session.problems()
        for problem in problems:
            item = QTreeWidgetItem([problem.source, problem.place, problem.message])
            item.setData(0, Qt.ItemDataRole.UserRole, str(problem))
            item.setToolTip(0, problem.source)
            item.setToolTip(2, problem.message)
            self._tree.addTopLevelItem(item)
        self._empty.setVisible(not problems)
        self._copy.setEnabled(bool(problems))
