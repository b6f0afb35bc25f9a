"""What is usual for each class, learned from the dataset itself: integer histograms of fixed bins.

Counts add up to the same in any order and on any number of machines, so every quantile is the same
too. Wrong labels are in them as well: checks use medians and spreads that a few do not move.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.seen_sides import slacks
from viewer.metrics.objects import Floats, Ints


@dataclass(frozen=True, slots=True)
class Bins:
    """Fixed edges of one quantity; values beyond the ends are in the first or last bin."""

    low: float
    high: float
    count: int
    logarithmic: bool = False

    def places(self, values: Floats) -> Ints:
        """Bin of each finite value."""
        low, high = self._scaled(np.array([self.low, self.high]))
        share = (self._scaled(values) - low) / (high - low)
        places: Ints = np.clip(np.floor(share * self.count), 0, self.count - 1).astype(np.int64)
        return places

    def value_at(self, place: float) -> float:
        """Return the quantity at a place in bins, e.g. 2.5 for the middle of the third."""
        low, high = self._scaled(np.array([self.low, self.high]))
        scaled = low + (high - low) * place / self.count
        return float(np.exp(scaled) if self.logarithmic else scaled)

    def _scaled(self, values: Floats) -> Floats:
        if not self.logarithmic:
            return np.asarray(values, dtype=np.float64)
        scaled: Floats = np.log(np.maximum(values, self.low * 1e-3))
        return scaled


SIZE_BINS: Final = Bins(0.05, 50.0, 1382, logarithmic=True)
"""Half a percent a bin."""
VOLUME_BINS: Final = Bins(1e-3, 1e4, 1612, logarithmic=True)
RATIO_BINS: Final = Bins(0.05, 50.0, 1382, logarithmic=True)
SPEED_BINS: Final = Bins(0.0, 80.0, 800)
ACCELERATION_BINS: Final = Bins(0.0, 80.0, 800)
SLACK_BINS: Final = Bins(0.0, 4.0, 400)
POINT_BINS: Final = Bins(0.5, 2**18, 190, logarithmic=True)
"""No point counts as half a point."""
LEAST_POINTS: Final = 30.0
"""Inside a box that tells how close its sides are."""
RANGE_STEP_M: Final = 10.0
RANGE_STEPS: Final = 20
QUANTITIES: Final[Mapping[str, Bins]] = MappingProxyType(
    {
        "length_m": SIZE_BINS,
        "width_m": SIZE_BINS,
        "height_m": SIZE_BINS,
        "volume_m3": VOLUME_BINS,
        "length_over_width": RATIO_BINS,
        "speed_mps": SPEED_BINS,
        "acceleration_mps2": ACCELERATION_BINS,
        "slack_m": SLACK_BINS,
        **{
            f"points_{step * int(RANGE_STEP_M)}_m": POINT_BINS for step in range(RANGE_STEPS)
        },
    }
)  # fmt: skip
"""Every quantity that is counted for each class."""


def points_at(range_m: float) -> str:
    """Name of the quantity that counts points in boxes at a range.

    Examples
    --------
    >>> points_at(23.0), points_at(1000.0)
    ('points_20_m', 'points_190_m')
    """
    step = min(int(range_m // RANGE_STEP_M), RANGE_STEPS - 1)
    return f"points_{step * int(RANGE_STEP_M)}_m"


@dataclass(frozen=True, eq=False, slots=True)
class Usual:
    """One quantity of one class."""

    bins: Bins
    counts: Ints

    @property
    def total(self) -> int:
        """How many labels were counted."""
        return int(self.counts.sum())

    def quantile(self, share: float) -> float:
        """Value below which a share of the labels lies, within a bin; NaN when there are none."""
        total = self.total
        if total == 0:
            return float("nan")
        running = np.cumsum(self.counts)
        wanted = share * total
        place = int(np.searchsorted(running, wanted, side="left"))
        place = min(place, len(running) - 1)
        before = int(running[place - 1]) if place else 0
        inside = (wanted - before) / max(int(self.counts[place]), 1)
        return self.bins.value_at(place + min(max(inside, 0.0), 1.0))

    def main_half(self) -> tuple[float, float]:
        """Return the middle of the shortest interval that holds half of the labels, and its spread.

        The spread is a standard deviation, of the logarithm where bins are so. Other kinds in the
        class, up to nearly half of it, do not move either as they do medians and quartiles.
        """
        total = self.total
        if total == 0:
            return float("nan"), float("nan")
        running = np.concatenate([[0], np.cumsum(self.counts)])
        half = -(-total // 2)
        starts = np.flatnonzero(self.counts)
        starts = starts[running[starts] + half <= total]
        ends = np.searchsorted(running, running[starts] + half, side="left")
        best = int(np.argmin(ends - starts))
        low, high = self.bins.value_at(int(starts[best])), self.bins.value_at(int(ends[best]))
        if self.bins.logarithmic:
            return float(np.sqrt(low * high)), float(np.log(high / low) / 1.349)
        return (low + high) / 2, (high - low) / 1.349

    def counts_near(self, values: Floats, reach: float) -> Ints:
        """(N,) labels within a reach of each value, in bins' units (or of the logarithm)."""
        bins = self.bins
        width = np.log(bins.high / bins.low) if bins.logarithmic else bins.high - bins.low
        wide = max(1, round(reach / (width / bins.count)))
        running = np.concatenate([[0], np.cumsum(self.counts)])
        place = bins.places(values)
        low, high = np.maximum(place - wide, 0), np.minimum(place + wide + 1, bins.count)
        counts: Ints = running[high] - running[low]
        return counts

    @property
    def median(self) -> float:
        """Middle value."""
        return self.quantile(0.5)

    @property
    def spread(self) -> float:
        """Robust standard deviation from the quartiles; of the logarithm where bins are so."""
        low, high = self.quantile(0.25), self.quantile(0.75)
        if self.bins.logarithmic:
            low, high = np.log(low), np.log(high)
        return float((high - low) / 1.349)


@dataclass(frozen=True, eq=False)
class Learned:
    """Histograms by class and quantity over scenes. `merged` adds them up."""

    counts: Mapping[str, Mapping[str, Ints]]
    labels_by_scene: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Labels by class of each scene."""

    def usual(self, class_name: str, quantity: str) -> Usual:
        """Return a quantity of a class; empty where the dataset has none."""
        bins = QUANTITIES[quantity]
        found = self.counts.get(class_name, {}).get(quantity)
        return Usual(bins, np.zeros(bins.count, np.int64) if found is None else found)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes that occur, by name."""
        return tuple(sorted(self.counts))


def learn_scene(scene: CheckedScene) -> Learned:
    """Count one scene."""
    found: dict[str, dict[str, Ints]] = {}
    rows = scene.boxes
    classes = scene.class_of
    for quantity, at_rows, values in _values(scene, rows):
        names = classes[at_rows]
        for name in sorted(set(names.tolist())):
            own = values[names == name]
            bins = QUANTITIES[quantity]
            counts = np.bincount(bins.places(own), minlength=bins.count)
            found.setdefault(name, {})[quantity] = counts
    by_class: dict[str, int] = {}
    for name in classes[rows].tolist():
        by_class[name] = by_class.get(name, 0) + 1
    return Learned(found, {scene.scene_id: by_class})


def merged(parts: Iterable[Learned]) -> Learned:
    """Add histograms up."""
    counts: dict[str, dict[str, Ints]] = {}
    by_scene: dict[str, Mapping[str, int]] = {}
    for part in parts:
        by_scene |= part.labels_by_scene
        for name, quantities in part.counts.items():
            own = counts.setdefault(name, {})
            for quantity, values in quantities.items():
                own[quantity] = own[quantity] + values if quantity in own else values
    return Learned(counts, by_scene)


def _values(scene: CheckedScene, rows: Ints) -> Iterable[tuple[str, Ints, Floats]]:
    """Yield each quantity with the label rows that have it and its finite values."""
    sizes = scene.labels.sizes_m[rows]
    sound = (sizes > 0).all(axis=1)
    rows, sizes = rows[sound], sizes[sound]
    for axis, name in enumerate(("length_m", "width_m", "height_m")):
        yield name, rows, sizes[:, axis]
    yield "volume_m3", rows, sizes.prod(axis=1)
    yield "length_over_width", rows, sizes[:, 0] / sizes[:, 1]
    steps = scene.steps
    known = np.isfinite(steps.speed_mps)
    yield "speed_mps", steps.before[known], steps.speed_mps[known]
    change, at = accelerations(scene)
    yield "acceleration_mps2", at, change
    if scene.points is not None:
        at, slack = slacks(scene, LEAST_POINTS)
        seen = np.isfinite(slack).any(axis=1)
        yield "slack_m", at[seen], np.nanmax(slack[seen], axis=1)
        ranges = scene.ranges_m[rows]
        usable = np.isfinite(ranges) & scene.points.has_points[scene.labels.frame_rows[rows]]
        counted = np.maximum(scene.points.fit.counts[rows[usable]], 0.5)
        step = np.minimum(ranges[usable] // RANGE_STEP_M, RANGE_STEPS - 1).astype(np.int64)
        for place in np.unique(step).tolist():
            at_step = step == place
            name = f"points_{place * int(RANGE_STEP_M)}_m"
            yield name, rows[usable][at_step], counted[at_step]


def accelerations(scene: CheckedScene) -> tuple[Floats, Ints]:
    """Change of velocity between neighbouring steps of a track, m/s^2, and the label between."""
    steps = scene.steps
    second = np.flatnonzero(steps.follows)
    first = second - 1
    velocity = steps.moved_m[:, :2] / steps.dt_s[:, None]
    dt_s = (steps.dt_s[first] + steps.dt_s[second]) / 2
    change = velocity[second] - velocity[first]
    values = np.hypot(change[:, 0], change[:, 1]) / dt_s
    known = np.isfinite(values)
    return values[known], steps.before[second][known]
