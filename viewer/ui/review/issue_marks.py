"""Where issues are, outside of their panels: diamonds on the timeline, a line in the inspector."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from viewer.review.issues.on_subjects import PlacedElement
from viewer.session.changes import Change, FrameShown, SelectionChanged
from viewer.session.review_changes import DeskChange, concerns_issues
from viewer.session.review_desk import ReviewDesk
from viewer.session.tracks import TrackExtent
from viewer.ui.review.issue_style import state_icon
from viewer.ui.theme import palette

_HALF_PX = 4.5


def paint_issues(
    painter: QPainter,
    desk: ReviewDesk,
    track: TrackExtent,
    frame_rect: Callable[[int], QRectF],
) -> None:
    """Put a diamond on every frame of a track's bar whose label has an open issue."""
    places = desk.issue_places
    if not places.any_here:
        return
    colours = palette()
    painter.setPen(QPen(colours.colour("panel"), 1))
    painter.setBrush(colours.colour("issue"))
    first = True
    for frame in track.frames:
        key = track.key_at(frame)
        if key is None:
            continue
        if places.on_label(key) or (first and places.on_track(key)):
            middle = frame_rect(frame).center()
            painter.drawPolygon(_diamond(middle))
        first = False


def _diamond(middle: QPointF) -> QPolygonF:
    steps = ((0, -_HALF_PX), (_HALF_PX, 0), (0, _HALF_PX), (-_HALF_PX, 0))
    return QPolygonF([middle + QPointF(x, y) for x, y in steps])


class IssueRow(QWidget):
    """The inspector's line of open issues on the selected label, its track and the frame."""

    def __init__(self, desk: ReviewDesk, show: Callable[[], None]) -> None:
        super().__init__()
        self._desk, self._show = desk, show
        self.button = QPushButton()
        self.button.setProperty("role", "link")
        self.button.clicked.connect(lambda _checked=False: self._open())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)
        self._found: list[PlacedElement] = []
        self._unsubscribe = (
            desk.subscribe(self._on_desk_change),
            desk.session.subscribe(self._on_change),
        )
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _on_desk_change(self, change: DeskChange) -> None:
        if concerns_issues(change):
            self.refresh()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | FrameShown):
            self.refresh()

    def refresh(self) -> None:
        """Name the first of them, and how many more there are."""
        session, places = self._desk.session, self._desk.issue_places
        key = session.selection
        by_id: dict[str, PlacedElement] = {}
        if key is not None and key.frame_index == session.frame_index:
            for placed in (*places.on_label(key), *places.on_track(key)):
                by_id.setdefault(placed.element.issue_id, placed)
        self._found = list(by_id.values())
        self.setVisible(bool(self._found))
        if not self._found:
            return
        first, more = self._found[0], len(self._found) - 1
        text = f"{first.title}  and {more} more" if more else first.title
        self.button.setText(self.button.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, 230))  # fmt: skip
        self.button.setIcon(state_icon(first.state))
        self.button.setToolTip(
            "\n".join(f"{each.title}: {each.state.text}" for each in self._found)
        )
        self.button.setAccessibleName(f"Open issue: {text}")

    def _open(self) -> None:
        """Show the next of them: the one after the shown one."""
        ids = [each.element.issue_id for each in self._found]
        if not ids:
            return
        current = self._desk.issues.current_id
        place = ids.index(current) + 1 if current in ids else 0
        self._desk.issues.choose(ids[place % len(ids)])
        self._show()
