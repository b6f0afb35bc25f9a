"""Forking a version: what the new one takes along."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.review.versions.model import ForkChoices
from viewer.session.review_versions import Forkable, VersionWork
from viewer.ui.panel import named
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover

WIDTH_PX, HEIGHT_PX = 460, 470
EVERYTHING = "Everything"


class ForkPopover(Popover):
    """A name, then labels of which classes and which slice, class names, tags.

    Parameters
    ----------
    forked
        Called with the id of the version that was made.
    """

    def __init__(self, work: VersionWork, window: QWidget, forked: Callable[[str], None]) -> None:
        super().__init__(window, "Fork a version", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._work, self._forked = work, forked
        self._from: Forkable | None = None
        self.add_title("Fork a version")
        self.told = wrapped_label(role="secondary")
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText("Name of the fork")
        self.name_field.setAccessibleName("Name of the fork")
        self.name_field.textChanged.connect(lambda _text: self._sync())
        self.name_field.returnPressed.connect(self.fork)
        self.labels_check = QCheckBox("Labels")
        self.labels_check.setToolTip("Without them the fork is there to be labelled anew")
        self.names_check = QCheckBox("Names of the classes")
        self.tags_check = QCheckBox("Tags")
        self.slice_box = QComboBox()
        self.slice_box.setAccessibleName("Only what is in the slice")
        self.class_list, self.tag_list = _Choices("Classes"), _Choices("Tags")
        for check in (self.labels_check, self.names_check, self.tags_check):
            check.toggled.connect(lambda _on: self._sync())
        for listed in (self.class_list, self.tag_list):
            listed.itemChanged.connect(lambda _item: self._sync())
        self.fork_button = QPushButton("Fork")
        self.fork_button.setProperty("role", "primary")
        self.fork_button.clicked.connect(lambda _checked=False: self.fork())
        self._lay_out()

    def _lay_out(self) -> None:
        slice_row = QHBoxLayout()
        slice_row.addWidget(named("In slice", self.slice_box))
        slice_row.addWidget(self.slice_box, 1)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, widgets in (
            (left, (self.labels_check, self.class_list)),
            (right, (self.tags_check, self.tag_list)),
        ):
            column.setSpacing(4)
            for widget in widgets:
                column.addWidget(widget)
        lists = QHBoxLayout()
        lists.setSpacing(12)
        lists.addLayout(left, 1)
        lists.addLayout(right, 1)
        self.column.addWidget(self.told)
        self.column.addWidget(self.name_field)
        self.column.addLayout(lists, 1)
        self.column.addLayout(slice_row)
        self.column.addWidget(self.names_check)
        self.column.addWidget(self.fork_button)

    def ask(self, forkable: Forkable) -> None:
        """Ask what a fork of a version shall take along."""
        self._from = forkable
        self.told.setText(f"Of “{forkable.version.text}” the new version takes along:")
        self.name_field.clear()
        self.slice_box.clear()
        self.slice_box.addItem(EVERYTHING, None)
        for slice_id, name in forkable.slices:
            self.slice_box.addItem(name, slice_id)
        self.class_list.show_choices(forkable.classes)
        self.tag_list.show_choices(forkable.tags)
        self.labels_check.setChecked(forkable.has_labels)
        self.labels_check.setEnabled(forkable.has_labels)
        self.names_check.setChecked(True)
        self.tags_check.setChecked(bool(forkable.tags))
        self.tags_check.setEnabled(bool(forkable.tags))
        self.tags_check.setText("Tags" if forkable.tags else "Tags: it has none")
        self._sync()
        self.open_popover(self.name_field)

    def _sync(self) -> None:
        with_labels = self.labels_check.isChecked()
        self.class_list.setEnabled(with_labels)
        self.slice_box.setEnabled(with_labels and self.slice_box.count() > 1)
        self.tag_list.setEnabled(self.tags_check.isChecked())
        nothing = with_labels and self.class_list.count() and not self.class_list.chosen()
        self.fork_button.setEnabled(bool(self.name_field.text().strip()) and not nothing)
        self.fork_button.setToolTip("Choose a class, or take no labels along" if nothing else "")

    @property
    def choices(self) -> ForkChoices:
        """What is chosen."""
        return ForkChoices(
            with_labels=self.labels_check.isChecked(),
            with_classes=self.names_check.isChecked(),
            with_tags=self.tags_check.isChecked(),
            classes=self.class_list.narrowed() if self.labels_check.isChecked() else None,
            slice_id=self.slice_box.currentData() if self.labels_check.isChecked() else None,
            tags=self.tag_list.narrowed(),
        )

    def fork(self) -> None:
        """Make the version."""
        name, source = self.name_field.text().strip(), self._from
        if source is None or not self.fork_button.isEnabled():
            return
        made = self._work.fork(source.version, name, self.choices)
        if made is not None:
            self.close_popover()
            self._forked(made)


class _Choices(QListWidget):
    """Names that are ticked, all at first."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)

    def show_choices(self, names: Iterable[str]) -> None:
        self.clear()
        for name in names:
            item = QListWidgetItem(name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.addItem(item)
        if self.count():
            self.setCurrentRow(0)

    def chosen(self) -> tuple[str, ...]:
        items = (self.item(row) for row in range(self.count()))
        return tuple(each.text() for each in items if each.checkState() == Qt.CheckState.Checked)

    def narrowed(self) -> tuple[str, ...] | None:
        """What is ticked; None where all is."""
        found = self.chosen()
        return None if len(found) == self.count() else found
