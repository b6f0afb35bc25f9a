"""Classes of points as ``lidarseg`` or ``panoptic`` tables with a file a sweep."""

import io
from collections.abc import Sequence

import numpy as np

from viewer.formats.nuscenes.point_labels import PANOPTIC_FACTOR
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.annotations import Annotations
from viewer.formats.writers.nuscenes.table_rows import TableRows, token_of
from viewer.formats.writers.target_files import Write
from viewer.scene.point_classes import PointClasses

_MAX_CLASS = {"lidarseg": 255, "panoptic": 65}
"""A panoptic file's 16 bits hold 1000 times the class plus the object."""


class PointLabelFiles:
    """Writes the files of all scenes; the categories' numbers are those of the first."""

    def __init__(self, tables: TableRows, folder: str, write: Write, losses: LossLog) -> None:
        self._tables = tables
        self._folder = folder
        self._write = write
        self._losses = losses
        self._names: dict[int, str] = {}

    def add(
        self,
        found: Sequence[PointClasses],
        tokens: dict[str, str],
        annotations: Annotations,
        where: str,
    ) -> None:
        """Write the point classes of a sample; `tokens` are its recordings by sensor."""
        for each in found:
            token = tokens.get(each.sensor_id)
            table = "lidarseg" if each.instances is None else "panoptic"
            problem = self._problem(each, table, token)
            if problem or token is None:
                self._losses.add("point classes", f"{where}/{each.sensor_id}", problem)
                continue
            for number, name in each.class_names.items():
                if self._names.setdefault(number, name) == name:
                    annotations.name_token("category", name)
            suffix = "bin" if table == "lidarseg" else "npz"
            stem = f"{token_of('file', token)}_{table}"
            filename = f"{table}/{self._folder}/{stem}.{suffix}"
            self._tables.add(
                table, {"token": token, "sample_data_token": token, "filename": filename}
            )
            self._write(filename, _file(each))

    def finish(self) -> None:
        """Number the categories."""
        numbers: dict[str, int] = {}
        for number, name in self._names.items():
            numbers.setdefault(name, number)
        free = (number for number in range(1 << 20) if number not in self._names)
        if self._names:
            for row in self._tables.rows("category"):
                own = numbers.get(row["name"])
                row["index"] = next(free) if own is None else own

    def _problem(self, found: PointClasses, table: str, token: str | None) -> str:
        if token is None:
            return "the sample has no sweep of the sensor"
        if not found.class_names:
            return "its numbers have no names"
        if any(self._names.get(at, name) != name for at, name in found.class_names.items()):
            return "its numbers mean other classes than those of the sweeps before"
        values = found.class_indices
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) <= _MAX_CLASS[table]:
            return f"has class numbers beyond {_MAX_CLASS[table]}"
        objects = found.instances
        if objects is not None and len(objects):
            low, high = int(objects.min()), int(objects.max())
            if not 0 <= low <= high < min(PANOPTIC_FACTOR, 536):
                return "has more objects than a file can number"
        return ""


def _file(found: PointClasses) -> bytes:
    if found.instances is None:
        return found.class_indices.astype(np.uint8).tobytes()
    numbers = found.class_indices * PANOPTIC_FACTOR + found.instances
    buffer = io.BytesIO()
    np.savez_compressed(buffer, data=numbers.astype(np.uint16))
    return buffer.getvalue()
