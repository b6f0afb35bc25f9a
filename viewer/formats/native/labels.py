"""Label columns of the native layout <-> frame labels."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.label_records import other_labels, with_other_labels
from viewer.formats.native.schema import BoxColumns, CuboidColumns, LabelLine
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

Floats = npt.NDArray[np.float64]


def labels_from_line(line: LabelLine, path: Path, place: str) -> FrameLabels:
    """Return the labels of one line; `DamagedData` when its columns do not fit together."""
    cuboids = CuboidLabels.empty("world")
    boxes = BoxLabels2D.empty()
    if line.cuboids is not None:
        cuboids = _cuboid_labels(line.cuboids, path, f"{place}, $.cuboids")
    if line.boxes_2d is not None:
        boxes = _box_labels(line.boxes_2d, path, f"{place}, $.boxes_2d")
    labels = FrameLabels(cuboids, boxes)
    if line.other is None:
        return labels
    try:
        return with_other_labels(labels, line.other)
    except ValueError as error:
        raise DamagedData(path, f"{place}, $.other", str(error)) from None


def line_from_labels(frame_key: str, labels: FrameLabels) -> LabelLine:
    """Return the line that says the same as `labels`."""
    return LabelLine(
        frame=frame_key,
        cuboids=_cuboid_columns(labels.cuboids),
        boxes_2d=_box_columns(labels.boxes_2d) if len(labels.boxes_2d) else None,
        other=other_labels(labels),
    )


def _cuboid_labels(columns: CuboidColumns, path: Path, place: str) -> CuboidLabels:
    count = len(columns.label_id)
    _require_rows(columns, count, path, place)
    center = _rows(columns.center, 3)
    size = _rows(columns.size, 3)
    rotation = _rows(columns.orientation_wxyz, 4)
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(rotation, axis=1)
    usable = np.isfinite(center).all(1) & np.isfinite(size).all(1) & np.isfinite(norms)
    for wrong, problem in (
        (~usable, "holds a number that is not finite"),
        (norms < 1e-9, "has an orientation of length zero"),
    ):
        if wrong.any():
            raise DamagedData(path, f"{place}[{int(np.argmax(wrong))}]", f"the cuboid {problem}")
    return CuboidLabels(
        cuboids=Cuboids(center, size, rotation, columns.coord_frame_id),
        label_ids=tuple(columns.label_id),
        class_names=tuple(columns.class_name),
        track_ids=tuple(columns.track_id or (None,) * count),
        scores=_scores(columns.score, count),
        attributes=tuple(columns.attributes or ({} for _ in range(count))),
        velocities_mps=_velocities(columns.velocity),
        timestamp_ns=columns.timestamp_ns,
    )


def _box_labels(columns: BoxColumns, path: Path, place: str) -> BoxLabels2D:
    count = len(columns.label_id)
    _require_rows(columns, count, path, place)
    return BoxLabels2D(
        boxes_px=_rows(columns.box_px, 4),
        sensor_ids=tuple(columns.sensor_id),
        label_ids=tuple(columns.label_id),
        class_names=tuple(columns.class_name),
        track_ids=tuple(columns.track_id or (None,) * count),
        scores=_scores(columns.score, count),
        attributes=tuple(columns.attributes or ({} for _ in range(count))),
    )


def _require_rows(columns: CuboidColumns | BoxColumns, count: int, path: Path, place: str) -> None:
    for name in columns.__struct_fields__:
        column = getattr(columns, name)
        if isinstance(column, list) and len(column) != count:
            raise DamagedData(
                path, f"{place}.{name}", f"has {len(column)} rows where label_id has {count}"
            )


def _rows(values: Sequence[Sequence[float]], width: int) -> Floats:
    return np.array(values, dtype=np.float64).reshape(-1, width)


def _scores(values: Sequence[float | None] | None, count: int) -> Floats:
    if values is None:
        return np.full(count, np.nan)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _velocities(
    values: Sequence[tuple[float | None, float | None, float | None] | None] | None,
) -> Floats | None:
    if values is None:
        return None
    unknown = (None, None, None)
    return np.array(
        [[np.nan if part is None else part for part in row or unknown] for row in values],
        dtype=np.float64,
    ).reshape(-1, 3)


def _cuboid_columns(labels: CuboidLabels) -> CuboidColumns:
    cuboids = labels.cuboids
    velocities = labels.velocities_mps
    return CuboidColumns(
        coord_frame_id=cuboids.coord_frame_id,
        label_id=list(labels.label_ids),
        class_name=list(labels.class_names),
        center=cuboids.center.tolist(),
        size=cuboids.size.tolist(),
        orientation_wxyz=cuboids.rotation.tolist(),
        timestamp_ns=labels.timestamp_ns,
        track_id=_tracks(labels.track_ids),
        score=_optional_numbers(labels.scores),
        velocity=None if velocities is None else [_velocity(row) for row in velocities],
        attributes=_attributes(labels.attributes),
    )


def _box_columns(labels: BoxLabels2D) -> BoxColumns:
    return BoxColumns(
        sensor_id=list(labels.sensor_ids),
        label_id=list(labels.label_ids),
        class_name=list(labels.class_names),
        box_px=labels.boxes_px.tolist(),
        track_id=_tracks(labels.track_ids),
        score=_optional_numbers(labels.scores),
        attributes=_attributes(labels.attributes),
    )


def _tracks(track_ids: Sequence[str | None]) -> list[str | None] | None:
    return list(track_ids) if any(track is not None for track in track_ids) else None


def _attributes(attributes: Sequence[Any]) -> list[dict[str, Any]] | None:
    return [dict(row) for row in attributes] if any(attributes) else None


def _optional_numbers(values: Floats) -> list[float | None] | None:
    if np.isnan(values).all():
        return None
    return [None if math.isnan(value) else value for value in values.tolist()]


def _velocity(row: Floats) -> tuple[float | None, float | None, float | None] | None:
    parts = [None if math.isnan(part) else part for part in row.tolist()]
    return None if parts == [None, None, None] else (parts[0], parts[1], parts[2])
