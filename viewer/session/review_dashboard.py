"""The figures of a review: what was judged, by whom, why, when; read off the owner's thread."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.review import Reading, Workspace
from viewer.review.datasets.entities import DATASETS
from viewer.review.edits.reading import count_edits
from viewer.review.issues.model import OPEN_STATES, IssueState
from viewer.review.issues.reading import count_issues
from viewer.review.marks.reading import count_marks
from viewer.review.queues.model import QueueProgress
from viewer.review.queues.reading import queue_progress, queues
from viewer.review.tasks.reading import task_progress, tasks
from viewer.review.verdicts.counts import (
    CountBy,
    VerdictCount,
    VerdictsInTime,
    count_verdicts,
    verdicts_in_time,
)
from viewer.review.verdicts.model import VerdictState

MINUTE_NS = 60_000_000_000
HOUR_NS, DAY_NS = 60 * MINUTE_NS, 1440 * MINUTE_NS
STEPS_NS = (
    MINUTE_NS, 5 * MINUTE_NS, 15 * MINUTE_NS, HOUR_NS, 6 * HOUR_NS, DAY_NS, 7 * DAY_NS, 28 * DAY_NS,
)  # fmt: skip
MOST_STEPS = 60
MOST_BARS = 12
MOST_QUEUES = 50


@dataclass(frozen=True, slots=True)
class StateBar:
    """How many verdicts of each state there are under one name."""

    name: str
    counts: Mapping[VerdictState, int]

    @property
    def total(self) -> int:
        """Verdicts of all states."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class WorkFact:
    """How far a queue or a task is."""

    name: str
    done: int
    total: int
    seconds_left: float | None
    note: str
    """E.g. whose it is and when it is due; empty for nothing."""
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class TimeBar:
    """Verdicts given in one step of time."""

    start_ns: int
    counts: Mapping[VerdictState, int]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the dashboard shows; of one dataset, where the workspace has several."""

    states: Mapping[VerdictState, int]
    """Of each subject its newest verdict."""
    open_issues: int
    issues: int
    marks: int
    changed_labels: int
    queues: tuple[WorkFact, ...]
    tasks: tuple[WorkFact, ...]
    by_class: tuple[StateBar, ...]
    by_reviewer: tuple[StateBar, ...]
    reasons: tuple[tuple[str, int], ...]
    """Most frequent first."""
    step_ns: int
    in_time: tuple[TimeBar, ...]
    """Every verdict that stands, oldest first; steps of no verdict are absent."""

    @property
    def judged(self) -> int:
        """Subjects that have a verdict."""
        return sum(self.states.values())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return not (
            self.judged or self.issues or self.marks or self.changed_labels or self.queues
            or self.tasks
        )  # fmt: skip


def read_dashboard(workspace: Workspace, dataset_id: str | None, today: dt.date) -> Dashboard:
    """Read the figures through a connection of its own. About a second for a million verdicts.

    Issues and queues are those of the whole workspace.
    """
    reading, connection = workspace.another_reading()
    try:
        return dashboard(reading, dataset_id, today)
    finally:
        connection.close()


def dashboard(reading: Reading, dataset_id: str | None, today: dt.date) -> Dashboard:
    """Read the figures on the reading's thread."""
    states = {
        VerdictState(each.values[0]): each.count
        for each in count_verdicts(reading, dataset_id=dataset_id)
    }
    by_class = count_verdicts(reading, CountBy.CLASS, CountBy.STATE, dataset_id=dataset_id)
    by_reviewer = count_verdicts(
        reading, CountBy.REVIEWER, CountBy.STATE, every_reviewer=True, dataset_id=dataset_id
    )
    reasons = count_verdicts(reading, CountBy.REASON, dataset_id=dataset_id)
    issues = count_issues(reading)
    step_ns, in_time = _in_time(reading, dataset_id)
    return Dashboard(
        states=states,
        open_issues=sum(issues.get(state, 0) for state in OPEN_STATES),
        issues=sum(issues.get(state, 0) for state in IssueState),
        marks=sum(count_marks(reading, dataset_id).values()),
        changed_labels=count_edits(reading, dataset_id)["labels"],
        queues=tuple(_queues(reading)),
        tasks=tuple(_tasks(reading, today)),
        by_class=state_bars(by_class, "(no class)"),
        by_reviewer=state_bars(by_reviewer, "(nobody)"),
        reasons=tuple((each.values[0], each.count) for each in reasons[:MOST_BARS]),
        step_ns=step_ns,
        in_time=in_time,
    )


def state_bars(counts: Sequence[VerdictCount], unnamed: str) -> tuple[StateBar, ...]:
    """Return one bar a name, longest first; what is too much for a chart is summed up."""
    told: dict[str, dict[VerdictState, int]] = {}
    for each in counts:
        name, state = each.values
        told.setdefault(name or unnamed, {})[VerdictState(state)] = each.count
    ranked = sorted(told.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    shown = ranked if len(ranked) <= MOST_BARS else ranked[: MOST_BARS - 1]
    rest: dict[VerdictState, int] = {}
    for _, by_state in ranked[len(shown) :]:
        for state, count in by_state.items():
            rest[state] = rest.get(state, 0) + count
    bars = [StateBar(name, by_state) for name, by_state in shown]
    if rest:
        bars.append(StateBar(f"{len(ranked) - len(shown):,} more", rest))
    return tuple(bars)


def step_for(span_ns: int) -> int:
    """Return the shortest step of time that divides a span into few enough bars.

    Examples
    --------
    >>> step_for(30 * MINUTE_NS) // MINUTE_NS, step_for(5 * DAY_NS) // HOUR_NS
    (1, 6)
    """
    return next((step for step in STEPS_NS if span_ns // step < MOST_STEPS), STEPS_NS[-1])


def _in_time(reading: Reading, dataset_id: str | None) -> tuple[int, tuple[TimeBar, ...]]:
    first_ns, last_ns = reading.query("SELECT min(time_ns), max(time_ns) FROM verdicts")[0]
    if first_ns is None:
        return STEPS_NS[0], ()
    step_ns = step_for(last_ns - first_ns)
    of_dataset = dataset_id if len(reading.rows(DATASETS)) > 1 else None
    found = _of_dataset(reading, step_ns, of_dataset) if of_dataset else verdicts_in_time(
        reading, step_ns
    )  # fmt: skip
    bars: dict[int, dict[VerdictState, int]] = {}
    for each in found:
        counts = bars.setdefault(each.start_ns, {})
        counts[each.state] = counts.get(each.state, 0) + each.count
    return step_ns, tuple(TimeBar(start, counts) for start, counts in sorted(bars.items()))


def _of_dataset(reading: Reading, step_ns: int, dataset_id: str) -> list[VerdictsInTime]:
    found = reading.query(
        "SELECT v.time_ns / ? * ? AS start, v.reviewer, v.state, count(*) FROM verdicts v"
        " JOIN subjects s ON s.key = v.subject WHERE s.dataset_id = ?"
        " GROUP BY start, v.reviewer, v.state ORDER BY start, v.reviewer, v.state",
        (step_ns, step_ns, dataset_id),
    )
    return [
        VerdictsInTime(start, reviewer, VerdictState(state), count)
        for start, reviewer, state, count in found
    ]


def _queues(reading: Reading) -> list[WorkFact]:
    """Queues that are not a task's."""
    of_tasks = {task.queue_id for task in tasks(reading)}
    return [
        _work_fact(queue.name, queue_progress(reading, queue.queue_id))
        for queue in queues(reading)[:MOST_QUEUES]
        if queue.queue_id not in of_tasks
    ]


def _tasks(reading: Reading, today: dt.date) -> list[WorkFact]:
    facts = []
    for task in tasks(reading)[:MOST_QUEUES]:
        progress = task_progress(reading, task)
        due = "" if task.due is None else f"due {task.due.isoformat()}"
        said = (f"{count:,} {status}" for status, count in progress.statuses.items() if count)
        notes = (task.owner, due, *said)
        is_overdue = progress.queue.left > 0 and progress.is_overdue(task.due, today)
        facts.append(_work_fact(task.name, progress.queue, notes, is_overdue=is_overdue))
    return facts


def _work_fact(
    name: str, progress: QueueProgress, notes: Sequence[str] = (), *, is_overdue: bool = False
) -> WorkFact:
    pace = progress.median_seconds
    told = (*notes, "" if pace is None else f"median {pace:.1f} s each")
    left = progress.seconds_left if progress.left else None
    note = ", ".join(each for each in told if each)
    return WorkFact(name, progress.done, progress.total, left, note, is_overdue)
