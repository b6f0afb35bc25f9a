"""What is wrong with predictions, row by row; what they are used without."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import Ints
from viewer.scene.scene import Problem

MAX_LISTED: Final = 10_000
"""So many rows are kept with their places; beyond, they are only counted."""


class ProblemKind(StrEnum):
    """Why a row cannot be used, or what a file says of itself."""

    UNKNOWN_FRAME = "unknown frame"
    NO_SCORE = "no score"
    SCORE_OUT_OF_BOUNDS = "score out of bounds"
    DUPLICATE_ID = "duplicate id"
    UNKNOWN_CLASS = "unknown class"
    UNKNOWN_COORD_FRAME = "unknown coord frame"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class PredictionProblem:
    """One row, or one place of a file, that is left out."""

    kind: ProblemKind
    source: str
    """The file; where a format does not tell, what was opened."""
    place: str
    """Line, or frame and id."""
    message: str

    def __str__(self) -> str:
        return f"{self.source}, {self.place}: {self.message}" if self.place else (
            f"{self.source}: {self.message}"
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PredictionProblems:
    """Everything that is wrong with one set of predictions."""

    counts: Mapping[ProblemKind, int]
    """Rows by what is wrong; a row counts once, by the first that is found."""
    rows: Sequence[PredictionProblem]
    """The first of each kind with their places."""
    row_count: int
    """Rows that were read."""

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def left_out(self) -> int:
        """Rows that are left out; what a file says of itself is no row."""
        return sum(count for kind, count in self.counts.items() if kind != ProblemKind.FILE)

    def summary(self) -> str:
        """One line, such as ``3 of 812 predictions cannot be used: 2 unknown frame, 1 no score``.

        Examples
        --------
        >>> PredictionProblems({ProblemKind.NO_SCORE: 1}, (), 8).summary()
        '1 of 8 predictions cannot be used: 1 no score'
        """
        kinds = ", ".join(
            f"{count} {kind.value}" for kind, count in self.counts.items()
            if kind != ProblemKind.FILE
        )  # fmt: skip
        told = self.counts.get(ProblemKind.FILE, 0)
        parts = []
        if kinds:
            total = self.row_count
            parts.append(f"{self.left_out} of {total} predictions cannot be used: {kinds}")
        if told:
            parts.append(f"{told} problem{'s' if told > 1 else ''} of the files")
        return "; ".join(parts)


class BadPredictions(Exception):
    """Predictions have problems, and nobody said that the rest shall be used."""

    def __init__(self, problems: PredictionProblems) -> None:
        self.problems = problems
        super().__init__(problems.summary())


@dataclass(frozen=True, slots=True)
class PredictionRules:
    """What a row must keep to be used."""

    score_bounds: tuple[float, float] | None = (0.0, 1.0)
    """None where a benchmark's scores have none, as KITTI's."""
    needs_score: bool = True
    known_classes: Collection[str] = ()
    """Compared without regard to case; empty to know any class."""


class ProblemRows:
    """Collects problems; a row that has one already is passed over."""

    def __init__(self, row_count: int) -> None:
        self.is_good = np.ones(row_count, dtype=bool)
        self._counts: Counter[ProblemKind] = Counter()
        self._listed: list[PredictionProblem] = []

    def add(
        self,
        kind: ProblemKind,
        bad: npt.NDArray[np.bool_] | Ints,
        place_of: Callable[[int], tuple[str, str]],
        message_of: Callable[[int], str],
    ) -> None:
        """Add rows, by mask or index; `place_of` a row gives its file and the place in it."""
        rows = np.flatnonzero(bad) if bad.dtype == np.bool_ else bad
        rows = rows[self.is_good[rows]]
        if not len(rows):
            return
        self.is_good[rows] = False
        self._counts[kind] += len(rows)
        for row in rows[:MAX_LISTED].tolist():
            source, place = place_of(row)
            self._listed.append(PredictionProblem(kind, source, place, message_of(row)))

    def add_files(self, problems: Sequence[Problem]) -> None:
        """Add what readers noted."""
        if problems:
            self._counts[ProblemKind.FILE] += len(problems)
            self._listed += [
                PredictionProblem(ProblemKind.FILE, each.source, each.place, each.message)
                for each in problems
            ]

    def found(self) -> PredictionProblems:
        """Return all of them."""
        return PredictionProblems(dict(self._counts), tuple(self._listed), len(self.is_good))
