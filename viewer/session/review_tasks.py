"""Tasks at the desk: making them, working them off, and what keeps an item from being complete."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.progress import JobContext
from viewer.review import CommandRefused, Subject, SubjectKind, new_id
from viewer.review.commands.queues import ShareQueue
from viewer.review.commands.tasks import ChangeTask, ClearItemStatus, CreateTask, SetItemStatus
from viewer.review.queues.model import DEFAULT_BATCH_SIZE, QueueBatch
from viewer.review.queues.reading import batches, item_of
from viewer.review.queues.split import Share
from viewer.review.tasks.entities import TASK_ITEMS, TASKS
from viewer.review.tasks.model import (
    STATUSES,
    ItemStatus,
    MandatoryAttribute,
    StatusLogEntry,
    Task,
    TaskKind,
    TaskPriority,
    TaskProgress,
)
from viewer.review.tasks.reading import (
    item_status,
    plan_of_status,
    status_log,
    task_by_id,
    task_of_queue,
    task_progress,
    tasks,
)
from viewer.session.review_board import ReviewBoard
from viewer.session.review_builder import QueueRequest, build_plan
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    QueueChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_judging import Judging
from viewer.session.review_large import Made, make_and_write, write
from viewer.session.review_task_check import Blocking, CheckedItem, check_item
from viewer.session.review_walk import QueueWalk

MAKE_JOB, CHECK_JOB = "review-task", "review-task-item"
MOST_LOGGED = 500
_TOUCHING = frozenset({TASKS.name, TASK_ITEMS.name, "queue_done", "queue_batches"})


def concerns_tasks(change: DeskChange) -> bool:
    """Whether a change asks to show tasks anew."""
    if isinstance(change, DecisionsChanged):
        touched = change.changed.touched
        return not touched or any(entity in _TOUCHING for entity, _ in touched)
    told = QueueChanged | WorkspaceOpened | WorkspaceClosed | HoldingChanged
    return isinstance(change, told)


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """What a new task shall be."""

    name: str
    kind: TaskKind
    items: QueueRequest | None
    """None for what was completed in the task above it."""
    parent_id: str | None = None
    due: dt.date | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    shares: tuple[Share, ...] = ()
    mandatory: tuple[MandatoryAttribute, ...] = ()
    instructions: str = ""
    batch_size: int = DEFAULT_BATCH_SIZE


class TaskWork:
    """The tasks of the open workspace. Made by the desk."""

    def __init__(self, board: ReviewBoard, judging: Judging, walk: QueueWalk) -> None:
        self._board, self._judging, self._walk = board, judging, walk
        self._session = board.session
        self.current_id: str | None = None
        """Task on which commands act."""
        self.blocking: tuple[Blocking, ...] = ()
        """Labels that kept the last item from being complete."""
        board.subscribe(self._on_change)

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self.current_id, self.blocking = None, ()

    # -- what there is -----------------------------------------------------------------------

    def all(self, *, archived: bool = False) -> list[Task]:
        """The tasks: the due ones first, then by priority and age."""
        reading = self._board.reading
        return [] if reading is None else tasks(reading, archived=archived)

    @property
    def current(self) -> Task | None:
        """The chosen task; the one that is worked off while none is chosen."""
        reading = self._board.reading
        if reading is None:
            return None
        if self.current_id is not None:
            return task_by_id(reading, self.current_id)
        return self.worked

    @property
    def worked(self) -> Task | None:
        """The task whose queue is walked."""
        reading, queue_id = self._board.reading, self._walk.queue_id
        return None if reading is None or queue_id is None else task_of_queue(reading, queue_id)

    def progress(self, task: Task) -> TaskProgress | None:
        """How far a task is."""
        reading = self._board.reading
        return None if reading is None else task_progress(reading, task)

    def assignees(self, task: Task) -> Mapping[str | None, int]:
        """Number of items of each reviewer; under None those that are anyone's."""
        reading = self._board.reading
        found: dict[str | None, int] = {}
        parts: Sequence[QueueBatch] = [] if reading is None else batches(reading, task.queue_id)
        for each in parts:
            found[each.assignee] = found.get(each.assignee, 0) + each.size
        return found

    def log(self, task: Task) -> list[StatusLogEntry]:
        """Who gave which status when, newest first."""
        reading = self._board.reading
        found = [] if reading is None else status_log(reading, task.task_id, last=MOST_LOGGED)
        return found[::-1]

    def subject(self, subject_key: str) -> Subject | None:
        """What a line of the log is about."""
        reading = self._board.reading
        return None if reading is None else reading.subject(subject_key)

    def item(self) -> Subject | None:
        """The item of the worked task that is in view: the present one, or what is selected."""
        reading, task = self._board.reading, self.worked
        if reading is None or task is None:
            return None
        candidates = [self._walk.item, *(self._judging.subject(kind) for kind in SubjectKind
                                         if kind is not SubjectKind.DATASET)]  # fmt: skip
        for each in candidates:
            if each is not None and item_of(reading, task.queue_id, each.key) is not None:
                return each
        return None

    def status(self, item: Subject) -> ItemStatus | None:
        """What an item of the worked task has become."""
        reading, task = self._board.reading, self.worked
        return None if reading is None or task is None else item_status(
            reading, task.task_id, item
        )  # fmt: skip

    # -- making and changing -----------------------------------------------------------------

    def make(self, request: TaskRequest) -> None:
        """Make a task in the background; it is chosen once it is there."""
        board, session = self._board, self._session
        dataset, workspace, dataset_id = session.dataset, board.workspace, board.dataset_id
        reason = board.read_only_reason
        if reason is not None or dataset is None or workspace is None or dataset_id is None:
            session.say(f"No task: {reason or 'no dataset is open'}", is_problem=True)
            return

        def work(context: JobContext) -> Made[str]:
            if request.items is not None:
                plan = build_plan(context, request.items, dataset, dataset_id, workspace)
            else:
                reading, connection = workspace.another_reading()
                try:
                    above = task_by_id(reading, request.parent_id or "")
                    if above is None:
                        raise CommandRefused("the task above it is gone")
                    plan = plan_of_status(reading, above)
                finally:
                    connection.close()
            if not len(plan):
                raise CommandRefused("there are no items for it")
            command = CreateTask.of(
                new_id(), new_id(), request.name, request.kind, plan,
                shares=request.shares, batch_size=request.batch_size,
                parent_id=request.parent_id, due=request.due, priority=request.priority,
                instructions=request.instructions, mandatory=request.mandatory,
            )  # fmt: skip
            return Made(command, len(plan), command.task_id, (list(plan.items),))

        def tell(task_id: str) -> None:
            self.current_id = task_id
            found = self.current
            progress = None if found is None else self.progress(found)
            count = 0 if progress is None else progress.queue.total
            session.say(f"Task “{request.name}”: {count:,} items")

        make_and_write(
            board, MAKE_JOB, work, tell,
            lambda error: session.say(f"No task: {error}", is_problem=True),
            f"Making task “{request.name}”",
        )  # fmt: skip

    def change(self, task: Task, **values: Any) -> bool:  # noqa: ANN401 - fields of ChangeTask
        """Give fields of a task other values."""
        return self._board.run(ChangeTask(task.task_id, **values))

    def share(self, task: Task, shares: Sequence[Share]) -> bool:
        """Give the batches that are not done to reviewers; many are given in the background."""
        progress = self.progress(task)
        size = 0 if progress is None else progress.queue.total
        made: list[bool] = []
        write(
            self._board, ShareQueue(task.queue_id, tuple(shares)), size,
            lambda: made.append(True), f"Sharing task “{task.name}”",
        )  # fmt: skip
        workspace = self._board.workspace
        return bool(made) or (workspace is not None and workspace.is_lent)

    def put_away(self, task: Task) -> bool:
        """Take a task off the list; undo brings it back."""
        done = self._board.run(ChangeTask(task.task_id, is_archived=True))
        if done:
            self._session.say(f"Task “{task.name}” is put away")
        return done

    # -- working -----------------------------------------------------------------------------

    def work(self, task: Task) -> None:
        """Walk the items of a task."""
        self.current_id, self.blocking = task.task_id, ()
        self._walk.choose(task.queue_id)

    def say_done(self) -> None:
        """The item is completed, or approved; where labels lack something, that is said instead."""
        task = self.worked
        self.set_status(ItemStatus.COMPLETED if task is None else STATUSES[task.kind][0])

    def discard(self) -> None:
        """The item is not to be used."""
        self.set_status(ItemStatus.DISCARDED)

    def set_status(self, status: ItemStatus) -> None:
        """Say what became of the item in view, and go on to the next one."""
        board, session = self._board, self._session
        task, item = self.worked, self.item()
        if board.read_only_reason is not None:
            session.say(f"No status: {board.read_only_reason}", is_problem=True)
            return
        if task is None or item is None:
            why = "work off a task first" if task is None else "this is no item of the task"
            session.say(f"No status: {why}", is_problem=True)
            return
        if status is ItemStatus.DISCARDED or not task.mandatory:
            self._keep(task, item, status, None)
            return
        dataset, workspace, dataset_id = session.dataset, board.workspace, board.dataset_id
        if dataset is None or workspace is None or dataset_id is None:
            return
        session.jobs.start(
            CHECK_JOB,
            lambda context: check_item(
                context, dataset, dataset_id, workspace, item, task.mandatory
            ),
            done=lambda checked: self._keep(task, item, status, checked),
            failed=lambda error: session.say(f"No status: {error}", is_problem=True),
            title="Looking for what is missing",
            priority=4,
        )

    def _keep(
        self, task: Task, item: Subject, status: ItemStatus, checked: CheckedItem | None
    ) -> None:
        self.blocking = () if checked is None else checked.blocking
        if checked is not None and checked.blocking:
            self._session.say(checked.sentence, is_problem=True)
            self._board.emit(QueueChanged())
            return
        is_present = self._walk.item is not None and self._walk.item.key == item.key
        seconds = self._walk.seconds_spent if is_present else None
        labels = None if checked is None else checked.labels
        command = SetItemStatus(task.task_id, item.key, status, seconds, labels)
        if self._board.run(command) and is_present:
            self._walk.next()

    def clear(self) -> None:
        """Take the item's status away; it is open again."""
        task, item = self.worked, self.item()
        if task is not None and item is not None and self.status(item) is not None:
            self._board.run(ClearItemStatus(task.task_id, item.key))

    def show_blocking(self, place: int = 0) -> bool:
        """Bring a label that lacks something into view."""
        if not 0 <= place < len(self.blocking):
            return False
        return self._walk.show(self.blocking[place].subject)


def shares_from(text: str) -> tuple[Share, ...]:
    """Return who shares the work, as it is typed: ``ann, bob`` or ``ann 60, bob 40``.

    Raises
    ------
    ValueError
        When a percentage is none.

    Examples
    --------
    >>> shares_from("ann 60, bob 40")
    (Share(reviewer='ann', percent=60.0), Share(reviewer='bob', percent=40.0))
    """
    found = []
    for part in (each.strip() for each in text.split(",")):
        if not part:
            continue
        name, _, last = part.rpartition(" ")
        number = last.removesuffix("%")
        if name and number.replace(".", "", 1).isdigit():
            found.append(Share(name.strip(), float(number)))
        else:
            found.append(Share(part))
    return tuple(found)


def mandatory_from(text: str) -> tuple[MandatoryAttribute, ...]:
    """Return what labels must have, as it is typed: ``colour; occlusion of car or truck``.

    Examples
    --------
    >>> [each.name for each in mandatory_from("colour; occlusion of car or truck")]
    ['colour', 'occlusion']
    """
    found = []
    for part in (each.strip() for each in text.split(";")):
        name, _, classes = part.partition(" of ")
        if name.strip():
            named = (each.strip() for each in classes.replace(",", " or ").split(" or "))
            found.append(MandatoryAttribute(name.strip(), frozenset(n for n in named if n)))
    return tuple(found)


def mandatory_text(rules: Sequence[MandatoryAttribute]) -> str:
    """Return what `mandatory_from` reads."""
    parts = (
        f"{each.name} of {' or '.join(sorted(each.classes))}" if each.classes else each.name
        for each in rules
    )
    return "; ".join(parts)
