"""The members of a slice as rows: Enter brings one into view, Del takes it out."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView

from viewer.review import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow
from viewer.session.review_slices import ListedMembers
from viewer.session.review_subjects import short_text
from viewer.ui.review.row_model import RowModel
from viewer.ui.review.row_table import RowTable


class MemberModel(RowModel):
    """Rows of subjects."""

    columns = ("Member", "Where")

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[SubjectRow, ...] = ()
        self._is_one_scene = False

    def show(self, rows: tuple[SubjectRow, ...]) -> None:
        """Show other members."""
        self.beginResetModel()
        self.rows = rows
        self._is_one_scene = len({row.scene_id for row in rows}) == 1
        self.endResetModel()

    def row_total(self) -> int:
        return len(self.rows)

    def cell_text(self, row: int, column: int) -> str:
        subject = self.rows[row].subject
        return self._where(subject) if column else _name(subject)

    def row_text(self, row: int) -> str:
        return self.rows[row].subject.text

    def _where(self, subject: Subject) -> str:
        """The frame, the scene or both, as far as the members differ in them."""
        if subject.kind is SubjectKind.SCENE:
            return ""
        if subject.kind is not SubjectKind.LABEL:
            return subject.scene_id or ""
        frame_key = subject.frame_key or ""
        return frame_key if self._is_one_scene else f"{subject.scene_id} / {frame_key}"


class MemberTable(RowTable):
    """Several may be chosen."""

    def __init__(self, model: MemberModel) -> None:
        super().__init__("Members of the slice")
        self.setModel(model)
        self._model = model
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        self.removing: Callable[[], None] = lambda: None

    @property
    def chosen(self) -> tuple[SubjectRow, ...]:
        """The chosen members."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self._model.rows[place] for place in places)

    @property
    def current(self) -> Subject | None:
        """The member on which the keys act."""
        row = self.currentIndex().row()
        return self._model.rows[row].subject if 0 <= row < len(self._model.rows) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removing()
        else:
            super().keyPressEvent(event)


def listed_text(listed: ListedMembers) -> str:
    """How many are listed of how many there are."""
    if len(listed.rows) < listed.total:
        return f"Members, {len(listed.rows):,} of {listed.total:,}"
    return f"Members, {listed.total:,}"


def _name(subject: Subject) -> str:
    """What a member is called; of which kind all are, the list of slices says."""
    own = subject.label_id or subject.track_id or subject.frame_key or subject.scene_id
    return own or short_text(subject)
