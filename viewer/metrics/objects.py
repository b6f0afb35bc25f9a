"""What evaluation works on: every object of a label set over all frames, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class EvaluatedFrames:
    """The F frames that are evaluated, scene after scene, in the order of time."""

    keys: Sequence[str]
    """(F,) frame keys, as the dataset has them."""
    scene_ids: Sequence[str]
    scene_of_frame: Ints
    """(F,) row of `scene_ids`, ascending."""
    index_in_scene: Ints
    """(F,) position of the frame in its scene."""
    timestamps_ns: Ints
    """(F,) -1 where unknown."""
    ego_positions_m: Floats
    """(F, 3) place of the vehicle (of the lidar where there is none) in the objects' coord frame,
    for range filters; NaN where unknown."""

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, eq=False, slots=True)
class EvaluatedObjects:
    """N labels or predictions; row i of every column belongs to the same object.

    Rows ascend by frame, and keep the order of the file within one: protocols break ties by it.
    Both sides of an evaluation share one `EvaluatedFrames` and one coord frame.
    """

    frames: EvaluatedFrames
    frame_rows: Ints
    """(N,) row of `frames`, ascending."""
    label_ids: Sequence[str]
    class_names: tuple[str, ...]
    """The C classes that occur, as the dataset writes them."""
    class_rows: Ints
    """(N,) row of `class_names`."""
    scores: Floats
    """(N,) NaN where there is none."""
    centers_m: Floats
    """(N, 3) middle of the box in `coord_frame_id`; NaN for an object without a cuboid."""
    sizes_m: Floats
    """(N, 3) full length, width, height."""
    rotations: Floats
    """(N, 4) wxyz."""
    coord_frame_id: str
    """As the labels have it; one that moves with the vehicle is another place in each frame."""
    track_ids: tuple[str, ...] = ()
    track_rows: Ints | None = None
    """(N,) row of `track_ids`, -1 for an object without a track; None when there are no tracks."""
    velocities_mps: Floats | None = None
    """(N, 3), NaN where unknown."""
    point_counts: Ints | None = None
    """(N,) lidar points (and radar's, where the protocol counts them) inside; -1 where unknown."""
    boxes_px: Floats | None = None
    """(N, 4) left, top, right, bottom of the 2D box, NaN where an object has none."""
    cameras: Sequence[str] | None = None
    """(N,) sensor of the 2D box, empty where there is none."""
    alphas_rad: Floats | None = None
    """(N,) KITTI's observation angle; NaN where unknown."""
    truncations: Floats | None = None
    """(N,) KITTI's 0..1; NaN where unknown."""
    occlusions: Ints | None = None
    """(N,) KITTI's 0..3; -1 where unknown."""
    is_crowd: npt.NDArray[np.bool_] | None = None
    attributes: Sequence[Mapping[str, Any]] | None = None
    """(N,) as the dataset has them, for stratifying and for protocols that compare them."""
    class_distributions: Sequence[Mapping[str, float] | None] | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    """What one protocol alone needs, by name: masks, keypoints."""

    def __len__(self) -> int:
        return len(self.frame_rows)

    def frame_offsets(self) -> Ints:
        """(F + 1,) rows of frame f are `offsets[f]` to `offsets[f + 1]`."""
        return np.searchsorted(self.frame_rows, np.arange(len(self.frames) + 1)).astype(np.int64)
