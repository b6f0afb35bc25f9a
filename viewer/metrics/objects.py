"""What evaluation works on: every object of a label set over all frames, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.metrics.row_views import selected

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KITTI_BOTTOMS_M: Final = "kitti_bottoms_m"
"""Extra of KITTI's formats: (N, 3) middle of the bottom face in camera 0, as in the text."""
KITTI_ROTATIONS_Y_RAD: Final = "kitti_rotations_y_rad"
"""Extra of KITTI's formats: (N,) `rotation_y`, as in the text."""
MASKS: Final = "masks"
"""Extra: N times an `InstanceMask` or None."""
AREAS_PX: Final = "areas_px"
"""Extra: (N,) area of each label as the dataset tells it, that of its outline; NaN unknown."""
KEYPOINTS_PX: Final = "keypoints_px"
"""Extra: N times (K, 3) of x, y, visibility (0 not labelled, 1 hidden, 2 visible), or None."""
PROJECTED_PX: Final = "projected_px"
"""Extra: (N, C, 4) box around what each cuboid covers on each camera's image, NaN unseen;
`projected_boxes` makes it."""
_COLUMNS: Final = (
    "class_rows", "scores", "centers_m", "sizes_m", "rotations", "track_rows", "velocities_mps",
    "point_counts", "boxes_px", "alphas_rad", "truncations", "occlusions", "is_crowd",
)  # fmt: skip
_SEQUENCES: Final = ("label_ids", "cameras", "attributes", "class_distributions")


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

    def has_cuboid(self) -> npt.NDArray[np.bool_]:
        """(N,) False where an object lies on an image only."""
        return ~np.isnan(self.centers_m[:, 0])

    def cuboids(self, rows: npt.NDArray[Any]) -> Cuboids:
        """Return some objects as `Cuboids`; each must have one."""
        return Cuboids(
            self.centers_m[rows], self.sizes_m[rows], self.rotations[rows], self.coord_frame_id
        )

    def select(self, rows: npt.NDArray[Any]) -> "EvaluatedObjects":
        """Return some rows, by ascending index array or mask; classes and tracks stay listed.

        An extra that has a row for each object (an array or sequence of N) is cut as well.
        """
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, np.int64)
        changes: dict[str, Any] = {"frame_rows": self.frame_rows[index]}
        for name in _COLUMNS:
            column = getattr(self, name)
            changes[name] = None if column is None else column[index]
        for name in _SEQUENCES:
            column = getattr(self, name)
            changes[name] = None if column is None else selected(column, index)
        changes["extras"] = {
            name: selected(extra, index) if _is_column(extra, len(self)) else extra
            for name, extra in self.extras.items()
        }
        return replace(self, **changes)

    def on_frames(self, frames: EvaluatedFrames, frame_of: Ints) -> "EvaluatedObjects":
        """Return the objects on other frames: frame f becomes `frame_of[f]`, -1 leaves it out."""
        rows = frame_of[self.frame_rows]
        order = np.argsort(rows, kind="stable")
        order = order[np.searchsorted(rows[order], 0) :]
        unchanged = len(order) == len(rows) and bool((order == np.arange(len(order))).all())
        return replace(
            self if unchanged else self.select(order), frames=frames, frame_rows=rows[order]
        )


def _is_column(extra: Any, count: int) -> bool:  # noqa: ANN401 - extras may be anything
    if isinstance(extra, np.ndarray):
        return extra.ndim > 0 and len(extra) == count
    return isinstance(extra, Sequence) and not isinstance(extra, str) and len(extra) == count
