"""Cuboids of a frame, in the world.

A row is the middle of a box, its width (x), length (y) and height (z), and a turn about z that is
0 where the length points along the world's y axis; front is along the length.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.pandaset.data_frame import Columns
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.scene.labels import CuboidLabels

MAX_SIZE_M = 1e6
_NUMBERS = (
    "position.x", "position.y", "position.z", "dimensions.y", "dimensions.x", "dimensions.z", "yaw",
)  # fmt: skip
_TEXTS = ("uuid", "label")


def cuboid_labels(
    columns: Columns, frame_key: str, path: Path, problems: ProblemLog, timestamp_ns: int | None
) -> CuboidLabels:
    """Turn a table into labels, named by track and frame; rows that are no boxes are left out.

    Raises
    ------
    DamagedData
        When a column is missing or holds something else.
    """
    for name in (*_NUMBERS, *_TEXTS):
        if name not in columns:
            raise DamagedData(path, name, "the column is missing")
        if name in _NUMBERS and columns[name].dtype.kind not in "fiu":
            raise DamagedData(path, name, f"holds {columns[name].dtype}, not numbers")
    numbers = np.stack([columns[name].astype(np.float64) for name in _NUMBERS], axis=1)
    sizes = numbers[:, 3:6]
    with np.errstate(invalid="ignore"):
        good = np.isfinite(numbers).all(axis=1) & ((sizes > 0) & (sizes <= MAX_SIZE_M)).all(axis=1)
    for row in np.flatnonzero(~good).tolist():
        problems.add(path, f"row {row}", "has no size or no pose that can be; it is left out")
    rows = np.flatnonzero(good)
    uuids = [str(columns["uuid"][row]) for row in rows]
    others = {
        name: each[rows] for name, each in columns.items() if name not in (*_NUMBERS, *_TEXTS)
    }
    return CuboidLabels(
        cuboids=Cuboids(
            numbers[rows, :3],
            sizes[rows],
            quaternion_from_yaw(numbers[rows, 6] + np.pi / 2),
            "world",
        ),
        label_ids=_unique([f"{uuid}@{frame_key}" for uuid in uuids]),
        class_names=tuple(str(columns["label"][row]) for row in rows),
        track_ids=tuple(uuids),
        scores=np.full(len(rows), np.nan),
        attributes=tuple(
            {
                name: value
                for name, each in others.items()
                if (value := _plain(each[row])) is not None
            }
            for row in range(len(rows))
        ),
        timestamp_ns=timestamp_ns,
    )


def _plain(value: object) -> object:
    """Return a value as Python has it; None for an empty one."""
    if isinstance(value, np.generic):
        value = value.item()
    if value == "" or (isinstance(value, float) and np.isnan(value)):
        return None
    return value


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return names, with the place where one is taken."""
    seen: set[str] = set()
    found: list[str] = []
    for place, name in enumerate(names):
        found.append(f"{name}:{place}" if name in seen else name)
        seen.add(name)
    return tuple(found)
