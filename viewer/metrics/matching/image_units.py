"""Which image an object lies on, as a number, and what lies near on one."""

from collections.abc import Sequence

import numpy as np

from viewer.metrics.matching.near_pairs import near_pairs
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints


def image_units(objects: EvaluatedObjects, cameras: dict[str, int]) -> Ints:
    """(N,) one number for each frame and camera; cameras that are new are added."""
    names: Sequence[str] = objects.cameras if objects.cameras is not None else ()
    rows = [cameras.setdefault(name, len(cameras)) for name in names] or [0] * len(objects)
    return objects.frame_rows * MOST_CAMERAS + np.array(rows, dtype=np.int64)


MOST_CAMERAS = 1 << 16


def boxes_near_px(
    units_a: Ints, boxes_a: Floats, units_b: Ints, boxes_b: Floats
) -> tuple[Ints, Ints]:
    """Return rows of boxes (left, top, right, bottom) on one image that may overlap."""
    middle_a, half_a = (boxes_a[:, :2] + boxes_a[:, 2:]) / 2, (boxes_a[:, 2:] - boxes_a[:, :2]) / 2
    middle_b, half_b = (boxes_b[:, :2] + boxes_b[:, 2:]) / 2, (boxes_b[:, 2:] - boxes_b[:, :2]) / 2
    return near_pairs(
        units_a, middle_a, np.hypot(half_a[:, 0], half_a[:, 1]),
        units_b, middle_b, np.hypot(half_b[:, 0], half_b[:, 1]),
    )  # fmt: skip


def box_overlaps(a: Floats, b: Floats, *, covering: bool) -> Floats:
    """(K,) intersection over union of boxes row by row; over b alone with `covering`."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    whole = area_b if covering else area_a + area_b - shared
    found: Floats = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return found
