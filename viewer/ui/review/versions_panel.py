"""Versions: name the labels as they are, see what lies between two of them, and go back."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from viewer.review.versions.diff import Difference
from viewer.session.changes import Change, DatasetOpened, FrameShown, SceneOpened
from viewer.session.review_changes import (
    BoxSought,
    DecisionsChanged,
    DeskChange,
    GhostsShown,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_ghosts import frame_ghosts, removed_box
from viewer.session.review_versions import (
    COMPARE_JOB,
    Compared,
    SideChoice,
    SideKind,
    VersionWork,
    total_text,
)
from viewer.ui.panel import named, quietly
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.diff_table import (
    CLASS_COLUMNS,
    FIRST_MEAN,
    NOTHING,
    ClassModel,
    DiffModel,
    class_cells,
)
from viewer.ui.review.fork_popover import ForkPopover
from viewer.ui.review.row_table import RowTable

THIS_SCENE, WHOLE_DATASET = "This scene", "Whole dataset"
_KINDS = (
    ("All differences", None), ("Changed", Difference.CHANGED), ("Added", Difference.ADDED),
    ("Removed", Difference.REMOVED),
)  # fmt: skip
_TABLES = {"versions", "version_scenes"}
_LABELS = {"label_edits"}


class VersionsPanel(DeskPanel):
    """Naming on top, then the two sides, then what differs."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Versions", parent)
        self.work = VersionWork(desk)
        self.compared: Compared | None = None
        self._choices: tuple[SideChoice, ...] = ()
        self._is_stale = self._has_ghosts = False
        self._forking: ForkPopover | None = None
        self._sought: int | None = None
        """Row of the comparison whose label shall come into view."""
        self._make_fields()
        self._make_tables()
        self._lay_out()
        self._stop_listening = desk.session.subscribe(self._on_session)
        self.setFocusProxy(self.before_box)
        self.refresh()

    def _make_fields(self) -> None:
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText("Name of a new version")
        self.name_field.setAccessibleName("Name of the new version")
        self.name_field.textChanged.connect(lambda _text: self._sync())
        self.name_field.returnPressed.connect(self.save)
        self.save_button = text_button(
            "Save", "Keep how the labels are now under this name", self.save
        )
        self.before_box, self.after_box, self.scope_box = QComboBox(), QComboBox(), QComboBox()
        for box in (self.before_box, self.after_box, self.scope_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(6)
            box.activated.connect(lambda _place: self._sync())
        self.compare_button = QPushButton("Compare")
        self.compare_button.setProperty("role", "primary")
        self.compare_button.clicked.connect(lambda _checked=False: self.compare())
        self.more_button = QPushButton("Version")
        self.more_button.setProperty("hasMenu", True)
        self.more_button.setToolTip("Fork, restore or delete the version that is compared")
        menu = QMenu(self.more_button)
        self.fork_action = menu.addAction("Fork…", self.ask_fork)
        self.restore_action = menu.addAction("Restore", self.restore)
        self.delete_action = menu.addAction("Delete", self.delete)
        self.more_button.setMenu(menu)

    def _make_tables(self) -> None:
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.before_check = QCheckBox("Show the differences dotted")
        self.before_check.setToolTip(
            "In 3D, in the fine views and on the images: amber what changed, as it was;"
            " red with − what is gone; green with + what is new"
        )
        self.before_check.setChecked(True)
        self.before_check.toggled.connect(lambda _on: self._show_ghosts())
        self.problems = wrapped_label(role="problem")
        self.kind_box = QComboBox()
        self.kind_box.setAccessibleName("Differences shown")
        for text, difference in _KINDS:
            self.kind_box.addItem(text, difference)
        self.kind_box.currentIndexChanged.connect(lambda _place: self._narrow())
        self.classes = ClassModel()
        self.class_table = RowTable("Totals by class; choosing one narrows the list")
        self.class_table.setModel(self.classes)
        self.class_table.selectionModel().currentRowChanged.connect(
            lambda _new, _old: self._narrow()
        )
        self.model = DiffModel()
        self.table = RowTable("Differences; Enter goes there")
        self.table.setModel(self.model)
        self.table.activated.connect(lambda _index: self.show_current())
        self.table.clicked.connect(lambda _index: self.show_current())
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.resizeSection(0, 104)
        header.resizeSection(1, 68)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        fields = (("Compare", self.before_box), ("with", self.after_box), ("in", self.scope_box))
        for row, (text, field) in enumerate(fields):
            label = named(text, field)
            if field is self.scope_box:
                self.scope_label = label
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self.before_box.setAccessibleName("Before")
        self.after_box.setAccessibleName("After")
        naming, buttons = QHBoxLayout(), QHBoxLayout()
        naming.addWidget(self.name_field, 1)
        naming.addWidget(self.save_button)
        buttons.addWidget(self.compare_button, 1)
        buttons.addWidget(self.more_button)
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(6)
        top.addLayout(naming)
        top.addLayout(grid)
        top.addLayout(buttons)
        for widget in (self.summary, self.problems, self.before_check):
            top.addWidget(widget)
        below = QWidget()
        listed = QVBoxLayout(below)
        listed.setContentsMargins(0, 0, 0, 0)
        listed.setSpacing(0)
        narrowing = QHBoxLayout()
        narrowing.setContentsMargins(12, 4, 12, 4)
        narrowing.addWidget(self.kind_box)
        listed.addLayout(narrowing)
        listed.addWidget(self.table, 1)
        self.found = QSplitter(Qt.Orientation.Vertical)
        self.found.setChildrenCollapsible(False)
        self.found.addWidget(self.class_table)
        self.found.addWidget(below)
        self.found.setStretchFactor(0, 1)
        self.found.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.found, 1)
        column.addStretch(0)

    def dispose(self) -> None:
        """Stop listening."""
        self._stop_listening()
        self.desk.session.jobs.cancel(COMPARE_JOB)
        self.show_found(None)
        super().dispose()

    # -- following ---------------------------------------------------------------------------

    def concerns(self, change: DeskChange) -> bool:
        """Versions, and whether one can be made."""
        told = WorkspaceOpened | WorkspaceClosed | HoldingChanged | DecisionsChanged
        return isinstance(change, told)

    def _hear(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self.show_found(None)
        if isinstance(change, DecisionsChanged):
            touched = {entity for entity, _ in change.changed.touched}
            if touched & _LABELS and self.compared is not None:
                self._is_stale = True
                self._tell()
            if not touched & _TABLES:
                return
        super()._hear(change)

    def _on_session(self, change: Change) -> None:
        if isinstance(change, FrameShown):
            self._show_ghosts()
        if isinstance(change, DatasetOpened | SceneOpened) and self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Offer the versions that there are; what was chosen stays where it can."""
        is_first = not self._choices
        self._choices = self.work.choices()
        for box in (self.before_box, self.after_box):
            _fill(box, [(each.text, each.key) for each in self._choices])
        dataset = self.desk.session.dataset
        several = dataset is not None and len(dataset.scenes) > 1
        _fill(self.scope_box, [(WHOLE_DATASET, None), *([(THIS_SCENE, "")] if several else [])])
        for widget in (self.scope_box, self.scope_label):
            widget.setVisible(several)
        if is_first:
            self._choose_first()
        self._tell()
        self._sync()

    def _choose_first(self) -> None:
        """Of the newest version, or of the delivery, what became until now."""
        saved = [each for each in self._choices if each.kind is SideKind.VERSION]
        delivered = [each for each in self._choices if each.kind is SideKind.DELIVERED]
        before = saved[-1] if saved else delivered[0] if delivered else None
        if before is None:
            return
        self._choose(self.before_box, before.key)
        self._choose(self.after_box, f"{SideKind.NOW}:{before.label_set_id}")

    def _choose(self, box: QComboBox, key: str) -> None:
        place = box.findData(key)
        if place >= 0:
            box.setCurrentIndex(place)

    def _side(self, box: QComboBox) -> SideChoice | None:
        key = box.currentData()
        return next((each for each in self._choices if each.key == key), None)

    def _chosen_version(self) -> SideChoice | None:
        """The version that is compared; of two the first."""
        sides = (self._side(self.before_box), self._side(self.after_box))
        found = (each for each in sides if each is not None and each.version_id is not None)
        return next(found, None)

    def _sync(self) -> None:
        writable = self.desk.read_only_reason is None
        before, after = self._side(self.before_box), self._side(self.after_box)
        self.save_button.setEnabled(writable and bool(self.name_field.text().strip()))
        self.compare_button.setEnabled(
            before is not None and after is not None and before.key != after.key
        )
        version = self._chosen_version()
        self.more_button.setEnabled(version is not None and writable)
        if version is not None:
            self.fork_action.setText(f"Fork “{version.text}”…")
            self.restore_action.setText(f"Restore “{version.text}”")
            self.delete_action.setText(f"Delete “{version.text}”")

    # -- acting ------------------------------------------------------------------------------

    def save(self) -> None:
        """Name the labels as they are now."""
        name = self.name_field.text().strip()
        sides = (self._side(self.after_box), self._side(self.before_box))
        side = next((each for each in sides if each is not None), None)
        if not name or side is None:
            return
        saved = self.work.save(name, side.label_set_id)
        if saved is not None:
            self.name_field.clear()
            self.refresh()
            self._choose(self.before_box, saved)
            self._choose(self.after_box, f"{SideKind.NOW}:{side.label_set_id}")
            self._sync()

    def compare(self) -> None:
        """Find what lies between the two sides."""
        before, after = self._side(self.before_box), self._side(self.after_box)
        if before is None or after is None or before.key == after.key:
            return
        scene = self.desk.session.scene
        within = None if self.scope_box.currentData() is None or scene is None else scene.scene_id
        self.compare_button.setText("Comparing…")
        self.compare_button.setEnabled(False)
        self.work.compare(before, after, within, self.show_found, self._end_comparing)

    def _end_comparing(self) -> None:
        self.compare_button.setText("Compare")
        self._sync()

    def ask_fork(self) -> None:
        """Ask what a fork of the chosen version shall take along."""
        version = self._chosen_version()
        forkable = None if version is None else self.work.forkable(version)
        if forkable is None:
            return
        if self._forking is None:
            self._forking = ForkPopover(self.work, self.window(), self._show_fork)
        self._forking.ask(forkable)

    def _show_fork(self, version_id: str) -> None:
        """Lay the fork beside the version that it came from."""
        parent = self._chosen_version()
        self.refresh()
        if parent is not None:
            self._choose(self.before_box, parent.key)
        self._choose(self.after_box, version_id)
        self._sync()

    def restore(self) -> None:
        """Make the labels as they were in the chosen version."""
        version = self._chosen_version()
        if version is not None:
            self.work.restore(version)

    def delete(self) -> None:
        """Delete the chosen version; undo brings it back."""
        version = self._chosen_version()
        if version is not None:
            self.work.delete(version)

    # -- showing -----------------------------------------------------------------------------

    def show_found(self, found: Compared | None) -> None:
        """Show what was found."""
        self.compared, self._is_stale = found, False
        self.classes.show(found)
        if found is not None:
            self.class_table.resizeColumnsToContents()
            for column in range(FIRST_MEAN, len(CLASS_COLUMNS)):
                cell = class_cells(found.total)[column]
                self.class_table.setColumnHidden(column, cell == NOTHING)
            with quietly(self.class_table.selectionModel()):
                self.class_table.setCurrentIndex(self.classes.index(0, 0))
        self._narrow()
        self._tell()
        self._show_ghosts()
        if found is not None and len(found.rows):
            self.table.setFocus()
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _show_ghosts(self) -> None:
        """Show what the frame's labels were before, dotted, or no longer."""
        session, found = self.desk.session, self.compared
        ghosts = None
        wanted = self.before_check.isChecked() and not self._is_put_away()
        if found is not None and session.content is not None and wanted:
            ghosts = frame_ghosts(found, session.content, session.view)
        if ghosts is not None or self._has_ghosts:
            self._has_ghosts = ghosts is not None
            self.desk.emit(GhostsShown(ghosts))
        self._seek()

    def _seek(self) -> None:
        """Bring the image of a 2D label, or the box of one that is gone, into view in its frame."""
        content, found, row = self.desk.session.content, self.compared, self._sought
        if row is None or found is None or content is None:
            return
        place = found.comparison.diff.place(row)
        if (place.scene_id, place.frame_key) == (content.scene.scene_id, content.frame.key):
            self._sought = None
            if place.sensor_id in content.scene.camera_ids:
                self.desk.session.set_large_camera(place.sensor_id)
            box = removed_box(found, row, content, self.desk.session.view)
            if box is not None:
                self.desk.emit(BoxSought(box))

    def _is_put_away(self) -> bool:
        """Whether its dock is closed; behind another tab it still counts."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QDockWidget):
            above = above.parentWidget()
        return above is not None and above.isHidden()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        QTimer.singleShot(0, self, self._show_ghosts)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_ghosts()

    def _narrow(self) -> None:
        found = self.compared
        if found is None:
            self.model.show(None, self.model.rows[:0])
            return
        place = self.class_table.currentIndex().row()
        self.model.show(
            found, found.rows_of(self.kind_box.currentData(), None if place < 1 else place - 1)
        )

    def _tell(self) -> None:
        found = self.compared
        self.found.setVisible(found is not None and len(found.rows) > 0)
        self.before_check.setVisible(found is not None and len(found.rows) > 0)
        self.problems.setVisible(found is not None and bool(found.comparison.problems))
        if found is None:
            has_version = any(each.kind is SideKind.VERSION for each in self._choices)
            self.summary.setText(
                "Choose two sides and compare them." if has_version else
                "No version yet. Save one before a round of changes, and compare it afterwards."
            )  # fmt: skip
            return
        text = f"{found.before.text} → {found.after.text}: {total_text(found.total)}."
        if self._is_stale:
            text += " Labels were changed since: compare again."
        self.summary.setText(text)
        count = len(found.comparison.problems)
        if count:
            first = found.comparison.problems[0]
            more = "" if count == 1 else f" and {count - 1:,} more"
            self.problems.setText(f"Left out: {first}{more}")

    def show_current(self) -> None:
        """Go to the label, or the frame, of the chosen row."""
        index, found = self.table.currentIndex(), self.compared
        if found is None or self.desk.dataset_id is None or not index.isValid():
            return
        row = int(self.model.rows[index.row()])
        self._sought = row
        self.desk.walk.show(found.subject(self.desk.dataset_id, row))
        self._seek()


def _fill(box: QComboBox, entries: list[tuple[str, Any]]) -> None:
    chosen = box.currentData() if box.count() else None
    with quietly(box):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        place = box.findData(chosen) if chosen is not None else -1
        box.setCurrentIndex(max(place, 0) if entries else -1)
