"""Annotation tables of a log: columns sorted by time, cuboids when asked for.

A row is the middle of a box, length, width and height, and a quaternion w x y z, in the vehicle's
coord frame at the row's time; front is the length axis (x).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.feather_file import Columns, read_columns
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels

EGO = "ego"
MAX_SIZE_M = 1e6
CENTER = ("tx_m", "ty_m", "tz_m")
SIZE = ("length_m", "width_m", "height_m")
ROTATION = ("qw", "qx", "qy", "qz")
REQUIRED = {
    "timestamp_ns": "i8",
    "category": "U",
    **dict.fromkeys((*CENTER, *SIZE, *ROTATION), "f8"),
}
OPTIONAL = {"track_uuid": "U", "num_interior_pts": "i8", "score": "f8", "log_id": "U"}


@dataclass(frozen=True, eq=False, slots=True)
class LabelTable:
    """Labels of a whole log."""

    path: Path
    columns: Columns = field(default_factory=dict)
    """Sorted by time."""

    @property
    def times_ns(self) -> npt.NDArray[np.int64]:
        """(N,) ascending."""
        return self.columns["timestamp_ns"]

    @property
    def is_scored(self) -> bool:
        """True for predictions."""
        return "score" in self.columns

    def class_names(self) -> list[str]:
        """Classes that occur, sorted."""
        return sorted(set(self.columns["category"].tolist()))

    def labels(self, timestamp_ns: int) -> CuboidLabels:
        """Return the labels of one time."""
        first = int(np.searchsorted(self.times_ns, timestamp_ns))
        last = int(np.searchsorted(self.times_ns, timestamp_ns, side="right"))
        rows = {name: column[first:last] for name, column in self.columns.items()}
        count = last - first
        tracks: list[str] = rows["track_uuid"].tolist() if "track_uuid" in rows else [""] * count
        points = rows.get("num_interior_pts")
        return CuboidLabels(
            cuboids=Cuboids(
                stacked(rows, CENTER), stacked(rows, SIZE), stacked(rows, ROTATION), EGO
            ),
            label_ids=label_ids(tracks, timestamp_ns),
            class_names=tuple(rows["category"].tolist()),
            track_ids=tuple(track or None for track in tracks),
            scores=rows["score"] if "score" in rows else np.full(count, np.nan),
            attributes=tuple({"num_interior_pts": number} for number in points.tolist())
            if points is not None
            else ({},) * count,
            timestamp_ns=timestamp_ns,
        )


def label_ids(tracks: Sequence[str], timestamp_ns: int) -> tuple[str, ...]:
    """Return ids of the labels of one time: track and time, the place too where that is taken."""
    ids: list[str] = []
    seen: set[str] = set()
    for index, track in enumerate(tracks):
        label_id = f"{track}@{timestamp_ns}"
        ids.append(f"{label_id}:{index}" if not track or label_id in seen else label_id)
        seen.add(label_id)
    return tuple(ids)


def read_label_table(path: Path, log_id: str, problems: ProblemLog) -> LabelTable:
    """Read a table; rows of other logs are passed over, rows that are no boxes noted."""
    columns = read_columns(path, REQUIRED, OPTIONAL)
    keep = np.ones(len(columns["timestamp_ns"]), dtype=bool)
    if "log_id" in columns:
        keep &= columns.pop("log_id") == log_id
    numbers = np.concatenate([stacked(columns, names) for names in (CENTER, SIZE, ROTATION)], 1)
    sized = ((numbers[:, 3:6] > 0.0) & (numbers[:, 3:6] <= MAX_SIZE_M)).all(axis=1)
    good = sized & are_poses(numbers[:, :3], numbers[:, 6:])
    for row in np.flatnonzero(keep & ~good).tolist():
        problems.add(path, f"row {row}", "has no size or no pose that can be; it is left out")
    rows = np.flatnonzero(keep & good)
    rows = rows[np.argsort(columns["timestamp_ns"][rows], kind="stable")]
    return LabelTable(path, {name: column[rows] for name, column in columns.items()})


def stacked(columns: Columns, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """(N, K) columns side by side."""
    return np.stack([columns[name] for name in names], axis=1)
