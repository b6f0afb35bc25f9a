"""Numbers too large for float32 to tell apart, such as absolute times, as differences to a base."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.render.percentiles import percentiles

STEPS = 1000
"""So many steps over the spread of the values float32 shall tell apart."""
SAMPLE_LIMIT = 50_000
_WIDE = frozenset("iuf")
_EXACT_BYTES = {"i": 2, "u": 2, "f": 4}
"""By kind of number: what so many bytes hold, float32 holds too."""

Numbers = npt.NDArray[Any]


def value_base(columns: Sequence[Numbers]) -> float:
    """Return what is to be taken off (N,) values before they become float32; 0 where nothing is.

    The smallest value, but only where float32 would have fewer than `STEPS` steps between the 2nd
    and the 98th percentile. Where the smallest lies too far off itself, the 2nd percentile.
    """
    wide = [each for each in columns if _is_wide(each)]
    if not wide:
        return 0.0
    picked = [each[:: max(1, len(each) // SAMPLE_LIMIT)] for each in wide]
    sample = np.concatenate([each.astype(np.float64) for each in picked])
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return 0.0
    low, high = percentiles(sample, (2, 98))
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    if not _loses(max(abs(low), abs(high)), high - low):
        return 0.0
    smallest = min(_smallest(each) for each in wide)
    base = low if _loses(high - smallest, high - low) else smallest
    whole = any(each.dtype.kind in "iu" for each in wide)
    return math.floor(base) * 1.0 if whole else base


def less_base(values: Numbers, base: float) -> npt.NDArray[np.float32]:
    """Return (N,) values less a base, as float32; integers are subtracted as integers."""
    with np.errstate(over="ignore", invalid="ignore"):
        # A field of garbage may hold what float32 does not; it lies beyond the range either way.
        if base == 0.0:
            return values.astype(np.float32, copy=False)
        if values.dtype == np.uint64 and 0 <= base < 2.0**64:
            # Differences of unsigned numbers wrap around; read as signed they are right again.
            return (values - np.uint64(base)).view(np.int64).astype(np.float32)
        if values.dtype.kind in "iu" and values.dtype != np.uint64 and abs(base) < 2.0**63:
            return (values.astype(np.int64) - np.int64(base)).astype(np.float32)
        return (values - base).astype(np.float32)


def _is_wide(values: Numbers) -> bool:
    kind = values.dtype.kind
    return len(values) > 0 and kind in _WIDE and values.dtype.itemsize > _EXACT_BYTES[kind]


def _loses(largest: float, spread: float) -> bool:
    """Say whether float32 near a number has fewer than `STEPS` steps over a spread."""
    if not spread > 0 or largest > float(np.finfo(np.float32).max):
        return False
    return float(np.spacing(np.float32(largest))) > spread / STEPS


def _smallest(values: Numbers) -> float:
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    return float(values.min()) if len(values) else np.inf
