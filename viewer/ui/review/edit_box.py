"""Edits of the selected label in the inspector: class, track, attribute, box in numbers."""

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.session.changes import Change, FrameShown, SelectionChanged
from viewer.session.facts import value_text
from viewer.session.review_changes import DeskChange
from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import named, quietly

FIELD_PX = 50
FARTHEST_M = 1e7


class EditBox(QWidget):
    """Folded to one line until it is asked for; Enter in a field is one edit."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self.toggle_button = QPushButton("Edit")
        self.toggle_button.setProperty("role", "link")
        self.toggle_button.setToolTip("Change class, track, attributes or the box")
        self.toggle_button.clicked.connect(lambda _checked=False: self.set_open(not self.is_open))
        self.flip_button = self._button("Flip heading", desk.selected.flip)
        self.delete_button = self._button("Delete", desk.selected.delete)
        self.restore_button = self._button("Restore", desk.selected.restore)
        self.restore_button.setToolTip("Make the label as it was delivered again")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for button in (
            self.toggle_button, self.flip_button, self.delete_button, self.restore_button,
        ):  # fmt: skip
            line.addWidget(button)
        line.addStretch(1)
        self.fields = self._make_fields()
        self.fields.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.fields)
        self._unsubscribe = self._session.subscribe(self._on_change)
        self._unsubscribe_desk = desk.subscribe(self._on_desk_change)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._unsubscribe_desk()

    # -- parts -------------------------------------------------------------------------------

    def _button(self, text: str, run: object) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "link")
        button.clicked.connect(lambda _checked=False: run())  # type: ignore[operator]
        return button

    def _make_fields(self) -> QWidget:
        editing = self._desk.selected
        fields = QWidget()
        grid = QGridLayout(fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        self.class_box = QComboBox()
        self.class_box.setEditable(True)
        self.class_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.class_box.activated.connect(
            lambda _place: editing.change_class(self.class_box.currentText().strip())
        )
        self.track_edit = QLineEdit()
        self.track_edit.returnPressed.connect(
            lambda: editing.change_track(self.track_edit.text().strip())
        )
        self.attribute_box = QComboBox()
        self.attribute_box.setEditable(True)
        self.attribute_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.attribute_box.setAccessibleName("Attribute")
        self.attribute_box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.attribute_box.currentTextChanged.connect(self._show_attribute)
        self.value_edit = QLineEdit()
        self.value_edit.setPlaceholderText("value")
        self.value_edit.setAccessibleName("Value of the attribute")
        self.value_edit.returnPressed.connect(self._on_attribute)
        self._add(grid, 0, "Class", self.class_box)
        self._add(grid, 1, "Track", self.track_edit)
        grid.addWidget(self._make_track_line(), 2, 1, 1, 3)
        grid.addWidget(QLabel("Attribute"), 3, 0)
        grid.addWidget(self.attribute_box, 3, 1, 1, 3)
        grid.addWidget(self.value_edit, 4, 1, 1, 3)
        self.center_fields = self._triple(grid, 5, "Center", ("x", "y", "z"), -FARTHEST_M)
        self.size_fields = self._triple(grid, 6, "Size", ("length", "width", "height"), 0.0)
        self.yaw = _number("Yaw in degrees", -360.0, 360.0, 1)
        self.yaw.setSuffix(" °")
        self.yaw.editingFinished.connect(self._on_yaw)
        grid.addWidget(named("Yaw", self.yaw), 7, 0)
        self.yaw.setAccessibleName("Yaw in degrees")
        grid.addWidget(self.yaw, 7, 1)
        for field in self.center_fields:
            field.editingFinished.connect(self._on_center)
        for field in self.size_fields:
            field.editingFinished.connect(self._on_size)
        return fields

    def _make_track_line(self) -> QWidget:
        """What Enter in the track's field does for one label, for the whole track."""
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.merge_button = self._button("Merge into it", self._merge)
        self.merge_button.setToolTip("Give the whole track the id in the field above")
        self.split_button = self._button("Split here", self._desk.editing.split_track)
        self.split_button.setToolTip("From this frame on it is another track")
        row.addWidget(self.merge_button)
        row.addWidget(self.split_button)
        row.addStretch(1)
        return line

    def _add(self, grid: QGridLayout, row: int, text: str, field: QWidget) -> None:
        field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        grid.addWidget(named(text, field), row, 0)
        grid.addWidget(field, row, 1, 1, 3)

    def _triple(
        self, grid: QGridLayout, row: int, text: str, names: tuple[str, ...], low: float
    ) -> tuple[QDoubleSpinBox, ...]:
        grid.addWidget(QLabel(text), row, 0)
        fields = tuple(_number(f"{text} {name} in metres", low, FARTHEST_M, 2) for name in names)
        for column, field in enumerate(fields, start=1):
            grid.addWidget(field, row, column)
        return fields

    # -- showing -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether the fields are shown."""
        return not self.fields.isHidden()

    def set_open(self, is_open: bool) -> None:
        """Show or fold the fields."""
        self.fields.setVisible(is_open)
        self.toggle_button.setText("Done" if is_open else "Edit")
        if is_open:
            self.refresh()
            self.class_box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | FrameShown):
            self.refresh()

    def _on_desk_change(self, _change: DeskChange) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Show what is selected."""
        editing = self._desk.selected
        label = editing.label()
        can_edit = label is not None and self._desk.read_only_reason is None
        self.setVisible(can_edit)
        if label is None or not can_edit:
            return
        is_mark = editing.mark_id is not None
        self.restore_button.setVisible(editing.is_edited)
        for field in (self.track_edit, self.attribute_box, self.value_edit):
            field.setEnabled(not is_mark)
        for button in (self.merge_button, self.split_button):
            button.setEnabled(not is_mark and label.track_ids[0] is not None)
        if not self.is_open:
            return
        scene = self._session.scene
        names = [] if scene is None else sorted(each.name for each in scene.class_map.entries)
        boxes = label.cuboids
        with quietly(self.class_box, self.track_edit, self.attribute_box, self.yaw,
                     *self.center_fields, *self.size_fields):  # fmt: skip
            self.class_box.clear()
            self.class_box.addItems(names)
            self.class_box.setCurrentText(label.class_names[0])
            self.track_edit.setText(label.track_ids[0] or "")
            chosen = self.attribute_box.currentText()
            self.attribute_box.clear()
            self.attribute_box.addItems([str(name) for name in label.attributes[0]])
            if chosen in label.attributes[0]:
                self.attribute_box.setCurrentText(chosen)
            for triple, values in (
                (self.center_fields, boxes.center[0]),
                (self.size_fields, boxes.size[0]),
            ):
                for number, value in zip(triple, values.tolist(), strict=True):
                    number.setValue(value)
            self.yaw.setValue(math.degrees(float(boxes.yaw_rad[0])))
        self._show_attribute(self.attribute_box.currentText())

    def _show_attribute(self, name: str) -> None:
        label = self._desk.selected.label()
        known = {} if label is None else label.attributes[0]
        self.value_edit.setText(value_text(known[name]) if name in known else "")

    # -- editing -----------------------------------------------------------------------------

    def _merge(self) -> None:
        label, into = self._desk.selected.label(), self.track_edit.text().strip()
        if label is None or not into or into == label.track_ids[0]:
            self._session.say("Type the id of the other track first", is_problem=True)
            return
        self._desk.editing.merge_tracks(into)

    def _on_attribute(self) -> None:
        name = self.attribute_box.currentText().strip()
        if name:
            self._desk.selected.change_attribute(name, self.value_edit.text())

    def _on_center(self) -> None:
        label = self._desk.selected.label()
        if label is None:
            return
        center = _typed(self.center_fields, label.cuboids.center[0].tolist())
        if center is not None:
            self._desk.selected.change_box(center=center)

    def _on_size(self) -> None:
        label = self._desk.selected.label()
        if label is None:
            return
        size = _typed(self.size_fields, label.cuboids.size[0].tolist())
        if size is not None:
            self._desk.selected.change_box(size=size)

    def _on_yaw(self) -> None:
        label = self._desk.selected.label()
        if label is None:
            return
        before = math.degrees(float(label.cuboids.yaw_rad[0]))
        if abs(self.yaw.value() - before) > 0.5 * 10.0 ** -self.yaw.decimals():
            self._desk.selected.change_box(yaw_rad=math.radians(self.yaw.value()))


def _typed(fields: tuple[QDoubleSpinBox, ...], before: list[float]) -> list[float] | None:
    """Numbers of which at least one was changed; the others keep all their digits."""
    found = [
        value if abs(field.value() - value) <= 0.5 * 10.0 ** -field.decimals() else field.value()
        for field, value in zip(fields, before, strict=True)
    ]
    return None if found == before else found


def _number(name: str, low: float, high: float, decimals: int) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(low, high)
    field.setDecimals(decimals)
    field.setSingleStep(10.0**-decimals * 5)
    field.setAccessibleName(name)
    field.setProperty("plain", True)
    field.setKeyboardTracking(False)
    field.setMinimumWidth(FIELD_PX)
    field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return field
