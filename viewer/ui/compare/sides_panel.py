"""What is compared: labels, predictions, how they are paired, which of them count."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.session.changes import Change, JobsChanged
from viewer.session.compare_changes import (
    ChoicesChanged,
    CompareChange,
    Computed,
    Computing,
    WentStale,
)
from viewer.session.compare_choice import measure_titles
from viewer.session.compare_desk import COMPARE_JOB, LOAD_JOB, CompareDesk
from viewer.ui.compare.bad_rows import BadRows
from viewer.ui.compare.desk_panel import ComparePart
from viewer.ui.numbers import counted
from viewer.ui.panel import named, quietly
from viewer.ui.plain_parts import scrolled, wrapped_label

NONE_SECOND = "Nothing else"
FARTHEST_M = 1_000.0
_TOLD = ChoicesChanged | Computed | Computing | WentStale


class SidesPanel(ComparePart):
    """Two sets and how they are paired; below, how far it is and what could not be used."""

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Compared panel", parent)
        self._make_fields()
        self._make_state()
        self._lay_out()
        self._stop_listening = desk.session.subscribe(self._on_session)
        self.setFocusProxy(self.first_box)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._stop_listening()
        super().dispose()

    # -- building ----------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.truth_box, self.first_box, self.second_box = _box(), _box(), _box()
        self.truth_box.activated.connect(lambda _p: self._choose("truth", self.truth_box))
        self.first_box.activated.connect(lambda _p: self._choose("first", self.first_box))
        self.second_box.activated.connect(lambda _p: self._choose("second", self.second_box))
        self.measure_box, self.pairing_box = _box(), _box()
        for place, (name, title, needs) in enumerate(measure_titles()):
            self.measure_box.addItem(title, name)
            self.measure_box.setItemData(place, f"Needs {needs}", Qt.ItemDataRole.ToolTipRole)
        self.measure_box.activated.connect(lambda _p: self._choose("measure", self.measure_box))
        self.pairing_box.addItem("Confident ones first", False)
        self.pairing_box.addItem("Best overall", True)
        tips = ("Greedy: each prediction takes the best label left", "Hungarian assignment")
        for place, tip in enumerate(tips):
            self.pairing_box.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.pairing_box.activated.connect(lambda _p: self._choose("hungarian", self.pairing_box))
        self.class_check = QCheckBox("Only pairs of one class")
        self.class_check.setToolTip(
            "Predictions of another class than the label count as false, not as confused"
        )
        self.class_check.toggled.connect(lambda on: self.desk.choose(by_class=on))
        self.also_field = QLineEdit()
        self.also_field.setPlaceholderText("also car=van, bus=truck")
        self.also_field.setAccessibleName("More pairs of classes that may be one")
        self.also_field.setToolTip("Pairs of a label's class and a prediction's that may be one")
        self.also_field.editingFinished.connect(
            lambda: self.desk.choose(also=self.also_field.text().strip())
        )
        self.difficulty_box = _box()
        for text, name in (("Any", ""), ("Easy", "easy"), ("Moderate", "moderate"),
                           ("Hard", "hard")):  # fmt: skip
            self.difficulty_box.addItem(text, name)
        self.difficulty_box.setToolTip("KITTI's: height in the image, occlusion, truncation")
        self.difficulty_box.activated.connect(
            lambda _p: self._choose("difficulty", self.difficulty_box)
        )
        self.from_field = _metres("Range from", 0.0)
        self.to_field = _metres("Range to", 0.0)
        self.to_field.setSpecialValueText("any")
        self.from_field.valueChanged.connect(lambda value: self.desk.choose(min_range_m=value))
        self.to_field.valueChanged.connect(self._on_farthest)
        self.points_field = QSpinBox()
        self.points_field.setRange(0, 100_000)
        self.points_field.setProperty("plain", True)
        self.points_field.setKeyboardTracking(False)
        self.points_field.setFixedWidth(64)
        self.points_field.setToolTip("Labels with fewer lidar points are left out")
        self.points_field.valueChanged.connect(lambda value: self.desk.choose(min_points=value))
        self.load_button = QPushButton("Load predictions")
        self.load_button.setProperty("hasMenu", True)
        self.load_button.setToolTip("Predictions for these frames, from any format that opens")
        menu = QMenu(self.load_button)
        menu.addAction("From a file…", lambda: self.ask_file(folder=False))
        menu.addAction("From a folder…", lambda: self.ask_file(folder=True))
        self._as_second = menu.addAction("Beside the present ones")
        self._as_second.setCheckable(True)
        self._as_second.setToolTip("Compare two sets of predictions")
        self.load_button.setMenu(menu)

    def _make_state(self) -> None:
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.state = wrapped_label(role="secondary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of the comparison")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(lambda _on=False: self.desk.cancel())
        self.again_button = QPushButton("Compare again")
        self.again_button.setProperty("role", "primary")
        self.again_button.clicked.connect(lambda _on=False: self.desk.compare())
        self.problem = wrapped_label(role="problem")
        self.bad = BadRows(self.desk)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.empty)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnStretch(1, 1)
        rows = (
            ("Labels", self.truth_box), ("Predictions", self.first_box),
            ("Beside", self.second_box), ("Alike by", self.measure_box),
            ("Pair", self.pairing_box), ("Range", _side_by_side(self.from_field, self.to_field)),
            ("Points", self.points_field), ("Difficulty", self.difficulty_box),
        )  # fmt: skip
        for place, (text, field) in enumerate(rows):
            label = named(text, field)
            if field is self.difficulty_box:
                self._difficulty_label = label
            self.grid.addWidget(label, place, 0)
            self.grid.addWidget(field, place, 1)
        self.second_box.setAccessibleName("Second set of predictions")
        self.measure_box.setAccessibleName("Alike by")
        self.points_field.setAccessibleName("Lidar points at least")
        waiting = QHBoxLayout()
        waiting.addWidget(self.progress, 1)
        waiting.addWidget(self.cancel_button)
        for part in (self.state, waiting, self.again_button, self.problem, self.bad, self.grid,
                     self.class_check, self.also_field, self.load_button):  # fmt: skip
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        area = scrolled(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    # -- acting ------------------------------------------------------------------------------

    def _choose(self, field: str, box: QComboBox) -> None:
        self.desk.choose(**{field: box.currentData()})

    def _on_farthest(self, value: float) -> None:
        self.desk.choose(max_range_m=value or None)

    def ask_file(self, *, folder: bool) -> None:
        """Ask for predictions and load them."""
        dataset = self.desk.session.dataset
        start = str(Path.home() if dataset is None else dataset.path.parent)
        if folder:
            chosen = QFileDialog.getExistingDirectory(self, "Load predictions", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "Load predictions", start)
        if chosen:
            self.desk.load_predictions(Path(chosen), as_second=self._as_second.isChecked())

    # -- following ---------------------------------------------------------------------------

    def concerns(self, change: CompareChange) -> bool:
        """What is chosen, and how far it is."""
        return isinstance(change, _TOLD)

    def _on_session(self, change: Change) -> None:
        if isinstance(change, JobsChanged) and self.desk.busy and self.isVisible():
            self._show_progress()

    def refresh(self) -> None:
        """Show what is chosen."""
        desk, choice = self.desk, self.desk.choice
        sets = [(each.title or each.label_set_id, each.label_set_id) for each in desk.label_sets()]
        guesses = [
            (each.title or each.label_set_id, each.label_set_id) for each in desk.prediction_sets()
        ]
        _fill(self.truth_box, sets, choice.truth)
        _fill(self.first_box, guesses, choice.first)
        others = [each for each in guesses if each[1] != choice.first]
        _fill(self.second_box, [(NONE_SECOND, None), *others], choice.second)
        fields = (self.measure_box, self.pairing_box, self.class_check, self.from_field,
                  self.to_field, self.points_field, self.difficulty_box)  # fmt: skip
        with quietly(*fields):
            self.measure_box.setCurrentIndex(self.measure_box.findData(choice.measure))
            self.pairing_box.setCurrentIndex(self.pairing_box.findData(choice.hungarian))
            self.class_check.setChecked(choice.by_class)
            self.from_field.setValue(choice.min_range_m)
            self.to_field.setValue(choice.max_range_m or 0.0)
            self.points_field.setValue(choice.min_points)
            self.difficulty_box.setCurrentIndex(self.difficulty_box.findData(choice.difficulty))
            if not self.also_field.hasFocus():
                self.also_field.setText(choice.also)
        self._show_what_there_is(bool(sets), bool(guesses))
        self._show_state()

    def _show_what_there_is(self, has_labels: bool, has_guesses: bool) -> None:
        complete = has_labels and has_guesses
        self.empty.setVisible(not complete)
        for place in range(self.grid.count()):
            item = self.grid.itemAt(place)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.setVisible(complete)
        self.class_check.setVisible(complete)
        self.also_field.setVisible(complete and self.desk.choice.by_class)
        told = self._tells_difficulty()
        for widget in (self.difficulty_box, self._difficulty_label):
            widget.setVisible(complete and told)
        if not has_labels:
            self.empty.setText("This dataset has no labels to compare predictions with.")
        else:
            self.empty.setText(
                "This dataset has no predictions. Load those of a model for its frames: "
                "KITTI text, nuScenes results, Argoverse tables, COCO, JSON lines, or any "
                "other format that opens here."
            )
        self.load_button.setEnabled(has_labels)
        self._as_second.setVisible(complete)

    def _tells_difficulty(self) -> bool:
        """Whether the labels tell what KITTI's difficulty rests on."""
        found = self.desk.found
        if self.desk.choice.difficulty:
            return True
        gathered = None if found is None else found.gathered
        return gathered is not None and gathered.labels.occlusions is not None

    def _show_state(self) -> None:
        desk = self.desk
        busy = bool(desk.busy)
        self.progress.setVisible(busy)
        self.cancel_button.setVisible(busy)
        found = desk.found
        complete = desk.choice.truth is not None and desk.choice.first is not None
        self.again_button.setText("Compare" if found is None else "Compare again")
        self.again_button.setVisible(not busy and complete and (desk.is_stale or found is None))
        self.problem.setVisible(bool(desk.problem))
        self.problem.setText(desk.problem)
        waits = found is not None and found.waits_for_yes
        self.state.setVisible(busy or (found is not None and not waits))
        if busy:
            self.state.setText(f"{desk.busy}…")
            self._show_progress()
        elif found is not None:
            text = (
                f"{counted(len(found.truth), 'label')}, "
                f"{counted(len(found.first), 'prediction')}, "
                f"{counted(len(found.truth.frames), 'frame')}"
            )
            if not len(found.truth) or not len(found.first):
                text += f" with {desk.choice.similarity.needs}, which this measure needs"
            if desk.is_stale:
                text += f". {desk.stale_text}"
            self.state.setText(text)
        self.bad.refresh()

    def _show_progress(self) -> None:
        jobs = {each.key: each for each in self.desk.session.jobs.statuses}
        status = jobs.get(COMPARE_JOB) or jobs.get(LOAD_JOB)
        if status is None:
            return
        total = status.progress.total or 0
        self.progress.setRange(0, total)
        self.progress.setValue(status.progress.done if total else 0)
        if status.progress.text:
            self.state.setText(f"{status.progress.text}…")


def _box() -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def _metres(name: str, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setRange(0.0, FARTHEST_M)
    field.setDecimals(0)
    field.setSuffix(" m")
    field.setValue(value)
    field.setProperty("plain", True)
    field.setKeyboardTracking(False)
    field.setAccessibleName(name)
    field.setFixedWidth(64)
    return field


def _side_by_side(first: QWidget, second: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    layout.addWidget(first)
    layout.addWidget(QLabel("to"))
    layout.addWidget(second)
    layout.addStretch(1)
    row.setFocusProxy(first)
    return row


def _fill(box: QComboBox, entries: list[tuple[str, Any]], chosen: object) -> None:
    with quietly(box):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        box.setCurrentIndex(max(box.findData(chosen), 0) if entries else -1)
