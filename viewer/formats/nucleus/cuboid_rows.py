"""Frames that hold nothing but cuboids: the common case, read fast."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.cuboid_columns import CuboidColumns, track_ids_of
from viewer.formats.json_fields import NUMBER, STRING, Columns, FieldTable, columns_of_objects
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places
from viewer.formats.nucleus.labels import FrontAxis, cuboids_from_numbers
from viewer.scene.labels import CuboidLabels

KERNEL_BYTES = 16 * 1024
"""Frames this long are worth compiled code, which takes a second to load when first used."""
BLOCK_ROWS = 8192
"""So many are taken ahead: a few milliseconds of work, and some megabytes."""
_FIELDS = FieldTable(
    {
        "annotation_id": STRING,
        "label": STRING,
        "type": STRING,
        "track_reference_id": STRING,
        "metadata.track_reference_id": STRING,
        "metadata.track_id": STRING,
        **{f"geometry.position.{axis}": NUMBER for axis in "xyz"},
        **{f"geometry.dimensions.{axis}": NUMBER for axis in "xyz"},
        "geometry.yaw": NUMBER,
        "confidence": NUMBER,
        # Only null passes as a number: a distribution needs the patient path.
        "class_pdf": NUMBER,
    }
)  # fmt: skip
_ID, _LABEL, _TYPE = range(3)
_TRACKS = range(3, 6)


def plain_cuboids(
    spans: AnnotationSpans, parts: Sequence[Places], front_axis: FrontAxis
) -> CuboidLabels | None:
    """Return the labels of rows, None when they need the slower and more patient path.

    That is so when there are few, when one is no cuboid or has a distribution, no id, an id that
    another has, or a confidence outside 0 to 1.
    """
    if not parts:
        return None
    rows = np.concatenate(parts)
    starts, ends = spans.starts[rows], spans.ends[rows]
    if int((ends - starts).sum()) < KERNEL_BYTES:
        return None
    columns, plain = columns_of_objects(spans.file.data, starts, ends, _FIELDS)
    checked = _checked(columns, front_axis) if plain.all() else None
    return None if checked is None else checked.labels(RowAttributes(spans, rows))


@dataclass(frozen=True, eq=False, slots=True)
class TakenRows:
    """The annotations of a frame."""

    rows: Places
    columns: CuboidColumns


def take_frames(
    spans: AnnotationSpans,
    parts_of_frames: Iterable[tuple[int, Sequence[Places]]],
    front_axis: FrontAxis,
) -> tuple[dict[int, TakenRows], int]:
    """Return the cuboids of frames, of as many as make a block, and the last of these frames.

    Short frames and those that are not plain are left out.
    """
    frames: list[tuple[int, Places]] = []
    total = frame_index = 0
    for frame_index, parts in parts_of_frames:
        rows = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        if int((spans.ends[rows] - spans.starts[rows]).sum()) >= KERNEL_BYTES:
            frames.append((frame_index, rows))
        total += len(rows)
        if total >= BLOCK_ROWS:
            break
    last = frame_index
    if not frames:
        return {}, last
    every = np.concatenate([rows for _, rows in frames])
    columns, plain = columns_of_objects(
        spans.file.data, spans.starts[every], spans.ends[every], _FIELDS
    )
    block = _checked(columns, front_axis) if plain.all() else None
    taken = {}
    first = 0
    for frame_index, rows in frames:
        own = slice(first, first + len(rows))
        first = own.stop
        checked = None
        if block is not None:
            checked = block.part(own)
        elif plain[own].all():
            checked = _checked(columns.part(own), front_axis)
        if checked is not None:
            taken[frame_index] = TakenRows(rows, checked)
    return taken, last


def _checked(columns: Columns, front_axis: FrontAxis) -> CuboidColumns | None:
    from viewer.formats.json_field_kernels import are_cuboids

    numbers = columns.numbers
    scores = numbers[:, 7]
    if not are_cuboids(numbers, 7, 3, -1) or (scores < 0.0).any() or (scores > 1.0).any():
        return None
    try:
        if columns.single(_TYPE) != "cuboid":
            return None
        return CuboidColumns(
            cuboids_from_numbers(numbers[:, :7], front_axis),
            columns.strings(_ID),
            columns.strings(_LABEL),
            track_ids_of(columns, _TRACKS),
            scores.copy(),
        )
    except UnicodeDecodeError:
        return None


class RowAttributes(Sequence[Mapping[str, Any]]):
    """Metadata of annotations, read from the file when first asked for."""

    def __init__(self, spans: AnnotationSpans, rows: Places) -> None:
        self._spans = spans
        self._rows = rows
        self._lock = threading.Lock()
        self._loaded: list[dict[str, Any]] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        with self._lock:
            if self._loaded is None:
                self._loaded = [self._load(row) for row in self._rows.tolist()]
            return self._loaded[index]

    def _load(self, row: int) -> dict[str, Any]:
        """Read a row again; one that cannot be read has no attributes."""
        try:
            return dict(self._spans.read(row).metadata or {})
        except DamagedData:
            return {}
