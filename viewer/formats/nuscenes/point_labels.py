"""Classes of points: files of the ``lidarseg`` and ``panoptic`` tables, one a keyframe's sweep.

A lidarseg file is one byte a point, the ``index`` of a category; a panoptic file a numpy archive
whose ``data`` is 1000 times that plus the number of the object.
"""

import struct
import threading
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile, read_rows
from viewer.formats.nuscenes.schema import PointLabelRow
from viewer.formats.nuscenes.tables import Tables
from viewer.formats.text_file import read_bytes
from viewer.scene.point_classes import PointClasses

PANOPTIC_FACTOR = 1000
_MAX_POINTS = 50_000_000
_UNREADABLE = (
    OSError, ValueError, KeyError, EOFError, BadZipFile, NotImplementedError, RuntimeError,
    zlib.error, MemoryError, SyntaxError, struct.error,
)  # fmt: skip
_TABLES = ("panoptic", "lidarseg")


class PointLabels:
    """Point classes of a folder of tables; panoptic ones before those without objects."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self._files: dict[str, tuple[str, str]] | None = None
        self.class_names = {
            row.index: row.name for row in tables.categories.values() if row.index is not None
        }
        """Category by its number in the files."""

    def read(self, recording_token: str, sensor_id: str) -> PointClasses | None:
        """Return the classes of a recording's points; None when there are none."""
        with self._lock:
            if self._files is None:
                self._files = self._list_files()
        table, filename = self._files.get(recording_token, ("", ""))
        if not table:
            return None
        resolved = self._tables.root.resolve(filename, recording_token)
        if isinstance(resolved, DamagedData):
            raise resolved
        path = Path(resolved)
        if not self.class_names:
            problem = "has no index of a category, so that point classes have no names"
            raise DamagedData(self._tables.folder / "category.json", "", problem)
        if table == "lidarseg":
            numbers = np.frombuffer(read_bytes(path, max_bytes=_MAX_POINTS), dtype=np.uint8)
            return PointClasses(sensor_id, numbers.astype(np.int32), self.class_names)
        objects = _panoptic_numbers(path)
        classes = objects // PANOPTIC_FACTOR
        return PointClasses(sensor_id, classes, self.class_names, objects % PANOPTIC_FACTOR)

    def are_there(self) -> bool:
        """Say whether a table of point classes is there."""
        return any((self._tables.folder / f"{name}.json").is_file() for name in _TABLES)

    def _list_files(self) -> dict[str, tuple[str, str]]:
        files: dict[str, tuple[str, str]] = {}
        for name in _TABLES:
            path = self._tables.folder / f"{name}.json"
            if not path.is_file():
                continue
            try:
                for _, _, row in read_rows(
                    JsonFile(path), PointLabelRow, self._tables.late_problems
                ):
                    files.setdefault(row.sample_data_token, (name, row.filename))
            except DamagedData as damage:
                self._tables.late_problems.add_damage(damage)
        return files


def _panoptic_numbers(path: Path) -> npt.NDArray[np.int32]:
    """Return ``data`` of an archive, which is checked before it is unpacked."""
    try:
        with ZipFile(path) as archive:
            if archive.getinfo("data.npy").file_size > 4 * _MAX_POINTS:
                raise DamagedData(path, "data", f"holds more than {_MAX_POINTS} points")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            numbers = arrays["data"]
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except _UNREADABLE as error:
        problem = f"is no archive of point classes ({type(error).__name__})"
        raise DamagedData(path, "", problem) from None
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise DamagedData(path, "data", f"is {numbers.dtype} with {numbers.ndim} dimensions")
    converted: npt.NDArray[np.int32] = numbers.astype(np.int32)
    return converted
