"""The page of the confusion matrix."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from viewer.session.compare_changes import CompareChange, QueryChanged
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_values import MatrixCounts
from viewer.ui.compare.desk_panel import fine_picture
from viewer.ui.compare.matrix_table import MatrixTable
from viewer.ui.compare.page import FigurePage
from viewer.ui.plain_parts import wrapped_label


class MatrixPage(FigurePage):
    """The matrix, what it sums up to, and one click from each cell to its list."""

    kind = "matrix"
    file_name = "confusion_matrix"

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Confusion matrix", parent)
        self.sums = QLabel()
        self.sums.setWordWrap(True)
        self.shares = QCheckBox("In percent of the labels")
        self.table = MatrixTable()
        self.shares.toggled.connect(lambda on: self.table.show_shares(as_shares=on))
        self.table.asked.connect(desk.ask_list)
        axes = wrapped_label(
            "Rows are labels, columns predictions. A click lists what a cell counts.",
            role="caption",
        )
        top = QVBoxLayout()
        top.setContentsMargins(12, 4, 12, 0)
        top.setSpacing(4)
        for widget in (self.sums, axes, self.shares):
            top.addWidget(widget)
        self.body.addLayout(top)
        self.body.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def picture(self) -> QPixmap:
        """The whole matrix, however much of it the panel shows."""
        whole = MatrixTable()
        whole.show_matrix(self.table.matrix_model.matrix)
        whole.show_shares(as_shares=self.shares.isChecked())
        for direction in (whole.setHorizontalScrollBarPolicy, whole.setVerticalScrollBarPolicy):
            direction(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.resize(whole.full_size())
        picture = fine_picture(whole)
        # Left to Python it might die on another thread than Qt's.
        whole.deleteLater()
        return picture

    def concerns(self, change: CompareChange) -> bool:
        """The matrix, and which cell is listed."""
        return super().concerns(change) or isinstance(change, QueryChanged)

    def refresh(self) -> None:
        """Show the matrix and mark the cell that is listed."""
        super().refresh()
        self.table.select_query(self.desk.query)

    def show_figure(self, value: object) -> None:
        """Show the counts."""
        assert isinstance(value, MatrixCounts)
        self.table.show_matrix(value)
        self.sums.setText(
            f"{value.correct:,} found, {value.confused:,} confused, "
            f"{value.false_positives:,} false positives, {value.false_negatives:,} missed"
        )
