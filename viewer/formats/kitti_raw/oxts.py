"""KITTI raw GPS/IMU files to a trajectory of the vehicle.

The formulas are those of the raw development kit (convertOxtsToPose): Mercator with the scale of
the first latitude, and Rz(yaw) Ry(pitch) Rx(roll). The world here keeps the axes east, north, up
and has its origin at the first position, so that its z is up; the development kit also turns it by
the first rotation. Relative poses are the same.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import parse_numbers, read_text
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory

FloatArray = npt.NDArray[np.float64]
EARTH_RADIUS_M = 6378137.0
POSE_COLUMNS = 6
"""lat (deg), lon (deg), alt (m), roll, pitch, yaw (rad); more follow."""


def read_oxts(files: Mapping[str, Path], problems: ProblemLog) -> dict[str, FloatArray]:
    """Return (6,) lat, lon, alt, roll, pitch, yaw by stem; a bad file is noted and left out."""
    rows = {}
    for stem, path in files.items():
        try:
            words = read_text(path, max_bytes=65_536).split()
            if len(words) < POSE_COLUMNS:
                raise DamagedData(path, "line 1", f"has {len(words)} numbers, a pose needs 6")
            row = parse_numbers(words[:POSE_COLUMNS], path, "line 1")
            if abs(row[0]) >= 89.0 or abs(row[1]) > 360.0:
                raise DamagedData(path, "line 1", "latitude or longitude is out of range")
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; poses bridge the gap")
        else:
            rows[stem] = row
    return rows


def poses_from_oxts(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (N, 3, 3) rotations and (N, 3) positions in metres, east-north-up."""
    latitude, longitude, altitude, roll, pitch, yaw = rows.T
    scale = np.cos(np.radians(latitude[0]))
    east = scale * EARTH_RADIUS_M * np.radians(longitude)
    north = scale * EARTH_RADIUS_M * np.log(np.tan(np.radians(90.0 + latitude) / 2.0))
    positions = np.stack([east, north, altitude], axis=1)
    rotations = _about(2, yaw) @ _about(1, pitch) @ _about(0, roll)
    return rotations, positions - positions[0]


def trajectory_from_oxts(
    rows: Mapping[str, FloatArray], times_ns: Mapping[str, int], problems: ProblemLog, source: Path
) -> Trajectory | None:
    """Return world_from_ego, None when no row has a time; rows that go back are left out."""
    stems: Sequence[str] = [stem for stem in rows if stem in times_ns]
    if not stems:
        return None
    times = np.array([times_ns[stem] for stem in stems], dtype=np.int64)
    newest = np.maximum.accumulate(times)
    forward = np.concatenate([[True], times[1:] > newest[:-1]])
    if not forward.all():
        count = int((~forward).sum())
        problems.add(source / "timestamps.txt", "", f"{count} times do not increase; left out")
    rotations, positions = poses_from_oxts(np.array([rows[stem] for stem in stems]))
    return Trajectory(
        "world",
        "ego",
        times[forward],
        quaternion_from_matrix(rotations[forward]),
        positions[forward],
    )


def _about(axis: int, angles_rad: FloatArray) -> FloatArray:
    """(N, 3, 3) right-handed rotations about a coordinate axis."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrices = np.zeros((len(angles_rad), 3, 3))
    matrices[:, axis, axis] = 1.0
    matrices[:, first, first] = matrices[:, second, second] = np.cos(angles_rad)
    matrices[:, second, first] = np.sin(angles_rad)
    matrices[:, first, second] = -np.sin(angles_rad)
    return matrices
