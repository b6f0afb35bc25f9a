"""Messages as this reader understands them, whatever encoded them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Raw = Any
"""A message, or a part of one, as a library or a wire format decoded it: nothing is sure yet."""


@dataclass(frozen=True, slots=True)
class Header:
    """When and in which coord frame something was measured."""

    stamp_ns: int
    """0 where the sensor gave no time."""
    frame_id: str


@dataclass(frozen=True, eq=False, slots=True)
class Pose:
    """Where something is in its header's coord frame."""

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation_wxyz: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)

    @property
    def is_identity(self) -> bool:
        """True where nothing is moved or turned."""
        turned = self.rotation_wxyz not in ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
        return not turned and self.position == (0.0, 0.0, 0.0)


MAX_COORDINATE_M = 1e9
_ROTATION_RANGE = (1e-6, 1e6)


def usable_poses(
    positions: npt.NDArray[np.float64], rotations_wxyz: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """(N,) True where a position (N, 3) and a quaternion (N, 4) are numbers to reckon with."""
    low, high = _ROTATION_RANGE
    largest = np.abs(rotations_wxyz).max(axis=1)
    # NaN fails every comparison.
    usable: npt.NDArray[np.bool_] = (largest > low) & (largest < high)
    return usable & (np.abs(positions) < MAX_COORDINATE_M).all(axis=1)


@dataclass(frozen=True, slots=True)
class PointColumn:
    """One field of every point."""

    name: str
    offset: int
    dtype: np.dtype[np.generic]
    count: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class CloudMessage:
    """Points as records of bytes."""

    header: Header
    columns: tuple[PointColumn, ...]
    point_step: int
    row_step: int
    width: int
    """Points a row."""
    height: int
    data: npt.NDArray[np.uint8]
    pose: Pose = field(default_factory=Pose)


@dataclass(frozen=True, eq=False, slots=True)
class ImageMessage:
    """Pixels as bytes, rows `step` bytes apart."""

    header: Header
    encoding: str
    width: int
    height: int
    step: int
    data: npt.NDArray[np.uint8]
    big_endian: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class EncodedImageMessage:
    """An image file in a message."""

    header: Header
    format: str
    data: npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False, slots=True)
class CalibrationMessage:
    """A camera's lens; `k` (9,), `p` (12,) row-major, as ROS defines them."""

    header: Header
    width: int
    height: int
    distortion_model: str
    d: tuple[float, ...]
    k: tuple[float, ...]
    p: tuple[float, ...]
    binning: tuple[int, int] = (1, 1)
    roi: tuple[int, int, int, int] = (0, 0, 0, 0)
    """x, y, width, height of the part that is sent, in full-size pixels; zeros for all of it."""


@dataclass(frozen=True, eq=False, slots=True)
class TransformMessage:
    """One `parent_from_child` at a time."""

    header: Header
    """Its coord frame is the parent."""
    child_frame_id: str
    pose: Pose


@dataclass(frozen=True, eq=False, slots=True)
class BoxMessage:
    """One cuboid in its header's coord frame."""

    header: Header
    pose: Pose
    size: tuple[float, float, float]
    class_name: str
    label_id: str
    score: float = float("nan")
    track_id: str | None = None
    attributes: dict[str, object] = field(default_factory=dict)


Message = (
    CloudMessage
    | ImageMessage
    | EncodedImageMessage
    | CalibrationMessage
    | list[TransformMessage]
    | list[BoxMessage]
)
