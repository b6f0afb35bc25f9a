"""What is usual for a class, to be charted: histograms, quantiles, limits of the checks.

Where a site pins a limit it says so; the value of the label that is looked at stands beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Question
from viewer.checks.learned import RANGE_STEP_M, RANGE_STEPS, Learned, Usual, points_at
from viewer.checks.policy import Policy
from viewer.checks.policy_writing import limits_of, size_range
from viewer.checks.single_box.size_prior import SizePrior
from viewer.checks.single_box.tightness import Tightness
from viewer.checks.single_box.too_few_points import TooFewPoints
from viewer.checks.size_limits import pinned_sizes
from viewer.checks.track.speed_limit import SpeedLimit

Floats = npt.NDArray[np.float64]
COLUMNS: Final = 48
LEAST_BINS: Final = 24
FEW_LABELS: Final = 20
"""Too few to tell of nine in ten."""
LOW, HIGH = 0.05, 0.95
POINTS: Final = "points"
SIZES: Final = ("length_m", "width_m", "height_m")
_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "length_m": ("Length", "m"), "width_m": ("Width", "m"), "height_m": ("Height", "m"),
    "speed_mps": ("Speed", "m/s"), "acceleration_mps2": ("Change of speed", "m/s²"),
    "slack_m": ("Gap to the sides that are seen", "m"),
}  # fmt: skip
QUANTITY_OF: Final[Mapping[str, str]] = {
    "size-prior": "length_m", "aspect": "length_m", "tightness": "slack_m",
    "speed-limit": "acceleration_mps2", "too-few-points": POINTS, "empty-box": POINTS,
}  # fmt: skip
"""The chart that tells why a check finds a label unusual."""


class Origin(StrEnum):
    """Where a limit comes from, for people."""

    LEARNED = "learned"
    POLICY = "pinned by the policy"
    CHECK = "the check's own"


@dataclass(frozen=True, slots=True)
class Limit:
    """A value beyond which a check speaks."""

    value: float
    origin: Origin

    @property
    def is_pinned(self) -> bool:
        """Whether the policy pins it."""
        return self.origin is Origin.POLICY


@dataclass(frozen=True, eq=False, slots=True)
class UsualChart:
    """One quantity of one class."""

    quantity: str
    title: str
    unit: str
    edges: Floats
    """(N + 1,) rising; equal steps of the logarithm where it is so."""
    counts: Floats
    """(N,) labels between them."""
    total: int
    quantiles: tuple[float, float, float]
    """At 5, 50 and 95 %."""
    limits: tuple[Limit, ...]
    own: float | None
    """Of the label that is looked at."""
    logarithmic: bool


@dataclass(frozen=True, eq=False, slots=True)
class RangeChart:
    """Points in the boxes of one class, by range."""

    edges_m: Floats
    """(R + 1,)."""
    quantiles: Floats
    """(R, 3) at 5, 50 and 95 %; NaN where there are no labels."""
    least: Floats
    """(R,) below which a check speaks; NaN where it does not."""
    totals: npt.NDArray[np.int64]
    """(R,) labels."""
    own: tuple[float, float] | None
    """Range in metres and points of the label that is looked at."""
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class OwnValues:
    """What is known of the label that is looked at, by quantity."""

    class_name: str
    values: Mapping[str, float]
    range_m: float | None = None
    points: int | None = None


def classes_of(learned: Learned) -> list[tuple[str, int]]:
    """Every class with its labels, the most frequent first."""
    totals: dict[str, int] = {}
    for by_class in learned.labels_by_scene.values():
        for name, count in by_class.items():
            totals[name] = totals.get(name, 0) + count
    return sorted(totals.items(), key=lambda each: (-each[1], each[0]))


def charts_of(
    learned: Learned, class_name: str, policy: Policy, own: OwnValues | None = None
) -> list[UsualChart]:
    """Charts of every quantity that was counted for a class."""
    found = []
    values = own.values if own is not None and own.class_name == class_name else {}
    for quantity, (title, unit) in _TITLES.items():
        usual = learned.usual(class_name, quantity)
        if not usual.total:
            continue
        limits = _limits(learned, usual, class_name, quantity, policy)
        value = values.get(quantity)
        edges, counts = _columns(usual, [*(each.value for each in limits), value])
        low, middle, high = (usual.quantile(share) for share in (LOW, 0.5, HIGH))
        found.append(
            UsualChart(quantity, title, unit, edges, counts, usual.total, (low, middle, high),
                       limits, value, usual.bins.logarithmic)
        )  # fmt: skip
    return found


def range_chart_of(
    learned: Learned, class_name: str, policy: Policy, own: OwnValues | None = None
) -> RangeChart | None:
    """Chart of points by range; None where no points were counted."""
    usual = [
        learned.usual(class_name, points_at(step * RANGE_STEP_M)) for step in range(RANGE_STEPS)
    ]
    totals = np.array([each.total for each in usual], np.int64)
    if not totals.any():
        return None
    last = int(np.flatnonzero(totals)[-1]) + 1
    parameters = policy.parameters_of(TooFewPoints)
    enough = parameters.of("least_labels", class_name)
    middling = parameters.of("least_usual_points", class_name)
    share = parameters.of("rarest_share", class_name)
    quantiles = np.array([[each.quantile(q) for q in (LOW, 0.5, HIGH)] for each in usual[:last]])
    least = np.array([
        each.quantile(share) if each.total >= enough and each.median >= middling else np.nan
        for each in usual[:last]
    ])  # fmt: skip
    mine = None
    told = own is not None and own.class_name == class_name
    if told and own is not None and own.range_m is not None and own.points is not None:
        mine = own.range_m, float(own.points)
    pinned = _is_pinned(policy, TooFewPoints, "rarest_share", class_name)
    edges = np.arange(last + 1, dtype=np.float64) * RANGE_STEP_M
    return RangeChart(edges, quantiles, least, totals[:last], mine, pinned)


def chart_text(chart: UsualChart) -> str:
    """What a chart shows, in one sentence."""
    low, middle, high = chart.quantiles
    unit = f" {chart.unit}"
    text = f"Median {number(middle)}{unit} of {chart.total:,} labels"
    if chart.total == 1:
        text = f"{number(middle)}{unit} of the only label"
    elif chart.total >= FEW_LABELS:
        text += f", 90 % of them from {number(low)} to {number(high)}"
    if chart.limits:
        values = " and ".join(number(each.value) for each in chart.limits)
        text += f"; told beyond {values} ({chart.limits[0].origin})"
    if chart.own is not None:
        text += f". This label: {number(chart.own)}{unit}"
    return text


def number(value: float) -> str:
    """A value with as many decimals as people read.

    Examples
    --------
    >>> number(3.7), number(14.25), number(120.6), number(0.034)
    ('3.70', '14.2', '121', '0.034')
    """
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 3
    return f"{value:.{decimals}f}"


def range_text(chart: RangeChart) -> str:
    """What the chart of points shows, in one sentence."""
    text = f"Median and 90 % of {int(chart.totals.sum()):,} labels, by range"
    if np.isfinite(chart.least).any():
        text += "; told below the dashed line"
        text += " (pinned by the policy)" if chart.is_pinned else " (learned)"
    if chart.own is not None:
        range_m, points = chart.own
        text += f". This label: {points:,.0f} points at {range_m:.0f} m"
        place = int(range_m // RANGE_STEP_M)
        if place < len(chart.quantiles) and np.isfinite(chart.quantiles[place, 1]):
            text += f", where {chart.quantiles[place, 1]:,.0f} are usual"
    return text


def _limits(
    learned: Learned, usual: Usual, class_name: str, quantity: str, policy: Policy
) -> tuple[Limit, ...]:
    if quantity in SIZES:
        return _size_limits(usual, class_name, quantity, policy)
    if quantity == "speed_mps":
        most = policy.parameters_of(SpeedLimit).of("most_speed_mps")
        pinned = _is_pinned(policy, SpeedLimit, "most_speed_mps", class_name)
        return (Limit(most, Origin.POLICY if pinned else Origin.CHECK),)
    check, name = {
        "acceleration_mps2": (SpeedLimit, "least_acceleration_mps2"),
        "slack_m": (Tightness, "most_slack_m"),
    }[quantity]
    least = policy.parameters_of(check).of(name, class_name)
    own = Origin.POLICY if _is_pinned(policy, check, name, class_name) else Origin.CHECK
    return tuple(
        Limit(each.value, own if each.value == least else Origin.LEARNED)
        for each in limits_of(learned, class_name, policy)
        if each.check is check and each.name == name
    )


def _size_limits(usual: Usual, class_name: str, quantity: str, policy: Policy) -> tuple[Limit, ...]:
    parameters = policy.parameters_of(SizePrior)
    least, most = (
        float(each[SIZES.index(quantity)]) for each in pinned_sizes(parameters, class_name)
    )
    if least > 0 or np.isfinite(most):
        return tuple(Limit(each, Origin.POLICY) for each in (least, most) if 0 < each < np.inf)
    if usual.total < parameters.of("least_labels", class_name):
        return ()
    return tuple(Limit(each, Origin.LEARNED) for each in size_range(usual, parameters, class_name))


def _is_pinned(policy: Policy, check: type[Question], name: str, class_name: str) -> bool:
    own = policy.pinned.get(check.id)
    return own is not None and (name in own.values or name in own.by_class.get(class_name, {}))


def _columns(usual: Usual, shown: list[float | None]) -> tuple[Floats, Floats]:
    """Edges and counts of columns over what occurs, and over what is marked where that is near."""
    bins = usual.bins
    used = np.flatnonzero(usual.counts)
    low, high = int(used[0]) - 1, int(used[-1]) + 2
    # The rarest of many labels would flatten the rest.
    inner = [float(bins.places(np.array([usual.quantile(q)]))[0]) for q in (0.001, 0.999)]
    low, high = max(low, int(inner[0]) - 2), min(high, int(inner[1]) + 3)
    marked = [value for value in shown if value is not None and np.isfinite(value) and value > 0]
    span = max(high - low, 8)
    for place in bins.places(np.array(marked)).tolist() if marked else []:
        if low - span <= place <= high + span:
            low, high = min(low, place - 1), max(high, place + 2)
    # Whole bins to each column, so that none is drawn torn.
    wide = -(-max(high - low, LEAST_BINS) // COLUMNS)
    count = -(-max(high - low, LEAST_BINS) // wide)
    low = max(min((low + high - wide * count) // 2, bins.count - wide * count), 0)
    edges = np.minimum(low + wide * np.arange(count + 1), bins.count)
    running = np.concatenate([[0], np.cumsum(usual.counts)])
    counts = np.diff(running[edges]).astype(np.float64)
    return np.array([bins.value_at(place) for place in edges.tolist()]), counts
