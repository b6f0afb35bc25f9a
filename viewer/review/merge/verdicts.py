"""Where two reviewers, each in their own file, think otherwise about one subject."""

import sqlite3
from collections.abc import Iterator

from viewer.review.conflicts.model import ConflictKind
from viewer.review.entity import Row
from viewer.review.ledger import Reading
from viewer.review.merge.conflicts import FoundConflict, conflict, said_by
from viewer.review.merge.history import Deed, History
from viewer.review.merge.plain_rows import contradicted_verdicts
from viewer.review.merge.rows import TouchedRows, history
from viewer.review.verdicts.entities import VERDICTS

SAID = ("reviewer", "state", "reasons", "comment", "snapshot_hash", "class_name")


def verdict_conflicts(
    connection: sqlite3.Connection, touched: TouchedRows
) -> Iterator[FoundConflict]:
    """Yield each pair of different verdicts of which either file knew one; tables are written."""
    reading = Reading(connection)
    yield from _of_plain_rows(connection, reading)
    for (entity, key), folded in touched.folded.items():
        if entity != VERDICTS.name or folded.state is None:
            continue
        mine = touched.histories[entity, key]
        given = _newest(mine)
        if given.in_base:
            continue
        subject = folded.state["subject"]
        for row in reading.rows(VERDICTS, "WHERE subject = ?", (subject,)):
            other_key = row.pop("key")
            if other_key == key or row["state"] == folded.state["state"]:
                continue
            theirs = history(connection, VERDICTS.name, other_key)
            if not _newest(theirs).in_other:
                yield conflict(
                    ConflictKind.VERDICTS,
                    VERDICTS.name,
                    said_by(mine, given, _said(folded.state)),
                    said_by(theirs, _newest(theirs), _said(row)),
                )


def _of_plain_rows(connection: sqlite3.Connection, reading: Reading) -> Iterator[FoundConflict]:
    for key, other_key in contradicted_verdicts(connection):
        theirs = history(connection, VERDICTS.name, other_key)
        mine_row, their_row = reading.row(VERDICTS, key), reading.row(VERDICTS, other_key)
        if _newest(theirs).in_other or mine_row is None or their_row is None:
            continue
        mine = history(connection, VERDICTS.name, key)
        yield conflict(
            ConflictKind.VERDICTS,
            VERDICTS.name,
            said_by(mine, _newest(mine), _said(mine_row)),
            said_by(theirs, _newest(theirs), _said(their_row)),
        )


def _newest(own: History) -> Deed:
    return own.deeds[-1]


def _said(row: Row) -> Row:
    return {name: row[name] for name in SAID}
