"""The list of pairs as a model: a row is read when it is looked at, however many there are."""

import math
from functools import lru_cache

from viewer.session.compare_found import Listed
from viewer.session.compare_list import RowFacts, facts_of
from viewer.ui.review.row_model import RowModel

SCORE, MATCH = 2, 3
KEPT_ROWS = 2_000


class ErrorModel(RowModel):
    """Rows of a query."""

    columns = ("Label", "Prediction", "Score", "Match", "Frame", "Scene")
    numbers = (SCORE, MATCH)

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

    def row_total(self) -> int:
        return 0 if self.rows is None else len(self.rows)

    def column_name(self, column: int) -> str:
        return self.match_name if column == MATCH else self.columns[column]

    def cell_text(self, row: int, column: int) -> str:
        return self.cells(row)[column]

    def cells(self, row: int) -> tuple[str, ...]:
        """What stands in a row."""
        facts = self._facts(row)
        return (
            _name(facts.truth), _name(facts.prediction), _number(facts.score),
            _number(facts.similarity), facts.frame_key, facts.scene_id,
        )  # fmt: skip

    def row_text(self, row: int) -> str:
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
