"""Which files of an Argoverse 2 log belong to which frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.folder_index import FileListing, files_by_stem, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.problem_log import ProblemLog

LIDAR_ID = "lidar"
POSES_NAME = "city_SE3_egovehicle.feather"
INTRINSICS_NAME = "intrinsics.feather"
EXTRINSICS_NAME = "egovehicle_SE3_sensor.feather"
ANNOTATIONS_NAME = "annotations.feather"
CAMERA_ORDER = (
    "ring_front_left", "ring_front_center", "ring_front_right", "ring_side_left",
    "ring_side_right", "ring_rear_left", "ring_rear_right", "stereo_front_left",
    "stereo_front_right",
)  # fmt: skip
MAX_TIME_APART_NS = 60_000_000
"""An image further from a sweep is not its own; cameras take 20 images a second."""
_MAX_STEM_DIGITS = 19
_MAX_TIME_NS = 2**63 - 1


@dataclass(frozen=True, eq=False, slots=True)
class AvLog:
    """The files of one log."""

    root: Path
    sweeps: Mapping[int, Path]
    """By time, ascending."""
    images: Mapping[str, Mapping[int, Path]]
    """By camera, then by time, ascending."""
    tables: Mapping[str, Path]
    """Feather files of the log's own folder by stem: annotations, perhaps predictions."""

    @property
    def intrinsics(self) -> Path:
        """Lenses, whether or not the file exists."""
        return self.root / "calibration" / INTRINSICS_NAME

    @property
    def extrinsics(self) -> Path:
        """Poses of the sensors in the vehicle, whether or not the file exists."""
        return self.root / "calibration" / EXTRINSICS_NAME

    @property
    def poses(self) -> Path:
        """The vehicle's motion, whether or not the file exists."""
        return self.root / POSES_NAME


def log_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it is a log, else the logs in it."""
    if _is_log(root):
        return (root,)
    return tuple(folder for folder in subfolders(root) if _is_log(folder))


def _is_log(folder: Path) -> bool:
    return (folder / POSES_NAME).is_file() and (
        (folder / "sensors").is_dir() or (folder / "calibration").is_dir()
    )


def list_log(root: Path, problems: ProblemLog) -> AvLog:
    """Return the files of a log."""
    sensors = root / "sensors"
    images = {
        folder.name: _by_time(files_by_stem(folder, IMAGE_SUFFIXES), problems)
        for folder in subfolders(sensors / "cameras")
    }
    rank = {name: index for index, name in enumerate(CAMERA_ORDER)}
    names = sorted(images, key=lambda name: (rank.get(name, len(rank)), name))
    tables = files_by_stem(root, (".feather",))
    return AvLog(
        root,
        _by_time(files_by_stem(sensors / "lidar", (".feather",)), problems),
        {name: images[name] for name in names if images[name]},
        {stem: path for stem, path in tables.items() if path.name != POSES_NAME},
    )


def _by_time(files: FileListing, problems: ProblemLog) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for stem, path in files.items():
        digits = stem.isascii() and stem.isdigit() and len(stem) <= _MAX_STEM_DIGITS
        if digits and int(stem) <= _MAX_TIME_NS:
            found[int(stem)] = path
        else:
            problems.add(path, "", "is not named after a time in nanoseconds; it is left out")
    return dict(sorted(found.items()))


def nearest_times(
    frame_times_ns: npt.NDArray[np.int64], times_ns: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return for each frame the index of the nearest of the times, -1 where none is near.

    Examples
    --------
    >>> nearest_times(np.array([0, 10**9]), np.array([3, 5 * 10**7])).tolist()
    [0, -1]
    """
    if not len(times_ns):
        return np.full(len(frame_times_ns), -1, dtype=np.int64)
    after = np.clip(np.searchsorted(times_ns, frame_times_ns), 0, len(times_ns) - 1)
    before = np.maximum(after - 1, 0)
    apart_after = np.abs(times_ns[after] - frame_times_ns)
    apart_before = np.abs(times_ns[before] - frame_times_ns)
    nearest = np.where(apart_before <= apart_after, before, after)
    return np.where(np.minimum(apart_before, apart_after) <= MAX_TIME_APART_NS, nearest, -1)
