"""Which files of a KITTI raw drive belong together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.folder_index import files_by_stem, has_file, merged_stems, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.points.catalog import POINT_SUFFIXES

LIDAR_ID = "velo"
CAMERA_IDS = ("image_00", "image_01", "image_02", "image_03")
CALIB_NAMES = ("calib_cam_to_cam.txt", "calib_velo_to_cam.txt", "calib_imu_to_velo.txt")


@dataclass(frozen=True, eq=False, slots=True)
class RawStream:
    """Numbered files of one sensor with their times."""

    folder: Path
    files: Mapping[str, Path]
    """By stem."""

    @property
    def timestamps_path(self) -> Path:
        """Where the times lie, whether or not the file exists."""
        return self.folder / "timestamps.txt"


@dataclass(frozen=True, eq=False, slots=True)
class RawDrive:
    """The files of one drive."""

    root: Path
    clouds: RawStream
    images: Mapping[str, RawStream]
    """By sensor_id, ``image_00`` ...; only cameras that have images."""
    oxts: RawStream
    calib_folder: Path | None
    tracklets: Path | None

    @property
    def unrectified(self) -> bool:
        """True for an extract, whose images are as the lens made them."""
        return self.root.resolve().name.lower().endswith("_extract")

    @property
    def frame_keys(self) -> tuple[str, ...]:
        """Stems of the sweeps; of the images too, where the drive has no sweep."""
        if self.clouds.files:
            return tuple(self.clouds.files)
        return merged_stems(*(stream.files for stream in self.images.values()))


def drive_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it looks like a drive, else the drives in it.

    A drive has sweeps in ``velodyne_points/data``, or images in ``image_0x/data`` beside oxts,
    tracklets or calibration. The folder of a date holds the calibration, or its drives are named
    ``..._sync`` or ``..._extract``.
    """
    children = subfolders(root)
    if _is_drive(root, children):
        return (root,)
    calibrated = _calib_in(root) is not None
    return tuple(
        folder
        for folder in children
        if (calibrated or folder.name.lower().endswith(("_sync", "_extract")))
        and _is_drive(folder, subfolders(folder))
    )


def _is_drive(root: Path, children: tuple[Path, ...]) -> bool:
    named = {folder.name.lower(): folder for folder in children}
    if "velodyne_points" in named and has_file(named["velodyne_points"] / "data", POINT_SUFFIXES):
        return True
    pictured = any(
        sensor_id in named and has_file(named[sensor_id] / "data", IMAGE_SUFFIXES)
        for sensor_id in CAMERA_IDS
    )
    return pictured and bool(
        ("oxts" in named and has_file(named["oxts"] / "data", (".txt",)))
        or _tracklets_in(root)
        or _calib_folder(root)
    )


def list_drive(root: Path) -> RawDrive:
    """Return the files of a drive."""
    named = {folder.name.lower(): folder for folder in subfolders(root)}
    images = {
        sensor_id: _stream(named[sensor_id], IMAGE_SUFFIXES)
        for sensor_id in CAMERA_IDS
        if sensor_id in named
    }
    return RawDrive(
        root,
        _stream(named.get("velodyne_points", root / "velodyne_points"), POINT_SUFFIXES),
        {sensor_id: stream for sensor_id, stream in images.items() if stream.files},
        _stream(named.get("oxts", root / "oxts"), (".txt",)),
        _calib_folder(root),
        _tracklets_in(root),
    )


def _tracklets_in(root: Path) -> Path | None:
    path = root / "tracklet_labels.xml"
    return path if path.is_file() else None


def _stream(folder: Path, suffixes: tuple[str, ...]) -> RawStream:
    return RawStream(folder, files_by_stem(folder / "data", suffixes))


def _calib_folder(root: Path) -> Path | None:
    """The drive's own folder, one in it, or the folder of its date."""
    return _calib_in(root) or _calib_in(root / "calib") or _calib_in(root.resolve().parent)


def _calib_in(folder: Path) -> Path | None:
    return folder if any((folder / name).is_file() for name in CALIB_NAMES) else None
