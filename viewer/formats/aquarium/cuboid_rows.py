"""Rows that hold nothing but new cuboids of one coord frame: the common case, read fast."""

import math
import threading
from collections.abc import Mapping, Sequence
from typing import Any, overload

import msgspec
import numpy as np
from msgspec import Struct

from viewer.formats.aquarium.attributes import shown_attributes
from viewer.formats.aquarium.schema import ROOT
from viewer.formats.base import DamagedData
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


def plain_cuboids(
    row: RowPlace, timestamp_ns: int | None, problems: ProblemLog
) -> CuboidLabels | None:
    """Return the labels of a row, None when it needs the slower and more patient path.

    That is so when it holds other kinds, a coord frame other than the root, a number that is not
    right, or the same label twice. `DamagedData` when the row cannot be read.
    """
    try:
        decoded = _ROW.decode(read_row(row))
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
    if not np.isfinite(numbers[:, :10]).all() or numbers[:, 3:6].min() <= 0.0:
        return None
    if np.abs(numbers[:, 6:10]).max(axis=1).min() <= 1e-12:
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
