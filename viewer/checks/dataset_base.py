"""The contract of a check about a whole dataset: count each scene, then answer once.

What is counted of a scene are integers under keys. They add up to the same in any order and on any
number of machines, and the answer is made from the sums alone, in the order of scenes.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.checks.base import Question
from viewer.checks.finding import Finding

if TYPE_CHECKING:
    from viewer.checks.policy import Policy
    from viewer.checks.scene_labels import CheckedScene

TallyKey = tuple[str | int, ...]
Tally = Mapping[TallyKey, int]
"""Integers by key; whatever else a check counts by is part of the key, bins of histograms too."""


@dataclass(frozen=True, slots=True)
class SummaryTable:
    """Numbers about the dataset that a check shows whether it finds anything or not."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
    """None for what is not known."""


class DatasetCheck(Question):
    """One question about all scenes together. A new one is a file, and a line in `catalog.py`."""

    @abstractmethod
    def count(
        self, scene: "CheckedScene", found: Sequence[Finding], policy: "Policy"
    ) -> Mapping[TallyKey, int]:
        """Count one scene; runs on any machine.

        Parameters
        ----------
        found
            What the checks about one scene say of it.
        """

    def judge(self, tallies: Mapping[str, Tally], policy: "Policy") -> Iterable[Finding]:
        """Answer for the dataset; `NotAsked` where it has nothing to judge.

        Parameters
        ----------
        tallies
            What was counted, by scene, in the order of scenes.
        """
        return ()

    def table(self, tallies: Mapping[str, Tally], policy: "Policy") -> SummaryTable | None:
        """Return numbers to show beside the findings; None for none."""
        return None


def total(tallies: Iterable[Tally]) -> Counter[TallyKey]:
    """Add up what was counted."""
    whole: Counter[TallyKey] = Counter()
    for tally in tallies:
        whole.update(tally)
    return whole


def under(tally: Tally, *start: str | int) -> Iterator[tuple[TallyKey, int]]:
    """Yield the rest of each key that begins so, with its count; in the order of keys."""
    wide = len(start)
    chosen = [(key[wide:], count) for key, count in tally.items() if key[:wide] == start]
    yield from sorted(chosen, key=lambda each: tuple(map(str, each[0])))


def first_most(tallies: Mapping[str, Tally], *key: str | int) -> str:
    """Return the scene that counts most under a key; of equals the first."""
    return max(tallies, key=lambda scene: tallies[scene].get(key, 0))


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent for a table, to two decimals; None of nothing.

    Examples
    --------
    >>> percent(1, 3), percent(0, 0)
    (33.33, None)
    """
    return round(100.0 * part / whole, 2) if whole else None
