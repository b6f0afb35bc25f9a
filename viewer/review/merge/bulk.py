"""Many rows at once: without the indices and counts that follow each row."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

MANY = 20_000
"""From so many rows on it is faster to make indices and counts anew."""
_NAMES = "is_effective, dataset_id, kind, reviewer, class_name"
_GIVEN = """
    SELECT {effective} AS is_effective, s.dataset_id, s.kind, v.reviewer,
        ifnull(v.class_name, '') AS class_name, v.state, v.reasons
    FROM main.verdicts v JOIN main.subjects s ON s.key = v.subject {which}
"""
_NEWEST = """
    WHERE NOT EXISTS (
        SELECT 1 FROM main.verdicts n WHERE n.subject = v.subject
        AND (n.time_ns, n.reviewer) > (v.time_ns, v.reviewer)
    )
"""


@contextmanager
def without_indices(
    connection: sqlite3.Connection, tables: Sequence[str], *, rows: int
) -> Iterator[None]:
    """Leave the indices of tables out while many rows change; they are made anew at the end.

    Where the block fails they stay out: the file is thrown away then.
    """
    taken = _take_out(connection, "index", tables) if rows >= MANY else []
    yield
    for sql in taken:
        connection.execute(sql)


@contextmanager
def counting_verdicts_later(connection: sqlite3.Connection, *, rows: int) -> Iterator[None]:
    """Count verdicts anew after the block, where it adds many."""
    if rows < MANY:
        yield
        return
    triggers = _take_out(connection, "trigger", ("verdicts",))
    indices = _take_out(connection, "index", ("verdicts",))
    yield
    for sql in indices:
        connection.execute(sql)
    _count_verdicts(connection)
    for sql in triggers:
        connection.execute(sql)


def _take_out(connection: sqlite3.Connection, kind: str, tables: Sequence[str]) -> list[str]:
    """Drop what belongs to tables; return what makes it again, letter by letter."""
    marks = ", ".join("?" * len(tables))
    found = connection.execute(
        "SELECT name, sql FROM main.sqlite_master"
        f" WHERE type = ? AND tbl_name IN ({marks}) AND sql IS NOT NULL",
        (kind, *tables),
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP {kind} main.{name}")
    return [sql for _, sql in found]


def _count_verdicts(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM main.verdict_counts")
    connection.execute("DELETE FROM main.verdict_reason_counts")
    for given in (
        _GIVEN.format(effective=0, which=""), _GIVEN.format(effective=1, which=_NEWEST),
    ):  # fmt: skip
        connection.execute(
            f"INSERT INTO main.verdict_counts SELECT {_NAMES}, state, count(*) FROM ({given})"
            f" GROUP BY {_NAMES}, state"
        )
        connection.execute(
            f"INSERT INTO main.verdict_reason_counts SELECT {_NAMES}, j.value, count(*)"
            f" FROM ({given}) f, json_each(f.reasons) j WHERE f.reasons <> '[]'"
            f" GROUP BY {_NAMES}, j.value"
        )
