"""The tags of what is selected: chips that come off, and a field that puts one on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.session.review_changes import DeskChange
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_tags import HeldTag, concerns_selection
from viewer.ui.flow_layout import FlowLayout
from viewer.ui.panel import clear_layout, named, quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover
from viewer.ui.review.tag_completer import TagField

WIDTH_PX, HEIGHT_PX = 380, 190


class TagEditor(QWidget):
    """Follows the selection; Enter in the field puts the tag on what the box says."""

    done = Signal()

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._work = desk, desk.tags
        self.setAccessibleName("Tags of the selection")
        self.field = TagField(desk)
        self.label = named("Tags", self.field)
        self.label.setProperty("role", "secondary")
        self.field.setAccessibleName("Add a tag")
        self.field.returnPressed.connect(self._put)
        self.scope_box = QComboBox()
        self.scope_box.setAccessibleName("What the tag is put on")
        self.scope_box.setToolTip("What the tag is put on")
        self.scope_box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.label)
        row.addWidget(self.field, 1)
        row.addWidget(self.scope_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._chips)
        self._shown: list[HeldTag] | None = None
        self._unsubscribe = desk.subscribe(self._on_change)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _on_change(self, change: DeskChange) -> None:
        if concerns_selection(change):
            self.refresh()

    def refresh(self) -> None:
        """Show what holds for the selection."""
        scopes = self._work.scopes()
        self.setVisible(bool(scopes))
        writable = self._desk.read_only_reason is None
        self.field.setEnabled(writable)
        if [self.scope_box.itemData(i) for i in range(self.scope_box.count())] != list(scopes):
            with quietly(self.scope_box):
                self.scope_box.clear()
                for scope in scopes:
                    self.scope_box.addItem(scope, scope)
                self.scope_box.setCurrentIndex(0)
        held = self._work.held()
        if held != self._shown:
            self._shown = held
            self._show_chips(held)
        for chip in self._chips.findChildren(QPushButton):
            chip.setEnabled(writable)

    def _show_chips(self, held: list[HeldTag]) -> None:
        had_focus = self._chips.isAncestorOf(QApplication.focusWidget() or self)
        clear_layout(self._flow)
        own = self._work.scopes()[0] if held else ""
        for each in held:
            where = "" if each.carrier == own else f" ({each.carrier})"
            chip = QPushButton(f"{each.tag}{where}  ✕")
            chip.setProperty("role", "chip")
            chip.setAccessibleName(f"Take tag {each.tag} off the {each.carrier}")
            chip.setToolTip(f"On the {each.carrier}; click takes it off")
            chip.clicked.connect(lambda _checked=False, each=each: self._work.take(each))
            self._flow.addWidget(chip)
            chip.show()
        self._chips.setVisible(bool(held))
        self._chips.updateGeometry()
        if had_focus:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put(self) -> None:
        tag, scope = self.field.text().strip(), self.scope_box.currentData()
        if not tag:
            self.done.emit()
        elif self._work.put(tag, scope):
            # The completer writes its choice after this.
            self.field.clear()


class TagPopover(Popover):
    """The editor over the window, for the key."""

    def __init__(self, desk: ReviewDesk, window: QWidget) -> None:
        super().__init__(window, "Tag the selection", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._desk = desk
        self.add_title("Tag the selection")
        self.what = wrapped_label(role="secondary")
        self.column.addWidget(self.what)
        self.editor = TagEditor(desk)
        self.editor.done.connect(self.close_popover)
        self.column.addWidget(self.editor)
        note = QLabel("Enter puts the tag on; Enter in the empty field, or Esc, closes")
        note.setProperty("role", "caption")
        self.column.addStretch(1)
        self.column.addWidget(note)

    def ask(self) -> None:
        """Open for what is selected; where nothing can be tagged, say why."""
        reason, scopes = self._desk.read_only_reason, self._desk.tags.scopes()
        if reason is not None or not scopes:
            self._desk.session.say(f"No tag: {reason or 'open a scene first'}", is_problem=True)
            return
        subject = self._desk.judging.subject(self._desk.judging.scope)
        self.what.setText("" if subject is None else subject.text.capitalize())
        self.what.setVisible(subject is not None)
        self.editor.refresh()
        self.editor.field.clear()
        self.open_popover(self.editor.field)
