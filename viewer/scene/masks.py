"""Masks on images: run lengths of one object, or a class number for every pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_MASK_PX = 1 << 28


@dataclass(frozen=True, eq=False, slots=True)
class RunLengths:
    """A binary image as lengths of alternating runs, row by row, the first run outside.

    Examples
    --------
    >>> mask = np.array([[False, True], [True, True]])
    >>> RunLengths.of(mask).lengths.tolist()
    [1, 3]
    >>> bool((RunLengths.of(mask).decoded() == mask).all())
    True
    """

    width_px: int
    height_px: int
    lengths: npt.NDArray[np.int64]
    """(R,) they sum to width x height."""

    def __post_init__(self) -> None:
        area = self.width_px * self.height_px
        if min(self.width_px, self.height_px) < 0 or area > MAX_MASK_PX:
            raise ValueError(f"a mask of {self.width_px} x {self.height_px} px is not possible")
        if (self.lengths < 0).any() or int(self.lengths.sum()) != area:
            raise ValueError(f"the runs of a mask do not fill its {area} px")

    @classmethod
    def of(cls, mask: npt.NDArray[np.bool_]) -> "RunLengths":
        """Encode a (H, W) mask."""
        height, width = mask.shape
        flat = mask.ravel()
        turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        first = [0] if flat.size and flat[0] else []
        edges = np.concatenate([[0], first, turns, [flat.size]]).astype(np.int64)
        return cls(width, height, np.diff(edges))

    def decoded(self) -> npt.NDArray[np.bool_]:
        """(H, W) True inside."""
        inside = np.arange(len(self.lengths)) % 2 == 1
        return np.repeat(inside, self.lengths).reshape(self.height_px, self.width_px)

    @property
    def area_px(self) -> int:
        """Count of pixels inside."""
        return int(self.lengths[1::2].sum())


@dataclass(frozen=True, eq=False, slots=True)
class InstanceMask:
    """The pixels of one object."""

    sensor_id: str
    label_id: str
    class_name: str
    runs: RunLengths
    track_id: str | None = None
    score: float = float("nan")
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_crowd: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class SemanticMask:
    """A class for every pixel of an image, and an instance where the format tells one."""

    sensor_id: str
    label_id: str
    class_indices: npt.NDArray[np.int32]
    """(H, W) keys of `class_names`; a number that is no key has no class."""
    class_names: Mapping[int, str]
    instances: npt.NDArray[np.int32] | None = None
    """(H, W) number of the object, 0 for none."""
    attributes: Mapping[str, Any] = field(default_factory=dict)


Mask = InstanceMask | SemanticMask
