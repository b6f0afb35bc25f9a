"""Verdicts in a large workspace: opening it, judging, next in the queue, counts, a frame's badges.

A million verdicts take ten minutes to write down: `run(count)` measures fewer.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from itertools import count as counting
from pathlib import Path

from timed_rows import median_row

from viewer.review import Batch, LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.queues.reading import next_item, previous_item, queue_progress
from viewer.review.verdicts.counts import CountBy, count_verdicts, verdicts_in_time
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts, verdicts_in_frame

VERDICTS = 1_000_000
LEFT = 1000
"""Items of the queue that nobody judged yet."""
LABELS_A_FRAME = 100
FRAMES_A_SCENE = 200
A_STEP = 10_000
REPEATS = 99
DATASET, QUEUE = "d" * 32, "5" * 32
MINUTE_NS = 60_000_000_000
SNAPSHOTS = [
    LabelSnapshot("cuboid", name, (float(place), 0.0, 0.0, 4.0, 2.0, 2.0, 1.0, 0.0, 0.0, 0.0))
    for place in range(50)
    for name in ("car", "pedestrian", "cyclist", "bus")
]


def run(count: int = VERDICTS) -> list[dict[str, object]]:
    """Fill a workspace and measure; one row a question, the median in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.sightline"
        _fill(path, count)
        opening = median_row(
            f"open a workspace of {count:,} verdicts", lambda: _open(path).close(), REPEATS, 1000
        )
        with _open(path) as workspace:
            return [opening, *_questions(workspace, count)]


def _open(path: Path) -> Workspace:
    return Workspace.open(path, Reviewer("ann"))


def _questions(workspace: Workspace, count: int) -> Iterator[dict[str, object]]:
    reading, places = workspace.reading, counting(count)
    last = _label(count - 1).key

    def judge() -> None:
        subject = _label(count + next(places) % LEFT)
        workspace.run(Batch("Judge", _verdict(random.Random(), subject)))

    yield median_row("a verdict in a queue, on disk", judge, REPEATS, 5)
    asked: dict[str, tuple[Callable[[], object], float]] = {
        "next in the queue": (lambda: next_item(reading, QUEUE, "ann", last), 50),
        "previous in the queue": (lambda: previous_item(reading, QUEUE, "ann", last), 50),
        "progress of the queue": (lambda: queue_progress(reading, QUEUE), 50),
        "verdicts of a frame": (
            lambda: verdicts_in_frame(reading, DATASET, "s0", "000001"), 50,
        ),
        "count by class and state": (
            lambda: count_verdicts(reading, CountBy.CLASS, CountBy.STATE), 50,
        ),
        "count by reason": (lambda: count_verdicts(reading, CountBy.REASON), 50),
        "count by minute and reviewer": (lambda: verdicts_in_time(reading, MINUTE_NS), 1000),
        "list the 100 newest rejected": (
            lambda: all_verdicts(reading, state=VerdictState.REJECTED, limit=100), 50,
        ),
    }  # fmt: skip
    for name, (ask, target_ms) in asked.items():
        yield median_row(name, ask, REPEATS, target_ms)


def _fill(path: Path, count: int) -> None:
    draw = random.Random(4)
    with Workspace.create(path, Reviewer("ann")) as workspace:
        labels = [_label(number) for number in range(count + LEFT)]
        workspace.run(CreateQueue(QUEUE, "all", labels))
        for start in range(0, count, A_STEP):
            part = labels[start : min(start + A_STEP, count)]
            made = [command for subject in part for command in _verdict(draw, subject)]
            workspace.run(Batch("Many", made))


def _verdict(draw: random.Random, subject: Subject) -> list[SetVerdict | FinishItem]:
    state = draw.choice(list(VerdictState))
    reasons = ("loose box",) if state is VerdictState.REJECTED else ()
    return [
        SetVerdict(subject, state, reasons, "", draw.choice(SNAPSHOTS)),
        FinishItem(QUEUE, subject.key, draw.random() * 5),
    ]


def _label(number: int) -> Subject:
    frame, place = divmod(number, LABELS_A_FRAME)
    scene, key = divmod(frame, FRAMES_A_SCENE)
    return Subject.label(DATASET, f"s{scene}", f"{key:06}", "gt", str(place))
