"""Named views: which there are; Enter comes back to one."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.review.bookmarks.reading import Bookmark
from viewer.session.review_bookmarks import concerns_bookmarks
from viewer.session.review_changes import DeskChange
from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.ago import local_time
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.theme import palette

THUMBNAIL_PX = (96, 56)
_ID_ROLE = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class BookmarkPanel(DeskPanel):
    """The bookmarks of the dataset by name, and what can be done with one."""

    refresh_after_ms = 1
    """A name that was typed is taken before its row is made anew."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Bookmarks", parent)
        self.list = _BookmarkList()
        self.list.setAccessibleName("Bookmarks")
        self._thumbnails: dict[str, QIcon] = {}
        """By hash of the picture."""
        self.list.itemActivated.connect(lambda _item: self.show_current())
        self.list.itemChanged.connect(self._rename)
        self.list.currentItemChanged.connect(lambda _new, _old: self._sync())
        self.list.removing = self.remove_current
        self.empty = wrapped_label(
            "No view is kept here. Ctrl+D keeps the present one under a name.", role="secondary"
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(12, 12, 12, 12)
        self.show_button = text_button("Show", "Come back to this view  (Enter)", self.show_current)
        self.rename_button = text_button("Rename", "Give it another name", self.rename_current)
        self.move_button = text_button(
            "Keep view", "Let it show the present view", self.move_current
        )
        self.remove_button = text_button(
            "Remove", "Forget it; undo brings it back  (Del)", self.remove_current
        )
        row = QGridLayout()
        row.setContentsMargins(8, 4, 8, 8)
        row.addWidget(self.show_button, 0, 0)
        row.addWidget(self.rename_button, 0, 1)
        row.addWidget(self.move_button, 1, 0)
        row.addWidget(self.remove_button, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(row)
        self.setFocusProxy(self.list)
        self.refresh()

    def concerns(self, change: DeskChange) -> bool:
        """Only bookmarks."""
        return concerns_bookmarks(change)

    def refresh(self) -> None:
        """Read again; the chosen one stays chosen."""
        current, found = self._current(), self.desk.bookmarks.all()
        with quietly(self.list):
            self.list.clear()
            for each in found:
                item = _Row(each, self._thumbnail)
                self.list.addItem(item)
                if each.bookmark_id == current:
                    self.list.setCurrentItem(item)
            if self.list.currentItem() is None:
                self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)
        self._sync()

    def _thumbnail(self, found: Bookmark) -> QIcon:
        """Picture of a kept view; an empty one of the same size where there is none."""
        kept, reading = found.thumbnail_hash or "", self.desk.reading
        if kept not in self._thumbnails:
            content = None if reading is None or not kept else reading.picture(kept)
            self._thumbnails[kept] = thumbnail(content, self.devicePixelRatioF())
        return self._thumbnails[kept]

    def _current(self) -> str | None:
        item = self.list.currentItem()
        return None if item is None else str(item.data(_ID_ROLE))

    def _sync(self) -> None:
        has_one = self._current() is not None
        writable = self.desk.read_only_reason is None
        self.show_button.setEnabled(has_one)
        for button in (self.rename_button, self.move_button, self.remove_button):
            button.setEnabled(has_one and writable)

    def show_current(self) -> None:
        """Come back to the chosen view."""
        current = self._current()
        if current is not None:
            self.desk.bookmarks.show(current)

    def rename_current(self) -> None:
        """Let the name be typed."""
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item)

    def move_current(self) -> None:
        """Let the chosen one show the present view."""
        current = self._current()
        if current is not None and self.desk.bookmarks.move_here(current):
            self.desk.session.say("The bookmark shows this view now")

    def remove_current(self) -> None:
        """Forget the chosen one."""
        current = self._current()
        if current is not None and self.desk.read_only_reason is None:
            self.desk.bookmarks.remove(current)

    def _rename(self, item: QListWidgetItem) -> None:
        if not self.desk.bookmarks.rename(str(item.data(_ID_ROLE)), item.text()):
            self._later.start(0)


class _BookmarkList(QListWidget):
    """Enter shows on every platform, Del forgets; names are typed when asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIconSize(QSize(*THUMBNAIL_PX))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.removing: Callable[[], None] = lambda: None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        is_typed = self.state() == QAbstractItemView.State.EditingState
        if item is not None and not is_typed and event.key() in _ENTER:
            self.itemActivated.emit(item)
        elif item is not None and not is_typed and event.key() == Qt.Key.Key_Delete:
            self.removing()
        else:
            super().keyPressEvent(event)


class _Row(QListWidgetItem):
    """A bookmark; its picture is read when the row is first painted."""

    def __init__(self, found: Bookmark, picture: Callable[[Bookmark], QIcon]) -> None:
        super().__init__(found.name)
        self._found, self._picture = found, picture
        self.setData(_ID_ROLE, found.bookmark_id)
        self.setFlags(self.flags() | Qt.ItemFlag.ItemIsEditable)
        place = f"{found.sight.get('scene_id')}, frame {found.sight.get('frame_key')}"
        when = local_time(found.created_ns)
        self.setToolTip(f"{found.name}\n{place}\n{found.author}, {when:%Y-%m-%d %H:%M}")

    def data(self, role: int) -> object:
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(self._found)
        return super().data(role)


def thumbnail(content: bytes | None, ratio: float) -> QIcon:
    """A picture cut to the size of a row, from its JPEG or PNG; the scene's ground without one."""
    width, height = (round(size * ratio) for size in THUMBNAIL_PX)
    pixmap = QPixmap(width, height)
    pixmap.fill(palette().colour("scene"))
    image = QImage() if content is None else QImage.fromData(content)
    if not image.isNull():
        filled = image.scaled(
            width, height, Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
        painter = QPainter(pixmap)
        painter.drawImage((width - filled.width()) // 2, (height - filled.height()) // 2, filled)
        painter.end()
    pixmap.setDevicePixelRatio(ratio)
    icon = QIcon(pixmap)
    # The chosen row is as plain as the others.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
