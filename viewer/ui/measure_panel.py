"""The panel of the measuring tool: what to measure, what to do next, what was measured."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.session.measure import MeasureKind, Measurement
from viewer.ui.icons import icon
from viewer.ui.theme import ui_font

WIDTH_PX = 328
SHOWN_ROWS = 4
_ROW_PX = 40
_KINDS = (
    (MeasureKind.POINTS, "Points", "From one point to another"),
    (MeasureKind.GROUND, "To ground", "From a point to the ground around it"),
    (MeasureKind.BOXES, "Boxes", "The shortest way between two boxes"),
)


class _Measured(QListWidget):
    """List of measurements; Delete removes one."""

    remove_wanted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self.remove_wanted.emit(self.currentRow())
            return
        super().keyPressEvent(event)


class MeasurePanel(QFrame):
    """Shows what the tool says and tells what a person asks; measures nothing itself."""

    kind_chosen = Signal(object)
    """A `MeasureKind`."""
    selected_wanted = Signal()
    """Take the selected label as the next end."""
    remove_wanted = Signal(int)
    copy_wanted = Signal()
    clear_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAccessibleName("Measuring")
        self.setAutoFillBackground(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(self._make_kinds())
        self.prompt_label = QLabel()
        self.prompt_label.setWordWrap(True)
        self.prompt_label.setAccessibleName("What to do next")
        column.addWidget(self.prompt_label)
        self.selected_button = QPushButton("Use the selected label")
        self.selected_button.setProperty("role", "link")
        self.selected_button.clicked.connect(lambda _checked=False: self.selected_wanted.emit())
        column.addWidget(self.selected_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.list = _Measured()
        self.list.setAccessibleName("Measurements")
        self.list.setFont(ui_font())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.remove_wanted.connect(self.remove_wanted)
        self.list.currentRowChanged.connect(lambda _row: self._sync())
        column.addWidget(self.list)
        column.addLayout(self._make_buttons())

    def _make_kinds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._kinds = QButtonGroup(self)
        self.kind_buttons: dict[MeasureKind, QToolButton] = {}
        for kind, text, tip in _KINDS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _checked=False, kind=kind: self.kind_chosen.emit(kind))
            self._kinds.addButton(button)
            self.kind_buttons[kind] = button
            row.addWidget(button)
        row.addStretch(1)
        self.close_button = QToolButton()
        self.close_button.setProperty("role", "flat")
        self.close_button.setAccessibleName("End measuring")
        self.close_button.setToolTip("End measuring (M)")
        self.close_button.setIcon(icon("close", "secondary"))
        self.close_button.clicked.connect(lambda _checked=False: self.close_wanted.emit())
        row.addWidget(self.close_button)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.copy_button = QPushButton("Copy")
        self.remove_button = QPushButton("Remove")
        self.clear_button = QPushButton("Clear all")
        self.copy_button.clicked.connect(lambda _checked=False: self.copy_wanted.emit())
        self.clear_button.clicked.connect(lambda _checked=False: self.clear_wanted.emit())
        self.remove_button.clicked.connect(
            lambda _checked=False: self.remove_wanted.emit(self.list.currentRow())
        )
        for button in (self.copy_button, self.remove_button, self.clear_button):
            row.addWidget(button)
        row.addStretch(1)
        return row

    # -- what is shown -----------------------------------------------------------------------

    def show_prompt(self, kind: MeasureKind, prompt: str) -> None:
        """Show what is measured and what to do next."""
        self.kind_buttons[kind].setChecked(True)
        self._set_prompt(prompt, "")

    def show_problem(self, text: str) -> None:
        """Say why a click measured nothing."""
        self._set_prompt(text, "problem")

    def _set_prompt(self, text: str, role: str) -> None:
        self.prompt_label.setText(text)
        self.prompt_label.setProperty("role", role)
        style = self.prompt_label.style()
        style.unpolish(self.prompt_label)
        style.polish(self.prompt_label)

    def show_selection(self, *, possible: bool) -> None:
        """Offer the selected label as an end, while one is selected."""
        self.selected_button.setVisible(possible)

    def show_measurements(self, measurements: Sequence[Measurement]) -> None:
        """List measurements, the newest chosen."""
        texts = [f"{made.subject}, frame {made.frame_index + 1}\n{_line(made)}"
                 for made in measurements]  # fmt: skip
        if [self.list.item(row).text() for row in range(self.list.count())] != texts:
            self.list.clear()
            for made, text in zip(measurements, texts, strict=True):
                self.list.addItem(text)
                item = self.list.item(self.list.count() - 1)
                item.setSizeHint(QSize(0, _ROW_PX))
                item.setToolTip(f"{made.detail}\n{made.method}".strip())
            self.list.setCurrentRow(self.list.count() - 1)
        self.list.setVisible(bool(texts))
        self.list.setFixedHeight(min(len(texts), SHOWN_ROWS) * _ROW_PX + 4)
        self._sync()

    def _sync(self) -> None:
        some = self.list.count() > 0
        for button in (self.copy_button, self.remove_button, self.clear_button):
            button.setVisible(some)
        self.remove_button.setEnabled(self.list.currentRow() >= 0)

    def apply_icons(self) -> None:
        """Draw icons anew, after the theme changed."""
        self.close_button.setIcon(icon("close", "secondary"))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, super().sizeHint().height())


def _line(made: Measurement) -> str:
    """The numbers of a measurement, short enough for the list."""
    dx, dy, dz = (f"{part:+.2f}".replace("-0.00", "+0.00") for part in made.delta_m)
    return f"{made.total_m:.2f} m   dx {dx}  dy {dy}  dz {dz}"
