"""Which issues are wanted, and in which order, as SQL."""

import datetime as dt
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from viewer.review.issues.mentions import mention_name
from viewer.review.issues.model import IssueState, IssueType

SHORTEST_INDEXED_WORD = 3
"""The search index holds triples of letters; shorter words are looked for text by text."""
_WORDS = re.compile(r'"([^"]+)"|(\S+)')


class IssueOrder(StrEnum):
    """Which issues come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    PRIORITY = "priority"
    """The urgent ones, newest first among equals."""
    DUE = "due"
    """Those due soonest; those without a date last."""


_ORDERS = {
    IssueOrder.NEWEST: "created_ns DESC, rowid DESC",
    IssueOrder.OLDEST: "created_ns, rowid",
    IssueOrder.PRIORITY: "priority DESC, created_ns DESC, rowid DESC",
    IssueOrder.DUE: "due IS NULL, due, created_ns, rowid",
}


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """What issues must be like; a field that is None or empty asks for nothing."""

    states: tuple[IssueState, ...] = ()
    types: tuple[IssueType, ...] = ()
    assignee: str | None = None
    is_assigned: bool | None = None
    reporter: str | None = None
    labels: tuple[str, ...] = ()
    """All of them."""
    mentions: str | None = None
    """Someone who is called in the description or a comment; letter case does not count."""
    text: str = ""
    """Words, or parts of words, that title, description or comments contain: all of them, each
    anywhere; ``"in quotes"`` for several words in a row. Letter case does not count."""
    check: str | None = None
    """The check whose finding it was."""
    due_until: dt.date | None = None
    dataset_id: str | None = None
    scene_id: str | None = None
    """With `dataset_id`: issues with an element in this scene."""


class Condition(NamedTuple):
    """SQL on a row of ``issues``, and its values."""

    sql: str
    values: tuple[Any, ...]


def where_clause(wanted: IssueFilter, common: Container[str] = ()) -> Condition:
    """Return ``WHERE ...`` for a filter, empty where it asks for nothing.

    Parameters
    ----------
    common
        Words of its text that many issues have, so that looking through issues one by one finds a
        page of them sooner than the search index does.
    """
    parts = list(_conditions(wanted, common))
    sql = "WHERE " + " AND ".join(part.sql for part in parts) if parts else ""
    return Condition(sql, tuple(value for part in parts for value in part.values))


def order_clause(order: IssueOrder) -> str:
    """Return ``ORDER BY ...``."""
    return f"ORDER BY {_ORDERS[order]}"


def search_words(text: str) -> list[str]:
    """Return what is looked for: words, and what stands in quotes as a whole.

    Examples
    --------
    >>> search_words('truck "loose box" 18')
    ['truck', 'loose box', '18']
    """
    # A zero byte would end SQLite's query; no kept text has one.
    return [quoted or word for quoted, word in _WORDS.findall(text.replace("\0", " "))]


def search_phrase(word: str) -> str:
    """Return a word as the search index wants to be asked for it."""
    return '"' + word.replace('"', '""') + '"'


def _conditions(wanted: IssueFilter, common: Container[str]) -> Iterator[Condition]:
    if wanted.states:
        yield _one_of("state", wanted.states)
    if wanted.types:
        yield _one_of("type", wanted.types)
    if wanted.assignee is not None:
        yield Condition("assignee = ?", (wanted.assignee,))
    if wanted.is_assigned is not None:
        yield Condition(f"assignee IS {'NOT ' if wanted.is_assigned else ''}NULL", ())
    if wanted.reporter is not None:
        yield Condition("reporter = ?", (wanted.reporter,))
    for label in wanted.labels:
        yield _has("issue_labels WHERE label = ?", label)
    if wanted.mentions is not None:
        yield _has("mentions WHERE name = ?", mention_name(wanted.mentions))
    if wanted.check is not None:
        yield Condition("finding_check = ?", (wanted.check,))
    if wanted.due_until is not None:
        yield Condition("due <= ?", (wanted.due_until.isoformat(),))
    if wanted.dataset_id is not None:
        yield _lies_in(wanted.dataset_id, wanted.scene_id)
    for word in search_words(wanted.text):
        if len(word) < SHORTEST_INDEXED_WORD or word in common:
            yield _contains_letters(word)
        else:
            yield _contains(word)


def _one_of(column: str, values: tuple[StrEnum, ...]) -> Condition:
    return Condition(f"{column} IN ({', '.join('?' * len(values))})", tuple(map(str, values)))


def _has(rest: str, *values: str) -> Condition:
    return Condition(f"issues.key IN (SELECT issue_id FROM {rest})", values)


def _lies_in(dataset_id: str, scene_id: str | None) -> Condition:
    places = (
        "issue_elements e JOIN subjects s ON s.key = e.subject"
        " WHERE e.removed_ns IS NULL AND s.dataset_id = ?"
    )
    if scene_id is not None:
        return _has(f"{places} AND s.scene_id = ?", dataset_id, scene_id)
    # Most issues lie in the dataset, so that asking each is quicker than listing them.
    return Condition(f"EXISTS (SELECT 1 FROM {places} AND e.issue_id = issues.key)", (dataset_id,))


def _contains(word: str) -> Condition:
    return _has(
        "issue_search JOIN issue_texts t ON t.id = issue_search.rowid WHERE issue_search MATCH ?",
        search_phrase(word),
    )


def _contains_letters(word: str) -> Condition:
    # LIKE knows the case of English letters alone.
    spellings = sorted({word} if word.isascii() else {word, word.lower(), word.upper()})
    escaped = (re.sub(r"([%_\\])", r"\\\1", each) for each in spellings)
    likes = " OR ".join([r"t.text LIKE ? ESCAPE '\'"] * len(spellings))
    return Condition(
        f"EXISTS (SELECT 1 FROM issue_texts t WHERE t.issue_id = issues.key AND ({likes}))",
        tuple(f"%{each}%" for each in escaped),
    )
