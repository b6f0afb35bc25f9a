"""What a dataset is known by: the content of its files, wherever they lie."""

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from viewer.progress import JobContext

VERSION = "1"
"""Of the way of hashing; stands before every fingerprint."""
EDGE_BYTES = 64 * 1024
"""How much of the start and the end of sensor data is hashed."""
DIGEST_BYTES = 10
SENSOR_SUFFIXES = frozenset(
    {
        *(".pcd", ".bin", ".ply", ".las", ".laz", ".npy", ".npz"),
        *(".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".avif"),
        *(".mp4", ".avi", ".mkv", ".mov", ".wav", ".mp3"),
        *(".bag", ".mcap", ".db3"),
        *(".obj", ".glb", ".gltf", ".stl"),
    }
)
"""Files of sensor data, hashed at their edges alone; all others may hold labels or calibration."""
SENSOR_FOLDERS = frozenset({"sensors", "lidar"})
"""Folders in which tables (``.feather``) are sensor data too."""
LEFT_OUT = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
LEFT_OUT_SUFFIXES = (".sightline", ".sightline-wal", ".sightline-shm", ".sightline-journal")
THREADS = 4
_AT_ONCE = 512


class FileDigest(NamedTuple):
    """Content of one file."""

    size: int
    """Bytes."""
    digest: str
    """Hex digits over the content, or over its edges; empty where it cannot be read."""


@dataclass(frozen=True)
class Fingerprint:
    """Content of a dataset, file by file."""

    files: Mapping[str, FileDigest]
    """By path below the dataset's folder, with ``/``; of a dataset of one file its suffix."""

    @cached_property
    def text(self) -> str:
        """Stands for all of it: equal where every file is equal and lies at the same place."""
        total = hashlib.blake2b(digest_size=16)
        for path, digest in sorted(self.files.items()):
            total.update(json.dumps([path, *digest]).encode())
        return f"{VERSION}-{total.hexdigest()}"

    def packed(self) -> bytes:
        """Return it as few bytes, for storing."""
        rows = [[path, *digest] for path, digest in sorted(self.files.items())]
        return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())

    @classmethod
    def unpacked(cls, stored: bytes) -> "Fingerprint":
        """Return what `packed` gave."""
        rows = json.loads(zlib.decompress(stored))
        return cls({path: FileDigest(size, digest) for path, size, digest in rows})


@dataclass(frozen=True, slots=True)
class FileDifference:
    """What differs between two deliveries, as sorted paths."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    same_count: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def text(self) -> str:
        """For people, e.g. ``2 files changed, 1 is new``."""
        parts = [
            (self.changed, "changed", "changed"),
            (self.added, "is new", "are new"),
            (self.removed, "is gone", "are gone"),
        ]
        told = [
            f"{len(paths)} {'file ' if len(paths) == 1 else 'files '}"
            f"{one if len(paths) == 1 else many}"
            for paths, one, many in parts
            if paths
        ]
        return ", ".join(told) or "no file differs"


def fingerprint(root: Path, context: JobContext | None = None) -> Fingerprint:
    """Hash the files below a folder, or one file. Nothing is written.

    Parameters
    ----------
    context
        Hears of progress, file by file.

    Raises
    ------
    Cancelled
        When the work was given up.
    FileNotFoundError
        When nothing lies there.
    """
    context = context or JobContext()
    if not root.exists():
        raise FileNotFoundError(f"{root} does not exist")
    if root.is_file():
        return Fingerprint({root.suffix: file_digest(root, root.name)})
    paths = sorted(_files_below(root, context))
    found: dict[str, FileDigest] = {}
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fingerprint")
    try:
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            digests = pool.map(lambda name: file_digest(root / name, name), part)
            for place, (name, digest) in enumerate(zip(part, digests, strict=True), start):
                context.report(place, len(paths), "Recognising the dataset")
                found[name] = digest
    finally:
        pool.shutdown(cancel_futures=True)
    context.report(len(paths), len(paths), "Recognising the dataset")
    return Fingerprint(found)


def file_digest(path: Path, name: str) -> FileDigest:
    """Hash one file: whole, or its edges where its `name` is that of sensor data."""
    hashed = hashlib.blake2b(digest_size=DIGEST_BYTES)
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if is_sensor_data(name) and size > 2 * EDGE_BYTES:
                hashed.update(file.read(EDGE_BYTES))
                file.seek(-EDGE_BYTES, os.SEEK_END)
                hashed.update(file.read(EDGE_BYTES))
            else:
                while piece := file.read(1 << 20):
                    hashed.update(piece)
    except OSError:
        return FileDigest(-1, "")
    return FileDigest(size, hashed.hexdigest())


def is_sensor_data(name: str) -> bool:
    """Say whether a file, by its path in the dataset, holds neither labels nor calibration.

    Examples
    --------
    >>> is_sensor_data("velodyne/000042.bin"), is_sensor_data("label_2/000042.txt")
    (True, False)
    >>> is_sensor_data("a/sensors/lidar/3.feather"), is_sensor_data("a/annotations.feather")
    (True, False)
    """
    *folders, last = name.lower().split("/")
    suffix = PurePosixPath(last).suffix
    return suffix in SENSOR_SUFFIXES or (
        suffix == ".feather" and not SENSOR_FOLDERS.isdisjoint(folders)
    )


def compare(before: Fingerprint, after: Fingerprint) -> FileDifference:
    """Return what a delivery changed."""
    old, new = before.files, after.files
    both = old.keys() & new.keys()
    changed = sorted(name for name in both if old[name] != new[name])
    return FileDifference(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        tuple(changed),
        len(both) - len(changed),
    )


def _files_below(root: Path, context: JobContext) -> Iterator[str]:
    """Yield paths below a folder; links to folders are followed, once each."""
    seen: set[str] = set()
    count = 0
    for folder, folders, names in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        below = os.path.relpath(folder, root)
        for name in names:
            lowered = name.lower()
            if lowered in LEFT_OUT or lowered.endswith(LEFT_OUT_SUFFIXES):
                continue
            if not Path(folder, name).is_file():
                continue
            count += 1
            if count % 1000 == 0:
                context.report(count, None, "Listing the dataset's files")
            yield name if below == "." else f"{below.replace(os.sep, '/')}/{name}"
