"""Command palette: search actions, scenes, frames, labels and cameras, and go there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from viewer.session.marks_set import MARK_GLYPH, MARK_KIND, is_marks
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.action_table import ActionTable
from viewer.ui.actions.catalog import ACTIONS
from viewer.ui.fuzzy import fuzzy_score
from viewer.ui.keymap import shown_keys
from viewer.ui.popover import Popover
from viewer.ui.theme import palette, ui_font

MAX_SHOWN = 60
PLACES_PREFIX = "@"
_ROW_PX = 28
_ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found."""

    text: str
    detail: str
    keys: str
    run: Callable[[], object]
    is_place: bool = False


class CommandPalette(Popover):
    """Typed letters find; Enter runs."""

    def __init__(self, window: QWidget, session: Session, table: ActionTable) -> None:
        super().__init__(window, "Search or command", width_px=600, height_px=440)
        self._session = session
        self._table = table
        self._entries: list[Entry] = []
        self._field = QLineEdit()
        self._field.setPlaceholderText("Search actions, scenes, frames, labels, cameras")
        self._field.setAccessibleName("Search or command")
        self._field.textChanged.connect(self._search)
        self._model = QStandardItemModel(self)
        self._list = QListView()
        self._list.setAccessibleName("Found")
        self._list.setModel(self._model)
        self._list.setUniformItemSizes(True)
        self._list.setItemDelegate(_EntryDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.clicked.connect(lambda _index: self._run_current())
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.addWidget(self._field)
        self.column.addWidget(self._list)

    def open_with(self, text: str = "") -> None:
        """Open, with this typed already."""
        self._entries = list(self._collect())
        self._field.setText(text)
        self._search(text)
        self.open_popover(self._field)
        if not text.startswith(PLACES_PREFIX):
            self._field.selectAll()

    def shown_texts(self) -> list[str]:
        """Texts of what was found, best first."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10,
            Qt.Key.Key_PageUp: -10,
        }  # fmt: skip
        if key in steps:
            row = self._list.currentIndex().row() + steps[Qt.Key(key)]
            row = max(0, min(row, self._model.rowCount() - 1))
            self._list.setCurrentIndex(self._model.index(row, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run_current()
        else:
            super().keyPressEvent(event)

    def _run_current(self) -> None:
        entry = self._list.currentIndex().data(_ENTRY_ROLE)
        if isinstance(entry, Entry):
            self.close_popover()
            entry.run()

    def _search(self, text: str) -> None:
        places_only = text.startswith(PLACES_PREFIX)
        query = text.removeprefix(PLACES_PREFIX).strip()
        scored = []
        for order, entry in enumerate(self._entries):
            if places_only and not entry.is_place:
                continue
            score = fuzzy_score(query, f"{entry.text} {entry.detail}")
            if score is None:
                continue
            in_text = fuzzy_score(query, entry.text)
            scored.append((-(score + (in_text or 0)), order, entry))
        scored.sort(key=lambda row: row[:2])
        self._model.clear()
        for _, _, entry in scored[:MAX_SHOWN]:
            item = QStandardItem(entry.text)
            item.setData(entry, _ENTRY_ROLE)
            item.setAccessibleText(f"{entry.text}, {entry.detail}")
            self._model.appendRow(item)
        if not scored:
            item = QStandardItem(f"Nothing fits “{query}”")
            item.setEnabled(False)
            self._model.appendRow(item)
        self._list.setCurrentIndex(self._model.index(0, 0))

    def _collect(self) -> Iterator[Entry]:
        """Everything that can be found now."""
        self._table.sync()
        for action in ACTIONS:
            if action.id == "help.palette" or not self._table[action.id].isEnabled():
                continue
            keys = shown_keys(self._table.keymap.keys(action.id))
            yield Entry(
                action.text.rstrip("…"), action.menu, keys,
                partial(self._table.run, action.id),
            )  # fmt: skip
        yield from self._bookmarks()
        yield from self._labels()
        yield from self._cameras()
        yield from self._frames()
        yield from self._scenes()

    def _bookmarks(self) -> Iterator[Entry]:
        """Views that were kept under a name, once a workspace is open."""
        desk = self._table.context.shell.review.desk
        if desk is None:
            return
        for each in desk.bookmarks.all():
            place = f"{each.sight.get('scene_id')}, frame {each.sight.get('frame_key')}"
            yield Entry(
                f"Go to view {each.name}", f"bookmark, {place}", "",
                partial(desk.bookmarks.show, each.bookmark_id),
                is_place=True,
            )  # fmt: skip

    def _labels(self) -> Iterator[Entry]:
        session = self._session
        if session.content is None:
            return
        for key in session.visible_labels():
            labels = session.content.labels[key.label_set_id].cuboids
            row = labels.row_of(key.label_id)
            if row is None:
                continue
            name = labels.class_names[row]
            text = f"{name} {key.track_id or key.label_id}"
            detail = f"label, {key.label_set_id}"
            if is_marks(key.label_set_id):
                text, detail = f"{MARK_GLYPH} {name}", MARK_KIND
            yield Entry(
                text, detail, "", partial(self._show_label, key),
                is_place=True,
            )  # fmt: skip

    def _show_label(self, key: LabelKey) -> None:
        self._session.select(key)
        self._session.focus_selection()

    def _cameras(self) -> Iterator[Entry]:
        session = self._session
        for sensor_id in session.scene.camera_ids if session.scene else ():
            yield Entry(
                sensor_id, "camera", "",
                partial(session.set_large_camera, sensor_id),
                is_place=True,
            )  # fmt: skip

    def _frames(self) -> Iterator[Entry]:
        session = self._session
        for frame in session.scene.frames if session.scene else ():
            yield Entry(
                f"Frame {frame.index + 1}", frame.key, "",
                partial(session.go_to_frame, frame.index),
                is_place=True,
            )  # fmt: skip

    def _scenes(self) -> Iterator[Entry]:
        session = self._session
        for index, scene in enumerate(session.dataset.scenes if session.dataset else ()):
            yield Entry(
                scene.scene_id, f"scene, {len(scene.frames)} frames", "",
                partial(session.show_scene, index),
                is_place=True,
            )  # fmt: skip


class _EntryDelegate(QStyledItemDelegate):
    """Text left, what it is quietly behind it, the key right."""

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        colours = palette()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected and index.data(_ENTRY_ROLE) is not None:
            painter.fillRect(rect, colours.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.colour("hover"))
        inner = rect.adjusted(8, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(ui_font())
        entry = index.data(_ENTRY_ROLE)
        detail, keys = (entry.detail, entry.keys) if isinstance(entry, Entry) else ("", "")
        metrics = QFontMetrics(painter.font())
        keys_px = metrics.horizontalAdvance(keys) + (16 if keys else 0)
        text = metrics.elidedText(
            index.data(), Qt.TextElideMode.ElideRight, inner.width() - keys_px
        )
        painter.setPen(colours.colour("text" if entry is not None else "secondary"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, text)
        painter.setPen(colours.colour("secondary"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, keys)
        start = metrics.horizontalAdvance(text) + 12
        rest = inner.adjusted(start, 0, -keys_px, 0)
        if rest.width() > 24:
            shown = metrics.elidedText(detail, Qt.TextElideMode.ElideRight, rest.width())
            painter.drawText(rest, middle | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()
