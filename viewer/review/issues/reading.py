"""Issues as lists, and one with all that belongs to it."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from viewer.review.entity import Row
from viewer.review.issues.entities import COMMENTS, ELEMENTS, ISSUES
from viewer.review.issues.filter import (
    SHORTEST_INDEXED_WORD,
    Condition,
    IssueFilter,
    IssueOrder,
    order_clause,
    search_phrase,
    search_words,
    where_clause,
)
from viewer.review.issues.model import (
    Comment,
    Element,
    ElementStatus,
    Finding,
    Issue,
    IssueState,
    IssueType,
    Priority,
    Sight,
    anchor_from_json,
)
from viewer.review.ledger import Reading
from viewer.review.subject import Subject, SubjectKind

COMMON_TEXTS = 5000
"""A word in so many titles and comments is looked for issue by issue."""
_LIGHT_COLUMNS = tuple(name for name in ISSUES.columns if name != "sight")
ISSUE_COLUMNS = ", ".join(
    [
        *(f"issues.{name}" for name in ("key", *_LIGHT_COLUMNS)),
        "(SELECT count(*) FROM issue_elements e"
        " WHERE e.issue_id = issues.key AND e.removed_ns IS NULL)",
        "(SELECT count(*) FROM issue_elements e"
        " WHERE e.issue_id = issues.key AND e.removed_ns IS NULL AND e.status = 'done')",
        "(SELECT count(*) FROM comments c WHERE c.issue_id = issues.key AND c.deleted_ns IS NULL)",
        "(SELECT json_group_array(label) FROM"
        " (SELECT label FROM issue_labels l WHERE l.issue_id = issues.key ORDER BY label))",
    ]
)
"""What `issue_from_sql` reads."""
_ELEMENT_NAMES = ("key", *ELEMENTS.columns)
_SUBJECT_NAMES = (
    "kind", "dataset_id", "scene_id", "frame_key", "label_set_id", "label_id", "track_id",
)  # fmt: skip
ELEMENT_COLUMNS = ", ".join(
    [*(f"e.{name}" for name in _ELEMENT_NAMES), *(f"s.{name}" for name in _SUBJECT_NAMES)]
)
"""What `element_from_sql` reads, of elements ``e`` and subjects ``s``."""


def issue(reading: Reading, issue_id: str) -> Issue | None:
    """Return an issue; None when there is none with this id."""
    found = reading.query(f"SELECT {ISSUE_COLUMNS} FROM issues WHERE key = ?", (issue_id,))
    return issue_from_sql(found[0]) if found else None


def issues(
    reading: Reading,
    state: IssueState | None = None,
    assignee: str | None = None,
    *,
    wanted: IssueFilter | None = None,
    order: IssueOrder = IssueOrder.NEWEST,
    limit: int | None = None,
    offset: int = 0,
) -> list[Issue]:
    """Return issues, a page at a time where `limit` and `offset` say so.

    Parameters
    ----------
    state, assignee
        Short for a filter of these alone; they add to `wanted`.
    """
    where, values = _where(reading, _narrowed(wanted, state, assignee))
    ordered = order_clause(order)
    found = reading.query(
        f"SELECT {ISSUE_COLUMNS} FROM issues WHERE rowid IN"
        f" (SELECT rowid FROM issues {where} {ordered} LIMIT ? OFFSET ?) {ordered}",
        (*values, -1 if limit is None else limit, offset),
    )
    return [issue_from_sql(row) for row in found]


def count_issues(reading: Reading, wanted: IssueFilter | None = None) -> dict[IssueState, int]:
    """Return how many issues each state has; the filter's own states count for nothing."""
    where, values = _where(reading, replace(wanted or IssueFilter(), states=()))
    found = dict(
        reading.query(f"SELECT state, count(*) FROM issues {where} GROUP BY state", values)
    )
    return {state: int(found.get(str(state), 0)) for state in IssueState}


def issue_labels(reading: Reading) -> dict[str, int]:
    """Return all labels of issues with how many have each, by name."""
    found = reading.query("SELECT label, count(*) FROM issue_labels GROUP BY label ORDER BY label")
    return {str(label): int(count) for label, count in found}


def _where(reading: Reading, wanted: IssueFilter) -> Condition:
    """Return SQL for a filter, the quicker of two ways for each word of its text."""
    words = [each for each in search_words(wanted.text) if len(each) >= SHORTEST_INDEXED_WORD]
    return where_clause(wanted, {each for each in words if _is_common(reading, each)})


def _is_common(reading: Reading, word: str) -> bool:
    if not word.isascii():
        return False
    [(count,)] = reading.query(
        "SELECT count(*) FROM (SELECT 1 FROM issue_search WHERE issue_search MATCH ? LIMIT ?)",
        (search_phrase(word), COMMON_TEXTS),
    )
    return int(count) >= COMMON_TEXTS


def _narrowed(
    wanted: IssueFilter | None, state: IssueState | None, assignee: str | None
) -> IssueFilter:
    narrowed = wanted or IssueFilter()
    if state is not None:
        narrowed = replace(narrowed, states=(state,))
    if assignee is not None:
        narrowed = replace(narrowed, assignee=assignee)
    return narrowed


def issue_starting_with(reading: Reading, text: str) -> list[str]:
    """Return ids of issues that begin with a text, at most two: one when it is unambiguous."""
    found = reading.query(
        "SELECT key FROM issues WHERE key >= ? AND key < ? ORDER BY key LIMIT 2",
        (text, f"{text}\U0010ffff"),
    )
    return [key for (key,) in found]


def sight_of(reading: Reading, issue_id: str) -> Sight | None:
    """Return what the window showed when an issue was opened."""
    row = reading.row(ISSUES, issue_id)
    return None if row is None else row["sight"]


def elements_of(reading: Reading, issue_id: str, *, with_removed: bool = False) -> list[Element]:
    """Return the elements of an issue in the order in which they came."""
    where = "" if with_removed else "AND e.removed_ns IS NULL"
    found = reading.query(
        f"SELECT {ELEMENT_COLUMNS} FROM issue_elements e JOIN subjects s ON s.key = e.subject"
        f" WHERE e.issue_id = ? {where} ORDER BY e.created_ns, e.rowid",
        (issue_id,),
    )
    return [element_from_sql(values) for values in found]


def element(reading: Reading, element_id: str) -> Element | None:
    """Return an element, removed or not; None when there is none with this id."""
    found = reading.query(
        f"SELECT {ELEMENT_COLUMNS} FROM issue_elements e JOIN subjects s ON s.key = e.subject"
        " WHERE e.key = ?",
        (element_id,),
    )
    return element_from_sql(found[0]) if found else None


def comments_of(reading: Reading, issue_id: str, *, element_id: str | None = None) -> list[Comment]:
    """Return the thread of an issue, or of one element, oldest first.

    Deleted comments are in it, without their text.
    """
    where, values = "WHERE issue_id = ?", [issue_id]
    if element_id is not None:
        where, values = f"{where} AND element_id = ?", [issue_id, element_id]
    rows = reading.rows(COMMENTS, f"{where} ORDER BY created_ns, rowid", values)
    return [_comment(row) for row in rows]


def issue_from_sql(values: Sequence[Any]) -> Issue:
    """Return the issue that `ISSUE_COLUMNS` gave."""
    names = ("key", *_LIGHT_COLUMNS, "element_count", "done_count", "comment_count", "labels")
    row = ISSUES.from_sql(names, values)
    return Issue(
        issue_id=row["key"],
        type=IssueType(row["type"]),
        state=IssueState(row["state"]),
        title=row["title"],
        description=row["description"],
        reporter=row["reporter"],
        assignee=row["assignee"],
        priority=None if row["priority"] is None else Priority(row["priority"]),
        due=None if row["due"] is None else dt.date.fromisoformat(row["due"]),
        created_ns=row["created_ns"],
        labels=tuple(json.loads(row["labels"])),
        thumbnail_hash=row["thumbnail_hash"],
        camera_picture_hash=row["camera_picture_hash"],
        finding=_finding(row["finding_check"], row["finding"]),
        element_count=row["element_count"],
        done_count=row["done_count"],
        comment_count=row["comment_count"],
        external=row["external"],
    )


def element_from_sql(values: Sequence[Any]) -> Element:
    """Return the element that `ELEMENT_COLUMNS` gave."""
    split = len(_ELEMENT_NAMES)
    row = ELEMENTS.from_sql(_ELEMENT_NAMES, values[:split])
    kind, *names = values[split : split + len(_SUBJECT_NAMES)]
    return Element(
        element_id=row["key"],
        issue_id=row["issue_id"],
        subject=Subject(SubjectKind(kind), *names),
        anchor=anchor_from_json(row["anchor"]),
        status=ElementStatus(row["status"]),
        author=row["author"],
        created_ns=row["created_ns"],
        snapshot_hash=row["snapshot_hash"],
        removed_ns=row["removed_ns"],
        external=row["external"],
    )


def _comment(row: Row) -> Comment:
    is_deleted = row["deleted_ns"] is not None
    return Comment(
        comment_id=row["key"],
        issue_id=row["issue_id"],
        element_id=row["element_id"],
        author=row["author"],
        text="" if is_deleted else row["text"],
        created_ns=row["created_ns"],
        edited_ns=row["edited_ns"],
        deleted_ns=row["deleted_ns"],
        mentions=() if is_deleted else tuple(row["mentions"] or ()),
        external=row["external"],
    )


def _finding(check: str | None, stored: Mapping[str, Any] | None) -> Finding | None:
    if check is None or stored is None:
        return None
    return Finding(check, stored["evidence"], stored["score"])
