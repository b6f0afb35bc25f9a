"""Slices: which there are, who is in them, and what can be done with them."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.review.slices.algebra import Operation
from viewer.review.slices.reading import Slice
from viewer.session.review_changes import DeskChange, SlicesChosen, SubjectChanged
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_slice_files import SliceForm
from viewer.session.review_slices import ListedMembers, concerns_slices
from viewer.ui.plain_parts import facts_label, text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.slice_export import FORMS, ask_export
from viewer.ui.review.slice_list import SliceList, counted, origin_text
from viewer.ui.review.slice_maker import ask_slice
from viewer.ui.review.slice_members import MemberModel, MemberTable, listed_text
from viewer.ui.review.slice_queue import queue_of_slice

COMBINATIONS = (
    (Operation.UNION, "Union", "A slice of what is in any of the chosen ones"),
    (Operation.INTERSECTION, "Intersection", "A slice of what is in all of the chosen ones"),
    (Operation.DIFFERENCE, "Difference", "A slice of what is in the first chosen one alone"),
)


class SlicesPanel(DeskPanel):
    """The list on top, the members of the chosen one below."""

    refresh_after_ms = 60

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Slices", parent)
        self._work = desk.slices
        self.list = SliceList()
        self.list.deleting = self.delete
        self.list.itemSelectionChanged.connect(self._on_chosen)
        self.list.itemActivated.connect(lambda _item, _column: self._go_to_members())
        self.list.itemChanged.connect(self._rename)
        self.empty = wrapped_label(
            "No slice yet. A slice is a named set of scenes, frames, tracks or labels:"
            " make one of what is selected, of what the filters show, or of a query.",
            role="secondary",
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.facts = facts_label()
        self.members = MemberModel()
        self.table = MemberTable(self.members)
        self.table.activated.connect(lambda _index: self.show_member())
        self.table.clicked.connect(lambda _index: self.show_member())
        self.table.removing = self.remove_members
        self.members_label = QLabel("Members")
        self.members_label.setProperty("role", "heading")
        self._arrange()
        self.setFocusProxy(self.list)
        self._listed: ListedMembers | None = None
        self._slices: dict[str, Slice] = {}
        self.refresh()

    # -- parts -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.new_button = text_button("New slice…", "Make a slice", self.make)
        self.new_button.setProperty("role", "primary")
        head = QHBoxLayout()
        head.addWidget(self.new_button, 1)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.facts)
        column.addWidget(self._make_single())
        column.addWidget(self._make_several())
        self.lower_part = QWidget()
        below = QVBoxLayout(self.lower_part)
        below.setContentsMargins(8, 4, 8, 8)
        below.setSpacing(4)
        below.addWidget(self.members_label)
        below.addWidget(self.table, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(upper)
        self.split.addWidget(self.lower_part)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.split)

    def _make_single(self) -> QWidget:
        self.add_button = text_button(
            "Add selection", "Put what is selected into the chosen slice", self._work.add_selection
        )
        self.remove_button = text_button(
            "Take out", "Take what is selected out of the chosen slice",
            self._work.remove_selection,
        )  # fmt: skip
        self.queue_button = text_button("Queue…", "Build a queue of the members", self.make_queue)
        self.export_button = QPushButton("Export…")
        self.export_button.setToolTip("Write the ids of the members to a file")
        self._export_menu = QMenu(self.export_button)
        for form, title, tip in FORMS:
            self._export_menu.addAction(title).triggered.connect(
                lambda _checked=False, form=form: self.export(form)
            )
            self._export_menu.actions()[-1].setToolTip(tip)
        self._export_menu.setToolTipsVisible(True)
        self.export_button.setMenu(self._export_menu)
        self.rename_button = text_button("Rename", "Give it another name", self.list.rename_current)
        self.delete_button = text_button("Delete", "Undo brings it back  (Del)", self.delete)
        self.single = QWidget()
        grid = QGridLayout(self.single)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        pairs = (self.add_button, self.remove_button, self.queue_button, self.export_button,
                 self.rename_button, self.delete_button)  # fmt: skip
        for place, button in enumerate(pairs):
            grid.addWidget(button, place // 2, place % 2)
        return self.single

    def _make_several(self) -> QWidget:
        self.several = QWidget()
        row = QHBoxLayout(self.several)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.combine_buttons: dict[Operation, QPushButton] = {}
        for operation, title, tip in COMBINATIONS:
            button = text_button(title, tip, partial(self.combine, operation))
            self.combine_buttons[operation] = button
            row.addWidget(button)
        return self.several

    # -- showing -----------------------------------------------------------------------------

    def concerns(self, change: DeskChange) -> bool:
        """Slices; another selection is followed at once, it may be in one."""
        if isinstance(change, SlicesChosen):
            return self._work.chosen != self.list.chosen
        if isinstance(change, SubjectChanged) and self.isVisible():
            self._sync()
        return concerns_slices(change)

    def refresh(self) -> None:
        """Read again; the chosen ones stay chosen."""
        found = self._work.all()
        self._slices = {each.slice_id: each for each in found}
        self.list.show_slices(found, self._work.chosen)
        self._work.chosen = self.list.chosen
        self.list.setVisible(bool(found))
        self.lower_part.setVisible(bool(found))
        self.empty.setVisible(not found)
        self._sync()
        self._read_members()

    def _on_chosen(self) -> None:
        self._work.chosen = self.list.chosen
        self._sync()
        self._read_members()

    def _sync(self) -> None:
        writable = self.desk.read_only_reason is None
        chosen = len(self._work.chosen)
        current = self._slices.get(self._work.chosen[0]) if chosen else None
        self.single.setVisible(chosen == 1)
        self.several.setVisible(chosen > 1)
        for button in self.combine_buttons.values():
            button.setEnabled(writable)
        self.new_button.setEnabled(writable)
        self.new_button.setToolTip(self.desk.read_only_reason or "Make a slice")
        for button in (self.queue_button, self.rename_button, self.delete_button):
            button.setEnabled(writable)
        subject = None if current is None else self._work.selected(current.kind)
        inside = writable and current is not None and self._work.holds(current.slice_id, subject)
        self.add_button.setEnabled(writable and subject is not None and not inside)
        self.remove_button.setEnabled(inside)
        self.facts.setVisible(current is not None)
        if current is None:
            return
        above = self._slices.get(current.parent or "")
        parent = None if above is None else above.name
        first = f"{current.name}: " if chosen > 1 else ""
        self.facts.setText(f"{first}{counted(current)}\n{origin_text(current, parent)}")
        self.facts.setToolTip(self.facts.text())

    def _read_members(self) -> None:
        if not self._work.chosen:
            self._listed = None
            self.members.show(())
            return
        self._work.list_members(self._work.chosen[0], self._show_members)

    def _show_members(self, listed: ListedMembers) -> None:
        if self._work.chosen[:1] != (listed.slice_id,) or listed == self._listed:
            return
        before = self.table.currentIndex().row()
        is_same = self._listed is not None and self._listed.slice_id == listed.slice_id
        self._listed = listed
        self.members.show(listed.rows)
        self.members_label.setText(listed_text(listed))
        if is_same and before >= 0 and listed.rows:
            self.table.selectRow(min(before, len(listed.rows) - 1))

    # -- acting ------------------------------------------------------------------------------

    def make(self) -> None:
        """Ask what a new slice shall hold."""
        ask_slice(self.desk, self)

    def make_queue(self) -> None:
        """Open the queue builder with the chosen slice."""
        queue_of_slice(self.desk)

    def export(self, form: SliceForm) -> None:
        """Ask for a place and write the chosen slices there."""
        ask_export(self.desk, form, self)

    def combine(self, operation: Operation) -> None:
        """Make a slice of the chosen ones."""
        self._work.combine(operation)

    def delete(self) -> None:
        """Delete the chosen slices."""
        if self.desk.read_only_reason is None:
            self._work.delete()

    def _go_to_members(self) -> None:
        if self.members.rows:
            if self.table.currentIndex().row() < 0:
                self.table.selectRow(0)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_member(self) -> None:
        """Bring the chosen member into view, framed."""
        subject = self.table.current
        if subject is not None:
            self.desk.walk.show(subject)

    def remove_members(self) -> None:
        """Take the chosen members out."""
        if self.desk.read_only_reason is None:
            self._work.remove_members(self.table.chosen)

    def _rename(self, item: QTreeWidgetItem) -> None:
        if not self._work.rename(self.list.id_of(item), item.text(0)):
            self._later.start(0)
