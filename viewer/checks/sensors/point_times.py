"""When each point of a sweep was measured, from whichever field tells it."""

from typing import Final

import numpy as np

from viewer.metrics.objects import Floats
from viewer.scene.point_cloud import PointCloud

NAMES: Final = (
    "time_offset_ns", "offset_ns", "time_ns", "timestamp_ns", "offset_time", "time_offset",
    "timestamp", "time", "t", "stamp", "delta_t",
)  # fmt: skip
"""Fields that hold times, in the datasets and drivers we know."""
UNITS_S: Final = (("_ns", 1e-9), ("_us", 1e-6), ("_ms", 1e-3), ("_s", 1.0))
LONGEST_SWEEP_S: Final = 0.5
SHORTEST_SWEEP_S: Final = 0.005
EPOCH_S: Final = 1e6
"""Times beyond it count from an epoch, others from the sweep's own time."""
NS_PER_S: Final = 1e9


def point_times_s(cloud: PointCloud, sweep_ns: int | None) -> Floats | None:
    """(N,) seconds from the time of the sweep; None where no field tells them.

    A field without a unit in its name has the largest unit in which a sweep takes less than half a
    second. Fields whose values span next to nothing, or overflow their type, tell no times.
    """
    for name in NAMES:
        values = cloud.fields.get(name)
        if values is None or values.ndim != 1 or not len(values):
            continue
        found = _seconds(name, values, sweep_ns)
        if found is not None:
            return found
    return None


def _seconds(name: str, values: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]",
             sweep_ns: int | None) -> Floats | None:  # fmt: skip
    finite = values[np.isfinite(values.astype(np.float64))]
    if not len(finite):
        return None
    first = finite.min()
    # Whole nanoseconds since 1970 lose their last digits as floats: the first is taken off before.
    since_first = (values - first).astype(np.float64)
    span = float(np.nanmax(since_first))
    unit_s = next((unit for suffix, unit in UNITS_S if name.endswith(suffix)), None)
    if unit_s is None:
        fits = [unit for _, unit in UNITS_S[::-1] if span * unit <= LONGEST_SWEEP_S]
        unit_s = fits[0] if fits else None
    if unit_s is None or not SHORTEST_SWEEP_S <= span * unit_s <= LONGEST_SWEEP_S:
        return None
    start_s = float(first) * unit_s
    if abs(start_s) > EPOCH_S:
        if sweep_ns is None:
            return None
        start_s = _since(first, unit_s, sweep_ns)
        if abs(start_s) > LONGEST_SWEEP_S:
            return None
    found: Floats = since_first * unit_s + start_s
    return found


def _since(first: np.generic, unit_s: float, sweep_ns: int) -> float:
    if np.issubdtype(first.dtype, np.integer):
        return (int(first.item()) * round(unit_s * NS_PER_S) - sweep_ns) / NS_PER_S
    return float(first.item()) * unit_s - sweep_ns / NS_PER_S
