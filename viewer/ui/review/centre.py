"""The middle of the Review layout: fine views and camera beside the 3D view, frames below it."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from viewer.review.edits.entities import LABEL_EDITS
from viewer.session.changes import (
    Change,
    FrameShown,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    TracksRead,
    ViewChanged,
)
from viewer.session.flat_labels import find_flat_label
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.label_lookup import same_label
from viewer.session.marks_set import drawn_rgb
from viewer.session.review_changes import DecisionsChanged, DeskChange, SubjectChanged
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_object import label_row, object_points
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings
from viewer.ui.review.fine_views import SIDES, FineView
from viewer.ui.review.frame_strip import FrameStrip
from viewer.ui.review.object_crop import ObjectCrop
from viewer.ui.review.review_bar import ReviewBar
from viewer.ui.review.window import KeyedActions

POINTS_JOB = "review-object"
AT_ONCE = 400_000
"""Points of a frame up to which those around the object are found without a job."""
STACKED_FROM_PX = 520
"""Below this height the four views stand two by two."""
SIDE_PX, NARROW_SIDE_PX = 300, 250
_GAP_PX = 4
_DRAWN = frozenset({"filters", "dark", "time_offsets_ns", "points"})


class ObjectSide(QWidget):
    """Best camera and three fine views, one above the other where there is room."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crop = ObjectCrop(desk.session)
        self.views = tuple(FineView(side) for side in SIDES)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP_PX)
        self._stacked: bool | None = None
        self.setMinimumWidth(170)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.height() >= STACKED_FROM_PX
        if stacked == self._stacked:
            return
        self._stacked = stacked
        parts = (self.crop, *self.views)
        for part in parts:
            self._grid.removeWidget(part)
        for place, part in enumerate(parts):
            row, column = (place, 0) if stacked else divmod(place, 2)
            self._grid.addWidget(part, row, column)
        for place in range(4):
            wide = 3 if stacked and place == 0 else 2
            self._grid.setRowStretch(place, wide if stacked or place < 2 else 0)
            self._grid.setColumnStretch(place, 0 if stacked and place else int(place < 2))


class ReviewCentre:
    """What stands around the 3D view in the Review layout; hidden in the others.

    Parameters
    ----------
    splitter
        Holds the cameras above the 3D view.
    """

    def __init__(self, desk: ReviewDesk, table: KeyedActions, centre: QSplitter) -> None:
        self._desk, self._session = desk, desk.session
        self.side = ObjectSide(desk)
        self.strip = FrameStrip(self._session, self._state_of)
        self.bar = ReviewBar(desk, table)
        self.below = QWidget()
        column = QVBoxLayout(self.below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip, 1)
        column.addWidget(self.bar)
        self._across = centre
        centre.addWidget(self.side)
        self._shown = False
        self._framed: LabelKey | None = None
        self._focus_waits = False
        self.side.hide()
        self.below.hide()
        self._unsubscribe = self._session.subscribe(self._on_change)
        self._unsubscribe_desk = desk.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop listening and reading."""
        self._unsubscribe()
        self._unsubscribe_desk()
        self._session.jobs.cancel(POINTS_JOB)
        self.side.crop.dispose()
        self.strip.dispose()
        self.bar.dispose()

    def set_shown(self, *, shown: bool) -> None:
        """Show or hide everything."""
        self._shown = shown
        self.side.setVisible(shown)
        self.below.setVisible(shown)
        if shown:
            wide = NARROW_SIDE_PX if self._across.width() < 800 else SIDE_PX
            self._across.setSizes([max(self._across.width() - wide, 1), wide])
            self._session.read_tracks()
            self.refresh()

    # -- following ---------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged):
            self._frame_another()
        if isinstance(change, FrameShown):
            self.show_ghosts(None)
        if isinstance(change, FrameShown | SelectionChanged | SceneOpened | SceneClosed):
            self._focus()
            self.refresh()
        elif isinstance(change, TracksRead):
            self._show_strip()
        elif isinstance(change, ViewChanged) and change.sections & _DRAWN:
            self.refresh()

    def _frame_another(self) -> None:
        """Another object comes into the middle; the same one in another frame stays put."""
        key, before = self._session.selection, self._framed
        self._framed = key
        if key is None or not self._shown or (before is not None and same_label(before, key)):
            return
        self._focus_waits = True
        self._focus()

    def _focus(self) -> None:
        """Frame the selection, once the shown frame has it."""
        key, content = self._session.selection, self._session.content
        if not self._focus_waits or key is None or content is None:
            return
        if label_row(content, key) is not None:
            self._focus_waits = False
            self._session.focus_selection()

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, DecisionsChanged) and _edits_labels(change):
            self.strip.forget()
        if self._shown and isinstance(change, DecisionsChanged | SubjectChanged):
            self.strip.refresh()

    def _state_of(self, key: LabelKey) -> str | None:
        return self._desk.judging.state_of(key)

    def refresh(self) -> None:
        """Show the selected object everywhere."""
        if not self._shown:
            return
        session = self._session
        content, key = session.content, session.selection
        labels = None if content is None or key is None else label_row(content, key)
        if content is None or key is None or labels is None:
            session.jobs.cancel(POINTS_JOB)
            for view in self.side.views:
                view.show_object(None, (150, 150, 150))
            # A label without a box in 3D may have one on an image.
            self.side.crop.show_object(content, key, self._colour_of(content, key))
        else:
            colour = drawn_rgb(content.scene, key.label_set_id, labels.class_names[0])
            self._show_points(content, key, colour)
            self.side.crop.show_object(content, key, colour)
        self._show_strip()

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with in the fine views."""
        for view in self.side.views:
            view.show_ghosts(ghosts)

    def _colour_of(
        self, content: FrameContent | None, key: LabelKey | None
    ) -> tuple[int, int, int]:
        """Colour of the class of a label on an image."""
        found = None if content is None or key is None else find_flat_label(content, key)
        if content is None or found is None:
            return (150, 150, 150)
        return drawn_rgb(content.scene, found.key.label_set_id, found.class_name)

    def _show_strip(self) -> None:
        if not self._shown:
            return
        key, scene = self._session.selection, self._session.scene
        colour = (150, 150, 150)
        tracks = self._session.scene_tracks
        track = tracks.of(key) if tracks is not None else None
        content = self._session.content
        labels = None if content is None or key is None else label_row(content, key)
        name = track.class_name if track is not None else None
        if labels is not None:
            name = labels.class_names[0]
        if name is not None and scene is not None and key is not None:
            colour = drawn_rgb(scene, key.label_set_id, name)
        self.strip.show_object(key, colour)

    def _show_points(
        self, content: FrameContent, key: LabelKey, colour: tuple[int, int, int]
    ) -> None:
        view: ViewSettings = self._session.view

        def show(found: object) -> None:
            for each in self.side.views:
                each.show_object(found, colour)  # type: ignore[arg-type]

        if sum(len(sweep.cloud) for sweep in content.sweeps) <= AT_ONCE:
            self._session.jobs.cancel(POINTS_JOB)
            show(object_points(content, key, view))
            return
        self._session.jobs.start(
            POINTS_JOB,
            lambda _context: object_points(content, key, view),
            done=show,
            failed=lambda error: self._session.say(
                f"The points of the object cannot be found: {error}", is_problem=True
            ),
            priority=3,
        )


def _edits_labels(change: DecisionsChanged) -> bool:
    return any(entity == LABEL_EDITS.name for entity, _ in change.changed.touched)
