"""A short list of check boxes with colour swatches and counts."""

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.ui.panel import clear_layout, quietly

Row = tuple[str, str, tuple[int, int, int] | None]
"""Key, text, and the colour of its swatch."""


COUNT_WIDTH_PX = 44


class Swatch(QWidget):
    """A small square of one colour."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        super().__init__()
        self._colour = QColor(*colour)
        self.setFixedSize(10, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(self._colour)
        painter.drawRoundedRect(self.rect(), 2, 2)


class CheckRows(QWidget):
    """Rows with a check box each; `toggled` carries the key and whether it is on."""

    toggled = Signal(str, bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        self._boxes: dict[str, QCheckBox] = {}
        self._counts: dict[str, QLabel] = {}

    def keys(self) -> tuple[str, ...]:
        """Keys of all rows."""
        return tuple(self._boxes)

    def set_rows(self, rows: Sequence[Row], notes: Mapping[str, str] | None = None) -> None:
        """Show these rows, all on; `notes` are quiet words behind the text."""
        clear_layout(self._rows)
        self._boxes, self._counts = {}, {}
        for key, text, colour in rows:
            box = QCheckBox(text)
            box.toggled.connect(lambda on, key=key: self.toggled.emit(key, on))
            box.setChecked(True)
            count = QLabel()
            count.setProperty("role", "secondary")
            count.setMinimumWidth(COUNT_WIDTH_PX)
            count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line = QWidget()
            layout = QHBoxLayout(line)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(8)
            if colour is not None:
                layout.addWidget(Swatch(colour))
            layout.addWidget(box)
            if notes and key in notes and notes[key] != text.lower():
                note = QLabel(notes[key])
                note.setProperty("role", "caption")
                layout.addWidget(note)
            layout.addStretch(1)
            layout.addWidget(count)
            self._rows.addWidget(line)
            self._boxes[key], self._counts[key] = box, count
        self.setVisible(bool(rows))

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many there are of each."""
        for key, label in self._counts.items():
            label.setText(f"{counts.get(key, 0):,}")

    def set_unchecked(self, keys: Collection[str]) -> None:
        """Switch these off and all others on, without a signal."""
        for key, box in self._boxes.items():
            with quietly(box):
                box.setChecked(key not in keys)
