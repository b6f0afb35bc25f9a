"""A workspace with a million verdicts, a hundred thousand issues and a queue of a million items.

Beside it a plain table of verdicts in SQLite, one insert a transaction, as durable as ours
(WAL, synchronous FULL): what a verdict costs without journal, undo, counts and queues.
"""

import json
import os
import secrets
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.review import Workspace
    from viewer.review.lent_writer import LentWriter

VERDICTS = int(os.environ.get("SIGHTLINE_BENCH_VERDICTS", "1000000"))
ISSUES = VERDICTS // 10
BATCH = 100
REPEATS = 300
DATASET = "d" * 32
STATES = ("accepted", "rejected", "needs_fix", "skipped")


def run() -> list[dict[str, object]]:
    """Measure and return the rows."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("SIGHTLINE_BENCH_DISK")) as name:
        folder = Path(name)
        path = folder / "large.sightline"
        build(path)
        large = list(measure_large(folder))
        return [*large, *measure(path), *measure_merge(path, folder)]


def measure(path: Path) -> Iterator[dict[str, object]]:
    """Yield what one person waits for."""
    from viewer.review import Reviewer, Subject, Workspace
    from viewer.review.commands.base import Batch
    from viewer.review.commands.issues import OpenIssue
    from viewer.review.commands.queues import FinishItem
    from viewer.review.commands.verdicts import SetVerdict
    from viewer.review.ledger import new_id
    from viewer.review.queues.reading import next_item
    from viewer.review.verdicts.model import VerdictState

    ann = Reviewer("ann")

    def open_and_close() -> None:
        Workspace.open(path, ann, read_only=True).close()

    yield row("open the workspace", [timed(open_and_close) for _ in range(7)], target=1000.0)
    with Workspace.open(path, ann) as workspace:
        times = []
        for number in range(REPEATS):
            label = Subject.label(DATASET, "new", f"{number:06}", "gt", "1")
            given = SetVerdict(label, VerdictState.REJECTED, ("loose box",))
            times.append(timed(lambda given=given: workspace.run(given)))
        plain = plain_inserts(path.with_name("plain.sqlite"))
        yield row("verdict on disk", times, reference=plain, target=5.0)
        yield row("verdict on disk, 95th percentile", times, reference=plain, of=p95, target=5.0)

        ahead, last, times = [], None, []
        for _ in range(REPEATS):
            start = time.perf_counter()
            last = next_item(workspace.reading, "q" * 32, "ann", last)
            ahead.append((time.perf_counter() - start) * 1e3)
            assert last is not None
            subject = workspace.reading.subject(last)
            given = SetVerdict(subject, VerdictState.REJECTED)
            step = Batch("Reject", [given, FinishItem("q" * 32, last, 2.0)])
            times.append(timed(lambda step=step: workspace.run(step)))
        yield row("next in the queue", ahead, of=p95, target=50.0)
        yield row("verdict within a queue", times, target=5.0)
        yield row("undo", [timed(workspace.undo) for _ in range(100)], target=5.0)
        yield row("redo", [timed(workspace.redo) for _ in range(100)], target=5.0)
        issue = [timed(lambda: workspace.run(OpenIssue(new_id(), "Loose"))) for _ in range(100)]
        yield row("open an issue", issue, target=5.0)
        yield row(
            "a page of 100 of the journal",
            [
                timed(lambda: list(islice(workspace.journal.entries(newest_first=True), 100)))
                for _ in range(20)
            ],
            target=50.0,
        )
        yield row("back up, in the background", [timed(workspace.back_up)], target=60_000.0)
        yield row("close", [timed(workspace.close)], target=1000.0)
    size = path.stat().st_size / VERDICTS
    plain_size = path.with_name("plain.sqlite").stat().st_size / REPEATS
    yield {
        "name": "file size, per verdict", "ours": size, "reference": plain_size,
        "reference_name": "plain sqlite3", "ratio": plain_size / size, "unit": "bytes",
        "target": 1500.0,
    }  # fmt: skip


def measure_large(folder: Path) -> Iterator[dict[str, object]]:
    """Yield what a queue of a million labels takes in the background, and what the window feels.

    Beside it the same keys and names in a plain table, in one transaction.
    """
    from viewer.progress import JobContext
    from viewer.review import Reviewer, Workspace
    from viewer.review.commands.datasets import AddDataset
    from viewer.review.commands.queues import CreateQueue
    from viewer.review.subject_rows import label_rows

    context = JobContext()
    rows = [
        each
        for frame in range(VERDICTS // BATCH)
        for each in label_rows(DATASET, "s", f"{frame:06}", "gt", map(str, range(BATCH)))
    ]
    with Workspace.create(folder / "queue.sightline", Reviewer("ann")) as workspace:
        workspace.run(AddDataset(DATASET, "street", "street", "native"))
        queue = CreateQueue("q" * 32, "all", rows, BATCH)
        yield from _lent(workspace, "make a queue of all labels", lambda w: w.run(context, queue),
                         [timed(lambda: plain_rows(folder, rows))])  # fmt: skip
        step = workspace.undo_step
        assert step is not None
        yield from _lent(workspace, "undo it", lambda w: w.reverse(context, *step))


def _lent(
    workspace: "Workspace",
    name: str,
    write: Callable[["LentWriter"], object],
    reference: list[float] | None = None,
) -> Iterator[dict[str, object]]:
    """Yield how long another thread writes, and the longest time that this one waits meanwhile."""
    from viewer.session.review_large import without_collecting

    writer = workspace.lend()
    thread = threading.Thread(target=lambda: write(writer))
    gaps, start = [], time.perf_counter()
    with without_collecting():
        thread.start()
        while thread.is_alive():
            gaps.append(timed(lambda: time.sleep(0.001)))
    took = (time.perf_counter() - start) * 1e3
    workspace.take_news()
    yield row(name, [took], reference=reference, target=5000.0)
    yield row(f"{name}, the longest wait of the window", [max(gaps)], target=100.0)


def plain_rows(folder: Path, rows: list[tuple]) -> None:
    """Write rows into a plain table with an index by their key, in one transaction."""
    connection = sqlite3.connect(folder / f"{secrets.token_hex(4)}.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE items (key TEXT PRIMARY KEY, b, c, d, e, f, g, h)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.close()


def measure_merge(path: Path, folder: Path) -> Iterator[dict[str, object]]:
    """Yield how long it takes to bring a few new commands into the large file."""
    from viewer.review import Reviewer, Subject, Workspace
    from viewer.review.commands.verdicts import SetVerdict
    from viewer.review.merge.merge import merge_workspaces
    from viewer.review.verdicts.model import VerdictState

    theirs = folder / "theirs.sightline"
    shutil.copyfile(path, theirs)
    with Workspace.open(theirs, Reviewer("bob")) as workspace:
        for number in range(20):
            label = Subject.label(DATASET, "s", f"{number:06}", "gt", "0")
            workspace.run(SetVerdict(label, VerdictState.ACCEPTED))
    into = folder / "merged.sightline"
    copied = timed(lambda: shutil.copyfile(path, folder / "copied"))
    took = timed(lambda: merge_workspaces(path, theirs, into))
    yield row(
        "merge with 20 new commands", [took], reference=[2 * copied], target=60_000.0,
        reference_name="copying both files",
    )  # fmt: skip


def build(path: Path) -> None:
    """Write what a year of work leaves, by the rows themselves: a million commits take hours."""
    from viewer.review import Reviewer, Workspace
    from viewer.review.commands.datasets import AddDataset, RecordDelivery
    from viewer.review.store.database import open_to_write, tidy

    with Workspace.create(path, Reviewer("ann")) as workspace:
        workspace.run(AddDataset(DATASET, "street", "street", "native"))
        workspace.run(RecordDelivery(DATASET, "content"))
    path.with_name(f"{path.name}.backup").unlink()
    connection = open_to_write(path).connection
    for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA cache_size = -2000000")
    connection.execute("BEGIN")
    _fill(connection)
    connection.execute("COMMIT")
    tidy(connection)
    connection.close()


def _fill(connection: sqlite3.Connection) -> None:
    from viewer.review.change import Change, encode
    from viewer.review.entity import Entity
    from viewer.review.issues.entities import ISSUES as ISSUE_ROWS
    from viewer.review.journal import digest
    from viewer.review.queues.entities import QUEUE_BATCHES, QUEUES
    from viewer.review.subject_rows import SubjectRow, label_rows
    from viewer.review.verdicts.entities import VERDICTS as VERDICT_ROWS

    started_ns = time.time_ns()
    seq = connection.execute("SELECT max(seq) FROM commands").fetchone()[0]

    def write(kind: str, entity: Entity, rows: list[tuple[str, dict]]) -> None:
        nonlocal seq
        commands, changes = [], []
        for key, each in rows:
            seq += 1
            change = encode(Change(entity, key, None, each))
            own = (secrets.token_bytes(16), "ann", started_ns + seq, kind, f"{kind} {seq}", None)
            commands.append((seq, *own, digest(own, [change])))
            changes.append((seq, 0, *change))
        connection.executemany("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?)", commands)
        connection.executemany("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?)", changes)
        names = ", ".join(("key", *entity.columns))
        marks = ", ".join("?" * (len(entity.columns) + 1))
        connection.executemany(
            f"INSERT INTO {entity.name} ({names}) VALUES ({marks})",
            ((key, *map(entity.to_sql(each).get, entity.columns)) for key, each in rows),
        )

    def subjects(frames: range) -> list[SubjectRow]:
        return [
            each
            for frame in frames
            for each in label_rows(DATASET, "s", f"{frame:06}", "gt", map(str, range(BATCH)))
        ]

    write("create_queue", QUEUES, [("q" * 32, {
        "name": "all", "how": {"by": "hand"}, "batch_size": BATCH, "created_by": "ann",
        "created_ns": started_ns, "is_archived": False,
    })])  # fmt: skip
    marks = ", ".join("?" * len(SubjectRow._fields))
    for first in range(0, VERDICTS // BATCH, BATCH):
        frames = range(first, first + BATCH)
        labels = subjects(frames)
        connection.executemany(f"INSERT INTO subjects VALUES ({marks})", labels)
        rows = []
        for number, label in enumerate(labels):
            state = STATES[number % 4]
            given = {
                "subject": label.key, "reviewer": "ann", "state": state,
                "reasons": ["loose box"] if state == "rejected" else [], "comment": "",
                "time_ns": started_ns + number, "snapshot_hash": None, "class_name": "car",
            }  # fmt: skip
            rows.append((VERDICT_ROWS.key_of(given), given))
        write("set_verdict", VERDICT_ROWS, rows)
        write("extend_queue", QUEUE_BATCHES, [
            (secrets.token_hex(16), {
                "queue_id": "q" * 32, "number": frame + 1, "details": None, "assignee": None,
                "subjects": [each.key for each in labels[at * BATCH : (at + 1) * BATCH]],
            })
            for at, frame in enumerate(frames)
        ])  # fmt: skip
    for first in range(0, ISSUES, 10_000):
        write("open_issue", ISSUE_ROWS, [
            (secrets.token_hex(16), dict.fromkeys(ISSUE_ROWS.columns) | {
                "type": "Bucket", "state": "triage", "title": f"Loose boxes {number}",
                "description": "the rear is outside", "reporter": "ann",
                "created_ns": started_ns + number, "mentions": [], "sight": {"frame": number},
            })
            for number in range(first, first + 10_000)
        ])  # fmt: skip


def plain_inserts(path: Path) -> list[float]:
    """Return the milliseconds of one insert a transaction into a plain table."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE verdicts (label TEXT PRIMARY KEY, state TEXT, time INTEGER)")
    times = []
    for number in range(REPEATS):
        values = (f"s/{number:06}/gt/1", "rejected", number)
        times.append(
            timed(lambda v=values: connection.execute("INSERT INTO verdicts VALUES (?, ?, ?)", v))
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return times


def timed(function: Callable[[], object]) -> float:
    """Return the milliseconds that a call takes."""
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1e3


def p95(values: list[float]) -> float:
    """Return the value below which 95 % lie."""
    return sorted(values)[int(len(values) * 0.95)]


def row(
    name: str,
    times: list[float],
    *,
    reference: list[float] | None = None,
    of: Callable[[list[float]], float] = statistics.median,
    target: float | None = None,
    reference_name: str = "plain sqlite3",
) -> dict[str, object]:
    """Return one row of the table; times in milliseconds."""
    ours, theirs = of(times), None if reference is None else of(reference)
    return {
        "name": name, "ours": ours, "reference": theirs,
        "reference_name": None if theirs is None else reference_name,
        "ratio": None if theirs is None else theirs / ours, "unit": "ms", "target": target,
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
