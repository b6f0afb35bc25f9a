"""A slider with its name and number, for thresholds."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QWidget

from viewer.ui.panel import quietly

NAME_PX, NUMBER_PX = 76, 58


def fine_step(width: float) -> float:
    """Return a round step of which a range has about a hundred.

    Examples
    --------
    >>> fine_step(1.0), fine_step(15.5), fine_step(740.0)
    (0.01, 0.1, 5.0)
    """
    if width <= 1.0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(width / 100.0) + 1e-9)
    return next(each * power for each in (5.0, 2.0, 1.0) if each * power <= width / 100.0 + 1e-9)


class ThresholdSlider(QWidget):
    """Moves in steps; the field beside it takes the exact number."""

    changed = Signal(float)
    """While it moves."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self._step = 0.01
        self.label = QLabel(name)
        self.label.setFixedWidth(NAME_PX)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip(tip)
        self.slider.setMinimumWidth(60)
        self.number = QDoubleSpinBox()
        self.number.setProperty("plain", True)
        self.number.setFixedWidth(NUMBER_PX)
        self.number.setKeyboardTracking(False)
        self.number.setToolTip(tip)
        self.label.setBuddy(self.slider)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self.slider.valueChanged.connect(self._on_slider)
        self.number.valueChanged.connect(self._on_number)
        self.rename(name)
        self.set_range(0.0, 1.0, 0.01)

    def rename(self, name: str, unit: str = "") -> None:
        """Say what it sets, and in which unit."""
        self.label.setText(name)
        self.slider.setAccessibleName(name)
        self.number.setAccessibleName(f"{name}, number")
        self.number.setSuffix(f" {unit}" if unit else "")

    def set_range(self, low: float, high: float, step: float) -> None:
        """Take other ends."""
        self._step = step
        with quietly(self.slider, self.number):
            self.slider.setRange(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9))
            self.slider.setPageStep(max(1, round(0.1 * (high - low) / step)))
            self.number.setDecimals(2)
            self.number.setRange(low, high)
            self.number.setSingleStep(step)

    @property
    def value(self) -> float:
        """The number."""
        return self.number.value()

    def show_value(self, value: float) -> None:
        """Stand at a number without telling anyone."""
        with quietly(self.slider, self.number):
            self.slider.setValue(round(value / self._step))
            self.number.setValue(value)

    def _on_slider(self, place: int) -> None:
        with quietly(self.number):
            self.number.setValue(place * self._step)
        self.changed.emit(self.number.value())

    def _on_number(self, value: float) -> None:
        with quietly(self.slider):
            self.slider.setValue(round(value / self._step))
        self.changed.emit(value)
