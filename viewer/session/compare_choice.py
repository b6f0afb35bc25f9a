"""What is to be compared, and how: frozen values that a job takes with it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from viewer.metrics.matching.base import Similarity
from viewer.metrics.matching.catalog import SIMILARITIES, similarity_by_name
from viewer.metrics.scenarios import Scenario

WIDEST_DISTANCE_M = 10.0
"""End of the slider of distances."""


@dataclass(frozen=True, slots=True)
class CompareChoice:
    """Label sets, and how their objects are paired."""

    truth: str | None = None
    first: str | None = None
    second: str | None = None
    """A second set of predictions beside the first."""
    measure: str = SIMILARITIES[0].name
    hungarian: bool = False
    """Best pairs overall instead of the most confident prediction first."""
    by_class: bool = False
    """Pair objects of one class only: no confusions then."""
    min_range_m: float = 0.0
    max_range_m: float | None = None
    min_points: int = 0
    """Labels with fewer lidar points are left out, where they are counted."""
    difficulty: str = ""
    """``easy``, ``moderate`` or ``hard`` as KITTI has them; empty for any."""
    also: str = ""
    """With `by_class`: more pairs of classes that may be one, as ``car=van, bus=truck``."""

    def rules(self) -> tuple[tuple[str, str], ...]:
        """How pairs are found, where it differs from the defaults: names and JSON values.

        Examples
        --------
        >>> CompareChoice(first="model", min_points=5).rules()
        (('min_points', '5'),)
        """
        fresh = CompareChoice()
        return tuple(
            (name, json.dumps(getattr(self, name)))
            for name in _RULES
            if getattr(self, name) != getattr(fresh, name)
        )

    def with_rules(self, rules: Iterable[tuple[str, str]]) -> "CompareChoice":
        """Return the choice with what `rules` gave; what cannot be used is left out.

        Examples
        --------
        >>> kept = CompareChoice().with_rules([("max_range_m", "40.0"), ("measure", '"magic"')])
        >>> kept.max_range_m, kept.measure == CompareChoice().measure
        (40.0, True)
        """
        found = {}
        for name, text in rules:
            try:
                value = json.loads(text)
            except ValueError:
                continue
            if name in _RULES and _RULES[name](value):
                found[name] = value
        return replace(self, **found)

    @property
    def allowed(self) -> tuple[tuple[str, str], ...]:
        """What `also` says.

        Examples
        --------
        >>> CompareChoice(by_class=True, also="car=van, bus = truck").allowed
        (('car', 'van'), ('bus', 'truck'))
        >>> CompareChoice(also="car=van").allowed
        ()

        Raises
        ------
        ValueError
            When a part is no pair.
        """
        if not self.by_class:
            return ()
        found = []
        for part in filter(None, (each.strip() for each in self.also.split(","))):
            label, equals, prediction = (each.strip() for each in part.partition("="))
            if not (label and equals and prediction):
                raise ValueError(f"“{part}” is no pair of classes: write label=prediction")
            found.append((label, prediction))
        return tuple(found)

    @property
    def similarity(self) -> Similarity:
        """How alike a label and a prediction are."""
        return similarity_by_name(self.measure)

    @property
    def is_distance(self) -> bool:
        """Whether less is better, in metres."""
        return self.similarity.is_distance

    @property
    def measure_text(self) -> str:
        """The measure for people."""
        return self.similarity.title

    @property
    def threshold_name(self) -> str:
        """Name of the slider of the measure."""
        if self.is_distance:
            return "Distance to"
        return "OKS from" if "OKS" in self.measure_text else "IoU from"


def _is_range(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


_RULES: Mapping[str, Callable[[object], bool]] = {
    "measure": lambda value: any(value == each.name for each in SIMILARITIES),
    "hungarian": lambda value: isinstance(value, bool),
    "by_class": lambda value: isinstance(value, bool),
    "min_range_m": _is_range,
    "max_range_m": _is_range,
    "min_points": lambda value: _is_range(value) and isinstance(value, int),
    "difficulty": lambda value: value in ("easy", "moderate", "hard"),
    "also": lambda value: isinstance(value, str),
}
"""What of a choice is about any dataset, and what it may be."""


def measure_titles() -> tuple[tuple[str, str, str], ...]:
    """Names of the measures, their titles, and what both sides need for them."""
    return tuple((each.name, _capital(each.title), each.needs) for each in SIMILARITIES)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Least:
    """What each scene and slice must reach; None asks nothing."""

    precision: float | None = None
    recall: float | None = None
    f1: float | None = None

    def __bool__(self) -> bool:
        return any(each is not None for each in (self.precision, self.recall, self.f1))

    def asked_of(self, scenario: Scenario) -> Scenario:
        """The scenario with what it must reach."""
        return replace(
            scenario, least_precision=self.precision, least_recall=self.recall, least_f1=self.f1
        )


CERTAIN_BOUNDS = (0.0, 1.0)
"""Of scores that are probabilities."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where a prediction, and a pair, counts."""

    confidence: float = 0.1
    similarity: float = SIMILARITIES[0].default_threshold
    """IoU at least, or distance in metres at most."""
    least: Least = Least()
    """Asked of scenes and slices alone."""

    def fitted(self, before: tuple[float, float], now: tuple[float, float]) -> "Thresholds":
        """Return thresholds for scores of another range.

        All of them count at first where scores are no probabilities, as KITTI's are not.

        Examples
        --------
        >>> Thresholds().fitted((0.0, 1.0), (-3.5, 12.0)).confidence
        -3.5
        >>> Thresholds(confidence=-2.0).fitted((-3.5, 12.0), (0.0, 1.0)).confidence
        0.1
        >>> Thresholds(confidence=4.0).fitted((-3.5, 12.0), (-3.0, 12.0)).confidence
        4.0
        """
        if now == CERTAIN_BOUNDS:
            fits = 0.0 <= self.confidence <= 1.0 and before == CERTAIN_BOUNDS
            return self if fits else replace(self, confidence=Thresholds().confidence)
        fits = before != CERTAIN_BOUNDS and now[0] <= self.confidence <= now[1]
        return self if fits else replace(self, confidence=now[0])
