"""Sizes that a site pins for a class, in place of what is learned from the dataset."""

from typing import Final

import numpy as np

from viewer.checks.base import Parameter, Parameters
from viewer.metrics.objects import Floats

_WORDS: Final = ("length", "width", "height")
SIZE_LIMITS: Final[tuple[Parameter, ...]] = tuple(
    limit
    for word in _WORDS
    for limit in (
        Parameter(f"least_{word}_m", 0.0, f"{word} that a site pins, in place of what is learned"),
        Parameter(f"most_{word}_m", float("inf"), f"{word} that a site pins"),
    )
)
"""Nothing is pinned by default."""


def pinned_sizes(parameters: Parameters, class_name: str) -> tuple[Floats, Floats]:
    """(3,) least and (3,) most length, width and height of a class; 0 and infinity for none."""
    least = np.array([parameters.of(f"least_{word}_m", class_name) for word in _WORDS])
    most = np.array([parameters.of(f"most_{word}_m", class_name) for word in _WORDS])
    return least, most


def beyond(sizes_m: Floats, least: Floats, most: Floats) -> Floats:
    """(N, 3) by which factor sizes lie beyond their limits, as a logarithm; 0 within."""
    with np.errstate(divide="ignore"):
        under = np.maximum(np.log(np.where(least > 0, least, 1.0) / sizes_m), 0.0) * (least > 0)
        over = np.maximum(np.log(sizes_m / np.where(np.isfinite(most), most, np.inf)), 0.0)
    found: Floats = np.maximum(under, over)
    return found
