"""Rows that hold nothing but new cuboids of one coord frame: the common case, read fast."""

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any, overload

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from viewer.formats.aquarium.attributes import TRACK_KEYS, shown_attributes
from viewer.formats.aquarium.labels import CUBOID_NUMBERS
from viewer.formats.aquarium.schema import ROOT
from viewer.formats.base import DamagedData
from viewer.formats.cuboid_columns import CuboidColumns, track_ids_of
from viewer.formats.json_fields import (
    BOOLEAN,
    NUMBER,
    STOP,
    STRING,
    Columns,
    FieldTable,
    columns_of_array,
    columns_of_arrays,
    columns_of_objects,
    joined,
)
from viewer.formats.json_lines import RowPlace, decode_row, read_row
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels


class _Attributes(Struct, gc=False):
    pos_x: float
    pos_y: float
    pos_z: float
    dim_x: float
    dim_y: float
    dim_z: float
    rot_w: float
    rot_x: float
    rot_y: float
    rot_z: float
    confidence: float | None = math.nan
    iscrowd: bool | None = False
    user__track_id: str | int | None = None
    user__track: str | int | None = None
    link__track_id: str | int | None = None
    link__track: str | int | None = None


class _Label(Struct, gc=False):
    uuid: str
    label_type: str
    label: str
    attributes: _Attributes
    label_coordinate_frame: str | None = ROOT
    change: str | None = "ADD"


class _Row(Struct):
    label_data: list[_Label] | None = None
    inference_data: list[_Label] | None = None


_ROW = msgspec.json.Decoder(_Row)
KERNEL_BYTES = 16 * 1024
"""Rows this long are worth compiled code, which takes a second to load when first used."""
BLOCK_BYTES = 4 * 1024 * 1024
"""So much is taken ahead: a few milliseconds of work."""
_NUMBERS = (*CUBOID_NUMBERS, "confidence")
_LISTS = FieldTable({"label_data": STOP, "inference_data": STOP})
_FIELDS = FieldTable(
    {
        "uuid": STRING,
        "label": STRING,
        "label_type": STRING,
        "label_coordinate_frame": STRING,
        "change": STRING,
        **{f"attributes.{key}": NUMBER for key in _NUMBERS},
        "attributes.iscrowd": BOOLEAN,
        **{f"attributes.{key}": STRING for key in TRACK_KEYS},
    }
)
_UUID, _LABEL, _TYPE, _FRAME, _CHANGE, _FIRST_TRACK = range(6)


def plain_cuboids(
    row: RowPlace, timestamp_ns: int | None, problems: ProblemLog
) -> CuboidLabels | None:
    """Return the labels of a row, None when it needs the slower and more patient path.

    That is so when it holds other kinds, a coord frame other than the root, a number that is not
    right, or the same label twice. `DamagedData` when the row cannot be read.
    """
    data = read_row(row)
    if len(data) >= KERNEL_BYTES:
        taken = _compiled_cuboids(data, row, timestamp_ns, problems)
        if taken is not None:
            return taken
    try:
        decoded = _ROW.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    labels = decoded.inference_data if decoded.label_data is None else decoded.label_data
    if not labels:
        return None
    if not all(
        label.label_type == "CUBOID_3D"
        and label.label_coordinate_frame == ROOT
        and label.change in ("ADD", None)
        for label in labels
    ):
        return None
    label_ids = [label.uuid for label in labels]
    if len(set(label_ids)) < len(label_ids) or "" in label_ids:
        return None
    numbers = np.array([msgspec.structs.astuple(label.attributes)[:11] for label in labels], float)
    if not are_usable(numbers):
        return None
    return CuboidLabels(
        cuboids=Cuboids(numbers[:, :3], numbers[:, 3:6], numbers[:, 6:10], ROOT),
        label_ids=label_ids,
        class_names=[label.label for label in labels],
        track_ids=[_track(label.attributes) for label in labels],
        scores=numbers[:, 10].copy(),
        attributes=RowAttributes(row, len(labels), problems),
        timestamp_ns=timestamp_ns,
        is_crowd=np.array([label.attributes.iscrowd is True for label in labels]),
    )


def _compiled_cuboids(
    data: bytes, row: RowPlace, timestamp_ns: int | None, problems: ProblemLog
) -> CuboidLabels | None:
    """Return what the decoder would; None when a label is not as plain as most."""
    raw = np.frombuffer(data, dtype=np.uint8)
    begin = np.array([len(data) - len(data.lstrip())])
    lists, plain = columns_of_objects(raw, begin, np.array([len(data)]), _LISTS)
    if not plain[0]:
        return None
    labels = columns_of_array(raw, int(lists.spans[0, :, 0].max()), _FIELDS)
    checked = None if labels is None else _checked(labels)
    if checked is None:
        return None
    return checked.labels(RowAttributes(row, len(checked), problems), timestamp_ns)


def take_rows(rows: Sequence[RowPlace]) -> tuple[dict[int, CuboidColumns], int]:
    """Return the labels of plain rows by position, and how many rows were looked at.

    That ends at a row of another file, and at one that does not follow or makes the block too
    large. Short rows are left out.
    """
    first = rows[0]
    own: list[tuple[int, RowPlace]] = []
    count, end = 0, first.offset
    for count, row in enumerate(rows):
        if row.path != first.path or row.offset < end:
            break
        if row.offset + row.length > first.offset + BLOCK_BYTES:
            break
        end = row.offset + row.length
        if row.length >= KERNEL_BYTES:
            own.append((count, row))
    else:
        count = len(rows)
    if not own:
        return {}, count
    try:
        data = read_row(first._replace(length=end - first.offset))
    except DamagedData:
        return {}, count
    raw = np.frombuffer(data, dtype=np.uint8)
    starts = np.array([row.offset - first.offset for _, row in own])
    ends = starts + np.array([row.length for _, row in own])
    lists, plain = columns_of_objects(raw, starts, ends, _LISTS)
    begins = np.where(plain, lists.spans[:, :, 0].max(axis=1), -1)
    labels = columns_of_arrays(raw, begins, ends, _FIELDS)
    found = [
        (number, columns)
        for (number, _), columns in zip(own, labels, strict=True)
        if columns is not None and len(columns)
    ]
    block = _checked(joined([columns for _, columns in found])) if found else None
    taken: dict[int, CuboidColumns] = {}
    at = 0
    for number, columns in found:
        part = slice(at, at + len(columns))
        at = part.stop
        checked = _checked(columns) if block is None else block.part(part)
        if checked is not None:
            taken[number] = checked
    return taken, count


def _checked(labels: Columns) -> CuboidColumns | None:
    """Return what the decoder would; None when a label is not as plain as most."""
    from viewer.formats.json_field_kernels import are_cuboids

    numbers = labels.numbers
    if not len(labels) or not are_cuboids(numbers, 10, 3, 6):
        return None
    try:
        if (labels.single(_TYPE), labels.single(_FRAME)) != ("CUBOID_3D", ROOT):
            return None
        if labels.single(_CHANGE) != "ADD" and labels.has_any(_CHANGE):
            return None
        return CuboidColumns(
            Cuboids(numbers[:, :3], numbers[:, 3:6], numbers[:, 6:10], ROOT),
            labels.strings(_UUID),
            labels.strings(_LABEL),
            track_ids_of(labels, range(_FIRST_TRACK, _FIRST_TRACK + len(TRACK_KEYS))),
            numbers[:, 10].copy(),
            numbers[:, 11] == 1.0,
        )
    except UnicodeDecodeError:
        return None


def are_usable(numbers: npt.NDArray[np.float64]) -> bool:
    """Say whether (N, 10 or more) rows of `CUBOID_NUMBERS` all are cuboids."""
    return bool(
        np.isfinite(numbers[:, :10]).all()
        and numbers[:, 3:6].min() > 0.0
        and np.abs(numbers[:, 6:10]).max(axis=1).min() > 1e-12
    )


def _track(attributes: _Attributes) -> str | None:
    for value in (
        attributes.user__track_id,
        attributes.user__track,
        attributes.link__track_id,
        attributes.link__track,
    ):
        if value is not None and value != "":
            return str(value)
    return None


class RowAttributes(Sequence[Mapping[str, Any]]):
    """Attributes of the labels of one row, read from the file when first asked for."""

    def __init__(self, row: RowPlace, count: int, problems: ProblemLog) -> None:
        self._row = row
        self._count = count
        self._problems = problems
        self._lock = threading.Lock()
        self._loaded: list[dict[str, Any]] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded[index]

    def _load(self) -> list[dict[str, Any]]:
        """Read the row again; when the file has changed since, there are none."""
        try:
            content = decode_row(read_row(self._row), self._row)
            labels = content.get("label_data")
            labels = content["inference_data"] if labels is None else labels
            loaded = [shown_attributes(label["attributes"]) for label in labels]
        except (DamagedData, KeyError, TypeError, AttributeError):
            loaded = []
        if len(loaded) == self._count:
            return loaded
        problem = "changed since it was opened; its labels have no attributes"
        self._problems.add(self._row.path, self._row.place, problem)
        return [{} for _ in range(self._count)]
