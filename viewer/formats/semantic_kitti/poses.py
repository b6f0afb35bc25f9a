"""Times and poses of a sequence from its text files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import MAX_POSITION_M, checked_rotation
from viewer.formats.text_file import parse_numbers, read_text
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform

FRAME_INTERVAL_NS = 100_000_000
"""KITTI records ten frames a second; this holds where no times are given."""
MAX_SECONDS = 1e9


def read_times_ns(path: Path, count: int, problems: ProblemLog) -> list[int]:
    """Return `count` increasing times; ten a second where the file cannot be used."""
    steady = [index * FRAME_INTERVAL_NS for index in range(count)]
    if not path.is_file():
        return steady
    try:
        words = read_text(path).split()
        seconds = parse_numbers(words[:count], path, "")
        if len(seconds) < count:
            raise DamagedData(path, "", f"has {len(words)} times for {count} frames")
        if (np.abs(seconds) > MAX_SECONDS).any():
            raise DamagedData(path, "", "has times that cannot be")
        times_ns = np.round(seconds * 1e9).astype(np.int64)
        if (np.diff(times_ns) <= 0).any():
            raise DamagedData(path, "", "has times that do not increase")
    except DamagedData as damage:
        problems.add(damage.path, damage.place, f"{damage.problem}; ten frames a second are taken")
        return steady
    times: list[int] = times_ns.tolist()
    return times


def world_from_velo(
    path: Path, times_ns: Sequence[int], cam0_from_velo: RigidTransform, problems: ProblemLog
) -> Trajectory | None:
    """Return the lidar's motion; bad rows are noted and bridged, None when no row is good.

    A row is (3, 4): the pose of camera 0 in that of the first frame. The world here is the lidar
    of that first frame, so that its z is up: inverse(T) pose T, with T = cam0_from_velo.
    """
    back = cam0_from_velo.inverse()
    world_from_first = RigidTransform("world", "first", back.rotation, back.translation)
    rows: list[tuple[int, npt.NDArray[np.float64]]] = []
    lines = read_text(path).splitlines()
    if len(lines) < len(times_ns):
        problems.add(path, "", f"has {len(lines)} poses for {len(times_ns)} frames")
    for index, (line, time_ns) in enumerate(zip(lines, times_ns, strict=False)):
        place = f"line {index + 1}"
        try:
            pose = parse_numbers(line.split(), path, place, count=12).reshape(3, 4)
            rotation = checked_rotation(pose[:, :3], path, place)
            if np.abs(pose[:, 3]).max() > MAX_POSITION_M:
                raise DamagedData(path, place, "is a position that cannot be")
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; poses bridge the gap")
            continue
        first_from_cam0 = RigidTransform("first", cam0_from_velo.dst, rotation, pose[:, 3])
        rows.append((time_ns, (world_from_first @ first_from_cam0 @ cam0_from_velo).matrix))
    if not rows:
        return None
    matrices = np.array([matrix for _, matrix in rows])
    return Trajectory(
        "world",
        cam0_from_velo.src,
        np.array([time_ns for time_ns, _ in rows], dtype=np.int64),
        quaternion_from_matrix(matrices[:, :3, :3]),
        matrices[:, :3, 3],
    )
