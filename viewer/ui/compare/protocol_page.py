"""The page of published protocols: choose one, run it, read its figures and what the data lacks."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.metrics.protocols.base import Evaluation
from viewer.reports.evaluation_tables import figure_tables, setting_text
from viewer.session.compare_changes import CompareChange, Computed, FigureComputed
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_protocols import KIND, Run, protocol_titles, result_rows
from viewer.session.compare_values import Column, Format, Table
from viewer.ui.compare.desk_panel import ComparePart
from viewer.ui.compare.figure_table import FigureTable
from viewer.ui.compare.page import WAITS
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import wrapped_label

SHOWN_LETTERS = 110
NOTHING = "Protocols run once labels and predictions are compared."


class ProtocolPage(ComparePart):
    """Runs on the labels and the first predictions, whatever the thresholds above say."""

    file_name = "protocol"

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Protocols", parent)
        self.box = QComboBox()
        self.box.setAccessibleName("Protocol")
        for name, title in protocol_titles():
            self.box.addItem(title, name)
        self.box.activated.connect(lambda _place: self.refresh())
        self.set_box = QComboBox()
        self.set_box.setAccessibleName("Predictions evaluated")
        self.set_box.activated.connect(lambda _place: self.refresh())
        self.run_button = QPushButton("Run")
        self.run_button.setProperty("role", "primary")
        self.run_button.clicked.connect(lambda _on=False: self._run())
        self.state = wrapped_label(role="secondary")
        self.settings = wrapped_label(role="caption")
        self.problem = wrapped_label(role="problem")
        self.lacks = QLabel()
        self.lacks.setWordWrap(True)
        self.lacks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = FigureTable("Figures of the protocol")
        line = QHBoxLayout()
        line.addWidget(self.box, 1)
        line.addWidget(self.run_button)
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(6)
        top.addLayout(line)
        top.addWidget(self.set_box)
        for widget in (self.state, self.settings, self.problem, self.lacks):
            top.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        self.setFocusProxy(self.box)
        self.refresh()

    @property
    def exported(self) -> object:
        """The figures of the chosen protocol."""
        return self.table.figures.table

    def concerns(self, change: CompareChange) -> bool:
        """Runs, and what they are about."""
        if isinstance(change, FigureComputed):
            return change.kind == KIND
        return isinstance(change, Computed)

    @property
    def name(self) -> str:
        """The chosen protocol."""
        return str(self.box.currentData() or "")

    @property
    def run(self) -> Run:
        """The chosen protocol on the chosen predictions."""
        return Run(self.name, self.set_box.count() > 1 and self.set_box.currentIndex() == 1)

    def _offer_sets(self) -> None:
        """Let one of two sets be chosen, where there are two."""
        found = self.desk.found
        choice = None if found is None else found.choice
        names = () if choice is None else (choice.first, choice.second)
        titles = [self.desk.title_of(each) for each in names if each is not None]
        if titles != [self.set_box.itemText(place) for place in range(self.set_box.count())]:
            with quietly(self.set_box):
                self.set_box.clear()
                self.set_box.addItems(titles)
        self.set_box.setVisible(len(titles) > 1)

    def _run(self) -> None:
        runs = self.desk.protocols
        if runs.running:
            runs.cancel()
        else:
            runs.run(self.name, of_second=self.run.of_second)

    def refresh(self) -> None:
        """Show the figures of the chosen protocol, where it was run."""
        self._offer_sets()
        runs, found = self.desk.protocols, self.desk.found
        ready = found is not None and not found.waits_for_yes
        evaluation = runs.results.get(self.run)
        self.run_button.setText("Cancel" if runs.running else "Run again" if evaluation else "Run")
        self.run_button.setEnabled(ready and self.box.count() > 0)
        problem = runs.problems.get(self.run, "")
        self.problem.setVisible(bool(problem))
        self.problem.setText(problem)
        if runs.running:
            self.state.setText("Evaluating…")
        elif not ready:
            waits = found is not None and found.waits_for_yes
            self.state.setText(WAITS if waits else NOTHING)
        elif evaluation is None:
            self.state.setText(
                "The published protocol with its own thresholds and class rules. Those above do "
                "not count here."
            )
        else:
            self.state.setText(f"As {evaluation.version}")
        told = "" if evaluation is None else settings_text(evaluation)
        self.settings.setVisible(bool(told))
        self.settings.setText(told if len(told) <= SHOWN_LETTERS else f"{told[:SHOWN_LETTERS]}…")
        self.settings.setToolTip(told)
        lacks = () if evaluation is None else evaluation.lacks
        self.lacks.setVisible(bool(lacks))
        self.lacks.setText("\n".join(f"• {each}" for each in lacks))
        self.table.setVisible(evaluation is not None)
        self.table.show_table(None if evaluation is None else results_table(evaluation))


def sums_first(results: Mapping[str, Any]) -> dict[str, Any]:
    """Put first what has figures of its own: what holds for all classes together.

    Examples
    --------
    >>> list(sums_first({"car": {"AP": 1}, "bus": {"AP": 0}, "all": {"NDS": 1}}))
    ['all', 'car', 'bus']
    """
    kinds = {name: tuple(figures) for name, figures in results.items()}
    alike = Counter(kinds.values())
    ordered = sorted(results, key=lambda name: alike[kinds[name]] > 1)
    return {name: results[name] for name in ordered}


def settings_text(evaluation: Evaluation) -> str:
    """What the figures rest on, on one line."""
    pairs = evaluation.settings.items()
    return ", ".join(f"{name} {setting_text(value)}" for name, value in pairs)


def results_table(evaluation: Evaluation) -> Table:
    """The figures of all classes; of classes with other figures than the first, in rows below."""
    found = figure_tables(evaluation.results)
    if not found:
        return Table(evaluation.protocol, (), ())
    if len(found) == 1:
        columns, rows = found[0].columns, found[0].rows
    else:
        columns = ("Figure", "Value")
        rows = result_rows(sums_first(evaluation.results))
    shown = (Column(columns[0]), *(Column(name, Format.NUMERAL) for name in columns[1:]))
    return Table(evaluation.protocol, shown, tuple(rows))
