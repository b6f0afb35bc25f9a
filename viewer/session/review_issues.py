"""Issues at the desk: opening one on what is looked at, and coming back to what it was about."""

from typing import Any

from viewer.review import Subject, new_id
from viewer.review.commands.comments import AddComment
from viewer.review.commands.issues import AddElement, ChangeIssue, OpenIssue, ShowIssueAs
from viewer.review.issues.model import (
    Anchor,
    Issue,
    IssueState,
    IssueType,
    NewElement,
    Point,
)
from viewer.review.issues.on_subjects import elements_on
from viewer.review.issues.reading import elements_of, issue, sight_of
from viewer.review.subject import SubjectKind
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    IssueChosen,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_judging import Judging
from viewer.session.review_sights import Sights
from viewer.session.review_subjects import frame_subject, label_subject, short_text
from viewer.session.review_walk import QueueWalk

ISSUE_ENTITIES = frozenset({"issues", "issue_labels", "issue_elements", "comments"})


def concerns_issues(change: DeskChange) -> bool:
    """Whether a change asks to show issues anew."""
    if isinstance(change, DecisionsChanged):
        return any(entity in ISSUE_ENTITIES for entity, _ in change.changed.touched)
    told = IssueChosen | WorkspaceOpened | WorkspaceClosed | HoldingChanged
    return isinstance(change, told)


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
        self.current_id: str | None = None
        self._unsubscribe = board.subscribe(self._on_desk_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

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
        """What an issue would be about now: the selected label, a marked place, or the frame."""
        session, dataset_id = self._session, self._board.dataset_id
        scene, key = session.scene, session.selection
        if dataset_id is None or scene is None or not scene.frames:
            return None
        if key is not None and key.frame_index == session.frame_index:
            subject = self._judging.subject()
            if subject is not None and subject.kind is SubjectKind.TRACK:
                return subject, None
            return label_subject(dataset_id, scene, key), None
        frame = frame_subject(dataset_id, scene, max(session.frame_index, 0))
        if session.pointed is not None:
            return frame, Point("world", session.pointed.position)
        return frame, None

    def element_here(self) -> NewElement | None:
        """The same as an element."""
        found = self.here()
        if found is None:
            return None
        subject, anchor = found
        return NewElement(new_id(), subject, anchor, self._judging.snapshot(subject))

    def open_here(self, kind: IssueType = IssueType.LABEL_QUALITY) -> str | None:
        """Open an issue on what is selected, with this sight; None where that failed."""
        if self._board.read_only_reason is not None:
            self._session.say(f"No issue: {self._board.read_only_reason}", is_problem=True)
            return None
        element = self.element_here()
        if element is None:
            self._session.say("Open a scene first", is_problem=True)
            return None
        issue_id = new_id()
        picture, camera = self._sights.pictures()
        title = self._title(element.subject)
        command = OpenIssue(
            issue_id, title, kind, (element,), sight=self._sights.present(),
            thumbnail=picture, camera_picture=camera,
        )  # fmt: skip
        if not self._board.run(command):
            return None
        self._session.say(f"Issue opened: {title}")
        self.choose(issue_id)
        return issue_id

    def _title(self, subject: Subject) -> str:
        content = self._session.content
        name = short_text(subject)
        if subject.kind is SubjectKind.LABEL and content is not None:
            snapshot = self._judging.snapshot(subject)
            if snapshot is not None:
                own = snapshot.track_id or str(subject.label_id)
                has_class = own.startswith(snapshot.class_name)
                name = own if has_class else f"{snapshot.class_name} {own}"
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

    def _on_desk_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceClosed | WorkspaceOpened):
            self.choose(None)
        elif isinstance(change, DecisionsChanged) and self.current_id and self.current is None:
            # Opening it was undone.
            self.choose(None)
