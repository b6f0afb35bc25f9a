"""What was measured of one sensor, line by line; what breaks a check says so and opens it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from viewer.checks.finding import Finding
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_doctor_text import DetailRow
from viewer.ui.findings.severity_style import STYLES, severity_icon
from viewer.ui.panel import clear_layout


class SensorRows(QWidget):
    """A name, a value, and a button where a check speaks."""

    def __init__(self, desk: FindingsDesk) -> None:
        super().__init__()
        self._desk = desk
        self.links: list[QPushButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    def show_rows(self, rows: list[DetailRow]) -> None:
        """Show others."""
        clear_layout(self._grid)
        self.links = []
        for place, row in zip(range(0, 2 * len(rows), 2), rows, strict=True):
            name, value = QLabel(row.name), QLabel(row.value)
            name.setProperty("role", "secondary")
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for label in (name, value):
                label.setToolTip(row.tip)
                label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(name, place, 0)
            self._grid.addWidget(value, place, 1, 1, 2 if row.finding is None else 1)
            if row.finding is not None:
                link = link_of(self._desk, row.finding, STYLES[row.finding.severity].word)
                link.setAccessibleName(f"{row.name}: open the finding")
                self.links.append(link)
                self._grid.addWidget(link, place, 2, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(_said(row.finding), place + 1, 1, 1, 2)


class FindingLine(QWidget):
    """A finding about no single sensor: its severity opens it, its sentence stands beside."""

    def __init__(self, desk: FindingsDesk, finding: Finding) -> None:
        super().__init__()
        self.link = link_of(desk, finding, STYLES[finding.severity].word)
        self.link.setAccessibleName(f"Open the finding: {finding.text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.link, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_said(finding), 1)


def _said(finding: Finding) -> QLabel:
    """What it says, without the sensor's name that stands above."""
    text = finding.text.removeprefix(f"{finding.sensor_id}: ")
    if text != finding.text:
        text = f"{text[:1].upper()}{text[1:]}"
    label = QLabel(text)
    label.setProperty("role", "caption")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def link_of(desk: FindingsDesk, finding: Finding, text: str) -> QPushButton:
    """Return a button that looks at a finding."""
    button = QPushButton(f" {text}")
    button.setProperty("role", "link")
    button.setIcon(severity_icon(finding.severity))
    button.setToolTip(f"{finding.text}\nA click looks at it")
    button.clicked.connect(lambda _checked=False: desk.doctor.open_finding(finding))
    return button
