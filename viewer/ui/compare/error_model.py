"""The list of pairs as a model: a row is read when it is looked at, however many there are."""

import math
from functools import lru_cache

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from viewer.session.compare_found import Listed
from viewer.session.compare_list import RowFacts, facts_of

COLUMNS = ("Label", "Prediction", "Score", "Match", "Frame", "Scene")
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NUMBERS = (2, 3)
KEPT_ROWS = 2_000


class ErrorModel(QAbstractTableModel):
    """Rows of a query."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Listed | None = None
        self.match_name = "Match"
        self.match_unit = ""
        self._facts = lru_cache(KEPT_ROWS)(self._read)

    def show(self, rows: Listed | None) -> None:
        """Show another list."""
        self.beginResetModel()
        self.rows = rows
        self._facts.cache_clear()
        self.endResetModel()

    def _read(self, row: int) -> RowFacts:
        assert self.rows is not None
        return facts_of(self.rows, row)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() or self.rows is None else len(self.rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.match_name if section == 3 else COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _NUMBERS:
            return _RIGHT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.rows is None or not 0 <= index.row() < len(self.rows):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in _NUMBERS else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells(index.row())[index.column()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.told(index.row())
        return None

    def cells(self, row: int) -> tuple[str, ...]:
        """What stands in a row."""
        facts = self._facts(row)
        return (
            _name(facts.truth), _name(facts.prediction), _number(facts.score),
            _number(facts.similarity), facts.frame_key, facts.scene_id,
        )  # fmt: skip

    def told(self, row: int) -> str:
        """A row in words."""
        facts = self._facts(row)
        lines = [facts.text, f"{facts.scene_id} / {facts.frame_key}"]
        if facts.label_id:
            lines.append(f"label {facts.label_id}")
        if facts.prediction_id:
            lines.append(f"prediction {facts.prediction_id}")
        if math.isfinite(facts.score):
            lines.append(f"score {facts.score:.2f}")
        if math.isfinite(facts.similarity):
            lines.append(f"{self.match_name} {facts.similarity:.2f} {self.match_unit}".rstrip())
        if math.isfinite(facts.size_m3):
            lines.append(f"{facts.size_m3:.1f} m³")
        return "\n".join(lines)


def _name(name: str) -> str:
    return "–" if name == "background" else name


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else ""
