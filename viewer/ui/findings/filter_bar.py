"""Narrowing the list of findings: words, severity, check, class, scene; how it is grouped."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from viewer.checks.finding import Severity
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import CHECK_IDS, TITLES, Grouping
from viewer.ui.findings.severity_style import STYLES, severity_icon
from viewer.ui.panel import quietly

TYPING_MS = 150
_GROUPS = (
    (Grouping.NONE, "Worst first"), (Grouping.CHECK, "By check"), (Grouping.CLASS, "By class"),
    (Grouping.TRACK, "By track"),
)  # fmt: skip
_Entry = tuple[str, object]


class FilterBar(QWidget):
    """Everything that narrows; each choice says how many findings it has."""

    def __init__(self, desk: FindingsDesk) -> None:
        super().__init__()
        self._desk = desk
        self._entries: dict[QComboBox, tuple[_Entry, ...]] = {}
        self.words = QLineEdit()
        self.words.setPlaceholderText("Find: words, label, track, frame")
        self.words.setAccessibleName("Find findings")
        self.words.setClearButtonEnabled(True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(lambda: desk.narrow(text=self.words.text().strip()))
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.severity = self._box("Severity", "least")
        self.check = self._box("Check", "check")
        self.class_name = self._box("Class", "class_name")
        self.scene = self._box("Scene", "scene_id")
        self.grouping = QComboBox()
        self.grouping.setAccessibleName("Order and groups")
        _let_shrink(self.grouping)
        for _, text in _GROUPS:
            self.grouping.addItem(text)
        self.grouping.currentIndexChanged.connect(lambda place: desk.group_by(_GROUPS[place][0]))
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.severity, 0, 0)
        grid.addWidget(self.check, 0, 1)
        grid.addWidget(self.class_name, 1, 0)
        grid.addWidget(self.grouping, 1, 1)
        grid.addWidget(self.scene, 2, 0, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addLayout(grid)

    def _box(self, name: str, field: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        _let_shrink(box)
        self._entries[box] = ()

        def choose(place: int) -> None:
            if 0 <= place < len(self._entries[box]):
                self._desk.narrow(**{field: self._entries[box][place][1]})

        box.currentIndexChanged.connect(choose)
        return box

    def refresh(self) -> None:
        """Offer what there is, with numbers of what nobody dismissed."""
        desk, table = self._desk, self._desk.table
        there = ~table.dismissed
        severities = np.bincount(table.severities[there], minlength=len(Severity))
        entries: list[_Entry] = []
        for least in Severity:
            count = int(severities[least:].sum())
            word = STYLES[least].word
            text = word if least is Severity.HIGH else f"{word} and worse"
            shown = f"{text}  {count:,}" if least is not Severity.INFO else "All severities"
            entries.append((shown, least))
        self._fill(self.severity, entries, desk.wanted.least)
        for place, least in list(enumerate(Severity))[1:]:
            self.severity.setItemIcon(place, severity_icon(least))
        checks = np.bincount(table.checks[there & (table.checks >= 0)], minlength=len(CHECK_IDS))
        named = [
            (f"{TITLES[check]}  {count:,}", check)
            for check, count in zip(CHECK_IDS, checks.tolist(), strict=True)
            if count or check == desk.wanted.check
        ]
        self._fill(self.check, [("All checks", None), *named], desk.wanted.check)
        classes = np.bincount(table.classes[there], minlength=len(table.class_names))
        counted = sorted(zip(table.class_names, classes.tolist(), strict=True))
        known = [
            (f"{name or 'No class'}  {count:,}", name)
            for name, count in counted
            if count or name == desk.wanted.class_name
        ]
        self._fill(self.class_name, [("All classes", None), *known], desk.wanted.class_name)
        scenes = [(each.scene_id, each.scene_id) for each in table.scenes]
        self._fill(self.scene, [("All scenes", None), *scenes], desk.wanted.scene_id)
        self.scene.setVisible(len(scenes) > 1)
        grouped = [grouping for grouping, _ in _GROUPS].index(desk.grouping)
        with quietly(self.grouping):
            self.grouping.setCurrentIndex(grouped)
        if self.words.text().strip() != desk.wanted.text and not self._typing.isActive():
            with quietly(self.words):
                self.words.setText(desk.wanted.text)

    def _fill(self, box: QComboBox, entries: Sequence[_Entry], chosen: object) -> None:
        if tuple(entries) != self._entries[box]:
            self._entries[box] = tuple(entries)
            with quietly(box):
                box.clear()
                box.addItems([text for text, _ in entries])
        place = next((n for n, (_, value) in enumerate(entries) if value == chosen), 0)
        if place != box.currentIndex():
            with quietly(box):
                box.setCurrentIndex(place)


def _let_shrink(box: QComboBox) -> None:
    """Narrow panels cut the text off rather than the box."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
