"""Decisions about labels that a new delivery changed: what differs, and what becomes of them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.review.redelivery.carry_over import Stale
from viewer.session.review_changes import (
    DeskChange,
    HoldingChanged,
    StaleChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.ui.plain_parts import text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel

_STALE_ROLE = Qt.ItemDataRole.UserRole
MOST_SHOWN = 1000


class DeliveryPanel(DeskPanel):
    """Lists what does not fit any more; nothing of it is lost."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Delivery", parent)
        self.note = wrapped_label(role="secondary")
        self.list = QListWidget()
        self.list.setAccessibleName("Decisions about what changed")
        self.list.setWordWrap(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.itemActivated.connect(lambda _item: self.go_to_current())
        self.list.currentItemChanged.connect(lambda _new, _old: self._sync())
        self.show_button = text_button("Show", "Go to it  (Enter)", self.go_to_current)
        self.keep_button = text_button(
            "Keep", "The decisions hold for the label as it is now", self._keep
        )
        self.move_button = text_button(
            "Move", "Put the decisions on the label that is near now", self._move
        )
        self.compare_button = text_button(
            "Compare now", "Compare all decisions with the labels", desk.delivery.compare
        )
        buttons = QGridLayout()
        buttons.setSpacing(4)
        for place, button in enumerate((self.show_button, self.keep_button, self.move_button)):
            buttons.addWidget(button, 0, place)
        buttons.addWidget(self.compare_button, 1, 0, 1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
        self.setFocusProxy(self.list)
        self.refresh()

    def concerns(self, change: DeskChange) -> bool:
        """Only comparisons."""
        told = StaleChanged | WorkspaceOpened | WorkspaceClosed | HoldingChanged
        return isinstance(change, told)

    def refresh(self) -> None:
        """Show what was found."""
        delivery = self.desk.delivery
        place = self.list.currentRow()
        self.list.clear()
        for stale in delivery.stale[:MOST_SHOWN]:
            item = QListWidgetItem(stale.text)
            item.setData(_STALE_ROLE, stale)
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(place, 0), self.list.count() - 1))
        if delivery.told:
            more = len(delivery.stale) - MOST_SHOWN
            rest = f", {more:,} more than are listed" if more > 0 else ""
            self.note.setText(f"Decisions: {delivery.told}{rest}")
        else:
            self.note.setText(
                "When labels change under the workspace, decisions about them are listed here with"
                " the difference."
            )
        self._sync()

    def _current(self) -> Stale | None:
        item = self.list.currentItem()
        stale: Stale | None = None if item is None else item.data(_STALE_ROLE)
        return stale

    def _sync(self) -> None:
        stale, writable = self._current(), self.desk.read_only_reason is None
        self.show_button.setEnabled(stale is not None)
        self.keep_button.setEnabled(stale is not None and stale.after is not None and writable)
        self.move_button.setEnabled(stale is not None and stale.candidate is not None and writable)
        self.compare_button.setEnabled(self.desk.dataset_id is not None)

    def go_to_current(self) -> None:
        """Show the label, or the one that is near now."""
        stale = self._current()
        if stale is not None:
            self.desk.walk.show(stale.candidate or stale.subject)

    def _keep(self) -> None:
        stale = self._current()
        if stale is not None:
            self.desk.delivery.keep(stale)

    def _move(self) -> None:
        stale = self._current()
        if stale is not None:
            self.desk.delivery.move(stale)
