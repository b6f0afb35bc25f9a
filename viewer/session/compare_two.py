"""Two sets of predictions: what the second mends and breaks, and the lists behind each count."""

import numpy as np

from viewer.metrics.class_metrics import MetricsTable
from viewer.metrics.comparison import Change, LabelChanges, compare
from viewer.metrics.confusion import Confusion
from viewer.metrics.confusion_queries import ErrorRows, Ordering
from viewer.progress import JobContext
from viewer.session.compare_found import Asked, Listed
from viewer.session.compare_values import (
    Column,
    Format,
    Ints,
    Query,
    QueryKind,
    Table,
)

_COUNT, _SHARE = Format.COUNT, Format.SHARE
_COLUMNS = (
    Column("What"), Column("Count", _COUNT), Column("First", _SHARE), Column("Second", _SHARE),
    Column("Change", Format.SIGNED),
)  # fmt: skip
CHANGES = {
    QueryKind.FIXED: (Change.FIXED, "Fixed: now right"),
    QueryKind.BROKEN: (Change.BROKEN, "Broken: now wrong"),
    QueryKind.BOTH_WRONG: (Change.BOTH_WRONG, "Both wrong"),
    QueryKind.BOTH_RIGHT: (Change.BOTH_RIGHT, "Both right"),
}


def confusions(asked: Asked) -> tuple[Confusion, Confusion]:
    """Both sets at the asked thresholds."""
    first, second = asked.found.index, asked.found.second_index
    if first is None or second is None:
        raise ValueError("a second set of predictions is not chosen")
    at = asked.thresholds
    return first.at(at.confidence, at.similarity), second.at(at.confidence, at.similarity)


def two_sets(_context: JobContext, asked: Asked) -> Table:
    """Labels by what became of them, false positives that came and went, F1 of each class."""
    found = compare(*confusions(asked))
    rows: list[tuple[object, ...]] = []
    queries: list[Query | None] = []
    for kind, (change, text) in CHANGES.items():
        rows.append((text, found.count(change), None, None, None))
        queries.append(Query(kind))
    for kind, text, which in (
        (QueryKind.NEW_FALSE, "New false positives", found.new_false_positives),
        (QueryKind.GONE_FALSE, "Gone false positives", found.gone_false_positives),
    ):
        rows.append((text, len(which), None, None, None))
        queries.append(Query(kind))
    rows += _figures(found.first, found.second)
    return Table(
        "What the second set makes of the labels that the first had right or wrong",
        _COLUMNS, tuple(rows), queries=(*queries, *(None for _ in rows[len(queries) :])),
    )  # fmt: skip


def _figures(first: MetricsTable, second: MetricsTable) -> list[tuple[object, ...]]:
    pairs = zip((first.weighted, *first.classes), (second.weighted, *second.classes), strict=True)
    return [(f"F1, {a.name}", a.support, a.f1, b.f1, b.f1 - a.f1) for a, b in pairs]


def list_changes(asked: Asked) -> Listed:
    """Return the labels, or false positives, of one kind of change, in the asked order."""
    query, ordering = asked.query, asked.ordering
    if query is None or ordering is None:
        raise ValueError("no question is asked")
    first, second = confusions(asked)
    found: LabelChanges = compare(first, second)
    of_second = query.kind is not QueryKind.GONE_FALSE
    shown = second if of_second else first
    if query.kind in CHANGES:
        labels = found.rows[CHANGES[query.kind][0]]
        guesses = _partners(shown, labels)
    else:
        gone = query.kind is QueryKind.GONE_FALSE
        guesses = found.gone_false_positives if gone else found.new_false_positives
        labels = np.full(len(guesses), -1, dtype=np.int64)
    return Listed(asked.found, _rows(shown, labels, guesses, ordering), of_second)


def _partners(confusion: Confusion, labels: Ints) -> Ints:
    """(K,) the sure prediction of each label, -1 for none."""
    owner = np.full(len(confusion.index.labels), -1, dtype=np.int64)
    pairs = confusion.matched_predictions
    owner[confusion.label_of[pairs]] = pairs
    return owner[labels]


def _rows(confusion: Confusion, labels: Ints, guesses: Ints, ordering: Ordering) -> ErrorRows:
    index = confusion.index
    own, other = index.labels, index.predictions
    has_label, has_guess = labels >= 0, guesses >= 0

    def taken(column: np.ndarray, rows: Ints, known: np.ndarray) -> np.ndarray:
        found = np.full(len(rows), np.nan)
        found[known] = column[rows[known]]
        return found

    frames = np.where(has_label, taken(own.frame_rows, labels, has_label),
                      taken(other.frame_rows, guesses, has_guess)).astype(np.int64)  # fmt: skip
    scores = taken(other.scores, guesses, has_guess)
    values = np.where(has_label, taken(confusion.values, guesses, has_guess), np.nan)
    sizes = np.where(has_label, taken(own.sizes_m.prod(axis=1), labels, has_label),
                     taken(other.sizes_m.prod(axis=1), guesses, has_guess))  # fmt: skip
    key = {"CONF": scores, "IOU": values, "BOX_SIZE": sizes}[ordering.rpartition("_")[0]]
    order = np.lexsort((guesses, labels, key if ordering.endswith("ASC") else -key))
    return ErrorRows(
        0, len(order), labels[order], guesses[order], frames[order], scores[order],
        values[order], sizes[order],
    )  # fmt: skip
