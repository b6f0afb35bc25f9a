"""Filters panel: which labels and points are shown. The data stays."""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from viewer.scene.labels import LabelSetKind
from viewer.session.changes import Change, DatasetGrown, SceneClosed, SceneOpened, ViewChanged
from viewer.session.flat_labels import class_counts, flat_labels
from viewer.session.marks_set import labels_alone
from viewer.session.session import Session
from viewer.session.view_settings import Filters, Solo
from viewer.ui.actions.labels import ISOLATE_MARGIN_M
from viewer.ui.check_rows import CheckRows
from viewer.ui.panel import NumberSlider, Panel, ViewToggle, flat_button, quietly, set_fields

MAX_RANGE_M = 250.0
HEIGHTS_M = (-10.0, 30.0)
DEFAULT_BAND_M = (-3.0, 5.0)
_SOLO = ((Solo.OFF, "All labels"), (Solo.LABEL, "Selected label"), (Solo.TRACK, "Selected track"))


class FiltersPanel(Panel):
    """What is left out of every view."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "filters", parent)
        self._classes = CheckRows("Classes")
        self._label_sets = CheckRows("Label sets")
        self._score = NumberSlider("Smallest score", 0.0, 1.0, step=0.01)
        self._attribute = QComboBox()
        self._value = QComboBox()
        self._solo = QComboBox()
        for solo, text in _SOLO:
            self._solo.addItem(text, solo)
        self._near = NumberSlider("Smallest range", 0.0, MAX_RANGE_M, unit="m")
        self._far = NumberSlider("Largest range", 0.0, MAX_RANGE_M, unit="m", open_end=True)
        self._banded = QCheckBox("Height band")
        self._lowest = NumberSlider("Lowest point", *HEIGHTS_M, step=0.1, unit="m")
        self._highest = NumberSlider("Highest point", *HEIGHTS_M, step=0.1, unit="m")
        self._hide_ego = ViewToggle(session, "filters", "hide_ego_points", "Hide ego returns")
        self._isolated = QCheckBox("Isolate selected box")
        self._margin = NumberSlider("Margin around the box", 0.0, 5.0, step=0.1, unit="m")
        self._clear = flat_button("Clear all filters", self._clear_all)
        self._isolated.setToolTip("Show only points in the selected box and a margin around it")
        self._hide_ego.setToolTip("Leave out returns from the vehicle itself")
        self._build()
        self._connect()
        self._rebuild()
        self._refresh()

    def _build(self) -> None:
        self._class_heading = self.add_heading("Classes")
        self.column.addWidget(self._classes)
        self._class_buttons = self.add_row(
            flat_button("Show all", lambda: self._hide_classes(())),
            flat_button("Hide all", lambda: self._hide_classes(self._classes.keys())),
            QWidget(),
        )
        self.add_heading("Label sets")
        self.column.addWidget(self._label_sets)
        self.add_heading("Labels")
        self.add_field("Show", self._solo)
        self.add_field("Score from", self._score)
        self.add_field("Attribute", self._attribute)
        self.add_field("Value", self._value)
        self.add_heading("Distance from the vehicle")
        self.add_field("From", self._near)
        self.add_field("To", self._far)
        self.add_heading("Points")
        self.column.addWidget(self._hide_ego)
        self.column.addWidget(self._banded)
        self.add_field("From height", self._lowest)
        self.add_field("To height", self._highest)
        self.column.addWidget(self._isolated)
        self.add_field("Margin", self._margin)
        self.column.addSpacing(8)
        self.add_row(self._clear, QWidget())

    def _connect(self) -> None:
        self._classes.toggled.connect(self._on_class)
        self._label_sets.toggled.connect(self._on_label_set)
        self._score.changed.connect(lambda value: self._set(min_score=value))
        self._attribute.activated.connect(lambda _row: self._on_attribute())
        self._value.activated.connect(lambda _row: self._on_value())
        self._solo.activated.connect(lambda _row: self._set(solo=Solo(self._solo.currentData())))
        self._near.changed.connect(lambda value: self._set(min_range_m=value))
        self._far.changed.connect(
            lambda value: self._set(max_range_m=None if value >= MAX_RANGE_M else value)
        )
        self._banded.toggled.connect(
            lambda on: self._set(height_band_m=DEFAULT_BAND_M if on else None)
        )
        self._lowest.changed.connect(lambda _value: self._on_band())
        self._highest.changed.connect(lambda _value: self._on_band())
        self._isolated.toggled.connect(
            lambda on: self._set(isolate_margin_m=ISOLATE_MARGIN_M if on else None)
        )
        self._margin.changed.connect(lambda value: self._set(isolate_margin_m=value))

    def show_frame(self) -> None:
        self._refresh_counts()
        self._refresh_attributes()

    def on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened | DatasetGrown | SceneClosed):
            self._rebuild()
            self._refresh()
        elif isinstance(change, ViewChanged) and "filters" in change.sections:
            self._refresh()

    def _set(self, **values: object) -> None:
        set_fields(self.session, "filters", **values)

    def _clear_all(self) -> None:
        self.session.set_view(filters=Filters())

    def _on_class(self, name: str, shown: bool) -> None:
        hidden = self.session.view.filters.hidden_classes
        self._hide_classes(hidden - {name} if shown else hidden | {name})

    def _hide_classes(self, names: Iterable[str]) -> None:
        self._set(hidden_classes=frozenset(names))

    def _on_label_set(self, set_id: str, shown: bool) -> None:
        hidden = self.session.view.filters.hidden_label_sets
        self._set(hidden_label_sets=hidden - {set_id} if shown else hidden | {set_id})

    def _on_attribute(self) -> None:
        self._set(attribute=None)
        name = self._attribute.currentData()
        self._fill_values(name)
        if name is not None and self._value.count():
            self._on_value()

    def _on_value(self) -> None:
        name = self._attribute.currentData()
        if name is not None:
            self._set(attribute=(name, self._value.currentText()))

    def _on_band(self) -> None:
        low, high = self._lowest.value, self._highest.value
        self._set(height_band_m=(min(low, high), max(low, high)))

    def _rebuild(self) -> None:
        scene = self.session.scene
        self._classes.set_rows(
            [(e.name, e.name, e.colour) for e in scene.class_map.entries] if scene else []
        )
        sets = scene.label_sets if scene else ()
        self._label_sets.set_rows(
            [(s.label_set_id, s.title or s.label_set_id, None) for s in sets],
            {s.label_set_id: _KINDS[s.kind] for s in sets},
        )
        empty = scene is None or not scene.class_map.entries
        self._class_heading.setText("No classes: nothing is labelled" if empty else "Classes")
        self._class_buttons.setVisible(not empty)
        self._refresh_counts()
        self._refresh_attributes()

    def _refresh_counts(self) -> None:
        content = self.session.content
        classes: Counter[str] = Counter()
        sets: dict[str, int] = {}
        if content is not None:
            for set_id, _ in labels_alone(content):
                counts = class_counts(content, set_id)
                classes.update(counts)
                sets[set_id] = counts.total()
        self._classes.set_counts(classes)
        self._label_sets.set_counts(sets)

    def _attributes(self) -> dict[str, set[str]]:
        """Values of every attribute in this frame."""
        found: dict[str, set[str]] = {}
        content = self.session.content
        if content is None:
            return found
        for set_id, labels in labels_alone(content):
            flat = (label.attributes for label in flat_labels(content, set_id))
            for attributes in (*labels.cuboids.attributes, *flat):
                for name, value in attributes.items():
                    found.setdefault(name, set()).add(str(value))
        return found

    def _refresh_attributes(self) -> None:
        chosen = self.session.view.filters.attribute
        names = sorted({*self._attributes(), *((chosen[0],) if chosen else ())})
        with quietly(self._attribute):
            self._attribute.clear()
            self._attribute.addItem("Any", None)
            for name in names:
                self._attribute.addItem(name, name)
            row = self._attribute.findData(chosen[0]) if chosen else 0
            self._attribute.setCurrentIndex(row)
        self._attribute.setEnabled(bool(names))
        self._fill_values(chosen[0] if chosen else None)

    def _fill_values(self, name: str | None) -> None:
        chosen = self.session.view.filters.attribute
        values = set(self._attributes().get(name, ())) if name else set()
        if chosen and chosen[0] == name:
            values.add(chosen[1])
        with quietly(self._value):
            self._value.clear()
            self._value.addItems(sorted(values))
            if chosen and chosen[0] == name:
                row = self._value.findText(chosen[1], Qt.MatchFlag.MatchExactly)
                self._value.setCurrentIndex(row)
        self._value.setEnabled(bool(values))

    def _refresh(self) -> None:
        filters = self.session.view.filters
        self._classes.set_unchecked(filters.hidden_classes)
        self._label_sets.set_unchecked(filters.hidden_label_sets)
        self._score.set_value(filters.min_score)
        self._near.set_value(filters.min_range_m)
        self._far.set_value(MAX_RANGE_M if filters.max_range_m is None else filters.max_range_m)
        low, high = filters.height_band_m or DEFAULT_BAND_M
        self._lowest.set_value(low)
        self._highest.set_value(high)
        margin = filters.isolate_margin_m
        self._margin.set_value(ISOLATE_MARGIN_M if margin is None else margin)
        with quietly(self._banded, self._isolated, self._solo):
            self._banded.setChecked(filters.height_band_m is not None)
            self._isolated.setChecked(margin is not None)
            self._solo.setCurrentIndex(self._solo.findData(filters.solo))
        for slider in (self._lowest, self._highest):
            slider.setEnabled(filters.height_band_m is not None)
        self._margin.setEnabled(margin is not None)
        self._hide_ego.refresh()
        self._refresh_attributes()
        self._clear.setEnabled(filters != Filters())


_KINDS = {
    LabelSetKind.GROUND_TRUTH: "ground truth",
    LabelSetKind.PREDICTIONS: "predictions",
}
