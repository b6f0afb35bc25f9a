"""Rows of predictions that cannot be used: told one by one; the rest is used after a yes."""

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.metrics.prediction_problems import PredictionProblem, PredictionProblems
from viewer.session.compare_desk import CompareDesk
from viewer.ui.review.row_model import RowModel
from viewer.ui.review.row_table import RowTable


class _ProblemModel(RowModel):
    columns = ("What", "Where", "File", "Why")

    def __init__(self, rows: tuple[PredictionProblem, ...]) -> None:
        super().__init__()
        self._rows = rows

    def row_total(self) -> int:
        return len(self._rows)

    def cell_text(self, row: int, column: int) -> str:
        found = self._rows[row]
        return (found.kind.value, found.place, found.source, found.message)[column]

    def row_text(self, row: int) -> str:
        return str(self._rows[row])


class BadRowsDialog(QDialog):
    """The rows with their places; the yes, or not."""

    def __init__(self, title: str, problems: PredictionProblems, *, asks: bool,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(f"Rows of {title} that cannot be used")
        self.resize(720, 420)
        told = QLabel(f"{problems.summary()}.")
        told.setWordWrap(True)
        self.table = RowTable("Rows that cannot be used")
        self.table.setModel(_ProblemModel(tuple(problems.rows)))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for section, width in enumerate((140, 150, 150)):
            header.resizeSection(section, width)
        self.use_button = QPushButton("Use the rest")
        self.use_button.setProperty("role", "primary")
        self.use_button.clicked.connect(self.accept)
        self.use_button.setVisible(asks)
        close = QPushButton("Use nothing" if asks else "Close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.use_button)
        column = QVBoxLayout(self)
        column.addWidget(told)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)


class BadRows(QWidget):
    """One line a set of predictions with problems, with a way to its rows."""

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._told: tuple[object, ...] = ()

    def refresh(self) -> None:
        """Show what the present comparison left out, or asks about."""
        found = self._desk.found
        entries = () if found is None else found.problems
        told = (*((set_id, id(problems)) for set_id, problems in entries), self._desk.accepted)
        if told == self._told:
            return
        self._told = told
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for set_id, problems in entries:
            self._column.addWidget(self._line(set_id, problems))
        self.setVisible(bool(entries))

    def _line(self, set_id: str, problems: PredictionProblems) -> QWidget:
        asks = set_id not in self._desk.accepted
        line = QWidget()
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        what = f"{self._desk.title_of(set_id)}: {problems.summary()}."
        told = QLabel(what + (" Nothing of it is used until you say so." if asks else ""))
        told.setWordWrap(True)
        told.setProperty("role", "problem" if asks else "secondary")
        column.addWidget(told)
        buttons = QHBoxLayout()
        show = QPushButton("Show rows…")
        show.clicked.connect(lambda _on=False: self.show_rows(set_id, problems))
        buttons.addWidget(show)
        if asks:
            use = QPushButton("Use the rest")
            use.setProperty("role", "primary")
            use.clicked.connect(lambda _on=False: self._desk.accept(set_id))
            buttons.addWidget(use)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return line

    def show_rows(self, set_id: str, problems: PredictionProblems) -> None:
        """Show the rows; the yes can be given there too."""
        asks = set_id not in self._desk.accepted
        dialog = BadRowsDialog(self._desk.title_of(set_id), problems, asks=asks, parent=self)
        agreed = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if agreed and asks:
            self._desk.accept(set_id)
