"""The page of two sets of predictions: what the second mends, what it breaks."""

from PySide6.QtWidgets import QLabel, QWidget

from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_values import Table
from viewer.ui.compare.figure_table import FigureTable
from viewer.ui.compare.page import FigurePage
from viewer.ui.plain_parts import wrapped_label


class PairPage(FigurePage):
    """Objects by what both sets make of them."""

    kind = "two"
    file_name = "two_sets"

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Two sets of predictions", parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setContentsMargins(12, 4, 12, 4)
        self.table = FigureTable("Two sets of predictions; Enter lists the objects of a row")
        self.table.asked.connect(desk.ask_list)
        self.notes = wrapped_label(role="secondary")
        self.notes.setContentsMargins(12, 0, 12, 8)
        self.body.addWidget(self.words)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.notes)
        self.setFocusProxy(self.table)

    def why_nothing(self) -> str:
        """Say how to come to a second set."""
        found = self.desk.found
        if found is not None and found.second is None:
            return (
                "Choose a second set of predictions beside the first in the Compared panel: this "
                "page tells which objects it mends, which it breaks, and which both get wrong."
            )
        return super().why_nothing()

    def show_figure(self, value: object) -> None:
        """Show the table."""
        assert isinstance(value, Table)
        choice = self.desk.choice
        first, second = self.desk.title_of(choice.first), self.desk.title_of(choice.second)
        self.words.setText(f"{second} after {first}: {value.title[:1].lower()}{value.title[1:]}.")
        self.table.show_table(value)
        self.notes.setText("\n".join(value.notes))
        self.notes.setVisible(bool(value.notes))
