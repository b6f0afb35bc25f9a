"""Labels from decoded JSON, one by one: checked numbers, then columns."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.json_bounds import require_few_values
from viewer.formats.json_numbers import is_number
from viewer.formats.rigid_matrix import MAX_POSITION_M
from viewer.formats.text_file import MAX_TEXT_BYTES, read_bytes
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.scene.labels import CuboidLabels

MAX_SIZE_M = 1e6


def load_json(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> object:
    """Return a file's values; `DamagedData` when it cannot be read or is no JSON."""
    data = read_bytes(path, max_bytes=max_bytes)
    require_few_values(data, path)
    try:
        document: object = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedData(path, "", f"is not valid JSON ({error})") from None
    return document


def numbers_at(
    value: object, keys: Iterable[str | int], path: Path, place: str
) -> tuple[float, ...]:
    """Return the finite numbers of an object's keys, or of a list's positions.

    Raises
    ------
    DamagedData
        With the JSON path of the number that is missing or is none.
    """
    found = []
    for key in keys:
        if isinstance(key, str):
            number = value.get(key) if isinstance(value, Mapping) else None
            name = f"{place}.{key}"
        else:
            number = value[key] if isinstance(value, list) and key < len(value) else None
            name = f"{place}[{key}]"
        if not is_number(number):
            raise DamagedData(path, name, "is not a finite number")
        found.append(float(number))
    return tuple(found)


def text_at(value: Mapping[str, Any], key: str, path: Path, place: str) -> str:
    """Return a non-empty text; `DamagedData` with its JSON path when there is none."""
    text = value.get(key)
    if not isinstance(text, str) or not text:
        raise DamagedData(path, f"{place}.{key}", "is not a name")
    return text


class CuboidRows:
    """Collects cuboids of one coord frame."""

    def __init__(self, coord_frame_id: str) -> None:
        self.coord_frame_id = coord_frame_id
        self._centers: list[Sequence[float]] = []
        self._sizes: list[Sequence[float]] = []
        self._rotations: list[npt.NDArray[np.float64]] = []
        self._columns: list[tuple[str, str, str | None, Mapping[str, Any]]] = []

    def __len__(self) -> int:
        return len(self._columns)

    def add(
        self,
        label_id: str,
        class_name: str,
        *,
        center_m: Sequence[float],
        size_m: Sequence[float],
        rotation: npt.NDArray[np.float64],
        track_id: str | None,
        attributes: Mapping[str, Any],
        path: Path,
        place: str,
    ) -> None:
        """Add one; `DamagedData` when its size or position is not one that a body can have."""
        if not all(0.0 < extent <= MAX_SIZE_M for extent in size_m):
            raise DamagedData(path, place, "has a size that is not positive; it is left out")
        if not all(abs(part) <= MAX_POSITION_M for part in center_m):
            raise DamagedData(path, place, "lies absurdly far away; it is left out")
        self._centers.append(center_m)
        self._sizes.append(size_m)
        self._rotations.append(rotation)
        self._columns.append((label_id, class_name, track_id, attributes))

    def build(self, timestamp_ns: int | None = None) -> CuboidLabels:
        """Return the cuboids added so far."""
        count = len(self._columns)
        rotations = np.array(self._rotations).reshape(-1, 3, 3)
        return CuboidLabels(
            cuboids=Cuboids(
                np.array(self._centers, dtype=np.float64).reshape(-1, 3),
                np.array(self._sizes, dtype=np.float64).reshape(-1, 3),
                quaternion_from_matrix(rotations) if count else np.empty((0, 4)),
                self.coord_frame_id,
            ),
            label_ids=tuple(column[0] for column in self._columns),
            class_names=tuple(column[1] for column in self._columns),
            track_ids=tuple(column[2] for column in self._columns),
            scores=np.full(count, np.nan),
            attributes=tuple(column[3] for column in self._columns),
            timestamp_ns=timestamp_ns,
        )
