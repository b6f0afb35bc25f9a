"""A few fields that make a slice, over the window; Enter makes it, Esc does not."""

from enum import StrEnum
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from viewer.review import SubjectKind
from viewer.review.tags.model import TagFilter
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_slice_query import NOT_JUDGED, SliceQuery
from viewer.session.review_slices import Extent, Strata
from viewer.ui.panel import named, quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover
from viewer.ui.review.queue_builder import EVERY_CLASS, KINDS
from viewer.ui.review.tag_completer import TagsField
from viewer.ui.review.verdict_style import STYLES

WIDTH_PX, HEIGHT_PX = 420, 360


class Source(StrEnum):
    """What the members come from."""

    SELECTION = "selection"
    SHOWN = "shown"
    QUERY = "query"
    SAMPLE = "sample"


_SOURCES = (
    ("What is selected", Source.SELECTION),
    ("What the filters show", Source.SHOWN),
    ("A query", Source.QUERY),
    ("A sample of the chosen slice", Source.SAMPLE),
)
_EXTENTS = (
    ("This scene", Extent.SCENE),
    ("This frame", Extent.FRAME),
    ("Whole dataset", Extent.DATASET),
)
_STRATA = (
    ("of nothing", Strata.NONE),
    ("of each class", Strata.CLASS),
    ("of each scene", Strata.SCENE),
)
_OF_LABELS = (SubjectKind.LABEL, SubjectKind.TRACK)


class SliceMaker(Popover):
    """Asks what a slice shall hold."""

    def __init__(self, desk: ReviewDesk, window: QWidget) -> None:
        super().__init__(window, "New slice", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._desk, self._session = desk, desk.session
        self.add_title("New slice")
        self.source_box, self.kind_box = _box(_SOURCES), _box(KINDS)
        self.extent_box, self.set_box, self.class_box = _box(_EXTENTS), _box(), _box()
        self.tags_field = TagsField(desk)
        self.tags_box = _box((("all of them", False), ("any of them", True)))
        verdicts = [("Any verdict or none", None), ("Not judged", NOT_JUDGED)]
        verdicts += [(style.word.capitalize(), style.state) for style in STYLES.values()]
        self.verdict_box = _box(tuple(verdicts))
        self.count_field = _number(100, 1, 10_000_000)
        self.seed_field = _number(1, 0, 2**31 - 1)
        self.strata_box = _box(_STRATA)
        self.name_field = QLineEdit()
        self.note = wrapped_label(role="caption")
        self.make_button = QPushButton("Make slice")
        self.make_button.setProperty("role", "primary")
        self.make_button.clicked.connect(lambda _checked=False: self.make())
        self._labels: dict[QWidget, QLabel] = {}
        self._arrange()
        for box in (self.source_box, self.kind_box, self.extent_box):
            box.currentIndexChanged.connect(lambda _place: self._sync())

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        fields = (
            ("From", self.source_box), ("What", self.kind_box), ("In", self.extent_box),
            ("Label set", self.set_box), ("Class", self.class_box), ("Tags", self.tags_field),
            ("Carries", self.tags_box), ("Verdict", self.verdict_box),
            ("How many", self.count_field), ("Seed", self.seed_field),
            ("Keep the share", self.strata_box), ("Name", self.name_field),
        )  # fmt: skip
        for row, (text, field) in enumerate(fields):
            self._labels[field] = named(text, field)
            grid.addWidget(self._labels[field], row, 0)
            grid.addWidget(field, row, 1)
        self.seed_field.setToolTip("The same seed draws the same members")
        self.tags_field.setToolTip("Tags with commas between; those of a frame hold for its labels")
        self.column.addLayout(grid)
        self.column.addWidget(self.note)
        self.column.addStretch(1)
        self.column.addWidget(self.make_button)

    def asks(self, desk: ReviewDesk) -> bool:
        """Whether it makes slices at a desk."""
        return desk is self._desk

    # Qt keeps a text that is more than a text as the bare text.

    @property
    def _source(self) -> Source:
        return Source(self.source_box.currentData())

    @property
    def _kind(self) -> SubjectKind:
        return SubjectKind(self.kind_box.currentData())

    @property
    def _extent(self) -> Extent:
        return Extent(self.extent_box.currentData())

    # -- asking ------------------------------------------------------------------------------

    def ask(self, source: Source | None = None) -> None:
        """Open with what the scene and the workspace have; where nothing can be made, say why."""
        reason = self._desk.read_only_reason
        if reason is not None:
            self._session.say(f"No slice: {reason}", is_problem=True)
            return
        scene = self._session.scene
        sets = () if scene is None else scene.label_sets
        _fill(self.set_box, [(each.title or each.label_set_id, each.label_set_id) for each in sets])
        classes = [] if scene is None else sorted(e.name for e in scene.class_map.entries)
        _fill(self.class_box, [(EVERY_CLASS, None), *((name, name) for name in classes)])
        self.tags_field.offer()
        if source is not None:
            self.source_box.setCurrentIndex([each for _, each in _SOURCES].index(source))
        self.name_field.clear()
        self._sync()
        self.open_popover(self.source_box)

    def ask_tagged(self, wanted: TagFilter) -> None:
        """Open with a query of tags over the whole dataset."""
        self.tags_field.setText(", ".join(wanted.all_of or wanted.any_of))
        self.tags_box.setCurrentIndex(1 if wanted.any_of else 0)
        self.extent_box.setCurrentIndex([each for _, each in _EXTENTS].index(Extent.DATASET))
        self.ask(Source.QUERY)

    def _sync(self) -> None:
        """Show the fields that the source needs, and name what will be made."""
        source = self._source
        kind = self._kind
        is_query, is_sample = source is Source.QUERY, source is Source.SAMPLE
        of_labels = kind in _OF_LABELS
        shown = {
            self.kind_box: not is_sample,
            self.extent_box: source in (Source.SHOWN, Source.QUERY),
            self.set_box: is_query and of_labels,
            self.class_box: is_query and of_labels,
            self.tags_field: is_query,
            self.tags_box: is_query,
            self.verdict_box: is_query,
            self.count_field: is_sample,
            self.seed_field: is_sample,
            self.strata_box: is_sample,
        }
        for field, is_shown in shown.items():
            field.setVisible(is_shown)
            self._labels[field].setVisible(is_shown)
        self.note.setText(self._note(source, kind))
        self.note.setVisible(bool(self.note.text()))
        self.name_field.setPlaceholderText(self.default_name())
        rows = 2 + sum(shown.values())
        self._wanted = WIDTH_PX, 112 + 30 * rows + (24 if self.note.text() else 0)
        if self.isVisible():
            self.place()

    def _note(self, source: Source, kind: SubjectKind) -> str:
        work = self._desk.slices
        match source:
            case Source.SELECTION:
                subject = work.selected(kind)
                return f"No {kind} is selected" if subject is None else subject.text.capitalize()
            case Source.SHOWN if kind not in _OF_LABELS:
                return "Filters leave labels: choose labels or tracks"
            case Source.SHOWN:
                return "Class, score, attribute and range filters count; hidden label sets do not"
            case Source.SAMPLE:
                current = work.current
                return "Choose a slice in the panel first" if current is None else (
                    f"Of “{current.name}”, {current.count:,} {current.kind}s"
                )  # fmt: skip
            case _:
                return ""

    def default_name(self) -> str:
        """What the slice is called where no name is typed."""
        source = self._source
        kind = self._kind
        current = self._desk.slices.current
        if source is Source.SAMPLE:
            of = "" if current is None else current.name
            return f"{self.count_field.value()} of {of}, seed {self.seed_field.value()}"
        if source is Source.QUERY:
            return self.query().text
        if source is Source.SHOWN:
            return f"shown {kind}s, {self.extent_box.currentText().lower()}"
        subject = self._desk.slices.selected(kind)
        return "" if subject is None else subject.text

    def query(self) -> SliceQuery:
        """What the fields ask for."""
        kind = self._kind
        scene, name = self._session.scene, self.class_box.currentData()
        tags, is_any = self.tags_field.tags, bool(self.tags_box.currentData())
        state = self.verdict_box.currentData()
        whole = self._extent is Extent.DATASET
        return SliceQuery(
            kind,
            self.set_box.currentData() if kind in _OF_LABELS else None,
            None if whole or scene is None else scene.scene_id,
            frozenset() if name is None or kind not in _OF_LABELS else frozenset({name}),
            TagFilter(any_of=tags) if is_any else TagFilter(all_of=tags),
            frozenset() if state is None else frozenset({state}),
        )

    def make(self) -> None:
        """Make it; it is chosen once it is there."""
        work, source = self._desk.slices, self._source
        kind = self._kind
        name = self.name_field.text().strip() or self.default_name()
        if source is Source.SHOWN and kind not in _OF_LABELS:
            self._session.say("No slice: filters leave labels, not frames", is_problem=True)
            return
        match source:
            case Source.SELECTION:
                if not work.make_of_selection(name, kind):
                    return
            case Source.SHOWN:
                work.make_of_shown(name, kind, self._extent)
            case Source.QUERY:
                work.make_of_query(name, self.query())
            case _:
                strata = Strata(self.strata_box.currentData())
                work.make_of_sample(name, self.count_field.value(), self.seed_field.value(), strata)
        self.close_popover()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.make()
        else:
            super().keyPressEvent(event)


def ask_slice(desk: ReviewDesk, near: QWidget, source: Source | None = None) -> None:
    """Ask over the window in which a widget stands."""
    _maker(desk, near).ask(source)


def ask_tagged(desk: ReviewDesk, near: QWidget, wanted: TagFilter) -> None:
    """Ask for a slice of what carries tags."""
    _maker(desk, near).ask_tagged(wanted)


def _maker(desk: ReviewDesk, near: QWidget) -> SliceMaker:
    window = near.window()
    found = [each for each in window.findChildren(SliceMaker) if each.asks(desk)]
    return found[0] if found else SliceMaker(desk, window)


def _box(entries: tuple[tuple[str, Any], ...] = ()) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for text, data in entries:
        box.addItem(text, data)
    return box


def _number(value: int, low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setValue(value)
    field.setProperty("plain", True)
    return field


def _fill(box: QComboBox, entries: list[tuple[str, Any]]) -> None:
    before = box.currentData()
    with quietly(box):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        box.setCurrentIndex(max(0, box.findData(before)))
