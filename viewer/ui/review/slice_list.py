"""The slices as rows with their members' number; parts stand under what they are a part of."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
)

from viewer.review.slices.reading import Slice
from viewer.ui.panel import quietly
from viewer.ui.review.ago import local_time

_ID_ROLE = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SliceList(QTreeWidget):
    """Several may be chosen; Enter, Del and typed names are told to the owner."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Slices")
        self.setColumnCount(2)
        self.setHeaderLabels(["Slice", "Members"])
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.headerItem().setTextAlignment(1, _RIGHT)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.deleting: Callable[[], None] = lambda: None
        self._chosen: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the chosen slices in the order in which they were chosen."""
        selected = [str(item.data(0, _ID_ROLE)) for item in self.selectedItems()]
        kept = [each for each in self._chosen if each in selected]
        self._chosen = (*kept, *(each for each in selected if each not in kept))
        return self._chosen

    def show_slices(self, slices: list[Slice], chosen: tuple[str, ...]) -> None:
        """Show them anew; the chosen ones are chosen again."""
        items: dict[str, QTreeWidgetItem] = {}
        names = {each.slice_id: each.name for each in slices}
        with quietly(self):
            scrolled = self.verticalScrollBar().value()
            self.clear()
            for each in slices:
                items[each.slice_id] = _item(each, names.get(each.parent or ""))
            for each in slices:
                parent = items.get(each.parent or "")
                if parent is None:
                    self.addTopLevelItem(items[each.slice_id])
                else:
                    parent.addChild(items[each.slice_id])
            self.expandAll()
            self._chosen = tuple(each for each in chosen if each in items)
            first = items.get(self._chosen[0]) if self._chosen else self.topLevelItem(0)
            if first is not None:
                self.setCurrentItem(first)
            for slice_id in self._chosen[1:]:
                items[slice_id].setSelected(True)
            self.verticalScrollBar().setValue(scrolled)

    def rename_current(self) -> None:
        """Let the name be typed."""
        item = self.currentItem()
        if item is not None:
            self.editItem(item, 0)

    @staticmethod
    def id_of(item: QTreeWidgetItem) -> str:
        """Which slice a row shows."""
        return str(item.data(0, _ID_ROLE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        is_typed = self.state() == QAbstractItemView.State.EditingState
        if item is not None and not is_typed and event.key() in _ENTER:
            self.itemActivated.emit(item, 0)
        elif item is not None and not is_typed and event.key() == Qt.Key.Key_Delete:
            self.deleting()
        else:
            super().keyPressEvent(event)


def _item(found: Slice, parent_name: str | None) -> QTreeWidgetItem:
    count = counted(found)
    item = QTreeWidgetItem([found.name, count])
    item.setData(0, _ID_ROLE, found.slice_id)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    item.setTextAlignment(1, _RIGHT)
    tip = f"{found.name}: {count}\n{origin_text(found, parent_name)}"
    item.setToolTip(0, tip)
    item.setToolTip(1, tip)
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{found.name}, {count}")
    return item


def counted(found: Slice) -> str:
    """How many members of which kind, e.g. ``1,200 labels``."""
    return f"{found.count:,} {found.kind}{'' if found.count == 1 else 's'}"


def origin_text(found: Slice, parent_name: str | None) -> str:
    """How a slice was made, by whom and when."""
    when = local_time(found.created_ns)
    lines = [found.origin[:1].upper() + found.origin[1:]]
    if parent_name is not None and found.how.get("by") != "algebra":
        lines.append(f"part of {parent_name}")
    lines.append(f"{found.created_by}, {when:%Y-%m-%d %H:%M}")
    return ", ".join(lines[:-1]) + "\n" + lines[-1]
