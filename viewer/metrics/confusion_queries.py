"""The lists behind a confusion matrix: which objects, in which order, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.metrics.class_roles import BACKGROUND
from viewer.metrics.confusion import Confusion
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints

MOST_RESULTS = 10_000
Cells = npt.NDArray[np.bool_]


class Ordering(StrEnum):
    """What rows are sorted by; rows that do not have it come last."""

    CONF_ASC = "CONF_ASC"
    CONF_DESC = "CONF_DESC"
    IOU_ASC = "IOU_ASC"
    IOU_DESC = "IOU_DESC"
    BOX_SIZE_ASC = "BOX_SIZE_ASC"
    BOX_SIZE_DESC = "BOX_SIZE_DESC"


@dataclass(frozen=True, slots=True)
class Query:
    """Some cells of the matrix: pairs of a label's class and a prediction's.

    The pseudo-class ``background`` stands for false positives (as a label's class) and misses.
    """

    cells: tuple[tuple[str | None, str | None], ...]
    """None stands for any class but the background."""
    differing: bool | None = None
    """True for pairs whose classes differ, False for those that agree; None for both."""

    @classmethod
    def cell(cls, label_class: str, prediction_class: str) -> "Query":
        """One cell."""
        return cls(((label_class, prediction_class),))

    @classmethod
    def correct(cls) -> "Query":
        """Pairs of one class."""
        return cls(((None, None),), differing=False)

    @classmethod
    def confusions(cls) -> "Query":
        """Pairs whose classes differ."""
        return cls(((None, None),), differing=True)

    @classmethod
    def confused_as(cls, name: str) -> "Query":
        """Labels of other classes that were taken for one."""
        return cls(((None, name),), differing=True)

    @classmethod
    def confused_from(cls, name: str) -> "Query":
        """Labels of a class that were taken for others."""
        return cls(((name, None),), differing=True)

    @classmethod
    def false_positives(cls, name: str | None = None) -> "Query":
        """Predictions of a class, or of any, without a label."""
        return cls(((BACKGROUND, name),))

    @classmethod
    def false_negatives(cls, name: str | None = None) -> "Query":
        """Labels of a class, or of any, without a prediction."""
        return cls(((name, BACKGROUND),))

    def mask(self, confusion: Confusion) -> Cells:
        """(K + 1, K + 1) the cells that are meant; KeyError for a class that there is not."""
        count = len(confusion.cells)
        found = np.zeros((count, count), dtype=bool)
        roles = confusion.index.roles
        for label, prediction in self.cells:
            down = slice(0, count - 1) if label is None else roles.row(label)
            across = slice(0, count - 1) if prediction is None else roles.row(prediction)
            found[down, across] = True
        if self.differing is not None:
            found &= np.eye(count, dtype=bool) != self.differing
        return found


@dataclass(frozen=True, eq=False, slots=True)
class ErrorRows:
    """One page of a list; row i of every column is the same pair, false positive or miss."""

    offset: int
    total: int
    """Rows of all pages."""
    label_rows: Ints
    """-1 for a false positive."""
    prediction_rows: Ints
    """-1 for a miss."""
    frame_rows: Ints
    confidences: Floats
    """NaN for a miss."""
    values: Floats
    """Overlap or distance; NaN where one of the two is missing."""
    sizes: Floats
    """Volume in m3, or area in px where there is no cuboid: the label's, else the prediction's."""

    def __len__(self) -> int:
        return len(self.label_rows)


def list_errors(
    confusion: Confusion,
    query: Query | Sequence[Query],
    ordering: Ordering = Ordering.CONF_DESC,
    *,
    offset: int = 0,
    most: int = MOST_RESULTS,
) -> ErrorRows:
    """Return a page of what the queries mean, each row once.

    Raises
    ------
    KeyError
        When a query names a class that is not evaluated.
    """
    queries = [query] if isinstance(query, Query) else query
    mask = np.logical_or.reduce([each.mask(confusion) for each in queries])
    labels, predictions = _rows(confusion, mask)
    index = confusion.index
    by, _, direction = ordering.rpartition("_")
    key = _column(by, confusion, labels, predictions)
    order = np.lexsort((predictions, labels, key if direction == "ASC" else -key))
    page = order[offset : offset + most]
    labels, predictions = labels[page], predictions[page]
    frames = np.where(
        labels >= 0,
        _taken(index.labels.frame_rows, labels, missing=-1),
        _taken(index.predictions.frame_rows, predictions, missing=-1),
    )
    return ErrorRows(
        offset,
        len(order),
        labels,
        predictions,
        frames.astype(np.int64),
        *(_column(each, confusion, labels, predictions) for each in ("CONF", "IOU", "BOX_SIZE")),
    )


def _column(by: str, confusion: Confusion, labels: Ints, predictions: Ints) -> Floats:
    """(R,) what rows are sorted by."""
    index = confusion.index
    if by == "CONF":
        return _taken(index.predictions.scores, predictions)
    if by == "IOU":
        return np.where(labels >= 0, _taken(confusion.values, predictions), np.nan)
    own, other = _sizes(index.labels, labels), _sizes(index.predictions, predictions)
    return np.where(labels >= 0, own, other)


def _rows(confusion: Confusion, mask: Cells) -> tuple[Ints, Ints]:
    """Return the label and prediction of every pair, false positive and miss in some cells."""
    own = confusion.index.candidates
    background = len(mask) - 1
    pairs = confusion.matched_predictions
    partners = confusion.label_of[pairs]
    meant = mask[own.label_classes[partners], own.prediction_classes[pairs]]
    wrong = confusion.false_positives
    wrong = wrong[mask[background, own.prediction_classes[wrong]]]
    missed = confusion.false_negatives
    missed = missed[mask[own.label_classes[missed], background]]
    none = np.full
    return (
        np.concatenate([partners[meant], none(len(wrong), -1), missed]),
        np.concatenate([pairs[meant], wrong, none(len(missed), -1)]),
    )


def _taken(column: npt.NDArray[np.generic], rows: Ints, missing: float = np.nan) -> Floats:
    """Return values by row, something else where a row is -1."""
    if not len(column):
        return np.full(len(rows), missing)
    return np.where(rows >= 0, column[rows], missing)


def _sizes(objects: EvaluatedObjects, rows: Ints) -> Floats:
    found = np.full(len(rows), np.nan)
    there = rows >= 0
    sizes = objects.sizes_m[rows[there]].prod(axis=1)
    if objects.boxes_px is not None:
        boxes = objects.boxes_px[rows[there]]
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        sizes = np.where(np.isnan(sizes), areas, sizes)
    found[there] = sizes
    return found
