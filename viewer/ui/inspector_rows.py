"""Groups of facts as rows of name and value, reused from frame to frame."""

import re
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from viewer.session.facts import Fact, FactGroup
from viewer.ui.panel import clear_layout
from viewer.ui.theme import ui_font

NAME_PX = 84
BREAK = "\N{ZERO WIDTH SPACE}"
_LONG_WORD = 24
"""Characters from which a word may break at its separators."""
_LONG_RUN = re.compile(rf"[^\s/\\_,.{BREAK}-]{{16,}}")
"""What no separator parts, too long for the width of a docked panel."""


class _Value(QLabel):
    """A value whose text is copied as it is, without the places to break."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            QGuiApplication.clipboard().setText(unbroken(self.selectedText()))
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and self.hasSelectedText():
            clipboard.setText(unbroken(self.selectedText()), QClipboard.Mode.Selection)


class FactRows(QWidget):
    """Shows groups of facts. Values can be selected and copied."""

    def __init__(self, copy_all: Callable[[], None]) -> None:
        super().__init__()
        self._copy_all = copy_all
        self._groups: tuple[FactGroup, ...] = ()
        self._values: list[QLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def groups(self) -> tuple[FactGroup, ...]:
        """What is shown."""
        return self._groups

    def show_groups(self, groups: tuple[FactGroup, ...]) -> None:
        """Show these facts; rows stay in place where only their values differ."""
        if groups == self._groups:
            return
        if _shape(groups) == _shape(self._groups):
            facts = [fact for group in groups for fact in group.facts]
            for label, fact in zip(self._values, facts, strict=True):
                _fill(label, fact)
        else:
            self._build(groups)
        self._groups = groups

    def value_of(self, group: str, name: str) -> str | None:
        """Text shown for a fact; None where there is none."""
        facts = (f for g in self._groups if g.title == group for f in g.facts if f.name == name)
        return next((fact.value for fact in facts), None)

    def _build(self, groups: tuple[FactGroup, ...]) -> None:
        clear_layout(self._column)
        self._values = []
        for group in groups:
            self._column.addWidget(self._group(group))

    def _group(self, group: FactGroup) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 10, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, NAME_PX)
        grid.setColumnStretch(1, 1)
        heading = QLabel(group.title)
        heading.setProperty("role", "heading")
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, fact in enumerate(group.facts, start=1):
            name = QLabel(fact.name)
            name.setProperty("role", "secondary")
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            name.setWordWrap(True)
            name.setMaximumWidth(NAME_PX * 2)
            value = self._value(fact)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
            self._values.append(value)
        return box

    def _value(self, fact: Fact) -> QLabel:
        value = _Value()
        value.setFont(ui_font())
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setMinimumWidth(40)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        value.customContextMenuRequested.connect(lambda place: self._show_menu(value, place))
        if fact.is_problem:
            value.setProperty("role", "problem")
        _fill(value, fact)
        return value

    def _show_menu(self, value: QLabel, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = unbroken(value.selectedText() or value.text())
        menu.addAction("Copy value", lambda: QGuiApplication.clipboard().setText(chosen))
        menu.addAction("Copy everything", self._copy_all)
        menu.popup(value.mapToGlobal(place))


def _shape(groups: tuple[FactGroup, ...]) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [(g.title, [(f.name, f.is_problem) for f in g.facts]) for g in groups]


def _fill(label: QLabel, fact: Fact) -> None:
    label.setText(breakable(fact.value))
    label.setToolTip(fact.note)
    label.setAccessibleName(f"{fact.name}: {fact.value}")


def breakable(text: str) -> str:
    """Let long paths and names break at their separators.

    Examples
    --------
    >>> breakable("12.4 m")
    '12.4 m'
    >>> breakable("/data/a/very/long/path/of/a/file").count(chr(0x200B))
    8
    """
    if max((len(word) for word in text.split()), default=0) >= _LONG_WORD:
        for separator in "/\\_,.":
            text = text.replace(separator, f"{separator}{BREAK}")
    return _LONG_RUN.sub(lambda run: BREAK.join(run[0]), text)


def unbroken(text: str) -> str:
    """Take the places to break out of what `breakable` gave."""
    return text.replace(BREAK, "")
