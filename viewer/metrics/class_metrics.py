"""Precision, recall and F1 of each class, and their averages, from a confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viewer.metrics.confusion import Confusion
from viewer.metrics.objects import Floats, Ints


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Figures of one class, or of all together.

    A label that was taken for another class is a miss of its own class and a false positive of
    the other. Where nothing was predicted precision is 0, where there is no label recall is.
    """

    name: str
    true_positives: int
    false_positives: int
    false_negatives: int
    precision: float
    recall: float
    f1: float

    @property
    def support(self) -> int:
        """Labels that count."""
        return self.true_positives + self.false_negatives


@dataclass(frozen=True, slots=True)
class MetricsTable:
    """Every class, then three ways to see all together."""

    classes: tuple[ClassMetrics, ...]
    weighted: ClassMetrics
    """Averages weighted by the labels of each class; its counts are sums."""
    macro: ClassMetrics
    """Plain averages over the classes that have labels."""
    micro: ClassMetrics
    """From the sums of all classes."""

    def of(self, name: str | None) -> ClassMetrics:
        """Return a class's figures; None for the weighted average.

        Raises
        ------
        KeyError
            When there is no such class.
        """
        if name is None:
            return self.weighted
        for each in self.classes:
            if each.name.casefold() == name.casefold():
                return each
        raise KeyError(f"no class {name!r}; there are {', '.join(c.name for c in self.classes)}")


def metrics_table(cells: Ints, names: Sequence[str]) -> MetricsTable:
    """Return the figures of (K + 1, K + 1) counts, background last, of K classes.

    Examples
    --------
    >>> table = metrics_table(np.array([[3, 1], [2, 0]]), ["car"])
    >>> table.of("car").precision, table.of("car").recall
    (0.6, 0.75)
    """
    true = np.diag(cells)[:-1].astype(np.int64)
    false = cells[:, :-1].sum(axis=0) - true
    missed = cells[:-1].sum(axis=1) - true
    precision, recall, f1 = rates(true, false, missed)
    classes = tuple(
        ClassMetrics(
            name, int(true[k]), int(false[k]), int(missed[k]), float(precision[k]),
            float(recall[k]), float(f1[k]),
        )
        for k, name in enumerate(names)
    )  # fmt: skip
    sums = (int(true.sum()), int(false.sum()), int(missed.sum()))
    support = (true + missed).astype(np.float64)
    figures = np.stack([precision, recall, f1])
    micro = np.stack(rates(*(np.array([each]) for each in sums)))[:, 0]
    return MetricsTable(
        classes,
        ClassMetrics("weighted average", *sums, *_average(figures, support)),
        ClassMetrics("average", *sums, *_average(figures, (support > 0).astype(np.float64))),
        ClassMetrics("all", *sums, *micro.tolist()),
    )


def table_of(confusion: Confusion) -> MetricsTable:
    """Return the figures of a whole confusion matrix."""
    return metrics_table(confusion.cells, confusion.index.roles.names)


def rates(true: Ints, false: Ints, missed: Ints) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of counts; 0 where nothing could be."""
    return (
        _share(true, true + false),
        _share(true, true + missed),
        _share(2 * true, 2 * true + false + missed),
    )


def _share(part: Ints, whole: Ints) -> Floats:
    found: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return found


def _average(figures: Floats, weights: Floats) -> list[float]:
    total = weights.sum()
    averages: list[float] = ((figures @ weights) / total if total else np.zeros(3)).tolist()
    return averages
