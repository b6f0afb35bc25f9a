"""What panels share: listening to the session, scrolling, and bound controls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from viewer.session.changes import Change, FrameShown
from viewer.session.session import Session

LABEL_WIDTH_PX = 76
FIELD_WIDTH_PX = 64


class Panel(QScrollArea):
    """A scrolling column of controls that follows the session.

    Subclasses add to `column` and override `on_change` and `show_frame`. A panel behind a tab
    does no work for frames; it catches up when it is shown.
    """

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("panelScroll")
        self.setAccessibleName(f"{name.capitalize()} panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setObjectName("panelBody")
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(12, 8, 12, 12)
        self.column.setSpacing(4)
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(body)
        self._on_screen = True
        self._behind = False
        self._unsubscribe = session.subscribe(self._hear)

    def _hear(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._behind = not self._on_screen
            if self._on_screen:
                self.show_frame()
        else:
            self.on_change(change)

    def set_on_screen(self, *, on_screen: bool) -> None:
        """Say whether a person can see it."""
        self._on_screen = on_screen
        if on_screen and self._behind:
            self._behind = False
            self.show_frame()

    def show_frame(self) -> None:
        """Follow the frame that is shown."""

    def on_change(self, change: Change) -> None:
        """Take any other change of the session."""

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def add_heading(self, text: str) -> QLabel:
        """Start a section."""
        if self.column.count():
            self.column.addSpacing(8)
        heading = QLabel(text)
        heading.setProperty("role", "caption")
        self.column.addWidget(heading)
        return heading

    def add_row(self, *widgets: QWidget) -> QWidget:
        """Put widgets side by side; the last one takes what is left."""
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in widgets:
            layout.addWidget(widget)
        self.column.addWidget(row)
        return row

    def add_field(self, text: str, field: QWidget) -> QLabel:
        """Put a named control on a row."""
        label = named(text, field)
        label.setFixedWidth(LABEL_WIDTH_PX)
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if isinstance(field, QComboBox):
            # Long entries shall not widen the panel.
            field.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            field.setMinimumContentsLength(4)
        self.add_row(label, field)
        return label


def named(text: str, field: QWidget) -> QLabel:
    """Label of a control, which also names it for screen readers."""
    label = QLabel(text)
    label.setBuddy(field)
    field.setAccessibleName(text)
    return label


def set_fields(session: Session, section: str, **values: Any) -> None:  # noqa: ANN401
    """Change fields of one section of the view settings."""
    session.set_view(**{section: replace(getattr(session.view, section), **values)})


@contextmanager
def quietly(*widgets: QObject) -> Iterator[None]:
    """Change controls without their signals."""
    blockers = [QSignalBlocker(widget) for widget in widgets]
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.unblock()


def clear_layout(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class ViewToggle(QCheckBox):
    """A check box bound to one boolean of the view settings."""

    def __init__(self, session: Session, section: str, field: str, text: str) -> None:
        super().__init__(text)
        self._session, self._section, self._field = session, section, field
        self.refresh()
        self.toggled.connect(self._on_toggled)

    def refresh(self) -> None:
        """Show what the view settings say."""
        with quietly(self):
            self.setChecked(bool(getattr(getattr(self._session.view, self._section), self._field)))

    def _on_toggled(self, checked: bool) -> None:
        set_fields(self._session, self._section, **{self._field: checked})


class NumberSlider(QWidget):
    """A slider with its number beside it; `changed` carries the number.

    With `open_end` the upper end stands for everything beyond it too, and says so.
    """

    changed = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        *,
        step: float = 1.0,
        unit: str = "",
        open_end: bool = False,
    ) -> None:
        super().__init__()
        self._low, self._step = low, step
        self._suffix = f" {unit}" if unit else ""
        self._open_end = open_end
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, round((high - low) / step))
        self.slider.setAccessibleName(name)
        self.slider.setMinimumWidth(32)
        self.field = number_field(name, low, high, step=step, unit=unit)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.field)
        self.slider.valueChanged.connect(self._on_slider)
        self.field.valueChanged.connect(self._on_field)

    @property
    def value(self) -> float:
        """The number."""
        return self.field.value()

    def set_value(self, value: float) -> None:
        """Show a number without telling anyone."""
        with quietly(self.slider, self.field):
            self.slider.setValue(round((value - self._low) / self._step))
            self.field.setValue(value)
            self._show_end()

    def _show_end(self) -> None:
        beyond = self._open_end and self.field.value() >= self.field.maximum()
        self.field.setSuffix(f"{self._suffix}+" if beyond else self._suffix)

    def _on_slider(self, place: int) -> None:
        value = self._low + place * self._step
        with quietly(self.field):
            self.field.setValue(value)
            self._show_end()
        self.changed.emit(value)

    def _on_field(self, value: float) -> None:
        with quietly(self.slider, self.field):
            self.slider.setValue(round((value - self._low) / self._step))
            self._show_end()
        self.changed.emit(value)


def number_field(
    name: str, low: float, high: float, *, step: float = 1.0, unit: str = ""
) -> QDoubleSpinBox:
    """A number that is typed, with its unit."""
    field = QDoubleSpinBox()
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setDecimals(0 if step >= 1 else 1 if step >= 0.1 else 2)
    field.setSuffix(f" {unit}" if unit else "")
    field.setAccessibleName(name)
    field.setFixedWidth(FIELD_WIDTH_PX)
    # Without buttons by style: NoButtons leaves the style sheet's editor one pixel wide.
    field.setProperty("plain", True)
    field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    field.setKeyboardTracking(False)
    return field


def flat_button(text: str, run: Callable[[], None], role: str = "link") -> "QWidget":
    """A quiet button."""
    from PySide6.QtWidgets import QPushButton

    button = QPushButton(text)
    button.setProperty("role", role)
    button.clicked.connect(lambda _checked=False: run())
    return button
