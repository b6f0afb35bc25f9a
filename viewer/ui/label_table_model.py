"""The labels of a frame as a sorted and filtered Qt table."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from viewer.scene.class_map import ClassMap
from viewer.session.label_rows import CUBOID, LabelRow
from viewer.session.marks_set import MARK_KIND, MARK_RGB
from viewer.session.selection import LabelKey
from viewer.ui.theme import palette

SWATCH_PX = 10
_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its unit, and what it shows of a row."""

    name: str
    tip: str
    value: Callable[[LabelRow], str | float]
    digits: int | None = None
    """Decimal places of a number; None for text."""
    unit: str = ""

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} {self.unit}".rstrip()

    def text(self, row: LabelRow) -> str:
        """What people read; empty where it is not known."""
        value = self.value(row)
        if isinstance(value, str):
            return value
        if not math.isfinite(value):
            return ""
        text = f"{value:.{self.digits}f}"
        return text.lstrip("-") if float(text) == 0 else text


COLUMNS: tuple[Column, ...] = (
    Column("Class", "Class of the label", lambda row: row.class_name),
    Column("Verdict", "What was decided", lambda row: row.verdict.replace("_", " ")),
    Column("Track", "Track of the label", lambda row: row.track_id),
    Column("Kind", "What kind of label it is", lambda row: row.kind),
    Column("On", "The image, sensor or whole it belongs to", lambda row: row.place),
    Column("Dist", "Horizontal distance from the ego origin", lambda row: row.distance_m, 1, "m"),
    Column("Pts", "Points inside the box", lambda row: _known(row.point_count), 0),
    Column("Score", "Confidence", lambda row: row.score, 2),
    Column("Length", "Length of the box", lambda row: row.length_m, 2, "m"),
    Column("Width", "Width of the box", lambda row: row.width_m, 2, "m"),
    Column("Height", "Height of the box", lambda row: row.height_m, 2, "m"),
    Column("Yaw", "Heading seen from the vehicle: 0 ahead, 90 left", lambda row: row.yaw_deg, 1,
           "°"),
    Column("Speed", "Speed over ground", lambda row: row.speed_mps, 1, "m/s"),
    Column("Occlusion", "How much is hidden, in the data's words", lambda row: row.occlusion),
    Column("Attributes", "All attributes", lambda row: row.attributes),
    Column("Set", "Label set", lambda row: row.set_title),
    Column("Id", "Label id", lambda row: row.key.label_id),
)  # fmt: skip
POINTS_COLUMN = next(i for i, column in enumerate(COLUMNS) if column.name == "Pts")
VERDICT_COLUMN = next(i for i, column in enumerate(COLUMNS) if column.name == "Verdict")


def _known(count: int) -> float:
    return float(count) if count >= 0 else math.nan


class LabelTableModel(QAbstractTableModel):
    """Rows in the order and choice that a person asked for.

    Sorting and filtering happen here on Python values: two thousand rows take milliseconds,
    where a proxy would ask for every comparison.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LabelRow, ...] = ()
        self._order: list[int] = []
        self.class_map = ClassMap()
        self._words: tuple[str, ...] = ()
        self._with_hidden = False
        self._sort_column = -1
        self._descending = False
        self._swatches: dict[tuple[str, bool], QPixmap] = {}
        self.verdict_icons: Mapping[str, QIcon] = {}
        """By state of a verdict."""

    # -- what is shown -----------------------------------------------------------------------

    def show_rows(self, rows: tuple[LabelRow, ...], class_map: ClassMap) -> None:
        """Show other labels, in the order and choice that holds."""
        self.beginResetModel()
        if class_map is not self.class_map:
            self._swatches.clear()
        self._rows, self.class_map = rows, class_map
        self._order = self._arranged()
        self.endResetModel()

    def show_counts(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Fill in how many points each box holds."""
        self._rows = tuple(
            row._replace(point_count=counts.get((row.key.label_set_id, row.key.label_id), -1))
            if row.kind == CUBOID
            else row
            for row in self._rows
        )
        if self._sort_column == POINTS_COLUMN:
            self._arrange()
        elif self._order:
            top, bottom = self.index(0, POINTS_COLUMN), self.index(
                len(self._order) - 1, POINTS_COLUMN
            )  # fmt: skip
            self.dataChanged.emit(top, bottom)

    def show_verdicts(self, state_of: Callable[[LabelKey], str]) -> None:
        """Fill in what was decided."""
        self._rows = tuple(row._replace(verdict=state_of(row.key)) for row in self._rows)
        if self._sort_column == VERDICT_COLUMN:
            self._arrange()
        elif self._order:
            last = self.index(len(self._order) - 1, VERDICT_COLUMN)
            self.dataChanged.emit(self.index(0, VERDICT_COLUMN), last)

    def set_text_filter(self, text: str) -> None:
        """Show only labels that hold every word of a text."""
        words = tuple(text.lower().split())
        if words != self._words:
            self._words = words
            self._arrange()

    def set_with_hidden(self, *, on: bool) -> None:
        """Show labels that the view's filters leave out, greyed."""
        if on != self._with_hidden:
            self._with_hidden = on
            self._arrange()

    def forget_swatches(self) -> None:
        """Draw swatches again, in other colours."""
        self._swatches.clear()

    @property
    def total_count(self) -> int:
        """Labels of the frame, shown or not; marks are none."""
        return sum(row.kind != MARK_KIND for row in self._rows)

    @property
    def shown_count(self) -> int:
        """Labels among the shown rows."""
        return sum(self._rows[index].kind != MARK_KIND for index in self._order)

    @property
    def mark_count(self) -> int:
        """Marks of missing objects among the shown rows."""
        return len(self._order) - self.shown_count

    @property
    def has_flat_labels(self) -> bool:
        """Whether the frame has labels besides cuboids."""
        return any(row.kind not in (CUBOID, MARK_KIND) for row in self._rows)

    def label_at(self, row: int) -> LabelRow:
        """Return the label in a shown row."""
        return self._rows[self._order[row]]

    def row_of(self, key: LabelKey | None) -> int:
        """Shown row of a label; -1 where it is not shown."""
        if key is not None:
            for place, index in enumerate(self._order):
                own = self._rows[index].key
                if (own.label_set_id, own.label_id) == (key.label_set_id, key.label_id):
                    return place if own.frame_index == key.frame_index else -1
        return -1

    def to_csv(self, columns: Sequence[int] | None = None) -> str:
        """Return the shown rows as CSV, with a header."""
        chosen = [COLUMNS[i] for i in columns] if columns is not None else list(COLUMNS)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.title for column in chosen])
        for index in self._order:
            if self._rows[index].kind != MARK_KIND:
                writer.writerow([column.text(self._rows[index]) for column in chosen])
        return out.getvalue()

    # -- arranging ---------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        """Change order and choice, keeping the view's selection on its label."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        labels = [self._order[index.row()] for index in before]
        self._order = self._arranged()
        places = {label: place for place, label in enumerate(self._order)}
        after = [
            self.index(places[label], index.column()) if label in places else QModelIndex()
            for index, label in zip(before, labels, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _arranged(self) -> list[int]:
        chosen = [index for index, row in enumerate(self._rows) if self._wanted(row)]
        if not 0 <= self._sort_column < len(COLUMNS):
            return chosen
        value_of = COLUMNS[self._sort_column].value
        values = {index: value_of(self._rows[index]) for index in chosen}
        unknown = [i for i in chosen if values[i] == "" or values[i] != values[i]]
        known = [index for index in chosen if index not in set(unknown)]
        known.sort(key=lambda index: _sort_key(values[index]), reverse=self._descending)
        return known + unknown

    def _wanted(self, row: LabelRow) -> bool:
        if not (row.shown or self._with_hidden):
            return False
        if not self._words:
            return True
        text = row.search_text
        return all(word in text for word in self._words)

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's variant
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == _ROLE.DisplayRole:
            return column.title
        if role == _ROLE.ToolTipRole:
            return column.tip
        if role == _ROLE.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:  # noqa: ANN401
        if not index.isValid():
            return None
        row, column = self.label_at(index.row()), COLUMNS[index.column()]
        if role == _ROLE.DisplayRole:
            # A verdict is its glyph; the word is in the tooltip and in what is copied.
            return "" if index.column() == VERDICT_COLUMN else column.text(row)
        if role == _ROLE.TextAlignmentRole:
            return _alignment(column)
        if role == _ROLE.DecorationRole and index.column() == 0:
            return self._swatch(row)
        if role == _ROLE.DecorationRole and index.column() == VERDICT_COLUMN:
            return self.verdict_icons.get(row.verdict)
        if role == _ROLE.ForegroundRole and not row.shown:
            return palette().colour("secondary")
        if role == _ROLE.ToolTipRole:
            hidden = "" if row.shown else "Hidden by the filters"
            return hidden if column.digits is not None else column.text(row) or hidden
        if role == _ROLE.AccessibleTextRole:
            return f"{column.title}: {column.text(row) or 'unknown'}"
        return None

    def _swatch(self, row: LabelRow) -> QPixmap:
        """Colour of the class: filled for truth, a dashed outline for a prediction.

        A mark of a missing object has a diamond.
        """
        is_mark = row.kind == MARK_KIND
        name = ("" if is_mark else row.class_name, row.predicted)
        if name not in self._swatches:
            size = QSize(SWATCH_PX, SWATCH_PX)
            pixmap = QPixmap(size * 2)
            pixmap.setDevicePixelRatio(2.0)
            pixmap.fill(QColor(0, 0, 0, 0))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = QColor(*(MARK_RGB if is_mark else self.class_map.colour(row.class_name)))
            pen = QPen(colour, 1.5)
            pen.setDashPattern([2.0, 1.0] if row.predicted else [])
            painter.setPen(pen)
            painter.setBrush(QColor(0, 0, 0, 0) if row.predicted else colour)
            if is_mark:
                painter.setBrush(QColor(0, 0, 0, 0))
                painter.drawPolygon(_diamond(SWATCH_PX / 2))
            else:
                painter.drawRoundedRect(QRectF(1, 1, SWATCH_PX - 2, SWATCH_PX - 2), 1, 1)
            painter.end()
            self._swatches[name] = pixmap
        return self._swatches[name]


def _diamond(middle: float) -> QPolygonF:
    reach = middle - 1
    steps = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
    return QPolygonF([QPointF(middle + x, middle + y) for x, y in steps])


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column.digits is None else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _sort_key(value: str | float) -> tuple[int, float, str]:
    """Numbers by size, also where they are written as text; words after them, by alphabet."""
    if isinstance(value, float | int):
        return (0, float(value), "")
    if value.isdecimal():
        return (0, float(value), "")
    return (1, 0.0, value.casefold())
