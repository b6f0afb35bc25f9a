"""Which files of a KITTI object split belong to which frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.folder_index import (
    FileListing,
    files_by_stem,
    has_file,
    merged_stems,
    subfolders,
)
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.scene.images import ImageRef
from viewer.scene.scene import Frame, SweepRef

LIDAR_ID = "velo"
CAMERA_KEYS: Mapping[str, tuple[str, ...]] = {"image_2": ("P2",), "image_3": ("P3",)}
PREDICTION_PREFIXES = ("pred", "result", "detection", "label_2_")


@dataclass(frozen=True, eq=False, slots=True)
class KittiSplit:
    """The files of one split (training, testing, or the folder itself), by stem."""

    root: Path
    clouds: FileListing
    calibs: Mapping[str, Path]
    images: Mapping[str, FileListing]
    """By sensor_id; only cameras that have a folder with images."""
    labels: Mapping[str, Mapping[str, Path]]
    """By folder name: label_2 and folders of predictions."""

    frame_keys: tuple[str, ...]
    """Stems with a cloud or an image, in natural order."""

    def frames(self) -> Sequence[Frame]:
        """Every frame, without time."""
        return FramesOnDemand(len(self.frame_keys), self._frame)

    def _frame(self, index: int) -> Frame:
        key = self.frame_keys[index]
        sweeps: tuple[SweepRef, ...] = ()
        if key in self.clouds:
            sweeps = (SweepRef(LIDAR_ID, None, self.clouds.source(key)),)
        images = tuple(
            ImageRef(sensor_id, None, files.source(key))
            for sensor_id, files in self.images.items()
            if key in files
        )
        return Frame(index, key, None, sweeps, images)


def split_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it looks like a split, else training and testing that do.

    A split has clouds in ``velodyne`` or images in ``image_2``, and beside them ``calib/*.txt`` or
    ``label_2/*.txt``.
    """
    folders = (root,) if _is_split(root) else (root / "training", root / "testing")
    return tuple(folder for folder in folders if _is_split(folder))


def _is_split(root: Path) -> bool:
    return any(has_file(root / name, (".txt",)) for name in ("calib", "label_2")) and (
        has_file(root / "velodyne", POINT_SUFFIXES)
        or any(has_file(root / sensor_id, IMAGE_SUFFIXES) for sensor_id in CAMERA_KEYS)
    )


def list_split(root: Path) -> KittiSplit:
    """Return the files of a split."""
    images = {
        sensor_id: files_by_stem(root / sensor_id, IMAGE_SUFFIXES) for sensor_id in CAMERA_KEYS
    }
    labels = {"label_2": files_by_stem(root / "label_2", (".txt",))}
    for folder in subfolders(root):
        if folder.name.lower().startswith(PREDICTION_PREFIXES):
            inner = folder / "data"
            labels[folder.name] = files_by_stem(inner if inner.is_dir() else folder, (".txt",))
    clouds = files_by_stem(root / "velodyne", POINT_SUFFIXES)
    images = {sensor_id: files for sensor_id, files in images.items() if files}
    return KittiSplit(
        root,
        clouds,
        files_by_stem(root / "calib", (".txt",)),
        images,
        {name: files for name, files in labels.items() if files},
        merged_stems(clouds, *images.values()),
    )
