"""Shapes and sizes of the classes that the junction has and the street has not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from sample_scenes.meshes import Material, Mesh, Rgb, box, join, tube, wheel
from sample_scenes.road_users import (
    DARK,
    ESTATE,
    GLASS_RGB,
    HATCHBACK,
    SEDAN,
    SKIN_TONES,
    VAN,
    BodyProfile,
    Size,
    car,
    cyclist,
    pedestrian,
)

PAINTS: tuple[Rgb, ...] = (
    (0.5, 0.03, 0.04), (0.04, 0.1, 0.35), (0.62, 0.62, 0.6), (0.05, 0.05, 0.055), (0.2, 0.24, 0.1),
    (0.75, 0.74, 0.7), (0.45, 0.36, 0.1),
)  # fmt: skip
CLOTHES: tuple[Rgb, ...] = (
    (0.55, 0.08, 0.06), (0.06, 0.2, 0.45), (0.5, 0.42, 0.1), (0.1, 0.3, 0.2), (0.06, 0.06, 0.07),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What one class looks like."""

    class_name: str
    smallest: Size
    largest: Size
    make: Callable[[Size, np.random.Generator], Mesh]
    variants: int
    """How many differ by more than their size."""
    wheelbase: float
    """Share of the length; 0 for what stands upright on a slope."""

    def size(self, rng: np.random.Generator) -> Size:
        """Draw a size between the smallest and the largest; the sides grow together."""
        share = float(rng.uniform()) + 0.15 * rng.uniform(-1, 1, 3)
        low, high = np.array(self.smallest), np.array(self.largest)
        length, width, height = np.round(low + np.clip(share, 0, 1) * (high - low), 3).tolist()
        return length, width, height

    def draw(self, size: Size, rng: np.random.Generator) -> Mesh:
        """Draw one of its variants in a size."""
        return _variant(self.class_name, int(rng.integers(self.variants))).fitted(size)


def _passenger_car(size: Size, rng: np.random.Generator) -> Mesh:
    profiles: tuple[BodyProfile, ...] = (HATCHBACK, SEDAN, ESTATE)
    return car(profiles[int(rng.integers(3))], size, _of(PAINTS, rng))


def _delivery_van(size: Size, rng: np.random.Generator) -> Mesh:
    return car(VAN, size, _of(PAINTS, rng))


def _bus(size: Size, rng: np.random.Generator) -> Mesh:
    length, width, height = (part / 2 for part in size)
    floor, sill = 0.4 - height, 1.2 - height
    parts = [
        box((-length, -width, floor), (length, width, height), _of(PAINTS, rng), Material.PAINT),
        box((-length - 0.01, -width + 0.2, sill), (length + 0.01, width - 0.2, height - 0.5),
            GLASS_RGB, Material.GLASS),
        box((-length + 0.5, -width - 0.01, sill), (length - 0.5, width + 0.01, height - 0.5),
            GLASS_RGB, Material.GLASS),
    ]  # fmt: skip
    for x in (-0.55 * length, 0.62 * length):
        for side in (-1, 1):
            center = (x, side * (width - 0.15), 0.48 - height)
            parts.append(wheel(center, 0.48, 0.3, side, (0.3, 0.3, 0.3)))
    return join(parts).fitted(size)


def _rider(size: Size, rng: np.random.Generator) -> Mesh:
    return cyclist(size, _of(CLOTHES, rng), _of(PAINTS, rng), _of(SKIN_TONES, rng))


def _motorcyclist(size: Size, rng: np.random.Generator) -> Mesh:
    long, wide, high = size
    body = box((-0.32 * long, -0.18, -0.36 * high), (0.28 * long, 0.18, -0.02 * high), DARK)
    return join([cyclist(size, (0.06, 0.06, 0.07), DARK, (0.1, 0.1, 0.1)), body]).fitted(
        (long, wide, high)
    )


def _person(size: Size, rng: np.random.Generator) -> Mesh:
    return pedestrian(
        size, _of(CLOTHES, rng), (0.05, 0.05, 0.08), _of(SKIN_TONES, rng), (0.1, 0.07, 0.04)
    )


def _barrel(size: Size, rng: np.random.Generator) -> Mesh:
    half = size[2] / 2
    parts = [
        tube((0, 0, -half), (0, 0, 0.1), (0.3, 0.27), (0.8, 0.3, 0.05), sides=14),
        tube((0, 0, 0.1), (0, 0, half), (0.27, 0.22), (0.8, 0.8, 0.78), sides=14),
    ]
    return join(parts).fitted(size)


PASSENGER_CAR = Shape("passenger_car", (3.55, 1.62, 1.42), (5.0, 1.98, 1.82), _passenger_car, 9, 0.6)
DELIVERY_VAN = Shape(
    "delivery_van", (5.4, 1.95, 2.3), (7.1, 2.2, 2.8),
    _delivery_van, 3, 0.6,
)  # fmt: skip
BUS = Shape("bus", (10.4, 2.5, 2.95), (12.4, 2.55, 3.25), _bus, 3, 0.58)
MOTORCYCLIST = Shape("motorcyclist", (2.0, 0.75, 1.55), (2.3, 0.9, 1.75), _motorcyclist, 1, 0.62)
BICYCLIST = Shape("bicyclist", (1.6, 0.55, 1.6), (1.85, 0.68, 1.9), _rider, 4, 0.58)
ADULT = Shape("adult", (0.62, 0.48, 1.55), (0.86, 0.62, 1.95), _person, 4, 0.0)
CHILD = Shape("child", (0.42, 0.33, 0.95), (0.58, 0.44, 1.35), _person, 4, 0.0)
BARREL = Shape("barrel", (0.56, 0.56, 0.95), (0.62, 0.62, 1.1), _barrel, 1, 0.0)
SHAPES: Mapping[str, Shape] = {
    each.class_name: each
    for each in (
        PASSENGER_CAR, DELIVERY_VAN, BUS, MOTORCYCLIST, BICYCLIST, ADULT, CHILD, BARREL,
    )
}  # fmt: skip


def _of(choices: tuple[Rgb, ...], rng: np.random.Generator) -> Rgb:
    return choices[int(rng.integers(len(choices)))]


@cache
def _variant(class_name: str, number: int) -> Mesh:
    shape = SHAPES[class_name]
    return shape.make(shape.largest, np.random.default_rng([17, number]))
