"""The list of findings as a model: a row is read when it is looked at, however many there are."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from viewer.checks.finding import Finding
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import TITLES
from viewer.session.findings_text import place_text
from viewer.ui.findings.severity_style import STYLES

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class FindingModel(QAbstractListModel):
    """What the desk lists: findings, and titles of groups between them."""

    def __init__(self, desk: FindingsDesk) -> None:
        super().__init__()
        self._desk = desk
        self._listing = desk.listing

    def refresh(self) -> None:
        """Show what the desk lists now."""
        self.beginResetModel()
        self._listing = self._desk.listing
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._listing.entries)

    def finding(self, row: int) -> Finding | None:
        """The finding of a row; None for a title."""
        if not 0 <= row < len(self._listing.entries):
            return None
        entry = int(self._listing.entries[row])
        if entry < 0:
            return None
        return self._listing.table.finding(int(self._listing.rows[entry]))

    def group(self, row: int) -> int | None:
        """Number of the group whose title a row is; None for a finding."""
        entry = int(self._listing.entries[row]) if 0 <= row < len(self._listing.entries) else 0
        return -1 - entry if entry < 0 else None

    def title(self, number: int) -> tuple[str, int]:
        """Title and number of findings of a group."""
        return self._listing.groups[number]

    def row_of(self, finding: Finding) -> int | None:
        """Row of a finding; None where it is not listed, or its group is folded."""
        place = self._desk.row_of(finding)
        if place is None:
            return None
        rows = (self._listing.entries == place).nonzero()[0]
        return int(rows[0]) if len(rows) else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        group = self.group(index.row())
        if group is not None:
            title, count = self.title(group)
            told = f"{title}, {count:,} findings"
            return told if role in _TOLD else None
        finding = self.finding(index.row())
        if finding is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return finding.text
        return told_of(finding) if role in _TOLD else None


_TOLD = (
    Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole,
)  # fmt: skip


def told_of(finding: Finding) -> str:
    """A finding in words."""
    check = TITLES.get(finding.check, finding.check)
    place = f"{finding.scene_id}, {place_text(finding).replace('  ', ', ')}"
    return f"{finding.text}\n{STYLES[finding.severity].word}: {check}\n{place}"
