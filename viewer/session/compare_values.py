"""What the Compare layout shows, as plain frozen values: matrix, curves, tables, queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.metrics import confusion_queries as lists
from viewer.metrics.class_roles import BACKGROUND
from viewer.metrics.confusion_queries import Ordering
from viewer.session.compare_walk import PairPlace

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class MatrixCounts:
    """How often each class was taken for each."""

    names: tuple[str, ...]
    """The C classes; `BACKGROUND` follows them in rows and columns."""
    counts: Ints
    """(C + 1, C + 1): rows are the truth, columns the prediction."""

    @property
    def all_names(self) -> tuple[str, ...]:
        """Classes, then the background."""
        return (*self.names, BACKGROUND)

    @property
    def correct(self) -> int:
        """Pairs of one class."""
        return int(np.trace(self.counts[:-1, :-1]))

    @property
    def confused(self) -> int:
        """Pairs of two classes."""
        return int(self.counts[:-1, :-1].sum()) - self.correct

    @property
    def false_positives(self) -> int:
        """Predictions without a label."""
        return int(self.counts[-1, :-1].sum())

    @property
    def false_negatives(self) -> int:
        """Labels without a prediction."""
        return int(self.counts[:-1, -1].sum())


class QueryKind(StrEnum):
    """What the list of pairs may hold; confused ones are matched pairs only."""

    CELL = "cell"
    CORRECT = "correct"
    CONFUSIONS = "confusions"
    CONFUSED_AS = "confused_as"
    CONFUSED_FROM = "confused_from"
    FALSE_POSITIVES = "false_positives"
    FALSE_NEGATIVES = "false_negatives"
    FIXED = "fixed"
    """This and the following ask about two sets of predictions."""
    BROKEN = "broken"
    BOTH_WRONG = "both_wrong"
    BOTH_RIGHT = "both_right"
    NEW_FALSE = "new_false"
    GONE_FALSE = "gone_false"

    @property
    def is_of_two(self) -> bool:
        """Whether it is about two sets of predictions."""
        return self in _CHANGE_TEXTS


_CHANGE_TEXTS = {
    QueryKind.FIXED: "wrong in the first set, right in the second",
    QueryKind.BROKEN: "right in the first set, wrong in the second",
    QueryKind.BOTH_WRONG: "wrong in both sets",
    QueryKind.BOTH_RIGHT: "right in both sets",
    QueryKind.NEW_FALSE: "false positives of the second set alone",
    QueryKind.GONE_FALSE: "false positives of the first set alone",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the matched pairs."""

    kind: QueryKind
    truth: str | None = None
    """Class of the label, for a cell and `CONFUSED_FROM`."""
    prediction: str | None = None
    """Class of the prediction, for a cell and `CONFUSED_AS`."""

    def meant(self) -> lists.Query:
        """The question as the metrics know it."""
        match self.kind:
            case QueryKind.CELL:
                return lists.Query.cell(self.truth or BACKGROUND, self.prediction or BACKGROUND)
            case QueryKind.CORRECT:
                return lists.Query.correct()
            case QueryKind.CONFUSIONS:
                return lists.Query.confusions()
            case QueryKind.CONFUSED_AS:
                return lists.Query.confused_as(self.prediction or "")
            case QueryKind.CONFUSED_FROM:
                return lists.Query.confused_from(self.truth or "")
            case QueryKind.FALSE_POSITIVES:
                return lists.Query.false_positives(self.prediction)
            case _:
                return lists.Query.false_negatives(self.truth)

    @property
    def text(self) -> str:
        """For people.

        Examples
        --------
        >>> Query(QueryKind.CELL, "car", "van").text
        'car taken for van'
        >>> Query(QueryKind.CELL, "car", BACKGROUND).text
        'car missed'
        """
        match self.kind:
            case QueryKind.CELL if self.truth == BACKGROUND:
                return f"{self.prediction} where nothing is"
            case QueryKind.CELL if self.prediction == BACKGROUND:
                return f"{self.truth} missed"
            case QueryKind.CELL if self.truth == self.prediction:
                return f"{self.truth} found"
            case QueryKind.CELL:
                return f"{self.truth} taken for {self.prediction}"
            case QueryKind.CORRECT:
                return "found, of the right class"
            case QueryKind.CONFUSIONS:
                return "taken for another class"
            case QueryKind.CONFUSED_AS:
                return f"taken for {self.prediction}"
            case QueryKind.CONFUSED_FROM:
                return f"{self.truth} taken for another class"
            case kind if kind in _CHANGE_TEXTS:
                return _CHANGE_TEXTS[kind]
            case QueryKind.FALSE_POSITIVES:
                return "predicted where nothing is"
            case _:
                return "labels that were missed"


ORDERING_TEXTS = {
    Ordering.CONF_DESC: "Most confident first",
    Ordering.CONF_ASC: "Least confident first",
    Ordering.IOU_DESC: "Closest match first",
    Ordering.IOU_ASC: "Worst match first",
    Ordering.BOX_SIZE_DESC: "Largest first",
    Ordering.BOX_SIZE_ASC: "Smallest first",
}


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """One line of a plot."""

    name: str
    x: Floats
    y: Floats
    note: str = ""
    """A figure that belongs to it, e.g. ``AP 0.812``."""


@dataclass(frozen=True, eq=False, slots=True)
class Plot:
    """Lines over common axes; y goes from 0 to 1."""

    title: str
    x_name: str
    y_name: str
    curves: tuple[Curve, ...]
    diagonal: bool = False
    """Whether the diagonal is the ideal, as in calibration."""
    over_confidence: bool = False
    """Whether the x axis is the confidence threshold."""
    x_bounds: tuple[float, float] = (0.0, 1.0)

    def only(self, name: str) -> "Plot":
        """The plot with one of its curves."""
        return replace(self, curves=tuple(each for each in self.curves if each.name == name))


@dataclass(frozen=True, eq=False, slots=True)
class Plots:
    """Plots of one comparison."""

    plots: tuple[Plot, ...]


class Format(StrEnum):
    """How the numbers of a column are written."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    """0 .. 1, with three digits."""
    NUMBER = "number"
    NUMERAL = "numeral"
    """Written already; stands on the right like a number."""
    SIGNED = "signed"
    """-1 .. 1, with its sign."""
    VERDICT = "verdict"
    """True, False or None: passed, failed, not asked."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    format: Format = Format.TEXT
    tip: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Rows of figures."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: Sequence[str] = ()
    """What the figures leave out, a line each."""
    queries: tuple[Query | None, ...] = ()
    """What each row asks of the list, where it asks anything; empty for none."""
    places: tuple[PairPlace, ...] = ()
    """Where each row is to be looked at; empty for nowhere."""


def cell_text(value: object, form: Format) -> str:
    """A figure for people.

    Examples
    --------
    >>> cell_text(0.8125, Format.SHARE), cell_text(1234, Format.COUNT)
    ('0.812', '1,234')
    """
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return "" if form is Format.VERDICT else "–"
    if form is Format.VERDICT:
        return "passed" if value else "failed"
    if form is Format.COUNT:
        return f"{int(value):,}"  # type: ignore[call-overload]
    if form is Format.SHARE:
        return f"{float(value):.3f}"  # type: ignore[arg-type]
    if form is Format.SIGNED:
        return f"{float(value):+.3f}"  # type: ignore[arg-type]
    if form is Format.NUMBER:
        return f"{float(value):,.4g}"  # type: ignore[arg-type]
    return str(value)
