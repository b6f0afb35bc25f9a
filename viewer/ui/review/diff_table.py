"""The differences of two label sets as rows, and their totals as rows of classes."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from viewer.review.versions.diff import Difference
from viewer.review.versions.diff_totals import ClassDiff
from viewer.review.versions.label_table import LabelKind
from viewer.session.facts import object_name
from viewer.session.review_versions import Compared
from viewer.ui.review.row_model import RowModel
from viewer.ui.theme import palette

CLASS_COLUMNS = ("Class", "±", "+", "−", "Before", "After", "Moved", "Turned", "Shifted", "Overlap")
FIRST_MEAN = CLASS_COLUMNS.index("Moved")
NOTHING = "·"
CLASS_TIPS = (
    "Class", "Changed, with this class before and after, or given to or taken from another class",
    "Added", "Removed", "Labels before", "Labels after", "Mean distance of changed centres",
    "Mean turn of changed headings", "Mean shift of edges and vertices of changed 2D labels",
    "Mean overlap (IoU, of boxes in 3D) of what changed",
)  # fmt: skip
_LOOKS = {
    Difference.CHANGED: ("warning", "changed"),
    Difference.ADDED: ("accepted", "added"),
    Difference.REMOVED: ("rejected", "removed"),
}
GLYPH_PX = 14


class DiffModel(RowModel):
    """Rows of a comparison."""

    columns = ("Label", "Frame", "Difference")

    def __init__(self) -> None:
        super().__init__()
        self.compared: Compared | None = None
        self.rows: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def show(self, compared: Compared | None, rows: npt.NDArray[np.int64]) -> None:
        """Show some rows of a comparison."""
        self.beginResetModel()
        self.compared, self.rows = compared, rows
        self.endResetModel()

    def row_total(self) -> int:
        return 0 if self.compared is None else len(self.rows)

    def cell_text(self, row: int, column: int) -> str:
        assert self.compared is not None
        return cell_text(self.compared, int(self.rows[row]), column)

    def row_text(self, row: int) -> str:
        assert self.compared is not None
        return row_text(self.compared, int(self.rows[row]))

    def row_icon(self, row: int) -> QIcon:
        assert self.compared is not None
        diff = self.compared.comparison.diff
        return difference_icon(Difference(diff.difference[int(self.rows[row])]))


def cell_text(compared: Compared, row: int, column: int) -> str:
    """What stands in a cell."""
    diff = compared.comparison.diff
    if column == 0:
        is_there = diff.row_after[row] >= 0
        table, own = (diff.after, diff.row_after) if is_there else (diff.before, diff.row_before)
        name, at = diff.class_after(row) or diff.class_before(row), int(own[row])
        return object_name(name or "", table.track_ids[at] or table.label_ids[at])
    if column == 1:
        return diff.place(row).frame_key
    difference = Difference(diff.difference[row])
    if difference is not Difference.CHANGED:
        return _LOOKS[difference][1]
    return ", ".join(diff.what_changed(row))


def row_text(compared: Compared, row: int) -> str:
    """All of a row, for a tooltip."""
    diff = compared.comparison.diff
    place = diff.place(row)
    lines = [cell_text(compared, row, 0), f"{place.scene_id} / {place.frame_key}"]
    if place.sensor_id:
        on = "points" if place.kind is LabelKind.POINTS else "the image"
        lines.append(f"{place.kind} on {on} of {place.sensor_id}")
    lines += diff.what_changed(row) or (cell_text(compared, row, 2),)
    overlap = diff.iou[row]
    if math.isfinite(overlap):
        lines.append(f"overlap {100 * overlap:.0f} %")
    return "\n".join(lines)


class ClassModel(RowModel):
    """Totals: all classes in the first row, then one row a class."""

    columns = CLASS_COLUMNS
    numbers = tuple(range(1, len(CLASS_COLUMNS)))
    column_tips = CLASS_TIPS

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ClassDiff, ...] = ()

    def show(self, compared: Compared | None) -> None:
        """Show the totals of a comparison."""
        self.beginResetModel()
        self._rows = () if compared is None else (compared.total, *compared.classes)
        self.endResetModel()

    def row_total(self) -> int:
        return len(self._rows)

    def cell_text(self, row: int, column: int) -> str:
        return class_cells(self._rows[row])[column]

    def cell_tip(self, row: int, column: int) -> str:
        return f"{CLASS_TIPS[column]}\n{self._rows[row].same:,} the same"


def class_cells(each: ClassDiff) -> tuple[str, ...]:
    """A row of the totals."""
    changed = each.changed + each.reclassed_from + each.reclassed_to
    counts = (changed, each.added, each.removed, each.before, each.after)
    return (
        each.class_name or "All",
        *(f"{count:,}" if count else "·" for count in counts),
        _number(each.center_m, "{:.2f} m"),
        _number(each.heading_deg, "{:.1f}°"),
        _number(each.shape_px, "{:.1f} px"),
        _number(100 * each.iou, "{:.0f} %"),
    )


def _number(value: float, form: str) -> str:
    return form.format(value) if math.isfinite(value) else NOTHING


def difference_icon(difference: Difference) -> QIcon:
    """A plus, a minus or a delta in the theme's colours."""
    key = (difference, palette().colour(_LOOKS[difference][0]).name())
    if key not in _icons:
        _icons[key] = _icon(*key)
    return _icons[key]


_icons: dict[tuple[Difference, str], QIcon] = {}


def _icon(difference: Difference, colour: str) -> QIcon:
    scale = 3
    pixmap = QPixmap(GLYPH_PX * scale, GLYPH_PX * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.scale(scale, scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.8))
    middle, reach = GLYPH_PX / 2, 4.0
    if difference is Difference.CHANGED:
        painter.drawEllipse(QRectF(middle - reach, middle - reach, 2 * reach, 2 * reach))
    else:
        painter.drawLine(int(middle - reach), int(middle), int(middle + reach), int(middle))
        if difference is Difference.ADDED:
            painter.drawLine(int(middle), int(middle - reach), int(middle), int(middle + reach))
    painter.end()
    return QIcon(pixmap)
