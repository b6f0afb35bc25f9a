"""Every key on one sheet, and changing them."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from viewer.ui.action_table import ActionTable
from viewer.ui.actions.base import MENUS, Action
from viewer.ui.actions.catalog import ACTIONS
from viewer.ui.fuzzy import fuzzy_score
from viewer.ui.keymap import KeyConflict
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover

_MOUSE = (
    ("Orbit", "Left button"),
    ("Pan", "Middle button, or Shift and left"),
    ("Zoom to the cursor", "Wheel"),
    ("Fly", "Right button with W A S D Q E"),
    ("Select", "Click"),
    ("Frame what is under the cursor", "Double click"),
)
_ID_ROLE = Qt.ItemDataRole.UserRole + 1


class ShortcutSheet(Popover):
    """Keys by menu. Choose a row, press the new key; a key that is taken is refused."""

    def __init__(self, window: QWidget, table: ActionTable, changed: Callable[[], None]) -> None:
        super().__init__(window, "Keys", width_px=640, height_px=600)
        self._table = table
        self._changed = changed
        self._editor = QKeySequenceEdit()
        self.add_title("Keys")
        self._field = QLineEdit()
        self._field.setPlaceholderText("Filter")
        self._field.setAccessibleName("Filter keys")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._fill)
        self._tree = QTreeWidget()
        self._tree.setAccessibleName("Actions and their keys")
        self._tree.setColumnCount(2)
        self._tree.setHeaderHidden(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setIndentation(8)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.currentItemChanged.connect(lambda _now, _before: self._show_chosen())
        self._tree.itemActivated.connect(lambda _item, _column: self._editor.setFocus())
        self._chosen = QLabel("Choose a row to change its key")
        self._chosen.setProperty("role", "secondary")
        self._editor.setAccessibleName("New key")
        self._editor.setMaximumSequenceLength(1)
        self._editor.editingFinished.connect(self._assign)
        self._remove = QPushButton("No key")
        self._remove.clicked.connect(lambda: self._apply(()))
        self._reset = QPushButton("Default")
        self._reset.clicked.connect(self._apply_default)
        self._message = wrapped_label(role="problem")
        row = QHBoxLayout()
        row.addWidget(self._chosen, 1)
        row.addWidget(self._editor)
        row.addWidget(self._remove)
        row.addWidget(self._reset)
        self.column.addWidget(self._field)
        self.column.addWidget(self._tree, 1)
        self.column.addLayout(row)
        self.column.addWidget(self._message)
        self._fill()

    def open_sheet(self) -> None:
        """Show it."""
        self._field.clear()
        self._fill()
        self.open_popover(self._field)

    def choose(self, action_id: str) -> None:
        """Choose an action's row."""
        for item in self._tree.findItems(
            "*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive
        ):
            if item.data(0, _ID_ROLE) == action_id:
                self._tree.setCurrentItem(item)

    def assign_key(self, key: str) -> None:
        """Give the chosen action this key."""
        self._apply((key,))

    @property
    def message(self) -> str:
        """Why the last key was refused; empty when it was taken."""
        return self._message.text()

    def _fill(self, query: str = "") -> None:
        self._tree.clear()
        groups = {
            menu: [
                (action.text.rstrip("…"), self._keys_text(action), action.id)
                for action in ACTIONS
                if action.menu == menu
            ]
            for menu in MENUS
        }
        groups["Mouse in the 3D view"] = [(a, b, "") for a, b in _MOUSE]
        # A key that is typed out is meant as it stands, not letter by letter.
        typed = query.strip().casefold()
        is_key = "+" in typed and any(
            typed in keys.casefold() for rows in groups.values() for _, keys, _ in rows
        )
        for title, rows in groups.items():
            if is_key:
                self._add_group(title, [row for row in rows if typed in row[1].casefold()])
            else:
                fits = (fuzzy_score(query, f"{row[0]} {row[1]}") is not None for row in rows)
                self._add_group(title, [row for row, fit in zip(rows, fits, strict=True) if fit])
        self._tree.expandAll()
        self._show_chosen()

    def _add_group(self, title: str, shown: list[tuple[str, str, str]]) -> None:
        if not shown:
            return
        group = QTreeWidgetItem([title, ""])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self.font()
        font.setBold(True)
        group.setFont(0, font)
        self._tree.addTopLevelItem(group)
        for text, keys, action_id in shown:
            item = QTreeWidgetItem([text, keys])
            item.setData(0, _ID_ROLE, action_id)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            group.addChild(item)

    def _keys_text(self, action: Action) -> str:
        keys = self._table.keymap.keys(action.id)
        native = QKeySequence.SequenceFormat.NativeText
        return "  or  ".join(QKeySequence(key).toString(native) for key in keys)

    def _chosen_id(self) -> str:
        item = self._tree.currentItem()
        return str(item.data(0, _ID_ROLE) or "") if item is not None else ""

    def _show_chosen(self) -> None:
        item, action_id = self._tree.currentItem(), self._chosen_id()
        self._message.clear()
        text = f"{item.text(0)}: press its new key" if item is not None and action_id else ""
        self._chosen.setText(text or "Choose a row to change its key")
        self._editor.clear()
        for widget in (self._editor, self._remove):
            widget.setEnabled(bool(action_id))
        self._reset.setEnabled(bool(action_id) and not self._table.keymap.is_default(action_id))

    def _assign(self) -> None:
        key = self._editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key:
            self._apply((key,))

    def _apply_default(self) -> None:
        action_id = self._chosen_id()
        self._apply(next(a.shortcuts for a in ACTIONS if a.id == action_id))

    def _apply(self, keys: tuple[str, ...]) -> None:
        action_id = self._chosen_id()
        if not action_id:
            return
        try:
            self._table.keymap.assign(action_id, keys)
        except KeyConflict as conflict:
            self._editor.clear()
            self._message.setText(str(conflict))
            return
        self._table.apply_keys()
        self._fill(self._field.text())
        self.choose(action_id)
        self._changed()
