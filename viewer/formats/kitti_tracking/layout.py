"""Which files of a KITTI tracking split belong to which sequence and frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from viewer.formats.folder_index import files_by_stem, has_file, merged_stems, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.points.catalog import POINT_SUFFIXES

LIDAR_ID = "velo"
CAMERA_KEYS: Mapping[str, str] = {"image_02": "P2", "image_03": "P3"}
LABEL_FOLDER = "label_02"
PREDICTION_PREFIXES = ("pred", "result", "detection", "label_02_")
_SEQUENCE_DIGITS = 4


@dataclass(frozen=True, eq=False, slots=True)
class KittiSequence:
    """The files of one sequence."""

    name: str
    root: Path
    """The split's folder."""
    clouds: Mapping[str, Path] = field(default_factory=dict)
    """By stem, as are the images."""
    images: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    """By sensor_id; only cameras that have images."""
    calib: Path | None = None
    oxts: Path | None = None
    labels: Mapping[str, Path] = field(default_factory=dict)
    """By folder name: label_02 and folders of predictions."""


def split_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it looks like a split, else training and testing that do.

    A split has ``label_02/NNNN.txt``, or sweeps in ``velodyne/NNNN`` or images in
    ``image_02/NNNN`` beside ``calib/NNNN.txt``. A folder ``label_02`` alone is one too.
    """
    folders = (root,) if _is_split(root) else (root / "training", root / "testing")
    return tuple(folder for folder in folders if _is_split(folder))


def is_label_folder(folder: Path) -> bool:
    """Say whether a folder is ``label_02`` itself, opened without its split."""
    return folder.name == LABEL_FOLDER and bool(_sequence_files(folder))


def _is_split(root: Path) -> bool:
    if is_label_folder(root) or is_label_folder(root / LABEL_FOLDER):
        return True
    if not _sequence_files(root / "calib"):
        return False
    return any(
        has_file(folder, suffixes)
        for name, suffixes in (("velodyne", POINT_SUFFIXES), ("image_02", IMAGE_SUFFIXES))
        for folder in subfolders(root / name)[:4]
    )


class KittiSplit:
    """The sequences of a split, in order; the files of one are listed when it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._labels: dict[str, dict[str, Path]] = {}
        self._calibs: dict[str, Path] = {}
        self._oxts: dict[str, Path] = {}
        self._clouds: dict[str, Path] = {}
        self._images: dict[str, dict[str, Path]] = {}
        if is_label_folder(root):
            self.root = root.parent
            self._labels = {LABEL_FOLDER: _sequence_files(root)}
            self.names: tuple[str, ...] = tuple(self._labels[LABEL_FOLDER])
            return
        self._labels = {LABEL_FOLDER: _sequence_files(root / LABEL_FOLDER)}
        for folder in subfolders(root):
            if folder.name.lower().startswith(PREDICTION_PREFIXES):
                inner = folder / "data"
                self._labels[folder.name] = _sequence_files(inner if inner.is_dir() else folder)
        self._calibs, self._oxts = _sequence_files(root / "calib"), _sequence_files(root / "oxts")
        self._clouds = {folder.name: folder for folder in subfolders(root / "velodyne")}
        self._images = {
            sensor_id: {folder.name: folder for folder in subfolders(root / sensor_id)}
            for sensor_id in CAMERA_KEYS
        }
        self.names = merged_stems(self._labels[LABEL_FOLDER], self._clouds, *self._images.values())

    def sequence(self, name: str) -> KittiSequence:
        """Return the files of one sequence."""
        pictures = {
            sensor_id: files_by_stem(folders[name], IMAGE_SUFFIXES)
            for sensor_id, folders in self._images.items()
            if name in folders
        }
        clouds = self._clouds.get(name)
        return KittiSequence(
            name,
            self.root,
            {} if clouds is None else files_by_stem(clouds, POINT_SUFFIXES),
            {sensor_id: files for sensor_id, files in pictures.items() if files},
            self._calibs.get(name),
            self._oxts.get(name),
            {set_id: files[name] for set_id, files in self._labels.items() if name in files},
        )


def _sequence_files(folder: Path) -> dict[str, Path]:
    """Text files named after a sequence, four digits; six digits are frames of KITTI object."""
    files = files_by_stem(folder, (".txt",))
    return {
        stem: files[stem]
        for stem in files
        if len(stem) == _SEQUENCE_DIGITS and stem.isascii() and stem.isdigit()
    }
