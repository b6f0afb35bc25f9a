"""Keeping the present view under a name that is typed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import named
from viewer.ui.popover import Popover

WIDTH_PX, HEIGHT_PX = 380, 132


class BookmarkPopover(Popover):
    """A name, suggested; Enter keeps the view, Esc does not."""

    def __init__(self, desk: ReviewDesk, window: QWidget) -> None:
        super().__init__(window, "Keep this view", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._desk = desk
        self.add_title("Keep this view")
        self.field = QLineEdit()
        self.field.returnPressed.connect(self._keep)
        self.column.addWidget(named("Name", self.field))
        self.column.addWidget(self.field)
        note = QLabel("Enter keeps it among the bookmarks  (Ctrl+Shift+B)")
        note.setProperty("role", "caption")
        self.column.addWidget(note, 0, Qt.AlignmentFlag.AlignTop)

    def ask(self) -> None:
        """Ask for a name for what is looked at now; where it cannot be kept, say why instead."""
        reason = self._desk.read_only_reason
        if reason is not None:
            self._desk.session.say(f"No bookmark: {reason}", is_problem=True)
            return
        self.field.setText(self._desk.bookmarks.suggested_name())
        self.field.selectAll()
        self.open_popover(self.field)

    def _keep(self) -> None:
        if self._desk.bookmarks.keep(self.field.text()) is not None:
            self.close_popover()
