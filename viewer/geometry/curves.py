"""Straight lines in space as curves in an image: the ragged result and how it is made."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.lens_kernels import frozen
from viewer.geometry.curve_kernels import trace_segments

Array = npt.NDArray[np.float64]

_BORDER_SAMPLES = 64


class EdgePart(IntEnum):
    """Whether a piece is seen."""

    VISIBLE = 0
    HIDDEN = 1
    """Behind the box itself."""


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """K polylines in one ragged array, pixels of the image; each lies inside it or outside."""

    points_px: Array
    """(P, 2) all points; piece k has rows offsets[k]..offsets[k + 1]."""
    offsets: npt.NDArray[np.int64]
    """(K + 1,)."""
    owner: npt.NDArray[np.int32]
    """(K,) row of the cuboid, 0 for a polyline."""
    edge: npt.NDArray[np.int16]
    """(K,) 0..11 as in `EDGES`, 12 and up the strokes of the heading; 0 for a polyline."""
    part: npt.NDArray[np.int8]
    """(K,) an `EdgePart`."""
    inside: npt.NDArray[np.bool_]
    """(K,) the piece lies in the image, 0 <= u <= width and 0 <= v <= height."""

    def __len__(self) -> int:
        return len(self.owner)

    def piece(self, index: int) -> Array:
        """(n, 2) points of one piece, n >= 2."""
        return self.points_px[self.offsets[index] : self.offsets[index + 1]]


def trace(
    camera: CameraModel,
    starts_cam: Array,
    ends_cam: Array,
    *,
    tolerance_px: float,
    margin_px: float | None,
    joined: bool,
) -> tuple[Array, npt.NDArray[np.int64]]:
    """(S, 3) to (S, 3) segments in the camera as `curve_kernels.trace_segments` gives them."""
    if not tolerance_px > 0:
        raise ValueError(f"tolerance_px must be positive, not {tolerance_px}")
    margin = float(max(camera.width_px, camera.height_px)) if margin_px is None else margin_px
    points, pieces = trace_segments(
        camera.packed.kind,
        camera.packed.values,
        frozen(np.ascontiguousarray(starts_cam, dtype=np.float64)),
        frozen(np.ascontiguousarray(ends_cam, dtype=np.float64)),
        drawn_cone_rad(camera, margin),
        (float(camera.width_px), float(camera.height_px)),
        float(margin),
        float(tolerance_px),
        joined,
    )
    return points, pieces


@lru_cache(maxsize=512)
def drawn_cone_rad(camera: CameraModel, margin_px: float) -> float:
    """Half angle of a cone that holds all rays which reach the image and a margin around it.

    The lens is one-to-one on its domain, so the widest of them reaches the border of that area;
    where a part of the border is out of the domain's reach, it is the domain itself.
    """
    low, high = -margin_px, np.array([camera.width_px, camera.height_px]) + margin_px
    share = np.linspace(0.0, 1.0, _BORDER_SAMPLES)
    u, v = (low + share * (side - low) for side in high)
    border = np.concatenate(
        [
            np.stack([u, np.full_like(u, low)], axis=1),
            np.stack([u, np.full_like(u, high[1])], axis=1),
            np.stack([np.full_like(v, low), v], axis=1),
            np.stack([np.full_like(v, high[0]), v], axis=1),
        ]
    )
    widest = camera.domain.angle_rad
    directions, valid = camera.unproject(border)
    if valid.all():
        angles = np.arctan2(np.hypot(directions[:, 0], directions[:, 1]), directions[:, 2])
        widest = min(widest, float(angles.max()) * 1.02 + 0.01)
    # A plane image has no pixel for a ray at right angles; stay where numbers are finite.
    return min(widest, np.pi / 2 - 1e-7) if camera.domain.kind == "radius" else widest


def polyline_segments(points: npt.NDArray[Any], *, closed: bool) -> tuple[Array, Array]:
    """(N, 3) points to the starts and ends of their segments."""
    following = np.roll(points, -1, axis=0)
    count = len(points) if closed and len(points) > 2 else max(len(points) - 1, 0)
    return points[:count], following[:count]
