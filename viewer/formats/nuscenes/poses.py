"""The vehicle's poses, joined by token to the times at which sensors recorded."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.growth import Deferred
from viewer.formats.json_rows import RowDecoder
from viewer.formats.nuscenes.row_index import RowsByToken
from viewer.formats.nuscenes.schema import EgoPoseRow
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.trajectory import Trajectory

EGO = "ego"
SAME_POSE_M = 1e-3


class EgoPoses:
    """Rows of ``ego_pose`` by token."""

    def __init__(self, path: Path, index: Deferred[RowsByToken]) -> None:
        self.path = path
        self._index = index

    @property
    def is_indexed(self) -> bool:
        """True once poses are found at once."""
        return self._index.is_there

    def index(self) -> None:
        """Index the table; where it cannot be read, `find` tells."""
        with suppress(DamagedData):
            self._index.result()

    def find(self, tokens: Sequence[str], problems: ProblemLog) -> npt.NDArray[np.float64]:
        """Return (N, 7) x y z and w x y z; NaN where a token is not in the table."""
        poses = np.full((len(tokens), 7), np.nan)
        try:
            index = self._index.result()
        except DamagedData as damage:
            problems.add_damage(damage)
            return poses
        rows = index.decode(tokens, RowDecoder(EgoPoseRow), problems)
        for number, (token, row) in enumerate(zip(tokens, rows, strict=True)):
            if row is not None and row.token == token:
                poses[number] = (*row.translation, *row.rotation)
        poses[~are_poses(poses[:, :3], poses[:, 3:])] = np.nan
        return poses


def world_from_ego(
    times_ns: Sequence[int], poses: npt.NDArray[np.float64], path: Path, problems: ProblemLog
) -> Trajectory | None:
    """Return the vehicle's motion through the poses of recordings; None when there is none.

    Parameters
    ----------
    times_ns
        (N,) when each recording was made. The times in the pose table do not serve: Lyft's are
        those of the sample. Of two recordings at one time the earlier in the list counts.
    poses
        (N, 7) x y z and w x y z; NaN where unknown.
    path
        The table, for problems.
    problems
        Where to note recordings that share a time and not a pose.
    """
    known = np.isfinite(poses).all(axis=1)
    if not known.all():
        count = int((~known).sum())
        problems.add(path, "", f"{count} recordings lack a pose of the vehicle; poses bridge them")
    times, poses = np.asarray(times_ns, dtype=np.int64)[known], poses[known]
    if not len(times):
        return None
    unique, first, group = np.unique(times, return_index=True, return_inverse=True)
    apart_m = np.linalg.norm(poses[:, :3] - poses[first][group, :3], axis=1)
    if (apart_m > SAME_POSE_M).any():
        count = int((apart_m > SAME_POSE_M).sum())
        problem = f"{count} recordings share their time with another but not the pose"
        problems.add(path, "", f"{problem}; off by up to {apart_m.max():.3f} m")
    chosen = poses[first]
    return Trajectory("world", EGO, unique, chosen[:, 3:], chosen[:, :3])
