"""Issues at the desk: opening one on what is looked at, and coming back to what it was about."""

from collections.abc import Callable
from typing import Any

from viewer.review import Subject, new_id
from viewer.review.commands.comments import AddComment
from viewer.review.commands.issues import AddElement, ChangeIssue, OpenIssue, ShowIssueAs
from viewer.review.issues.model import (
    Anchor,
    Element,
    Issue,
    IssueState,
    IssueType,
    NewElement,
    Pixel,
    Point,
    Sight,
)
from viewer.review.issues.on_subjects import elements_on
from viewer.review.issues.reading import elements_of, issue, sight_of
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import mark as mark_by_id
from viewer.review.subject import SubjectKind
from viewer.session.pins import Pins
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    IssueChosen,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_judging import Judging
from viewer.session.review_marks import is_mark, mark_id_of
from viewer.session.review_pins import IssuePins
from viewer.session.review_sights import Sights
from viewer.session.review_subjects import frame_subject, label_subject, short_text
from viewer.session.review_walk import QueueWalk


class IssueWork:
    """The issues of the open workspace."""

    def __init__(
        self, board: ReviewBoard, judging: Judging, walk: QueueWalk, sights: Sights
    ) -> None:
        self._board = board
        self._judging = judging
        self._walk = walk
        self._session = board.session
        self._sights = sights
        self._pins = IssuePins(board, walk)
        self.pixel_pointed: Callable[[], Pixel | None] = lambda: None
        """Set by the window: the pixel under the pointer, where it is over an image."""
        self.current_id: str | None = None
        self._unsubscribe = board.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._pins.dispose()

    @property
    def pins(self) -> Pins:
        """Where open issues are anchored in the shown frame."""
        return self._pins.pins

    @property
    def current(self) -> Issue | None:
        """The issue whose thread is shown."""
        reading = self._board.reading
        if reading is None or self.current_id is None:
            return None
        return issue(reading, self.current_id)

    def choose(self, issue_id: str | None) -> None:
        """Show the thread of an issue; the views stay where they are."""
        if issue_id != self.current_id:
            self.current_id = issue_id
            self._board.emit(IssueChosen())

    # -- opening -----------------------------------------------------------------------------

    def here(self) -> tuple[Subject, Anchor | None] | None:
        """What an issue would be about now: the selected label, what is pointed at, or the frame.

        Of what is pointed at, the pixel of an image counts before the point that lies there.
        """
        session, dataset_id = self._session, self._board.dataset_id
        scene, key = session.scene, session.selection
        if dataset_id is None or scene is None or not scene.frames:
            return None
        mark = self._mark()
        if mark is not None:
            return frame_subject(dataset_id, scene, session.frame_index), anchor_of(mark)
        if key is not None and key.frame_index == session.frame_index:
            subject = self._judging.subject()
            if subject is not None and subject.kind is SubjectKind.TRACK:
                return subject, None
            return label_subject(dataset_id, scene, key), None
        frame = frame_subject(dataset_id, scene, max(session.frame_index, 0))
        pixel = self.pixel_pointed()
        if pixel is not None:
            return frame, pixel
        if session.pointed is not None:
            return frame, Point("world", session.pointed.position)
        return frame, None

    def _mark(self) -> Mark | None:
        """The mark of a missing object that is selected."""
        key, reading = self._session.selection, self._board.reading
        if key is None or reading is None or not is_mark(key.label_id):
            return None
        return mark_by_id(reading, mark_id_of(key.label_id))

    def element_here(self) -> NewElement | None:
        """The same as an element."""
        found = self.here()
        if found is None:
            return None
        subject, anchor = found
        return NewElement(new_id(), subject, anchor, self._judging.snapshot(subject))

    def open_at(self, anchor: Pixel | Point) -> str | None:
        """Open an issue at a place of the shown frame; None where that failed."""
        dataset_id, scene = self._board.dataset_id, self._session.scene
        if dataset_id is None or scene is None or self._session.content is None:
            return self._open(None)
        frame = frame_subject(dataset_id, scene, self._session.content.index)
        return self._open(NewElement(new_id(), frame, anchor))

    def open_here(self, kind: IssueType = IssueType.LABEL_QUALITY) -> str | None:
        """Open an issue on what is selected, with this sight; None where that failed."""
        return self._open(self.element_here(), kind)

    def _open(
        self, element: NewElement | None, kind: IssueType = IssueType.LABEL_QUALITY
    ) -> str | None:
        if self._board.read_only_reason is not None:
            self._session.say(f"No issue: {self._board.read_only_reason}", is_problem=True)
            return None
        if element is None:
            self._session.say("Open a scene first", is_problem=True)
            return None
        issue_id = new_id()
        picture, camera = self._sights.pictures()
        title = self._title(element.subject, element.anchor)
        command = OpenIssue(
            issue_id, title, kind, (element,), sight=self._sight(element.anchor),
            thumbnail=picture, camera_picture=camera,
        )  # fmt: skip
        if not self._board.run(command):
            return None
        self._session.say(f"Issue opened: {title}")
        self.choose(issue_id)
        return issue_id

    def _sight(self, anchor: Anchor | None) -> Sight | None:
        """The present sight, with the camera large in whose image the anchor is."""
        sight = self._sights.present()
        if sight is None or not isinstance(anchor, Pixel):
            return sight
        return {**sight, "large_camera": anchor.sensor_id}

    def _title(self, subject: Subject, anchor: Anchor | None = None) -> str:
        content = self._session.content
        name = short_text(subject)
        if subject.kind is SubjectKind.LABEL and content is not None:
            snapshot = self._judging.snapshot(subject)
            if snapshot is not None:
                own = snapshot.track_id or str(subject.label_id)
                has_class = own.startswith(snapshot.class_name)
                name = own if has_class else f"{snapshot.class_name} {own}"
        mark = self._mark()
        if mark is not None and anchor == anchor_of(mark):
            name = f"missing {mark.class_name}, {name}"
        elif isinstance(anchor, Pixel):
            name = f"{anchor.sensor_id} of {name}"
        return name if subject.kind is SubjectKind.SCENE else f"{name}, {subject.scene_id}"

    def add_here(self) -> bool:
        """Make what is selected an element of the shown issue."""
        present, element = self.current, self.element_here()
        if present is None or element is None:
            return False
        return self._board.run(AddElement(present.issue_id, element, present.title))

    def comment_here(self) -> str | None:
        """The open issue on what is selected, else a new one, to be talked about."""
        reading, found = self._board.reading, self.here()
        if reading is None or found is None:
            return self.open_here()
        for placed in elements_on(reading, found[0], only_open=True):
            self.choose(placed.element.issue_id)
            return placed.element.issue_id
        return self.open_here()

    def keep_sight(self) -> bool:
        """Let the shown issue come back to the present sight from now on."""
        present = self.current
        if present is None:
            return False
        picture, camera = self._sights.pictures()
        command = ShowIssueAs(
            present.issue_id, self._sights.present(), picture, camera, present.title
        )
        return self._board.run(command)

    # -- changing ----------------------------------------------------------------------------

    def change(self, **fields: Any) -> bool:  # noqa: ANN401 - fields of ChangeIssue
        """Give fields of the shown issue other values."""
        present = self.current
        if present is None:
            return False
        return self._board.run(ChangeIssue(present.issue_id, issue_title=present.title, **fields))

    def set_state(self, state: IssueState) -> bool:
        """Move the shown issue on."""
        return self.change(state=state)

    def comment(self, text: str) -> bool:
        """Say something in the thread of the shown issue."""
        present = self.current
        if present is None or not text.strip():
            return False
        return self._board.run(
            AddComment(new_id(), present.issue_id, text, issue_title=present.title)
        )

    # -- coming back -------------------------------------------------------------------------------

    def show(self, issue_id: str) -> bool:
        """Come back to exactly the sight with which an issue was opened."""
        reading = self._board.reading
        if reading is None:
            return False
        self.choose(issue_id)
        sight = sight_of(reading, issue_id)
        if sight is not None and self._sights.go_to(sight):
            return True
        for element in elements_of(reading, issue_id):
            if element.subject.kind is not SubjectKind.DATASET:
                return self._walk.show(element.subject)
        self._session.say("This issue is about no place in the dataset")
        return False

    def show_element(self, element: Element) -> bool:
        """Bring what an element is about into view, its point or pixel included."""
        return self._pins.show(element)

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceClosed | WorkspaceOpened):
            self.choose(None)
        elif isinstance(change, DecisionsChanged) and self.current_id and self.current is None:
            # Opening it was undone.
            self.choose(None)


def anchor_of(mark: Mark) -> Pixel | Point | None:
    """Where a mark of a missing object is, as an issue's anchor."""
    if mark.position is not None:
        x, y, z = mark.position
        return Point(mark.coord_frame_id or "world", (x, y, z))
    if mark.pixel is None:
        return None
    return Pixel(mark.sensor_id or "", *mark.pixel)
