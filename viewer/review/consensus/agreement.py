"""Agreement of two reviewers' verdicts, by class, with Cohen's kappa."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from viewer.review.verdicts.model import VerdictState

States = tuple[VerdictState, VerdictState]
"""What the first reviewer said, and the second."""


@dataclass(frozen=True, slots=True)
class VerdictPair:
    """What two reviewers said of one subject."""

    subject_key: str
    class_name: str
    """Empty where nobody told it."""
    states: States

    @property
    def is_judged(self) -> bool:
        """Whether both judged it: skipping is no judgement."""
        return VerdictState.SKIPPED not in self.states

    @property
    def agrees(self) -> bool:
        """Whether both said the same."""
        return self.states[0] is self.states[1]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two reviewers said the same."""

    counts: Mapping[States, int]
    """Number of subjects of which they said so, skipped ones left out."""
    skipped: int
    """Subjects that one of them or both skipped."""

    @property
    def total(self) -> int:
        """Number of subjects that both judged."""
        return sum(self.counts.values())

    @property
    def agreed(self) -> int:
        """Number of subjects of which both said the same."""
        return sum(count for (first, second), count in self.counts.items() if first is second)

    @property
    def share(self) -> float | None:
        """Part of the subjects of which both said the same, 0 to 1; None without any."""
        return self.agreed / self.total if self.total else None

    @property
    def expected_share(self) -> float | None:
        """What `share` would be if both said what they say as often, but blindly."""
        if not self.total:
            return None
        first: Counter[VerdictState] = Counter()
        second: Counter[VerdictState] = Counter()
        for (one, other), count in self.counts.items():
            first[one] += count
            second[other] += count
        return sum(first[state] * second[state] for state in first) / self.total**2

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: 1 when they always agree, 0 when no more than by chance.

        None where it means nothing: nothing judged by both, or both always said one same thing.
        """
        share, expected = self.share, self.expected_share
        if share is None or expected is None or expected == 1:
            return None
        return (share - expected) / (1 - expected)


def agreement(pairs: Iterable[VerdictPair]) -> Agreement:
    """Count how often two reviewers said the same.

    Examples
    --------
    >>> yes, no = VerdictState.ACCEPTED, VerdictState.REJECTED
    >>> said = [(yes, yes), (yes, no), (no, no), (no, no)]
    >>> found = agreement(VerdictPair(str(n), "car", each) for n, each in enumerate(said))
    >>> found.share, found.kappa
    (0.75, 0.5)
    """
    counts: Counter[States] = Counter()
    skipped = 0
    for pair in pairs:
        if pair.is_judged:
            counts[pair.states] += 1
        else:
            skipped += 1
    return Agreement(counts, skipped)


def agreement_by_class(pairs: Iterable[VerdictPair]) -> dict[str, Agreement]:
    """Count it for each class, in their order."""
    by_class: dict[str, list[VerdictPair]] = {}
    for pair in pairs:
        by_class.setdefault(pair.class_name, []).append(pair)
    return {name: agreement(found) for name, found in sorted(by_class.items())}
