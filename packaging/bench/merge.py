"""Two people's workspaces without a common start, of as many verdicts each, made one.

Beside it plain SQLite: both files' verdicts and commands copied into one new file by INSERT INTO
... SELECT, with the same tables and indices but no conflicts, counts, undo or checks.
"""

import json
import os
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

VERDICTS = tuple(int(each) for each in os.environ.get("SIGHTLINE_BENCH_MERGE", "100000").split(","))
LABELS_A_FRAME = 100
SHARED_PART = 100
"""Every so many-th label is judged by both; of those the one half otherwise."""
STATES = ("accepted", "rejected", "needs_fix", "skipped")
TARGET_US = 150.0
"""For each verdict of the two."""
A_STEP = 20_000
HOUR_NS = 3_600_000_000_000
COPIED = ("commands", "changes", "subjects", "verdicts")


def run() -> list[dict[str, object]]:
    """Measure and return the rows."""
    return [found for count in VERDICTS for found in measure(count)]


def measure(count: int) -> Iterator[dict[str, object]]:
    """Yield how long two files of `count` verdicts take."""
    from viewer.review.merge.merge import merge_workspaces

    with tempfile.TemporaryDirectory(dir=os.environ.get("SIGHTLINE_BENCH_DISK")) as name:
        folder = Path(name)
        ann, bob, both = (folder / f"{each}.sightline" for each in ("ann", "bob", "both"))
        build(ann, "ann", "a" * 32, 0, count)
        build(bob, "bob", "b" * 32, count - count // SHARED_PART, count)
        start = time.perf_counter()
        merged = merge_workspaces(ann, bob, both)
        took_ms = (time.perf_counter() - start) * 1e3
        assert merged.datasets_joined == 1
        assert merged.conflicts == count // SHARED_PART // 2
        plain_ms = copy_plainly(ann, bob, folder / "plain.sqlite")
        yield {
            "name": f"merge two files of {count:,} verdicts, no common start", "ours": took_ms,
            "reference": plain_ms, "reference_name": "plain sqlite copy",
            "ratio": plain_ms / took_ms, "unit": "ms", "target": 2 * count * TARGET_US / 1e3,
        }  # fmt: skip


def build(path: Path, reviewer: str, dataset_id: str, first: int, count: int) -> None:
    """Write verdicts on labels from `first`, by the rows themselves."""
    from viewer.review import Reviewer, Workspace
    from viewer.review.change import Change, encode
    from viewer.review.commands.datasets import AddDataset, RecordDelivery
    from viewer.review.journal import digest
    from viewer.review.store.database import open_to_write, tidy
    from viewer.review.subject_rows import label_rows
    from viewer.review.verdicts.entities import VERDICTS as ROWS

    with Workspace.create(path, Reviewer(reviewer)) as workspace:
        workspace.run(AddDataset(dataset_id, "street", "street", "native"))
        workspace.run(RecordDelivery(dataset_id, "content"))
    path.with_name(f"{path.name}.backup").unlink()
    with closing(open_to_write(path).connection) as connection:
        for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("BEGIN")
        # Both work at the same time: their commands alternate.
        started_ns = time.time_ns() // HOUR_NS * HOUR_NS + 2 * HOUR_NS + (reviewer == "bob")
        seq = connection.execute("SELECT max(seq) FROM commands").fetchone()[0]
        names = ("key", *ROWS.columns)
        for start in range(first, first + count, A_STEP):
            written: tuple[list[tuple[Any, ...]], ...] = ([], [], [], [])
            for number in range(start, min(start + A_STEP, first + count)):
                seq += 1
                frame, place = divmod(number, LABELS_A_FRAME)
                (label,) = label_rows(dataset_id, "s", f"{frame:06}", "gt", [str(place)])
                otherwise = number % 2 if reviewer == "bob" else 0
                state = STATES[(number + otherwise) % 4]
                row = {
                    "subject": label.key, "reviewer": reviewer, "state": state,
                    "reasons": ["loose box"] if state == "rejected" else [], "comment": "",
                    "time_ns": started_ns + 2 * seq, "snapshot_hash": None, "class_name": "car",
                }  # fmt: skip
                change = encode(Change(ROWS, ROWS.key_of(row), None, row))
                own = (
                    secrets.token_bytes(16), reviewer, started_ns + 2 * seq, "set_verdict",
                    f"Judge label {place}", None,
                )  # fmt: skip
                values = ROWS.to_sql(row)
                added = (
                    label, (seq, *own, digest(own, [change])), (seq, 0, *change),
                    (change.key, *map(values.get, ROWS.columns)),
                )  # fmt: skip
                for rows, each in zip(written, added, strict=True):
                    rows.append(each)
            targets = ("subjects", "commands", "changes", f"verdicts ({', '.join(names)})")
            for target, rows in zip(targets, written, strict=True):
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {target} VALUES ({marks})", rows)
        connection.execute("COMMIT")
        tidy(connection)


def copy_plainly(first: Path, second: Path, target: Path) -> float:
    """Return the milliseconds that SQLite takes to copy the rows of both files into a new one."""
    start = time.perf_counter()
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        for path in (first, second):
            connection.execute("ATTACH ? AS source", (str(path),))
            connection.execute("BEGIN")
            if path is first:
                for (sql,) in connection.execute(
                    "SELECT sql FROM source.sqlite_master WHERE type IN ('table', 'index')"
                    f" AND tbl_name IN {COPIED} AND sql IS NOT NULL"
                ).fetchall():
                    connection.execute(sql)
            last = connection.execute("SELECT ifnull(max(seq), 0) FROM main.commands").fetchone()[0]
            for table in COPIED:
                columns = [
                    each[1] for each in connection.execute(f"PRAGMA source.table_info({table})")
                ]
                chosen = ", ".join(f"seq + {last}" if c == "seq" else c for c in columns)
                connection.execute(f"INSERT INTO main.{table} SELECT {chosen} FROM source.{table}")
            connection.execute("COMMIT")
            connection.execute("DETACH source")
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
