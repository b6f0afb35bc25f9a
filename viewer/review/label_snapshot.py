"""A label as it was when someone decided about it, and what a later delivery changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.review.entity import to_json
from viewer.scene.labels import BoxLabels2D, CuboidLabels

POSITION_STEP_M = 0.001
"""Geometry is hashed to a millimetre, so that another way of printing numbers changes nothing."""
ROTATION_STEP = 0.0001
PIXEL_STEP = 0.01


@dataclass(frozen=True, slots=True)
class LabelSnapshot:
    """Class and geometry of a label.

    ``geometry`` is, for a cuboid: 3 numbers for the centre and 3 for the size in metres, 4 for the
    rotation (unit quaternion wxyz with w >= 0) in the label set's coord frame; for a 2D box: left,
    top, right, bottom in pixels; for the other kinds see `viewer.review.flat_snapshots`.
    """

    shape: str
    """``cuboid``, ``box_2d``, a ``ShapeKind`` in small letters, ``mask``, ``semantic_mask``,
    ``classification``, ``text_token``."""
    class_name: str
    geometry: tuple[float, ...] = ()
    track_id: str | None = None

    @property
    def hash(self) -> str:
        """32 hex digits over class and geometry; the track is not part of it."""
        content = [self.shape, self.class_name, self._rounded()]
        return hashlib.blake2b(to_json(content).encode(), digest_size=16).hexdigest()

    def _rounded(self) -> list[int]:
        numbers = np.asarray(self.geometry)
        if self.shape == "cuboid":
            steps = np.repeat([POSITION_STEP_M, ROTATION_STEP], [6, 4])
        elif self.shape in ("rotated_box", "ellipse"):
            steps = np.repeat([PIXEL_STEP, ROTATION_STEP], [4, 1])
        else:
            steps = np.full(len(numbers), PIXEL_STEP)
        return [int(value) for value in np.round(numbers / steps[: len(numbers)])]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "shape": self.shape, "class": self.class_name, "geometry": list(self.geometry),
            "track": self.track_id,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "LabelSnapshot":
        """Return what `to_json` gave."""
        return cls(stored["shape"], stored["class"], tuple(stored["geometry"]), stored["track"])


def cuboid_snapshot(labels: CuboidLabels, row: int) -> LabelSnapshot:
    """Return the snapshot of one cuboid."""
    cuboids = labels.cuboids
    rotation = _canonical(cuboids.rotation[row])
    numbers = [*cuboids.center[row], *cuboids.size[row], *rotation]
    return LabelSnapshot(
        "cuboid",
        labels.class_names[row],
        tuple(float(number) for number in numbers),
        labels.track_ids[row],
    )


def box_2d_snapshot(labels: BoxLabels2D, row: int) -> LabelSnapshot:
    """Return the snapshot of one upright 2D box."""
    geometry = tuple(float(number) for number in labels.boxes_px[row])
    return LabelSnapshot("box_2d", labels.class_names[row], geometry, labels.track_ids[row])


def _canonical(wxyz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the two quaternions of a rotation, return the one whose first number not 0 is positive."""
    first = next((number for number in wxyz if abs(number) > ROTATION_STEP), 1.0)
    return wxyz if first > 0 else -wxyz
