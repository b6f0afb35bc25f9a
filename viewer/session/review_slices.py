"""Slices at the desk: making them from what is looked at, combining, changing, handing them out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from viewer.formats.growth import whole
from viewer.progress import JobContext
from viewer.review import (
    Batch,
    Command,
    CommandRefused,
    Reading,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceError,
    new_id,
)
from viewer.review.commands.slices import (
    AddToSlice,
    CombineSlices,
    CreateSlice,
    DeleteSlice,
    RemoveFromSlice,
    RenameSlice,
    SampleSlice,
)
from viewer.review.queues.build import class_of, sampled_in_proportion
from viewer.review.queues.labels import LabelFilter, labels_through
from viewer.review.queues.plan import QueuePlan
from viewer.review.slices.algebra import Operation
from viewer.review.slices.entities import SLICE_MEMBERS, SLICES
from viewer.review.slices.members import Members
from viewer.review.slices.provenance import by_hand, by_query, by_sample
from viewer.review.slices.reading import Slice, is_member, member_rows, slice_by_id, slices
from viewer.review.subject_rows import SubjectRow, subject_row
from viewer.scene.scene import Dataset
from viewer.session.review_board import ReviewBoard
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    SlicesChosen,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_judging import Judging
from viewer.session.review_large import Made, make_and_write, write
from viewer.session.review_slice_query import SliceQuery, find_by_query, find_shown
from viewer.session.review_subjects import short_text

MAKE_JOB, MEMBERS_JOB = "review-slice", "review-slice-members"
MOST_IN_ORDER = 20_000
"""Of larger slices some members are listed, not the first ones."""
MOST_LISTED = 2000


def concerns_slices(change: DeskChange) -> bool:
    """Whether a change asks to show slices anew."""
    if isinstance(change, DecisionsChanged):
        names = (SLICES.name, SLICE_MEMBERS.name)
        touched = change.changed.touched
        return not touched or any(entity in names for entity, _ in touched)
    return isinstance(change, WorkspaceOpened | WorkspaceClosed | HoldingChanged)


class Extent(StrEnum):
    """How much of the dataset is asked."""

    FRAME = "frame"
    SCENE = "scene"
    DATASET = "dataset"


class Strata(StrEnum):
    """What keeps its share in a sample."""

    NONE = ""
    CLASS = "class"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class ListedMembers:
    """Members of a slice as they are listed."""

    slice_id: str
    rows: tuple[SubjectRow, ...]
    total: int


class SliceWork:
    """The slices of the open workspace. Made by the desk."""

    def __init__(self, board: ReviewBoard, judging: Judging) -> None:
        self._board, self._judging = board, judging
        self._session = board.session
        self._chosen: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the slices that commands act on, the first one first."""
        return self._chosen

    @chosen.setter
    def chosen(self, slice_ids: tuple[str, ...]) -> None:
        if slice_ids != self._chosen:
            self._chosen = slice_ids
            self._board.emit(SlicesChosen())

    # -- what there is -----------------------------------------------------------------------

    def all(self) -> list[Slice]:
        """All slices by name."""
        reading = self._board.reading
        return [] if reading is None else slices(reading)

    @property
    def current(self) -> Slice | None:
        """The slice that was chosen first."""
        reading = self._board.reading
        return slice_by_id(reading, self.chosen[0]) if reading and self.chosen else None

    def selected(self, kind: SubjectKind) -> Subject | None:
        """What is looked at, as a member of a slice of a kind."""
        return self._judging.subject(kind)

    @property
    def has_selection(self) -> bool:
        """Whether what is looked at is a member of the chosen slice."""
        current = self.current
        return current is not None and self.holds(current.slice_id, self.selected(current.kind))

    def holds(self, slice_id: str, subject: Subject | None) -> bool:
        """Whether something is a member of a slice."""
        reading = self._board.reading
        return reading is not None and subject is not None and is_member(reading, slice_id, subject)

    def list_members(self, slice_id: str, done: Callable[[ListedMembers], None]) -> None:
        """Read members in the background, in the order of their names."""
        workspace = self._board.workspace
        if workspace is None:
            return
        self._session.jobs.start(
            MEMBERS_JOB,
            lambda _context: listed_members(workspace, slice_id),
            done=done,
            failed=self._fail,
            priority=5,
        )

    # -- making ------------------------------------------------------------------------------

    def make_of_selection(self, name: str, kind: SubjectKind) -> bool:
        """Make a slice of what is selected."""
        subject = self.selected(kind)
        if subject is None:
            return self._refuse(f"no {kind} is selected")
        members = Members.of([subject])
        return self._made(CreateSlice(new_id(), name, members, by_hand()))

    def make_of_query(self, name: str, query: SliceQuery) -> None:
        """Make a slice of what a query finds, in the background."""

        def make(context: JobContext, dataset: Dataset, own: str, file: Workspace) -> CreateSlice:
            items = find_by_query(context, query, dataset, own, file)
            members = Members.of_rows(item.row for item in items)
            return CreateSlice(new_id(), name, members, by_query(query.text))

        self._make(make)

    def make_of_shown(self, name: str, kind: SubjectKind, extent: Extent) -> None:
        """Make a slice of what the view's filters leave, in the background."""
        session, scene = self._session, self._session.scene
        if scene is None:
            self._refuse("no scene is open")
            return
        filters = replace(session.view.filters)
        frame = scene.frames[max(session.frame_index, 0)].key if scene.frames else None
        where = {Extent.DATASET: "the dataset", Extent.SCENE: scene.scene_id,
                 Extent.FRAME: f"{scene.scene_id} {frame}"}[extent]  # fmt: skip

        def make(context: JobContext, dataset: Dataset, own: str, file: Workspace) -> CreateSlice:
            asked = dataset.scenes if extent is Extent.DATASET else (scene,)
            only = frame if extent is Extent.FRAME else None
            items = find_shown(context, filters, kind, asked, dataset, own, file, only)
            members = Members.of_rows(item.row for item in items)
            how = by_query(f"{kind}s of {where} that the filters showed")
            return CreateSlice(new_id(), name, members, how)

        self._make(make)

    def make_of_sample(self, name: str, count: int, seed: int, strata: Strata) -> None:
        """Make a slice of members of the chosen one, drawn by chance."""
        present = self.current
        if present is None:
            self._refuse("choose the slice to draw from")
            return
        if strata is not Strata.CLASS:
            by_scene = strata is Strata.SCENE
            drawn = SampleSlice(new_id(), name, present.slice_id, count, seed, by_scene)
            self._write(drawn, present.count)
            return

        def make(context: JobContext, dataset: Dataset, own: str, file: Workspace) -> CreateSlice:
            return sample_by_class(context, present, (name, count, seed), dataset, own, file)

        self._make(make)

    def combine(self, operation: Operation) -> bool:
        """Make the union, intersection or difference of the chosen slices."""
        found = [each for each in self.all() if each.slice_id in self.chosen]
        found.sort(key=lambda each: self.chosen.index(each.slice_id))
        if len(found) < 2:
            return self._refuse("choose two slices to combine")
        joiner = {"union": " ∪ ", "intersection": " ∩ ", "difference": " − "}[operation]
        taken = {each.name for each in self.all()}
        name = _free_name(joiner.join(each.name for each in found), taken)
        ids = tuple(each.slice_id for each in found)
        command = CombineSlices(new_id(), name, operation, ids)
        self._write(command, sum(each.count for each in found))
        return True

    def _make(self, make: Callable[[JobContext, Dataset, str, Workspace], CreateSlice]) -> None:
        board, session = self._board, self._session
        dataset, workspace, dataset_id = session.dataset, board.workspace, board.dataset_id
        reason = board.read_only_reason
        if reason is not None or dataset is None or workspace is None or dataset_id is None:
            self._refuse(reason or "no dataset is open")
            return

        def work(context: JobContext) -> Made[tuple[str, str]]:
            command = make(context, whole(dataset), dataset_id, workspace)
            told = (command.slice_id, command.name)
            return Made(command, len(command.members), told)

        make_and_write(
            board, MAKE_JOB, work, lambda told: self._tell(*told), self._fail, "Making a slice"
        )

    def _made(self, command: CreateSlice) -> bool:
        return self._write(command, len(command.members))

    def _write(self, command: CreateSlice | CombineSlices | SampleSlice, size: int) -> bool:
        made: list[bool] = []

        def tell() -> None:
            made.append(True)
            self._tell(command.slice_id, command.name)

        write(self._board, command, size, tell, f"Writing slice “{command.name}”")
        return bool(made)

    def _tell(self, slice_id: str, name: str) -> None:
        """Choose a slice that was made, and say so."""
        self.chosen = (slice_id,)
        found = self.current
        count = 0 if found is None else found.count
        self._session.say(f"Slice “{name.strip()}”: {count:,} {_plural(found)}")

    # -- changing ----------------------------------------------------------------------------

    def add_selection(self) -> bool:
        """Put what is selected into the chosen slice."""
        present = self.current
        subject = None if present is None else self.selected(present.kind)
        if present is None:
            return self._refuse("choose a slice first")
        if subject is None:
            return self._refuse(f"no {present.kind} is selected")
        if self.has_selection:
            self._session.say(f"“{present.name}” has {short_text(subject)} already")
            return False
        return self._run(
            AddToSlice(present.slice_id, Members.of([subject]), present.name),
            f"{short_text(subject)} is in “{present.name}” now",
        )

    def remove_selection(self) -> bool:
        """Take what is selected out of the chosen slice."""
        present = self.current
        subject = None if present is None else self.selected(present.kind)
        if present is None or subject is None or not self.has_selection:
            return self._refuse("the chosen slice does not have what is selected")
        return self.remove_members((subject_row(subject),))

    def remove_members(self, rows: tuple[SubjectRow, ...]) -> bool:
        """Take members out of the chosen slice."""
        present = self.current
        if present is None or not rows:
            return False
        keys = tuple(row.key for row in rows)
        what = short_text(rows[0].subject) if len(rows) == 1 else f"{len(rows):,} members"
        return self._run(
            RemoveFromSlice(present.slice_id, keys, present.name),
            f"{what} is no longer in “{present.name}”",
        )

    def rename(self, slice_id: str, name: str) -> bool:
        """Give a slice another name."""
        return self._run(RenameSlice(slice_id, name), "")

    def delete(self) -> bool:
        """Delete the chosen slices in one step; undo brings them back."""
        found = [each for each in self.all() if each.slice_id in self.chosen]
        if not found:
            return False
        commands = [DeleteSlice(each.slice_id, each.name) for each in found]
        what = f"slice “{found[0].name}”" if len(found) == 1 else f"{len(found)} slices"
        command = commands[0] if len(found) == 1 else Batch(f"Delete {what}", commands)
        made: list[bool] = []

        def tell() -> None:
            made.append(True)
            self._session.say(f"{what[:1].upper()}{what[1:]} deleted")

        write(self._board, command, sum(e.count for e in found), tell, f"Deleting {what}")
        return bool(made)

    def _run(self, command: Command, said: str) -> bool:
        done = self._board.run(command)
        if done and said:
            self._session.say(said[:1].upper() + said[1:])
        return done

    def _refuse(self, reason: str) -> bool:
        self._session.say(f"No slice: {reason}", is_problem=True)
        return False

    def _fail(self, error: Exception) -> None:
        self._session.say(f"No slice: {error}", is_problem=True)


def listed_members(workspace: Workspace, slice_id: str) -> ListedMembers:
    """Return members in the order of their names; of very large slices some."""
    reading, connection = workspace.another_reading()
    try:
        found = slice_by_id(reading, slice_id)
        if found is None:
            raise WorkspaceError("this slice is gone")
        if found.count <= MOST_IN_ORDER:
            rows = tuple(islice(member_rows(reading, slice_id), MOST_LISTED))
        else:
            rows = _some_members(reading, slice_id)
        return ListedMembers(slice_id, rows, found.count)
    finally:
        connection.close()


def _some_members(reading: Reading, slice_id: str) -> tuple[SubjectRow, ...]:
    found = reading.query(
        "SELECT s.key, s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        " s.track_id FROM (SELECT members FROM slice_members WHERE slice_id = ? LIMIT 4) m,"
        " json_each(m.members) j JOIN subjects s ON s.key = j.value",
        (slice_id,),
    )
    rows = sorted(
        (SubjectRow(*row) for row in found), key=lambda row: [each or "" for each in row[2:]]
    )
    return tuple(rows[:MOST_LISTED])


def sample_by_class(
    context: JobContext,
    of: Slice,
    drawn: tuple[str, int, int],
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
) -> CreateSlice:
    """Return the command that draws labels so that each class keeps its share.

    Parameters
    ----------
    drawn
        Name of the new slice, how many, seed.

    Raises
    ------
    CommandRefused
        When the slice holds no labels.
    """
    name, count, seed = drawn
    if of.kind is not SubjectKind.LABEL:
        raise CommandRefused(f"only labels have a class: “{of.name}” holds {of.kind}s")
    reading, connection = workspace.another_reading()
    try:
        plan = QueuePlan.of(member_rows(reading, of.slice_id))
    finally:
        connection.close()
    scenes = {row.scene_id for row in plan.rows}
    sets = {row.label_set_id for row in plan.rows if row.label_set_id is not None}
    part = replace(dataset, scenes=tuple(s for s in dataset.scenes if s.scene_id in scenes))
    for label_set_id in sorted(sets):
        labels = labels_through(context, part, dataset_id, label_set_id, LabelFilter())
        known = {item.key: item for item in labels.plan.items}
        told = [
            each._replace(class_name=known[each.key].class_name) if each.key in known else each
            for each in plan.items
        ]
        plan = QueuePlan(tuple(told), plan.how)
    found = sampled_in_proportion(plan, count, seed, class_of, "class")
    how = by_sample(of.name, len(found), seed, "class")
    return CreateSlice(new_id(), name, Members.of_rows(found.rows), how, of.slice_id)


def _free_name(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(each for each in names if each not in taken)


def _plural(found: Slice | None) -> str:
    return "members" if found is None else f"{found.kind}{'' if found.count == 1 else 's'}"
