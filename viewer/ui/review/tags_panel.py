"""All tags: what carries any or all of some, brought into view or made a slice."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from viewer.review import Subject
from viewer.review.tags.model import ItemKind, TagFilter, Target
from viewer.session.review_changes import DeskChange
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_tags import Found, concerns_tags
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.tag_editor import TagEditor

_TAG_ROLE = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MODES = (("any of the ticked tags", False), ("all of the ticked tags", True))


class TagsPanel(DeskPanel):
    """Tags with ticks on top, what carries them below."""

    refresh_after_ms = 60

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Tags", parent)
        self._work = desk.tags
        self._ticked: set[str] = set()
        self.editor = TagEditor(desk)
        self.tags = _KeyedList("Tags")
        self.tags.itemChanged.connect(self._on_changed)
        self.tags.deleting = self.remove_current
        self.tags.activating = self._tick_current
        self.empty = wrapped_label(
            "No tag yet. Type one above: it goes on what is selected.", role="secondary"
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.rename_button = text_button(
            "Rename", "Wherever it is; a name in use joins the two", self.rename_current
        )
        self.remove_button = text_button(
            "Take off everything", "Undo brings it back  (Del)", self.remove_current
        )
        self.mode_box = QComboBox()
        self.mode_box.setAccessibleName("What is found")
        for text, is_all in _MODES:
            self.mode_box.addItem(f"Carries {text}", is_all)
        self.mode_box.currentIndexChanged.connect(lambda _place: self._find())
        self.found = _KeyedList("What carries the ticked tags")
        self.found.itemClicked.connect(lambda _item: self.show_found())
        self.found.activating = self.show_found
        self.found_label = QLabel()
        self.found_label.setProperty("role", "secondary")
        self.slice_button = text_button(
            "Make slice…", "A slice of what carries these tags", self.make_slice
        )
        self._arrange()
        self.setFocusProxy(self.tags)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self.editor.dispose()
        super().dispose()

    def _arrange(self) -> None:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(6)
        column.addWidget(self.editor)
        column.addWidget(self.empty)
        column.addWidget(self.tags, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.rename_button)
        row.addWidget(self.remove_button)
        column.addLayout(row)
        self.lower_part = QWidget()
        below = QVBoxLayout(self.lower_part)
        below.setContentsMargins(8, 4, 8, 8)
        below.setSpacing(6)
        below.addWidget(self.mode_box)
        below.addWidget(self.found, 1)
        below.addWidget(self.found_label)
        below.addWidget(self.slice_button)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(self.lower_part)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(split)

    # -- showing -----------------------------------------------------------------------------

    def concerns(self, change: DeskChange) -> bool:
        """Only tags; what is selected is the editor's."""
        return concerns_tags(change)

    def refresh(self) -> None:
        """Read again; ticks stay."""
        known = self._work.known()
        self._ticked &= known.keys()
        current = self._current()
        with quietly(self.tags):
            self.tags.clear()
            for tag, count in known.items():
                item = _tag_item(tag, count, is_ticked=tag in self._ticked)
                self.tags.addItem(item)
                if tag == current:
                    self.tags.setCurrentItem(item)
            if self.tags.currentItem() is None:
                self.tags.setCurrentRow(0)
        for widget in (self.tags, self.lower_part, self.rename_button, self.remove_button):
            widget.setVisible(bool(known))
        self.empty.setVisible(not known)
        writable = self.desk.read_only_reason is None
        for button in (self.rename_button, self.remove_button):
            button.setEnabled(writable)
        self._find()

    def _current(self) -> str | None:
        item = self.tags.currentItem()
        return None if item is None else str(item.data(_TAG_ROLE))

    @property
    def wanted(self) -> TagFilter:
        """What the ticks ask for."""
        ticked = tuple(sorted(self._ticked))
        if self.mode_box.currentData():
            return TagFilter(all_of=ticked)
        return TagFilter(any_of=ticked)

    def _find(self) -> None:
        self._work.find(self.wanted, self._show_found)

    def _show_found(self, answer: Found) -> None:
        found, total = answer.things, answer.total
        self.found.clear()
        for each in found:
            item = QListWidgetItem(each.text)
            item.setToolTip(each.text)
            item.setData(_TAG_ROLE, each.target)
            self.found.addItem(item)
        if not self._ticked:
            self.found_label.setText("Tick tags to see what carries them")
        else:
            more = f", {len(found):,} listed" if len(found) < total else ""
            self.found_label.setText(f"{total:,} found{more}")
        self.slice_button.setEnabled(bool(found) and self.desk.read_only_reason is None)

    # -- acting ------------------------------------------------------------------------------

    def _tick_current(self) -> None:
        item = self.tags.currentItem()
        if item is not None:
            is_on = item.checkState() is Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked)

    def _on_changed(self, item: QListWidgetItem) -> None:
        """A tick, or a name that was typed."""
        tag, name = str(item.data(_TAG_ROLE)), item.text().strip()
        if item.data(_NAMED_ROLE) and name != tag:
            was_ticked = tag in self._ticked
            if name and self._work.rename(tag, name) and was_ticked:
                self._ticked.add(name)
            self._later.start(0)
            return
        is_on = item.checkState() is Qt.CheckState.Checked
        (self._ticked.add if is_on else self._ticked.discard)(tag)
        self._find()

    def rename_current(self) -> None:
        """Let the name be typed."""
        item = self.tags.currentItem()
        if item is None:
            return
        with quietly(self.tags):
            item.setData(_NAMED_ROLE, True)
            item.setText(str(item.data(_TAG_ROLE)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.tags.editItem(item)

    def remove_current(self) -> None:
        """Take the chosen tag off everything."""
        tag = self._current()
        if tag is not None and self.desk.read_only_reason is None:
            self._work.remove(tag)

    def show_found(self) -> None:
        """Bring what carries the tags into view."""
        item = self.found.currentItem()
        target: Target | None = None if item is None else item.data(_TAG_ROLE)
        if isinstance(target, Subject):
            self.desk.walk.show(target)
        elif target is not None and target.kind is ItemKind.ISSUE:
            self.desk.issues.show(target.item_id)

    def make_slice(self) -> None:
        """Ask for a slice of what carries the ticked tags."""
        from viewer.ui.review.slice_maker import ask_tagged

        ask_tagged(self.desk, self, self.wanted)


_NAMED_ROLE = Qt.ItemDataRole.UserRole + 1


class _KeyedList(QListWidget):
    """Enter and Del are told to the owner."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.activating: Callable[[], None] = lambda: None
        self.deleting: Callable[[], None] = lambda: None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_typed = self.state() == QAbstractItemView.State.EditingState
        if not is_typed and event.key() in _ENTER:
            self.activating()
        elif not is_typed and event.key() == Qt.Key.Key_Delete:
            self.deleting()
        else:
            super().keyPressEvent(event)


def _tag_item(tag: str, count: int, *, is_ticked: bool) -> QListWidgetItem:
    item = QListWidgetItem(f"{tag}  {count:,}")
    item.setData(_TAG_ROLE, tag)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
    things = "thing carries" if count == 1 else "things carry"
    item.setToolTip(f"{tag}: {count:,} {things} it")
    return item
