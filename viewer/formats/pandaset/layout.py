"""The files of a sequence, and the JSON beside them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.rigid_matrix import are_poses
from viewer.formats.text_file import read_bytes

TABLE_SUFFIXES = (".pkl.gz", ".pkl")
CAMERA_ORDER = (
    "front_left_camera", "front_camera", "front_right_camera", "left_camera", "back_camera",
    "right_camera",
)  # fmt: skip
MAX_JSON_BYTES = 64 * 1024 * 1024
MAX_TIME_S = 4e9
Value = TypeVar("Value")


class Axes(msgspec.Struct):
    """A place."""

    x: float
    y: float
    z: float


class Turn(msgspec.Struct):
    """A quaternion."""

    w: float
    x: float
    y: float
    z: float


class Pose(msgspec.Struct):
    """Pose of a sensor in the world."""

    position: Axes
    heading: Turn


class Intrinsics(msgspec.Struct):
    """A pinhole."""

    fx: float
    fy: float
    cx: float
    cy: float


class Gps(msgspec.Struct):
    """Where the car was."""

    lat: float
    long: float
    height: float | None = None
    xvel: float | None = None
    yvel: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Sequence:
    """One sequence, listed."""

    root: Path
    stems: tuple[str, ...]
    """Of the frames, sorted; place i belongs to entry i of every JSON list."""
    clouds: dict[str, Path]
    cuboids: dict[str, Path]
    classes: dict[str, Path]
    """Files of point classes."""
    images: dict[str, dict[str, Path]]
    """By camera, then by stem."""

    def json_path(self, folder: str, name: str) -> Path:
        """Return where a JSON file of a sensor lies."""
        return self.root / folder / f"{name}.json"


def sequence_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it is a sequence, else the sequences in it."""
    if _is_sequence(root):
        return (root,)
    return tuple(folder for folder in subfolders(root) if _is_sequence(folder))


def _is_sequence(folder: Path) -> bool:
    return (folder / "lidar" / "poses.json").is_file() and (
        (folder / "lidar" / "timestamps.json").is_file() or (folder / "camera").is_dir()
    )


def list_sequence(root: Path) -> Sequence:
    """List the files of a sequence."""
    clouds = dict(files_by_stem(root / "lidar", TABLE_SUFFIXES))
    images = {
        folder.name: dict(files_by_stem(folder, IMAGE_SUFFIXES))
        for folder in subfolders(root / "camera")
    }
    rank = {name: index for index, name in enumerate(CAMERA_ORDER)}
    names = sorted(images, key=lambda name: (rank.get(name, len(rank)), name))
    stems = {stem for files in (clouds, *images.values()) for stem in files}
    return Sequence(
        root,
        tuple(
            sorted(stem for stem in stems if stem.isascii() and stem.isdigit() and len(stem) < 10)
        ),
        clouds,
        dict(files_by_stem(root / "annotations" / "cuboids", TABLE_SUFFIXES)),
        dict(files_by_stem(root / "annotations" / "semseg", TABLE_SUFFIXES)),
        {name: images[name] for name in names if images[name]},
    )


def read_json(path: Path, kind: type[Value]) -> Value:
    """Decode a file as a type."""
    data = read_bytes(path, max_bytes=MAX_JSON_BYTES)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedData(path, "", f"does not fit: {error}") from None


def read_times_ns(path: Path) -> list[int]:
    """Return times in nanoseconds from a list of seconds."""
    seconds = read_json(path, list[float])
    if any(not 0.0 <= each < MAX_TIME_S for each in seconds):
        raise DamagedData(path, "", "has a time that cannot be")
    return [round(each * 1e9) for each in seconds]


def read_poses(path: Path) -> npt.NDArray[np.float64]:
    """Return (N, 7) x y z and w x y z of a sensor in the world."""
    rows: list[list[Any]] = [
        [each.position.x, each.position.y, each.position.z,
         each.heading.w, each.heading.x, each.heading.y, each.heading.z]
        for each in read_json(path, list[Pose])
    ]  # fmt: skip
    poses = np.array(rows, dtype=np.float64).reshape(-1, 7)
    bad = np.flatnonzero(~are_poses(poses[:, :3], poses[:, 3:]))
    if len(bad):
        raise DamagedData(path, f"$[{int(bad[0])}]", "is no pose that can be")
    return poses
