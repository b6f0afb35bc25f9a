"""Which files of a KITTI raw drive belong together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.formats.folder_index import files_by_stem, merged_stems, subfolders
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


def find_drive(root: Path) -> RawDrive | None:
    """Return the drive in a folder; None when it does not look like one.

    It needs sweeps in ``velodyne_points/data``, or images in ``image_0x/data`` beside oxts,
    tracklets or calibration.
    """
    names = {folder.name.lower(): folder for folder in subfolders(root)}
    clouds = _stream(names.get("velodyne_points", root / "velodyne_points"), POINT_SUFFIXES)
    images = {
        sensor_id: _stream(names[sensor_id], IMAGE_SUFFIXES)
        for sensor_id in CAMERA_IDS
        if sensor_id in names
    }
    images = {sensor_id: stream for sensor_id, stream in images.items() if stream.files}
    oxts = _stream(names.get("oxts", root / "oxts"), (".txt",))
    tracklets = root / "tracklet_labels.xml"
    drive = RawDrive(
        root, clouds, images, oxts, _calib_folder(root), tracklets if tracklets.is_file() else None
    )
    described = oxts.files or drive.tracklets or drive.calib_folder
    return drive if clouds.files or (images and described) else None


def find_drives(root: Path) -> tuple[RawDrive, ...]:
    """Return the folder's own drive, or those in the folder of a date.

    A date's folder holds the calibration, or its drives are named ``..._sync`` or ``..._extract``.
    """
    own = find_drive(root)
    if own is not None:
        return (own,)
    calibrated = _calib_in(root) is not None
    found = (
        find_drive(folder)
        for folder in subfolders(root)
        if calibrated or folder.name.lower().endswith(("_sync", "_extract"))
    )
    return tuple(drive for drive in found if drive is not None)


def _stream(folder: Path, suffixes: tuple[str, ...]) -> RawStream:
    return RawStream(folder, files_by_stem(folder / "data", suffixes))


def _calib_folder(root: Path) -> Path | None:
    """The drive's own folder, one in it, or the folder of its date."""
    return _calib_in(root) or _calib_in(root / "calib") or _calib_in(root.resolve().parent)


def _calib_in(folder: Path) -> Path | None:
    return folder if any((folder / name).is_file() for name in CALIB_NAMES) else None
