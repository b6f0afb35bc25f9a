"""Why something is rejected or needs a fix: chosen by number or by typing, without the mouse."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.fuzzy import fuzzy_score
from viewer.ui.panel import clear_layout
from viewer.ui.review.verdict_style import STYLES

NUMBERED = 9
"""Reasons that a digit chooses."""


class ReasonPicker(QWidget):
    """One line over the verdict keys while a reason is asked for.

    A digit chooses a reason and is done; typed letters find one, Enter takes it; with nothing
    typed, Enter (or the verdict's own key again) gives the verdict without a reason. Ctrl and a
    digit adds a reason and waits for more. Esc gives up.
    """

    chosen = Signal(str, tuple)
    """(state, reasons)."""
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = "rejected"
        self._reasons: tuple[str, ...] = ()
        self._shown: list[str] = []
        self._picked: list[str] = []
        self._buttons: list[QPushButton] = []
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self.field = QLineEdit()
        self.field.setPlaceholderText("A digit, or letters to find one")
        self.field.setAccessibleName("Reason")
        self.field.setFixedWidth(210)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self._chips = QWidget()
        self._chip_row = QHBoxLayout(self._chips)
        self._chip_row.setContentsMargins(0, 0, 0, 0)
        self._chip_row.setSpacing(4)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._chips)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        area.setFixedHeight(28)
        note = QLabel("Enter: no reason   Esc: give up")
        note.setProperty("role", "secondary")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._title, 1)
        row.addWidget(note)
        row.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(area)
        self.hide()

    def ask(self, state: str, reasons: Sequence[str], about: str = "") -> None:
        """Ask why; the focus goes to the field."""
        self._state, self._reasons, self._picked = state, tuple(reasons), []
        act = STYLES[state].act
        self._title.setText(f"{about}: {act.lower()}, why?" if about else f"{act}: why?")
        self.field.clear()
        self._search("")
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def shown(self) -> tuple[str, ...]:
        """Reasons that the typed letters leave, best first."""
        return tuple(self._shown)

    def _search(self, text: str) -> None:
        typed = text.strip()
        scored = [(fuzzy_score(typed, reason), reason) for reason in self._reasons]
        found = [(score, reason) for score, reason in scored if score is not None]
        if typed:
            found.sort(key=lambda each: -each[0])
        self._shown = [reason for _, reason in found] if typed else list(self._reasons)
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._fit()

    def _fit(self) -> None:
        """Make the chips small where not all of them fit."""
        for role in ("chip", "smallChip"):
            for chip in self._buttons:
                chip.setProperty("role", role)
                chip.style().unpolish(chip)
                chip.style().polish(chip)
            gap = self._chip_row.spacing()
            if sum(chip.sizeHint().width() + gap for chip in self._buttons) <= self.width():
                break

    def _fill(self) -> None:
        clear_layout(self._chip_row)
        self._buttons = []
        typed = bool(self.field.text().strip())
        for place, reason in enumerate(self._shown):
            number = f"{place + 1}  " if not typed and place < NUMBERED else ""
            chip = QPushButton(f"{number}{reason}")
            chip.setProperty("role", "chip")
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.setCheckable(True)
            chip.setChecked(reason in self._picked or (typed and place == 0))
            chip.clicked.connect(lambda _checked=False, reason=reason: self._choose(reason))
            self._buttons.append(chip)
            self._chip_row.addWidget(chip)
        self._chip_row.addStretch(1)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.field or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        ours = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in ours or self._digit(event) is not None:
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _digit(self, event: QKeyEvent) -> int | None:
        """Number of the reason that a digit stands for; letters that are typed come first."""
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        number = event.key() - Qt.Key.Key_0.value
        fits = 1 <= number <= min(NUMBERED, len(self._shown))
        return number - 1 if fits and (with_control or not self.field.text().strip()) else None

    def _on_key(self, event: QKeyEvent) -> bool:
        place = self._digit(event)
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            self.given_up.emit()
        elif place is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle(self._shown[place])
        elif place is not None:
            self._choose(self._shown[place])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            typed = bool(self.field.text().strip())
            if typed and not self._shown:
                return True
            self._choose(self._shown[0] if typed else None)
        elif not self.field.text() and event.text().upper() == STYLES[self._state].key:
            self._choose(None)
        else:
            return False
        return True

    def _toggle(self, reason: str) -> None:
        if reason in self._picked:
            self._picked.remove(reason)
        else:
            self._picked.append(reason)
        self.field.clear()
        self._fill()

    def _choose(self, reason: str | None) -> None:
        reasons = list(self._picked)
        if reason is not None and reason not in reasons:
            reasons.append(reason)
        self._leave()
        self.chosen.emit(self._state, tuple(reasons))

    def _leave(self) -> None:
        self.hide()
