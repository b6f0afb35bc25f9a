"""Percentiles without `numpy.percentile`, whose first call imports masked arrays (25 ms)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def percentiles(values: npt.NDArray[np.floating[Any]], percents: Sequence[float]) -> list[float]:
    """Percentiles of (N,) finite values, N > 0, interpolated linearly between neighbours.

    Examples
    --------
    >>> percentiles(np.array([4.0, 1.0, 3.0, 2.0]), (0, 50, 100))
    [1.0, 2.5, 4.0]
    """
    places = [(len(values) - 1) * percent / 100.0 for percent in percents]
    below = [int(place) for place in places]
    above = [min(at + 1, len(values) - 1) for at in below]
    ordered = np.partition(values, sorted({*below, *above}))
    return [
        float(ordered[low]) + (place - low) * (float(ordered[high]) - float(ordered[low]))
        for place, low, high in zip(places, below, above, strict=True)
    ]
