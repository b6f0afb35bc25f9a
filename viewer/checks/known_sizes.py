"""Sizes that objects of common kinds have in the world, whatever a dataset happens to hold.

A dataset of a few streets has few sizes: the first pickup among small cars, or the first child, is
far from all others and right. What is learned says what is unusual here; this says what is
possible at all.
"""

import re
from dataclasses import dataclass
from typing import Final

from viewer.metrics.objects import Floats


@dataclass(frozen=True, slots=True)
class KnownKind:
    """Words that names of classes hold, and the least and largest size of such objects."""

    words: frozenset[str]
    least_m: tuple[float, float, float]
    """Length, width, height."""
    most_m: tuple[float, float, float]


KINDS: Final = (
    KnownKind(frozenset({"cone", "barrier", "sign", "bollard", "animal", "cart", "debris",
                         "construction", "train", "tram", "toy", "trafficlight"}),
              (0.0,) * 3, (0.0,) * 3),
    KnownKind(frozenset({"truck", "bus", "trailer", "lorry", "large", "cab", "emergency"}),
              (3.0, 1.5, 1.4), (20.0, 3.4, 4.6)),
    KnownKind(frozenset({"bicycle", "bicyclist", "bike", "biker", "cyclist", "motorcycle",
                         "motorcyclist", "motorbike", "rider", "scooter", "moped"}),
              (0.9, 0.25, 0.7), (2.8, 1.3, 2.2)),
    KnownKind(frozenset({"pedestrian", "person", "people", "adult", "child", "walker", "human"}),
              (0.2, 0.25, 0.7), (1.5, 1.3, 2.2)),
    KnownKind(frozenset({"car", "van", "vehicle", "suv", "sedan", "taxi", "pickup", "automobile"}),
              (2.4, 1.3, 1.1), (6.6, 2.4, 2.6)),
)  # fmt: skip
"""The first that fits counts. Sizes with mirrors and swung arms, from the smallest two-seater
(2.5 m) to the longest pickup (6.4 m), road trains left out (EU Directive 96/53/EC: 18.75 m long,
2.55 m wide, 4 m high; mirrors stick out)."""


def is_known_size(class_name: str, size_m: Floats) -> bool:
    """Whether objects of such a class are known to have a size (3,): length, width, height.

    Examples
    --------
    >>> import numpy as np
    >>> is_known_size("REGULAR_VEHICLE", np.array([6.2, 2.3, 1.9]))
    True
    >>> is_known_size("vehicle.car", np.array([4.0, 3.0, 1.4]))
    False
    """
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()))
    kind = next((each for each in KINDS if each.words & words), None)
    if kind is None:
        return False
    return bool((size_m >= kind.least_m).all() and (size_m <= kind.most_m).all())
