"""Typing or choosing a value that neither side of a conflict gave."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.review.merge.fields import Shape
from viewer.review.merge.third_value import OpenField
from viewer.ui.panel import clear_layout, named

LIST_HEIGHT_PX = 110
NAME_WIDTH_PX = 76
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ThirdValueCard(QFrame):
    """A field for each thing that the sides say differently, filled with what holds now.

    Enter settles, Esc goes back; both work in every field.
    """

    asked = Signal()
    """The form shall be shown."""
    given = Signal(dict)
    """Texts by field."""
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, QWidget] = {}
        heading = QLabel("Another value")
        heading.setProperty("role", "heading")
        self.give = QPushButton("Give  3")
        self.give.setToolTip("Type or choose a value that neither gave  (3)")
        self.give.setAccessibleName("Give another value")
        self.give.clicked.connect(lambda _checked=False: self.asked.emit())
        top = QHBoxLayout()
        top.addWidget(heading, 1)
        top.addWidget(self.give)
        self.form = QWidget()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setProperty("role", "problem")
        self.settle = QPushButton("Settle  ↵")
        self.settle.setAccessibleName("Settle with this value")
        self.settle.setToolTip("This holds  (Enter)")
        self.settle.clicked.connect(lambda _checked=False: self.given.emit(self.texts()))
        back = QPushButton("Back  Esc")
        back.setAccessibleName("Give no other value")
        back.clicked.connect(lambda _checked=False: self.left.emit())
        buttons = QHBoxLayout()
        buttons.addWidget(self.settle)
        buttons.addWidget(back)
        buttons.addStretch(1)
        inside = QVBoxLayout(self.form)
        inside.setContentsMargins(0, 2, 0, 0)
        inside.setSpacing(4)
        inside.addLayout(self._rows)
        inside.addWidget(self.problem)
        inside.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.form)
        self.close_form()

    # -- the form ----------------------------------------------------------------------------

    def open_form(self, fields: Sequence[OpenField]) -> None:
        """Show the fields and take the keys."""
        clear_layout(self._rows)
        self.inputs = {field.name: _input(field) for field in fields}
        for field, widget in zip(fields, self.inputs.values(), strict=True):
            widget.installEventFilter(self)
            self._rows.addWidget(_row(field, widget))
        self.tell_problem(None)
        self.give.hide()
        self.form.show()
        first = next(iter(self.inputs.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_form(self) -> None:
        """Show the button alone."""
        self.form.hide()
        self.give.show()

    @property
    def is_open(self) -> bool:
        """Whether a value is being given."""
        return not self.form.isHidden()

    def texts(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: _text(widget) for name, widget in self.inputs.items()}

    def tell_problem(self, text: str | None) -> None:
        """Say why the values cannot be; None for nothing."""
        self.problem.setText("" if text is None else text[:1].upper() + text[1:])
        self.problem.setVisible(text is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        is_ours = event.key() in (*_ENTER, Qt.Key.Key_Escape)
        is_typed = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if event.type() == QEvent.Type.ShortcutOverride and (is_ours or is_typed):
            # Letters choose here; elsewhere they are keys of the window.
            event.accept()
            return True
        if is_ours and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.left.emit()
            else:
                self.given.emit(self.texts())
            return True
        return super().eventFilter(watched, event)


def _row(field: OpenField, widget: QWidget) -> QWidget:
    label = named(field.title.capitalize(), widget)
    label.setFixedWidth(NAME_WIDTH_PX)
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(widget, 1)
    return row


def _input(field: OpenField) -> QWidget:
    """Return the control that fits a field, filled with the later side's value."""
    value = field.second if field.second is not None else field.first
    text = field.text_of(value)
    rule = field.rule
    if rule.shape is Shape.SEVERAL and field.choices:
        return _check_list(field, value if isinstance(value, list) else [])
    names = [each.text for each in field.choices]
    if rule.shape is Shape.YES_NO:
        names = ["yes", "no"]
    if names:
        box = QComboBox()
        box.setEditable(not rule.is_closed and rule.shape is not Shape.YES_NO)
        if rule.may_be_empty and not box.isEditable():
            names = ["", *names]
        box.addItems(names)
        box.setMinimumContentsLength(8)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if box.isEditable():
            box.setEditText(text)
        else:
            box.setCurrentIndex(max(0, box.findText(text)))
        return box
    line = QLineEdit(text)
    line.setPlaceholderText(_HINTS.get(rule.shape, ""))
    line.selectAll()
    return line


_HINTS = {
    Shape.NUMBERS: "Numbers, e.g. 4.5, 2, 1.6",
    Shape.NUMBER: "A number",
    Shape.SEVERAL: "Texts, with commas between",
    Shape.JSON: 'JSON; texts in "quotes"',
}


def _check_list(field: OpenField, chosen: list[str]) -> QListWidget:
    known = [str(each.value) for each in field.choices]
    items = QListWidget()
    items.setMaximumHeight(LIST_HEIGHT_PX)
    for text in (*known, *(each for each in chosen if each not in known)):
        item = QListWidgetItem(text, items)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if text in chosen else Qt.CheckState.Unchecked)
    items.setCurrentRow(0)
    return items


def _text(widget: QWidget) -> str:
    match widget:
        case QComboBox():
            return widget.currentText()
        case QListWidget():
            items = (widget.item(row) for row in range(widget.count()))
            return ", ".join(
                item.text() for item in items if item.checkState() == Qt.CheckState.Checked
            )
        case QLineEdit():
            return widget.text()
        case _:
            return ""
