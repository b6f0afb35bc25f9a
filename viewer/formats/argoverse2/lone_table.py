"""One table of boxes by itself: of several logs, as annotations and detections are handed in."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.feather_file import Columns, read_columns
from viewer.formats.argoverse2.labels import (
    CENTER,
    EGO,
    MAX_SIZE_M,
    OPTIONAL,
    REQUIRED,
    ROTATION,
    SIZE,
    stacked,
)
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.cuboids import Cuboids
from viewer.scene.scene import Problem

SUFFIX = ".feather"


@dataclass(frozen=True, eq=False, slots=True)
class LoneTable:
    """N boxes in the vehicle's coord frame; sorted by log and time, else as they stand."""

    path: Path
    log_ids: npt.NDArray[np.object_]
    """(N,) text, empty where the table names no logs."""
    times_ns: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    """(N,) row of the file, counted from 0."""
    cuboids: Cuboids
    columns: Columns
    """``category``, and ``track_uuid``, ``num_interior_pts``, ``score`` where the table has
    them."""
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def is_lone_table(path: Path) -> bool:
    """Say whether a path is a Feather file; its columns are looked at when it is read."""
    return path.is_file() and path.suffix.lower() == SUFFIX


def read_lone_table(path: Path) -> LoneTable:
    """Read a table; rows that are no boxes are told of and left out.

    Raises
    ------
    DamagedData
        When it cannot be read or lacks a column.
    """
    columns = read_columns(path, REQUIRED, OPTIONAL)
    count = len(columns["timestamp_ns"])
    size = stacked(columns, SIZE)
    sized = ((size > 0.0) & (size <= MAX_SIZE_M)).all(axis=1)
    good = sized & are_poses(stacked(columns, CENTER), stacked(columns, ROTATION))
    problems = ProblemLog()
    for row in np.flatnonzero(~good).tolist():
        problems.add(path, f"row {row}", "has no size or no pose that can be; it is left out")
    logs = columns.pop("log_id", np.full(count, "", dtype=object))
    rows = np.flatnonzero(good)
    _, log_rows = np.unique(logs[rows].astype(str), return_inverse=True)
    rows = rows[np.lexsort((columns["timestamp_ns"][rows], log_rows))]
    kept = {name: column[rows] for name, column in columns.items()}
    cuboids = Cuboids(stacked(kept, CENTER), stacked(kept, SIZE), stacked(kept, ROTATION), EGO)
    times_ns = kept.pop("timestamp_ns")
    return LoneTable(path, logs[rows], times_ns, rows, cuboids, kept, problems.snapshot())
