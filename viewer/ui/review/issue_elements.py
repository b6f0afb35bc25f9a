"""What an issue is about: go there, tick off what is dealt with."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.review.commands.issues import ChangeElement, RemoveElement
from viewer.review.issues.model import Element, ElementStatus, Issue
from viewer.review.issues.reading import elements_of
from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import text_button

_ELEMENT_ROLE = Qt.ItemDataRole.UserRole
MOST_SHOWN = 500
_LEAST_ROW_PX, _MOST_PX = 20, 160


class IssueElements(QWidget):
    """The elements with their ticks, and the keys on them."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.heading = QLabel()
        self.heading.setProperty("role", "heading")
        self.list = QListWidget()
        self.list.setAccessibleName("What the issue is about")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemActivated.connect(lambda _item: self.go_to_current())
        self.list.itemChanged.connect(self._tick)
        self.add = text_button(
            "Add", "What is selected belongs to this issue too", desk.issues.add_here
        )
        self.remove = text_button(
            "Remove", "The chosen element belongs here no longer", self.remove_current
        )
        self.sight = text_button(
            "Show", "Come back to the view with which it was opened", self._show_sight
        )
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.sight, self.add, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addWidget(self.list)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_issue(self, issue: Issue) -> None:
        """Show the elements of an issue."""
        reading = self._desk.reading
        found = [] if reading is None else elements_of(reading, issue.issue_id)
        current = self.list.currentRow()
        with quietly(self.list):
            self.list.clear()
            for element in found[:MOST_SHOWN]:
                self.list.addItem(_item(element))
            self.list.setCurrentRow(min(current, self.list.count() - 1))
        more = f", {len(found) - MOST_SHOWN:,} not listed" if len(found) > MOST_SHOWN else ""
        done = f"{issue.done_count:,} of {issue.element_count:,} done" if found else "nothing"
        self.heading.setText(f"About: {done}{more}")
        row_px = max(self.list.sizeHintForRow(0), _LEAST_ROW_PX)
        self.list.setFixedHeight(min(_MOST_PX, row_px * self.list.count() + 6))
        self.list.setVisible(bool(found))
        writable = self._desk.read_only_reason is None
        self.add.setEnabled(writable)
        self.remove.setEnabled(writable and bool(found))

    def _current(self) -> Element | None:
        item = self.list.currentItem()
        found: Element | None = None if item is None else item.data(_ELEMENT_ROLE)
        return found

    def go_to_current(self) -> None:
        """Bring the chosen element into view."""
        element = self._current()
        if element is not None:
            self._desk.issues.show_element(element)

    def remove_current(self) -> None:
        """Take the chosen element off the issue."""
        element = self._current()
        if element is not None:
            self._desk.run(RemoveElement(element.element_id, element.text))

    def _tick(self, item: QListWidgetItem) -> None:
        element: Element = item.data(_ELEMENT_ROLE)
        is_done = item.checkState() is Qt.CheckState.Checked
        status = ElementStatus.DONE if is_done else ElementStatus.UNSTARTED
        if element.status is not status:
            self._desk.run(ChangeElement(element.element_id, status, element.text))

    def _show_sight(self) -> None:
        issue = self._desk.issues.current
        if issue is not None:
            self._desk.issues.show(issue.issue_id)


def _item(element: Element) -> QListWidgetItem:
    item = QListWidgetItem(element.text)
    item.setToolTip(f"{element.text}\nadded by {element.author}")
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    is_done = element.status is ElementStatus.DONE
    item.setCheckState(Qt.CheckState.Checked if is_done else Qt.CheckState.Unchecked)
    item.setData(_ELEMENT_ROLE, element)
    return item
