"""Which files of a folder are clouds, which are images of which camera, which are calibration."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.calibration.catalog import CALIBRATION_SUFFIXES, read_calibration
from viewer.formats.folder_index import FileListing, files_by_stem, has_file, subfolders
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.point_folder.times import match_files
from viewer.formats.points.catalog import POINT_SUFFIXES

CLOUD_SUFFIXES = tuple(suffix for suffix in POINT_SUFFIXES if suffix not in (".txt", ".csv"))
"""Text that may as well be anything else makes no folder of clouds."""
MAX_CALIBRATION_FILES = 64
MAX_CALIBRATION_BYTES = 1024 * 1024
_NO_CLOUDS = ("label", "ann", "calib", "seg", "mask", "pred", "map")
_NO_IMAGES = ("label", "ann", "seg", "mask", "depth", "pred", "map")
_LIDAR_NAME = re.compile(
    "lidar|velo|point|cloud|pcd|pcl|sweep|scan|radar|ouster|hesai|pandar|livox|robosense|luminar"
)
Matched = Mapping[str, tuple[str, Path]]
"""Stem and file by frame key."""
PLAIN_NAMES = ("data", "images", "image", "rgb")
"""Folders that say nothing of the camera; it is called as the folder above."""


@dataclass(frozen=True, eq=False, slots=True)
class PointFolder:
    """The files of a recording, by sensor and frame key."""

    root: Path
    keys: tuple[str, ...]
    clouds: Mapping[str, Mapping[str, Path]]
    """By lidar, then frame key."""
    images: Mapping[str, Matched] = field(default_factory=dict)
    """By camera, then frame key: stem and file."""
    calibration_files: tuple[Path, ...] = ()
    unmatched: tuple[Path, ...] = ()
    """Folders with images that fit no frame."""


def find_point_folder(root: Path) -> PointFolder | None:
    """Return the recording in a folder; None when it holds neither clouds nor described images.

    Clouds lie in the folder or one level down; images too, or two levels down, one folder a camera
    or one folder a frame.
    """
    clouds = _find_clouds(root)
    calibration_files = _find_calibration_files(root)
    if not clouds:
        return _find_described_images(root, calibration_files)
    keys = max((tuple(files) for files in clouds.values()), key=len)
    images, unmatched = _find_images(root, keys, in_root="lidar" in clouds and len(clouds) == 1)
    return PointFolder(root, keys, clouds, images, calibration_files, unmatched)


def holds_clouds(root: Path) -> bool:
    """Say whether clouds lie in the folder or one level down, without listing them."""
    return has_file(root, CLOUD_SUFFIXES) or bool(_cloud_folders(root))


def _cloud_folders(root: Path) -> list[Path]:
    """Subfolders that are lidars of one recording."""
    found = [
        folder
        for folder in subfolders(root)
        if not folder.name.lower().startswith(_NO_CLOUDS)
        and has_file(folder, CLOUD_SUFFIXES)
        # A folder with clouds and images is a recording of its own.
        and not has_file(folder, IMAGE_SUFFIXES)
    ]
    if len(found) > 1:
        # Several folders are several lidars only when they are called so; else each is a scene.
        found = [folder for folder in found if _LIDAR_NAME.search(folder.name.lower())]
    return found


def _find_clouds(root: Path) -> dict[str, FileListing]:
    own = files_by_stem(root, CLOUD_SUFFIXES)
    if own:
        return {"lidar": own}
    found = {folder.name: files_by_stem(folder, CLOUD_SUFFIXES) for folder in _cloud_folders(root)}
    keys = max(found.values(), key=len, default=own)
    return {name: files for name, files in found.items() if any(stem in keys for stem in files)}


def _find_images(
    root: Path, keys: tuple[str, ...], *, in_root: bool
) -> tuple[dict[str, Matched], tuple[Path, ...]]:
    images: dict[str, Matched] = {}
    unmatched = []
    own = files_by_stem(root, IMAGE_SUFFIXES) if in_root else {}
    matched = match_files(own, keys) if own else {}
    if matched:
        images["camera"] = matched
    elif len(keys) == 1:
        images.update({stem: {keys[0]: (stem, path)} for stem, path in own.items()})
    for folder in subfolders(root):
        if folder.name.lower().startswith(_NO_IMAGES):
            continue
        found, missed = _images_below(folder, keys)
        for camera_id, by_key in found.items():
            known = images.get(camera_id)
            images[camera_id] = by_key if known is None else {**known, **by_key}
        unmatched += missed
    return images, tuple(unmatched)


def _images_below(folder: Path, keys: tuple[str, ...]) -> tuple[dict[str, Matched], list[Path]]:
    """Images of one folder: its own, those of a folder a camera, those of a folder a frame."""
    images: dict[str, Matched] = {}
    of_frames: dict[str, dict[str, tuple[str, Path]]] = {}
    unmatched = []
    known_keys = frozenset(keys)
    for place in (folder, *subfolders(folder)):
        files = files_by_stem(place, IMAGE_SUFFIXES)
        if not files:
            continue
        key = _key_named(place.name, known_keys) if place != folder else None
        if key is not None:
            for stem, path in files.items():
                of_frames.setdefault(stem, {})[key] = (stem, path)
            continue
        camera_id = folder.name if place.name.lower() in PLAIN_NAMES else place.name
        matched = match_files(files, keys)
        if matched:
            images[camera_id] = matched
        elif place == folder and len(keys) == 1:
            images.update({stem: {keys[0]: (stem, path)} for stem, path in files.items()})
        else:
            unmatched.append(place)
    for stem, by_key in of_frames.items():
        images[stem] = {**images.get(stem, {}), **by_key}
    return images, unmatched


def _key_named(name: str, keys: Set[str]) -> str | None:
    """Return the frame that a folder of its images is called as."""
    candidates = (name, name.removesuffix("_pcd"), name.removesuffix(".pcd"))
    return next((each for each in candidates if each in keys), None)


def _find_calibration_files(root: Path) -> tuple[Path, ...]:
    """Small files that may be calibration: here, in calib*/ and below it, in folders of cameras."""
    folders = [root]
    for folder in subfolders(root):
        if folder.name.lower().startswith(("calib", "camera", "cam", "image", "param")):
            folders += [folder, *subfolders(folder)]
    found: list[Path] = []
    for folder in folders:
        for path in files_by_stem(folder, CALIBRATION_SUFFIXES).values():
            if len(found) == MAX_CALIBRATION_FILES:
                return tuple(found)
            if _size(path) <= MAX_CALIBRATION_BYTES:
                found.append(path)
    return tuple(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return MAX_CALIBRATION_BYTES + 1


def _find_described_images(root: Path, calibration_files: tuple[Path, ...]) -> PointFolder | None:
    """Images without clouds: one frame, when calibration names cameras as the images are named."""
    files = files_by_stem(root, IMAGE_SUFFIXES)
    if not files or not calibration_files:
        return None
    named: set[str] = set()
    for path in calibration_files:
        try:
            named.update(camera.camera_id for camera in read_calibration(path))
        except DamagedData:
            continue
    images = {stem: {root.name: (stem, path)} for stem, path in files.items() if stem in named}
    if not images:
        return None
    return PointFolder(root, (root.name,), {}, images, calibration_files)
