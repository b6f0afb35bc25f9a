"""The thresholds that the workspace says for everyone, over the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from viewer.review.datasets.known_thresholds import KNOWN, KnownThreshold
from viewer.session.review_changes import DecisionsChanged, DeskChange
from viewer.session.review_desk import ReviewDesk
from viewer.ui.icons import icon
from viewer.ui.panel import named, number_field, quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover

WIDTH_PX, HEIGHT_PX = 400, 340


class ThresholdPopover(Popover):
    """A number a row; Enter keeps it, the arrow behind takes it back to what Sightline says."""

    def __init__(self, desk: ReviewDesk, window: QWidget) -> None:
        super().__init__(window, "Thresholds", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._desk = desk
        self.add_title("Thresholds of the workspace")
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        self.fields = {
            each.name: number_field(
                each.title, each.least, each.most, step=each.step, unit=each.unit
            )
            for each in KNOWN
        }
        self.resets: dict[str, QToolButton] = {}
        for row, each in enumerate(KNOWN):
            field = self.fields[each.name]
            field.valueChanged.connect(
                lambda value, name=each.name: self._desk.thresholds.change(name, round(value, 4))
            )
            grid.addWidget(named(each.title, field), row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(self._reset_button(each), row, 2)
        self.column.addLayout(grid)
        note = wrapped_label(
            "For everyone who works with this file; undo takes a change back", role="caption"
        )
        self.column.addStretch(1)
        self.column.addWidget(note)
        self._unsubscribe = desk.subscribe(self._on_change)

    def _reset_button(self, each: KnownThreshold) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon("undo", "secondary"))
        button.setProperty("role", "flat")
        default = f"{each.default:g}{' ' if each.unit == 'm' else ''}{each.unit}"
        button.setAccessibleName(f"{each.title}: back to {default}")
        button.setToolTip(f"Back to {default}")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda _checked=False: self._desk.thresholds.change(each.name, None))
        self.resets[each.name] = button
        return button

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _on_change(self, change: DeskChange) -> None:
        if self.isVisible() and isinstance(change, DecisionsChanged):
            self.refresh()

    def refresh(self) -> None:
        """Show what holds."""
        said = self._desk.thresholds.defined()
        writable = self._desk.read_only_reason is None
        for each in KNOWN:
            field = self.fields[each.name]
            with quietly(field):
                field.setValue(said.get(each.name, each.default))
            field.setEnabled(writable)
            self.resets[each.name].setEnabled(writable and each.name in said)

    def ask(self) -> None:
        """Open with what holds."""
        self.refresh()
        self.open_popover(self.fields[KNOWN[0].name])
