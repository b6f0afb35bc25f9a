"""Annotators whose labels have more findings than those of the others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from viewer.checks.annotators import annotators_of
from viewer.checks.base import Group, NotAsked, Parameter
from viewer.checks.dataset.reviewer_agreement import ReviewerAgreement
from viewer.checks.dataset_base import (
    DatasetCheck,
    SummaryTable,
    Tally,
    TallyKey,
    first_most,
    percent,
    total,
    under,
)
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene

OBJECTS: Final = "objects"
WRONG: Final = "wrong"
MOSTLY: Final = "mostly"


class AnnotatorErrors(DatasetCheck):
    """Objects are counted, not labels: a track that floats is one mistake.

    Intervals are Wilson's; one annotator is told when theirs lies above that of all others
    together.
    """

    id: ClassVar[str] = "annotator-errors"
    numbers: ClassVar[tuple[int, ...]] = (34,)
    title: ClassVar[str] = "Annotator with many findings"
    question: ClassVar[str] = "Do the labels of all annotators have findings about as often?"
    group: ClassVar[Group] = Group.DATASET
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_severity", 2, "of findings that count: 0 info, 1 low, 2 medium, 3 high",
                  high=3),
        Parameter("least_objects", 30, "of an annotator, and of the others, to be compared",
                  low=1),
        Parameter("sigmas", 2.58, "of the intervals, 99 of 100 by default", "Wilson 1927"),
    )  # fmt: skip

    def count(
        self, scene: CheckedScene, found: Sequence[Finding], policy: Policy
    ) -> Mapping[TallyKey, int]:
        makers = annotators_of(scene)
        if makers is None:
            return {}
        least = policy.parameters_of(type(self)).of("least_severity")
        objects: dict[str, set[str]] = {}
        maker_of: dict[tuple[str, str], tuple[str, str]] = {}
        for row, maker in enumerate(makers.tolist()):
            if maker:
                name = scene.track_id(row) or f"\0{scene.labels.label_ids[row]}"
                objects.setdefault(maker, set()).add(name)
                maker_of[scene.frame_key(row), scene.labels.label_ids[row]] = maker, name
        wrong: dict[tuple[str, str], set[str]] = {}
        for each in found:
            if each.check == ReviewerAgreement.id or not each.labels or each.severity < least:
                continue
            label = each.labels[0]
            if label.label_set_id != scene.label_set_id:
                continue
            known = maker_of.get((label.frame_key, label.label_id))
            if known is not None:
                wrong.setdefault((known[0], each.check), set()).add(known[1])
        counted: Counter[TallyKey] = Counter()
        for maker, names in objects.items():
            accused = [own for (who, _), own in wrong.items() if who == maker]
            counted[OBJECTS, maker] = len(names)
            counted[WRONG, maker] = len(set().union(*accused))
        for (maker, check), names in wrong.items():
            counted[MOSTLY, maker, check] = len(names)
        return counted

    def judge(self, tallies: Mapping[str, Tally], policy: Policy) -> Iterable[Finding]:
        parameters = policy.parameters_of(type(self))
        rates = self._rates(tallies, policy)
        if len(rates) < 2:
            raise NotAsked("all labels are by one annotator" if rates
                           else "no label says who made it")  # fmt: skip
        for rate in rates:
            others = Rate.of(
                "", sum(each.objects for each in rates) - rate.objects,
                sum(each.wrong for each in rates) - rate.wrong, "", parameters.of("sigmas"),
            )  # fmt: skip
            if min(rate.objects, others.objects) < parameters.of("least_objects"):
                continue
            if rate.low <= others.high:
                continue
            mostly = f", mostly {rate.mostly}" if rate.mostly else ""
            yield Finding(
                check=self.id, scene_id=first_most(tallies, WRONG, rate.name), frame_key=None,
                labels=(), class_name="", score=rate.share / (rate.share + others.share),
                severity=Severity.MEDIUM if rate.share >= 2 * others.share else Severity.LOW,
                about=rate.name,
                text=f"{rate.wrong:,} of {rate.objects:,} objects of {rate.name} have findings "
                f"({rate.share:.0%}, {rate.low:.0%} to {rate.high:.0%}){mostly}; of the others' "
                f"{others.share:.0%}",
                evidence=Evidence(
                    {"objects": rate.objects, "wrong_objects": rate.wrong, "share": rate.share,
                     "lowest_share": rate.low, "highest_share": rate.high,
                     "others_share": others.share}
                ),
            )  # fmt: skip

    def table(self, tallies: Mapping[str, Tally], policy: Policy) -> SummaryTable | None:
        rates = self._rates(tallies, policy)
        if not rates:
            return None
        rows = tuple(
            (each.name, each.objects, each.wrong, percent(each.wrong, each.objects),
             percent(each.low, 1), percent(each.high, 1), each.mostly)
            for each in rates
        )  # fmt: skip
        columns = (
            "annotator",
            "objects",
            "with findings",
            "share, %",
            "at least, %",
            "at most, %",
            "mostly",
        )
        return SummaryTable("Findings by annotator", columns, rows)

    def _rates(self, tallies: Mapping[str, Tally], policy: Policy) -> "list[Rate]":
        whole = total(tallies.values())
        sigmas = policy.parameters_of(type(self)).of("sigmas")
        rates = []
        for (name,), objects in under(whole, OBJECTS):
            checks = sorted(under(whole, MOSTLY, name), key=lambda each: -each[1])
            mostly = str(checks[0][0][0]) if checks else ""
            rates.append(Rate.of(str(name), objects, whole[WRONG, name], mostly, sigmas))
        return rates


@dataclass(frozen=True, slots=True)
class Rate:
    """How many objects of one annotator have findings, with the interval of the share."""

    name: str
    objects: int
    wrong: int
    low: float
    high: float
    mostly: str
    """Check that accuses most of them."""

    @property
    def share(self) -> float:
        """Of the objects."""
        return self.wrong / self.objects if self.objects else 0.0

    @classmethod
    def of(cls, name: str, objects: int, wrong: int, mostly: str, sigmas: float) -> "Rate":
        """Return the rate with its interval."""
        return cls(name, objects, wrong, *wilson(wrong, objects, sigmas), mostly)


def wilson(hits: int, count: int, sigmas: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share, 0 to 1 where nothing was counted.

    Examples
    --------
    >>> [round(each, 4) for each in wilson(5, 20, 1.96)]
    [0.1119, 0.4687]
    """
    if not count:
        return 0.0, 1.0
    share, squared = hits / count, sigmas * sigmas
    middle = share + squared / (2 * count)
    reach = sigmas * float(np.sqrt(share * (1 - share) / count + squared / (4 * count * count)))
    whole = 1 + squared / count
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)
