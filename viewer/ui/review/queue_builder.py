"""A few fields that make a queue; no dialog."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.review import SubjectKind
from viewer.review.slices.reading import slices
from viewer.session.changes import Change, DatasetOpened, SceneOpened
from viewer.session.review_builder import QueueRequest, Source
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_large import make_and_write
from viewer.session.review_queue_making import MadeQueue, build_queue
from viewer.ui.panel import named, quietly

BUILD_JOB = "review-queue"
KINDS = (
    ("Labels", SubjectKind.LABEL),
    ("Tracks", SubjectKind.TRACK),
    ("Frames", SubjectKind.FRAME),
    ("Scenes", SubjectKind.SCENE),
)
EVERY_CLASS = "Every class"
FIRST_COUNT = 100


class QueueBuilder(QWidget):
    """Asks what shall be in a queue; Enter in any field builds it."""

    built = Signal(str)
    """queue_id."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self.setAccessibleName("Build a queue")
        heading = QLabel("Build a queue")
        heading.setProperty("role", "heading")
        self.kind_box, self.set_box = _box("What"), _box("Label set")
        for title, kind in KINDS:
            self.kind_box.addItem(title, kind)
        self.kind_box.currentIndexChanged.connect(lambda _place: self._sync())
        self.source_box, self.class_box = _box("From"), _box("Class")
        self.source_box.currentIndexChanged.connect(lambda _place: self._sync())
        self.open_check = QCheckBox("Only what nobody judged")
        self.open_check.setChecked(True)
        self.draw_check = QCheckBox("Draw")
        self.draw_check.setToolTip("Take so many by chance, instead of all")
        self.draw_check.toggled.connect(lambda _on: self._sync())
        self.count_field = _number("How many are drawn", FIRST_COUNT, 1, 1_000_000)
        self.seed_field = _number("Seed", 1, 0, 2**31 - 1)
        self.seed_field.setToolTip("The same seed draws the same items")
        self.class_check = QCheckBox("Keep the share of each class")
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText("Name")
        self.name_field.setAccessibleName("Name of the queue")
        self.build_button = QPushButton("Build queue")
        self.build_button.setProperty("role", "primary")
        self.build_button.clicked.connect(lambda _checked=False: self.build())
        self._arrange(heading)
        self.setFocusProxy(self.kind_box)
        self._unsubscribe = self._session.subscribe(self._on_change)
        self._sets: tuple[Any, ...] = ()
        self.refresh()

    def dispose(self) -> None:
        """Stop listening and building."""
        self._unsubscribe()
        self._session.jobs.cancel(BUILD_JOB)

    def _arrange(self, heading: QLabel) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        fields = (("What", self.kind_box), ("Of", self.set_box), ("From", self.source_box),
                  ("Class", self.class_box))  # fmt: skip
        self._labels: dict[QWidget, QLabel] = {}
        for row, (text, field) in enumerate(fields):
            name = field.accessibleName()
            self._labels[field] = named(text, field)
            field.setAccessibleName(name)
            grid.addWidget(self._labels[field], row, 0)
            grid.addWidget(field, row, 1)
        drawn = QHBoxLayout()
        drawn.setSpacing(6)
        drawn.addWidget(self.draw_check)
        drawn.addWidget(self.count_field)
        seed = QLabel("seed")
        seed.setProperty("role", "secondary")
        drawn.addWidget(seed)
        drawn.addWidget(self.seed_field)
        drawn.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addLayout(grid)
        column.addWidget(self.open_check)
        column.addLayout(drawn)
        column.addWidget(self.class_check)
        column.addWidget(self.name_field)
        column.addWidget(self.build_button)

    # -- what can be chosen ------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened | SceneOpened):
            self.refresh()

    def refresh(self) -> None:
        """Offer what the dataset and the workspace have; choices stay where they can."""
        dataset, scene = self._session.dataset, self._session.scene
        sets = () if scene is None else scene.label_sets
        _fill(self.set_box, [(each.title or each.label_set_id, each.label_set_id) for each in sets])
        classes = [] if scene is None else [entry.name for entry in scene.class_map.entries]
        _fill(self.class_box, [(EVERY_CLASS, None), *((name, name) for name in sorted(classes))])
        several = dataset is not None and len(dataset.scenes) > 1
        sources: list[tuple[str, Any]] = (
            [("Whole dataset", (Source.DATASET, None))] if several else []
        )
        sources += [("This scene", (Source.SCENE, None)), ("This frame", (Source.FRAME, None)),
                    ("Judged by others, not by me", (Source.JUDGED, None))]  # fmt: skip
        reading = self._desk.reading
        if reading is not None:
            sources += [(f"Slice {each.name}", (Source.SLICE, each.slice_id))
                        for each in slices(reading)]  # fmt: skip
        _fill(self.source_box, sources)
        self._sync()

    def _sync(self) -> None:
        kind: SubjectKind = self.kind_box.currentData()
        chosen = self.source_box.currentData()
        source = chosen[0] if chosen else Source.SCENE
        of_labels = kind in (SubjectKind.LABEL, SubjectKind.TRACK)
        from_data = source in (Source.DATASET, Source.SCENE, Source.FRAME)
        for field in (self.set_box, self.class_box):
            for widget in (field, self._labels[field]):
                widget.setVisible(of_labels and from_data)
        self.open_check.setVisible(source is not Source.JUDGED)
        drawn = self.draw_check.isChecked()
        self.count_field.setEnabled(drawn)
        self.seed_field.setEnabled(drawn)
        self.class_check.setVisible(drawn and of_labels)
        self.build_button.setEnabled(self._desk.read_only_reason is None)
        self.build_button.setToolTip(self._desk.read_only_reason or "Enter")

    def choose_slice(self, slice_id: str, kind: SubjectKind) -> None:
        """Ask for the members of a slice."""
        self.refresh()
        self.kind_box.setCurrentIndex([each for _, each in KINDS].index(kind))
        for place in range(self.source_box.count()):
            if self.source_box.itemData(place) == (Source.SLICE, slice_id):
                self.source_box.setCurrentIndex(place)
        self.name_field.setFocus()

    # -- building ----------------------------------------------------------------------------

    def request(self) -> QueueRequest:
        """What the fields say."""
        source, slice_id = self.source_box.currentData()
        scene = self._session.scene
        name = self.class_box.currentData()
        frames = scene.frames if scene is not None else ()
        frame_key = frames[max(self._session.frame_index, 0)].key if len(frames) else None
        return QueueRequest(
            SubjectKind(self.kind_box.currentData()),
            source,
            self.set_box.currentData(),
            None if scene is None else scene.scene_id,
            frame_key,
            slice_id,
            frozenset() if name is None else frozenset({name}),
            self.open_check.isChecked(),
            self.count_field.value() if self.draw_check.isChecked() else None,
            self.class_check.isChecked(),
            self.seed_field.value(),
        )

    def build(self) -> None:
        """Build the queue in the background; it is walked once it is there."""
        desk, session = self._desk, self._session
        dataset, workspace, dataset_id = session.dataset, desk.workspace, desk.dataset_id
        if dataset is None or workspace is None or dataset_id is None:
            session.say(f"No queue: {desk.read_only_reason or ''}", is_problem=True)
            return
        request = self.request()
        name = self.name_field.text().strip() or self._default_name(request)
        self.build_button.setEnabled(False)

        def tell(made: MadeQueue) -> None:
            self._sync()
            self.name_field.clear()
            session.say(f"Queue “{name}”: {made.size:,} to look at")
            self.built.emit(made.queue_id)

        def fail(error: Exception) -> None:
            self._sync()
            session.say(f"No queue: {error}", is_problem=True)

        make_and_write(
            desk,
            BUILD_JOB,
            lambda context: build_queue(context, request, dataset, dataset_id, workspace, name),
            done=tell,
            failed=fail,
            ended=self._sync,
            title=f"Building queue “{name}”",
        )

    def _default_name(self, request: QueueRequest) -> str:
        what = self.class_box.currentText().lower() if request.classes else (
            self.kind_box.currentText().lower()
        )  # fmt: skip
        where = self.source_box.currentText()
        scene = request.scene_id or ""
        places = {Source.SCENE: scene, Source.FRAME: f"{scene} {request.frame_key}"}
        where = places.get(request.source, where[:1].lower() + where[1:])
        if request.classes and request.kind is SubjectKind.TRACK:
            what += " tracks"
        drawn = f"{request.count} " if request.count is not None else ""
        return f"{drawn}{what} of {where}"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.build()
        else:
            super().keyPressEvent(event)


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def _number(name: str, value: int, low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setProperty("plain", True)
    field.setFixedWidth(52)
    return field


def _fill(box: QComboBox, entries: list[tuple[str, Any]]) -> None:
    before = box.currentData()
    with quietly(box):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        places = [place for place, (_, data) in enumerate(entries) if data == before]
        if entries:
            box.setCurrentIndex(places[0] if places else 0)
