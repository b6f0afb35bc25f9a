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


def list_split(root: Path) -> tuple[KittiSequence, ...]:
    """Return the sequences of a split, in order."""
    if is_label_folder(root):
        files = _sequence_files(root)
        return tuple(
            KittiSequence(name, root.parent, labels={LABEL_FOLDER: path})
            for name, path in files.items()
        )
    labels = {LABEL_FOLDER: _sequence_files(root / LABEL_FOLDER)}
    for folder in subfolders(root):
        if folder.name.lower().startswith(PREDICTION_PREFIXES):
            inner = folder / "data"
            labels[folder.name] = _sequence_files(inner if inner.is_dir() else folder)
    calibs, oxts = _sequence_files(root / "calib"), _sequence_files(root / "oxts")
    clouds = {folder.name: folder for folder in subfolders(root / "velodyne")}
    images = {
        sensor_id: {folder.name: folder for folder in subfolders(root / sensor_id)}
        for sensor_id in CAMERA_KEYS
    }
    sequences = []
    for name in merged_stems(labels[LABEL_FOLDER], clouds, *images.values()):
        pictures = {
            sensor_id: files_by_stem(folders[name], IMAGE_SUFFIXES)
            for sensor_id, folders in images.items()
            if name in folders
        }
        sequences.append(
            KittiSequence(
                name,
                root,
                files_by_stem(clouds[name], POINT_SUFFIXES) if name in clouds else {},
                {sensor_id: files for sensor_id, files in pictures.items() if files},
                calibs.get(name),
                oxts.get(name),
                {set_id: files[name] for set_id, files in labels.items() if name in files},
            )
        )
    return tuple(sequences)


def _sequence_files(folder: Path) -> dict[str, Path]:
    """Text files named after a sequence, four digits; six digits are frames of KITTI object."""
    files = files_by_stem(folder, (".txt",))
    return {
        stem: files[stem]
        for stem in files
        if len(stem) == _SEQUENCE_DIGITS and stem.isascii() and stem.isdigit()
    }
