"""Tags at the desk: on what is selected, and what carries which."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.review import Subject, SubjectKind, Workspace
from viewer.review.commands.tags import AddTag, RemoveTag, RenameTag
from viewer.review.issues.reading import issue
from viewer.review.slices.reading import slice_by_id
from viewer.review.tags.entities import TAGS
from viewer.review.tags.model import Item, ItemKind, TagFilter, Target
from viewer.review.tags.reading import (
    tag_counts,
    tagged_items,
    tagged_subjects,
    tags_of,
    tags_over,
    targets_of,
)
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    IssueChosen,
    SubjectChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_issues import IssueWork
from viewer.session.review_judging import Judging

SCOPES = ("label", "track", "frame", "scene", "issue")
MOST_FOUND = 2000
FIND_JOB = "review-tagged"


def concerns_tags(change: DeskChange) -> bool:
    """Whether a change asks to show tags anew."""
    if isinstance(change, DecisionsChanged):
        touched = change.changed.touched
        return not touched or any(entity == TAGS.name for entity, _ in touched)
    return isinstance(change, WorkspaceOpened | WorkspaceClosed | HoldingChanged)


def concerns_selection(change: DeskChange) -> bool:
    """Whether a change asks to show anew what the selection carries."""
    return concerns_tags(change) or isinstance(change, SubjectChanged | IssueChosen)


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag that holds for what is selected, and what carries it."""

    tag: str
    target: Target

    @property
    def carrier(self) -> str:
        """What carries it, e.g. ``frame``."""
        return str(self.target.kind)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Something that carries tags, in words."""

    target: Target
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What passes a filter."""

    things: tuple[Tagged, ...]
    """At most `MOST_FOUND`."""
    total: int


class TagWork:
    """The tags of the open workspace. Made by the desk."""

    def __init__(self, board: ReviewBoard, judging: Judging, issues: IssueWork) -> None:
        self._board, self._judging, self._issues = board, judging, issues
        self._session = board.session

    # -- on the selection --------------------------------------------------------------------

    def target(self, scope: str) -> Target | None:
        """What is selected, as large as a scope says; None where nothing is."""
        if scope == ItemKind.ISSUE:
            present = self._issues.current
            return None if present is None else Item(ItemKind.ISSUE, present.issue_id)
        return self._judging.subject(SubjectKind(scope))

    def scopes(self) -> tuple[str, ...]:
        """What can be tagged now, smallest first."""
        if self._board.dataset_id is None:
            return ()
        return tuple(each for each in SCOPES if self.target(each) is not None)

    def held(self) -> list[HeldTag]:
        """The tags that hold for what is selected: its own and those of what it lies in."""
        reading, scopes = self._board.reading, self.scopes()
        if reading is None or not scopes:
            return []
        found: dict[str, Target] = {}
        smallest = self.target(scopes[0])
        if isinstance(smallest, Subject):
            key = self._session.selection
            found = tags_over(reading, smallest, None if key is None else key.track_id)
        shown = self.target(ItemKind.ISSUE)
        held = [HeldTag(tag, target) for tag, target in found.items()]
        if shown is not None:
            held += [HeldTag(tag, shown) for tag in tags_of(reading, shown)]
        return held

    def put(self, tag: str, scope: str) -> bool:
        """Put a tag on what is selected."""
        target = self.target(scope)
        if target is None:
            self._session.say(f"No tag: no {scope} is selected", is_problem=True)
            return False
        reading = self._board.reading
        if reading is not None and tag.strip() in tags_of(reading, target):
            self._session.say(f"The {scope} has tag “{tag.strip()}” already")
            return True
        return self._board.run(AddTag(tag, (target,)))

    def take(self, held: HeldTag) -> bool:
        """Take a tag off what carries it."""
        return self._board.run(RemoveTag(held.tag, (held.target,)))

    # -- all of them -------------------------------------------------------------------------

    def known(self) -> dict[str, int]:
        """Every tag, with how many things carry it."""
        reading = self._board.reading
        return {} if reading is None else tag_counts(reading)

    def find(self, wanted: TagFilter, done: Callable[[Found], None]) -> None:
        """Look in the background for what passes a filter; the newest question is answered."""
        workspace = self._board.workspace
        if workspace is None or wanted.is_empty:
            self._session.jobs.cancel(FIND_JOB)
            done(Found((), 0))
            return
        self._session.jobs.start(
            FIND_JOB,
            lambda _context: find_tagged(workspace, wanted),
            done=done,
            failed=lambda error: self._session.say(str(error), is_problem=True),
            priority=5,
        )

    def rename(self, tag: str, name: str) -> bool:
        """Give a tag another name wherever it is."""
        return self._board.run(RenameTag(tag, name))

    def remove(self, tag: str) -> bool:
        """Take a tag off everything; undo brings it back."""
        reading = self._board.reading
        if reading is None:
            return False
        targets: list[Target] = []
        for row in targets_of(reading, tag):
            subject = None if row["subject"] is None else reading.subject(row["subject"])
            if subject is not None:
                targets.append(subject)
            elif row["item_kind"] is not None and row["item_id"] is not None:
                targets.append(Item(ItemKind(row["item_kind"]), row["item_id"]))
        return self._board.run(RemoveTag(tag, targets))


def find_tagged(workspace: Workspace, wanted: TagFilter) -> Found:
    """Return what passes a filter: subjects by their names, then issues and slices."""
    reading, connection = workspace.another_reading()
    try:
        subjects = tagged_subjects(reading, wanted)
        found = [Tagged(each, each.text) for each in subjects[:MOST_FOUND]]
        issues = tagged_items(reading, wanted, ItemKind.ISSUE)
        slices = tagged_items(reading, wanted, ItemKind.SLICE)
        for issue_id in issues[:MOST_FOUND]:
            named = issue(reading, issue_id)
            title = issue_id if named is None else named.title
            found.append(Tagged(Item(ItemKind.ISSUE, issue_id), f"issue “{title}”"))
        for slice_id in slices[:MOST_FOUND]:
            kept = slice_by_id(reading, slice_id)
            name = slice_id if kept is None else kept.name
            found.append(Tagged(Item(ItemKind.SLICE, slice_id), f"slice “{name}”"))
        total = len(subjects) + len(issues) + len(slices)
        return Found(tuple(found[:MOST_FOUND]), total)
    finally:
        connection.close()
