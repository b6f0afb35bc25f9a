"""The page of tables: by class, strata, slices with their thresholds, custom metrics."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from viewer.session.compare_changes import CompareChange, FigureComputed
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_figure_tables import table_kinds
from viewer.session.compare_values import Table
from viewer.ui.compare.figure_table import FigureTable
from viewer.ui.compare.least_row import LeastRow
from viewer.ui.compare.page import FigurePage
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import wrapped_label


class TablesPage(FigurePage):
    """One table at a time; a box chooses which."""

    kind = "table/class"

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Tables", parent)
        self.kind_box = QComboBox()
        self.kind_box.setAccessibleName("Table")
        self.kind_box.activated.connect(lambda _place: self._on_kind())
        self.table = FigureTable("Figures; Enter lists the errors of a row where it has any")
        self.table.asked.connect(desk.ask_list)
        self.table.placed.connect(desk.walk.show_place)
        self.least = LeastRow(desk)
        self.notes = wrapped_label(role="secondary")
        self.notes.setContentsMargins(12, 0, 12, 8)
        line = QHBoxLayout()
        line.setContentsMargins(12, 4, 12, 0)
        line.addWidget(self.kind_box, 1)
        self._kinds = QWidget()
        self._kinds.setLayout(line)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.notes)
        self.body.addWidget(self.least)
        column = self.layout()
        assert column is not None
        column.removeWidget(self.note)
        column.removeWidget(self.content)
        for widget in (self._kinds, self.note, self.content):
            column.addWidget(widget)
        self.setFocusProxy(self.kind_box)

    def concerns(self, change: CompareChange) -> bool:
        """Any table."""
        if isinstance(change, FigureComputed) and change.kind.startswith("table/"):
            return True
        return super().concerns(change)

    def refresh(self) -> None:
        """Offer the tables that this comparison has; show the chosen one."""
        found = self.desk.found
        kinds = () if found is None else table_kinds(found)
        with quietly(self.kind_box):
            self.kind_box.clear()
            for kind, title in kinds:
                self.kind_box.addItem(title, kind)
            place = self.kind_box.findData(self.kind)
            self.kind_box.setCurrentIndex(max(place, 0) if kinds else -1)
        if kinds:
            self.kind = self.kind_box.currentData()
        self._kinds.setVisible(bool(kinds))
        super().refresh()

    def choose(self, kind: str) -> None:
        """Show another table."""
        place = self.kind_box.findData(kind)
        if place >= 0:
            self.kind_box.setCurrentIndex(place)
            self._on_kind()

    def _on_kind(self) -> None:
        self.kind = self.kind_box.currentData()
        self.refresh()

    def show_figure(self, value: object) -> None:
        """Show the table."""
        assert isinstance(value, Table)
        self.table.show_table(value)
        self.table.setVisible(bool(value.rows))
        self.least.setVisible(self.kind == "table/scenes")
        self.notes.setText("\n".join(value.notes))
        self.notes.setVisible(bool(value.notes))
