"""Which files of a sequence belong together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.folder_index import files_by_stem, has_file, merged_stems, subfolders
from viewer.formats.images import IMAGE_SUFFIXES

LIDAR_ID = "velo"
CAMERA_KEYS: Mapping[str, str] = {
    "image_0": "P0",
    "image_1": "P1",
    "image_2": "P2",
    "image_3": "P3",
}
LABEL_PREFIXES: Mapping[str, str] = {"labels": "", "predictions": "predicted_"}
"""Folders with a class for every point, and what the names of their fields start with."""
LABEL_SUFFIXES = (".label",)


@dataclass(frozen=True, eq=False, slots=True)
class OdometrySequence:
    """The files of one sequence, by stem."""

    root: Path
    clouds: Mapping[str, Path]
    images: Mapping[str, Mapping[str, Path]]
    """By sensor_id; only cameras that have images."""
    labels: Mapping[str, Mapping[str, Path]]
    """By folder name; only folders that have labels."""
    poses: Path | None

    @property
    def calib(self) -> Path:
        """Calibration, whether or not the file exists."""
        return self.root / "calib.txt"

    @property
    def times(self) -> Path:
        """Seconds since the start, a line a frame, whether or not the file exists."""
        return self.root / "times.txt"

    @property
    def frame_keys(self) -> tuple[str, ...]:
        """Stems with a cloud or an image, in natural order."""
        return merged_stems(self.clouds, *self.images.values())


def sequence_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it is a sequence, else those in ``sequences``."""
    if _is_sequence(root):
        return (root,)
    folders = (root, root / "sequences", root / "dataset" / "sequences")
    for folder in folders if root.name == "sequences" else folders[1:]:
        found = tuple(child for child in subfolders(folder) if _is_sequence(child))
        if found:
            return found
    return ()


def _is_sequence(folder: Path) -> bool:
    sweeps = has_file(folder / "velodyne", (".bin",))
    if sweeps and any(has_file(folder / name, LABEL_SUFFIXES) for name in LABEL_PREFIXES):
        return True
    pictured = any(has_file(folder / name, IMAGE_SUFFIXES) for name in CAMERA_KEYS)
    timed = (folder / "times.txt").is_file() or (folder / "poses.txt").is_file()
    return (sweeps or pictured) and timed and (folder / "calib.txt").is_file()


def list_sequence(root: Path) -> OdometrySequence:
    """Return the files of a sequence; poses may lie in ``poses`` beside ``sequences``."""
    images = {name: files_by_stem(root / name, IMAGE_SUFFIXES) for name in CAMERA_KEYS}
    labels = {name: files_by_stem(root / name, LABEL_SUFFIXES) for name in LABEL_PREFIXES}
    resolved = root.resolve()
    poses = (root / "poses.txt", resolved.parent.parent / "poses" / f"{resolved.name}.txt")
    return OdometrySequence(
        root,
        files_by_stem(root / "velodyne", (".bin",)),
        {name: files for name, files in images.items() if files},
        {name: files for name, files in labels.items() if files},
        next((path for path in poses if path.is_file()), None),
    )
