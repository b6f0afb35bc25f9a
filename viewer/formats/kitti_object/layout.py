"""Which files of a KITTI object split belong to which frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.folder_index import files_by_stem, merged_stems, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
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
    clouds: Mapping[str, Path]
    calibs: Mapping[str, Path]
    images: Mapping[str, Mapping[str, Path]]
    """By sensor_id; only cameras that have a folder with images."""
    labels: Mapping[str, Mapping[str, Path]]
    """By folder name: label_2 and folders of predictions."""

    @property
    def frame_keys(self) -> tuple[str, ...]:
        """Stems with a cloud or an image, in natural order."""
        return merged_stems(self.clouds, *self.images.values())

    def frames(self) -> tuple[Frame, ...]:
        """Every frame, without time."""
        return tuple(
            Frame(
                index=index,
                key=key,
                timestamp_ns=None,
                sweeps=(SweepRef(LIDAR_ID, None, str(self.clouds[key])),)
                if key in self.clouds
                else (),
                images=tuple(
                    ImageRef(sensor_id, None, str(files[key]))
                    for sensor_id, files in self.images.items()
                    if key in files
                ),
            )
            for index, key in enumerate(self.frame_keys)
        )


def find_split(root: Path) -> KittiSplit | None:
    """Return the files of a split; None when the folder does not look like one.

    It needs clouds in ``velodyne`` or images in ``image_2``, and beside them ``calib/*.txt`` or
    ``label_2/*.txt``.
    """
    calibs = files_by_stem(root / "calib", (".txt",))
    labels = {"label_2": files_by_stem(root / "label_2", (".txt",))}
    if not calibs and not labels["label_2"]:
        return None
    clouds = files_by_stem(root / "velodyne", POINT_SUFFIXES)
    images = {
        sensor_id: files_by_stem(root / sensor_id, IMAGE_SUFFIXES) for sensor_id in CAMERA_KEYS
    }
    if not clouds and not any(images.values()):
        return None
    for folder in subfolders(root):
        if folder.name.lower().startswith(PREDICTION_PREFIXES):
            inner = folder / "data"
            labels[folder.name] = files_by_stem(inner if inner.is_dir() else folder, (".txt",))
    return KittiSplit(
        root,
        clouds,
        calibs,
        {sensor_id: files for sensor_id, files in images.items() if files},
        {name: files for name, files in labels.items() if files},
    )


def find_splits(root: Path) -> tuple[KittiSplit, ...]:
    """Return the folder's own split, or those of its training and testing folders."""
    own = find_split(root)
    if own is not None:
        return (own,)
    splits = (find_split(root / name) for name in ("training", "testing"))
    return tuple(split for split in splits if split is not None)
