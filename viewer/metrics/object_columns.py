"""Gathers the labels of many frames into the columns of `EvaluatedObjects`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.transform import RigidTransform
from viewer.metrics.flat_objects import (
    AnyMask,
    CocoRows,
    FlatObjects,
    MasksOnDemand,
    flat_objects,
)
from viewer.metrics.objects import (
    AREAS_PX,
    KEYPOINTS_PX,
    MASKS,
    EvaluatedFrames,
    EvaluatedObjects,
    Floats,
    Ints,
)
from viewer.metrics.row_views import Chained
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

LIDAR_COUNTS = ("num_lidar_pts", "num_interior_pts")
RADAR_COUNT = "num_radar_pts"
WIDTHS: Final = {
    "centers": 3, "sizes": 3, "rotations": 4, "velocities": 3, "boxes": 4, "kitti": 3,
}  # fmt: skip


class NameRows(dict[str | None, int]):
    """Rows by name, the next one for a name that is new; None has -1."""

    def __init__(self) -> None:
        super().__init__({None: -1})

    def __missing__(self, name: str | None) -> int:
        row = self[name] = len(self) - 1
        return row

    def rows(self, names: Sequence[str | None]) -> list[int]:
        """Return the row of each."""
        return [self[name] for name in names]

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of their rows."""
        return tuple(name for name in self if name is not None)


class ObjectColumns:
    """Grows frame by frame; frames must ascend.

    An object's cuboid and its 2D box of the same id are one row. A 2D box without a cuboid, or a
    second one on another image, is a row of its own after the frame's cuboids; where ids end in
    the line of their file, as KITTI's do, rows are in the order of lines.
    """

    def __init__(self, *, ordered_by_line: bool = False) -> None:
        self._by_line = ordered_by_line
        self._classes = NameRows()
        self._tracks = NameRows()
        self._frames: list[int] = []
        self._counts: list[int] = []
        self._ids: list[str] = []
        self._class_rows: list[int] = []
        self._track_rows: list[int] = []
        self._scores: list[Floats] = []
        # Columns that few formats have keep a number of rows where there is nothing.
        self._floats: dict[str, list[Floats | int]] = {name: [] for name in WIDTHS}
        self._points: list[Ints | int] = []
        self._crowds: list[npt.NDArray[np.bool_] | int] = []
        self._cameras: list[str] = []
        self._attributes: list[Sequence[Mapping[str, Any]]] = []
        self._distributions: list[Sequence[Mapping[str, float] | None]] = []
        self._has_distributions = False
        self._masks: list[Sequence[AnyMask]] = []
        self._keypoints: list[Sequence[Floats | None]] = []
        self._areas: list[Floats | int] = []
        self._has_masks = self._has_keypoints = False

    def add(
        self,
        frame_row: int,
        labels: FrameLabels,
        move: RigidTransform | None = None,
        told: CocoRows | None = None,
    ) -> None:
        """Add a frame's cuboids, moved where a transform is given, and what lies on images.

        `told` are the rows of a COCO file.
        """
        cuboids = labels.cuboids
        flat = flat_objects(labels, told)
        if not len(flat):
            if len(cuboids):
                self._add_cuboids(cuboids, None, None, move)
                self._end_frame(frame_row, len(cuboids), flat, None)
            return
        owners, left = _owners(cuboids, flat.boxes)
        boxes_px = _rows_or_nan(flat.boxes.boxes_px, owners)
        cameras = [flat.boxes.sensor_ids[row] if row >= 0 else "" for row in owners.tolist()]
        self._add_cuboids(cuboids, boxes_px, cameras, move)
        self._add_boxes(_boxes(flat.boxes, left.tolist()))
        self._end_frame(frame_row, len(cuboids) + len(left), flat, np.concatenate([owners, left]))

    def _end_frame(
        self, frame_row: int, count: int, flat: FlatObjects, of_flat: Ints | None
    ) -> None:
        """Note whose mask and keypoints each of the frame's rows has."""
        self._frames.append(frame_row)
        self._counts.append(count)
        self._areas.append(
            count
            if flat.areas_px is None or of_flat is None
            else _rows_or_nan(flat.areas_px[:, None], of_flat)[:, 0]
        )
        for kept, column in ((self._masks, flat.masks), (self._keypoints, flat.keypoints)):
            if column is None or of_flat is None:
                kept.append((None,) * count)
            else:
                kept.append([column[row] if row >= 0 else None for row in of_flat.tolist()])
        self._has_masks |= flat.masks is not None
        self._has_keypoints |= flat.keypoints is not None
        if self._by_line and of_flat is not None:
            self._sort_lines(count)

    def _add_cuboids(
        self,
        labels: CuboidLabels,
        boxes_px: Floats | None,
        cameras: Sequence[str] | None,
        move: RigidTransform | None,
    ) -> None:
        count = len(labels)
        if not count:
            return
        cuboids = labels.cuboids if move is None else labels.cuboids.transformed(move)
        velocities = labels.velocities_mps
        if velocities is not None and move is not None:
            velocities = velocities @ move.rotation.T
        columns = self._floats
        self._scores.append(labels.scores)
        columns["centers"].append(cuboids.center)
        columns["sizes"].append(cuboids.size)
        columns["rotations"].append(cuboids.rotation)
        columns["velocities"].append(count if velocities is None else velocities)
        columns["boxes"].append(count if boxes_px is None else boxes_px)
        self._cameras += [""] * count if cameras is None else cameras
        self._add_identity(labels)

    def _add_boxes(self, labels: BoxLabels2D) -> None:
        count = len(labels)
        if not count:
            return
        self._scores.append(labels.scores)
        for name in ("centers", "sizes", "rotations", "velocities"):
            self._floats[name].append(count)
        self._floats["boxes"].append(labels.boxes_px)
        self._cameras += labels.sensor_ids
        self._add_identity(labels)

    def _add_identity(self, labels: CuboidLabels | BoxLabels2D) -> None:
        count = len(labels)
        self._ids += labels.label_ids
        self._class_rows += self._classes.rows(labels.class_names)
        self._track_rows += self._tracks.rows(labels.track_ids)
        self._crowds.append(count if labels.is_crowd is None else labels.is_crowd)
        spread = labels.class_distributions
        self._has_distributions |= spread is not None
        self._distributions.append((None,) * count if spread is None else spread)
        self._attributes.append(labels.attributes)
        # Attributes that would have to be read from the file again are left alone.
        eager = labels.attributes if isinstance(labels.attributes, list | tuple) else ()
        points = point_counts(eager) if eager else None
        self._points.append(count if points is None else points)
        kitti = _kitti_numbers(eager) if eager and "alpha" in eager[0] else None
        self._floats["kitti"].append(count if kitti is None else kitti)

    def _sort_lines(self, count: int) -> None:
        """Put the last frame's rows into the order of their lines."""
        lines = [label_id.rpartition(":")[2] for label_id in self._ids[-count:]]
        if not all(line.isdigit() for line in lines):
            return
        order = np.argsort([int(line) for line in lines], kind="stable")
        if (order == np.arange(count)).all():
            return
        for plain in (self._ids, self._class_rows, self._track_rows, self._cameras):
            last = plain[-count:]
            plain[-count:] = [last[row] for row in order.tolist()]
        for name, floats in self._floats.items():
            _reorder(floats, order, np.full(WIDTHS[name], np.nan))
        _reorder(self._scores, order, np.array(np.nan))
        _reorder(self._points, order, np.array(-1))
        _reorder(self._crowds, order, np.array(False))
        _reorder(self._areas, order, np.array(np.nan))
        for chained in (self._attributes, self._distributions, self._masks, self._keypoints):
            _reorder_chained(chained, order)

    def finish(self, frames: EvaluatedFrames, coord_frame_id: str) -> EvaluatedObjects:
        """Return everything that was added."""
        floats = {name: self._joined_floats(name) for name in WIDTHS}
        kitti, boxes = floats["kitti"], floats["boxes"]
        tracks = self._tracks.names
        return EvaluatedObjects(
            frames=frames,
            frame_rows=np.repeat(np.array(self._frames, dtype=np.int64), self._counts),
            label_ids=self._ids,
            class_names=self._classes.names,
            class_rows=np.array(self._class_rows, dtype=np.int64),
            scores=np.concatenate([np.empty(0), *self._scores]),
            centers_m=self._known(floats["centers"], 3),
            sizes_m=self._known(floats["sizes"], 3),
            rotations=self._known(floats["rotations"], 4),
            coord_frame_id=coord_frame_id,
            track_ids=tracks,
            track_rows=np.array(self._track_rows, dtype=np.int64) if tracks else None,
            velocities_mps=floats["velocities"],
            point_counts=_joined(self._points, np.array(-1)),
            boxes_px=boxes,
            cameras=None if boxes is None else self._cameras,
            alphas_rad=None if kitti is None else kitti[:, 0].copy(),
            truncations=None if kitti is None else kitti[:, 1].copy(),
            occlusions=None
            if kitti is None
            else np.nan_to_num(kitti[:, 2], nan=-1.0).astype(np.int64),
            is_crowd=_joined(self._crowds, np.array(False)),
            attributes=Chained(self._attributes),
            class_distributions=Chained(self._distributions) if self._has_distributions else None,
            extras=self._extras(),
        )

    def _extras(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._has_masks:
            found[MASKS] = MasksOnDemand([mask for part in self._masks for mask in part])
        if self._has_keypoints:
            found[KEYPOINTS_PX] = [points for part in self._keypoints for points in part]
        areas = _joined(self._areas, np.array(np.nan))
        if areas is not None:
            found[AREAS_PX] = areas
        return found

    def _joined_floats(self, name: str) -> Floats | None:
        found: Floats | None = _joined(self._floats[name], np.full(WIDTHS[name], np.nan))
        self._floats[name].clear()
        return found

    def _known(self, column: Floats | None, width: int) -> Floats:
        return np.full((len(self._ids), width), np.nan) if column is None else column


def point_counts(attributes: Sequence[Mapping[str, Any]]) -> Ints | None:
    """(N,) lidar and radar points as nuScenes and Argoverse 2 count them; None where none does.

    -1 for an object that says nothing.
    """
    if not any(name in each for each in attributes[:1] for name in LIDAR_COUNTS):
        return None
    counts = np.full(len(attributes), -1)
    for row, each in enumerate(attributes):
        found = [each[name] for name in LIDAR_COUNTS if isinstance(each.get(name), int)]
        radar = each.get(RADAR_COUNT)
        if found:
            counts[row] = found[0] + (radar if isinstance(radar, int) else 0)
    return counts


def kitti_unknowns(numbers: Floats) -> Floats:
    """(N, 3) alpha, truncated, occluded with NaN where KITTI writes that they are not known."""
    known = np.array(numbers, dtype=np.float64).reshape(-1, 3)
    known[known[:, 0] == -10.0, 0] = np.nan
    for column in (1, 2):
        known[known[:, column] < 0.0, column] = np.nan
    return known


def _kitti_numbers(attributes: Sequence[Mapping[str, Any]]) -> Floats | None:
    keys = ("alpha", "truncated", "occluded")
    rows = [[each.get(key, np.nan) for key in keys] for each in attributes]
    try:
        return kitti_unknowns(np.array(rows, dtype=np.float64))
    except (TypeError, ValueError):
        return None


def _owners(cuboids: CuboidLabels, boxes: BoxLabels2D) -> tuple[Ints, Ints]:
    """(N,) the first flat object of each cuboid's id, -1 for none; and what is left over."""
    rows = {label_id: row for row, label_id in enumerate(cuboids.label_ids)}
    owners = np.full(len(cuboids), -1, dtype=np.int64)
    left: list[int] = []
    for box, label_id in enumerate(boxes.label_ids):
        row = rows.pop(label_id, None)
        if row is None:
            left.append(box)
        else:
            owners[row] = box
    return owners, np.array(left, dtype=np.int64)


def _rows_or_nan(column: Floats, rows: Ints) -> Floats:
    """Return rows of a (M, W) column, NaN where a row is -1."""
    return np.where((rows >= 0)[:, None], column[rows], np.nan)


def _boxes(boxes: BoxLabels2D, rows: list[int]) -> BoxLabels2D:
    index = np.array(rows, dtype=np.int64)
    spread = boxes.class_distributions
    return BoxLabels2D(
        boxes.boxes_px[index],
        [boxes.sensor_ids[row] for row in rows],
        [boxes.label_ids[row] for row in rows],
        [boxes.class_names[row] for row in rows],
        [boxes.track_ids[row] for row in rows],
        boxes.scores[index],
        [boxes.attributes[row] for row in rows],
        None if boxes.is_crowd is None else boxes.is_crowd[index],
        None if spread is None else [spread[row] for row in rows],
    )


def _joined(
    parts: Sequence[npt.NDArray[Any] | int], empty: npt.NDArray[Any]
) -> npt.NDArray[Any] | None:
    """Return all parts, rows of `empty` where there is but a number; None where all are such."""
    if all(isinstance(part, int) for part in parts):
        return None
    return np.concatenate([_part(part, empty) for part in parts])


def _part(part: npt.NDArray[Any] | int, empty: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.full((part, *empty.shape), empty) if isinstance(part, int) else part


def _reorder(
    parts: list[npt.NDArray[Any] | int] | list[npt.NDArray[Any]],
    order: Ints,
    empty: npt.NDArray[Any],
) -> None:
    """Reorder the rows of the last parts, which together are as many as `order`."""
    taken: list[npt.NDArray[Any]] = []
    while sum(len(part) for part in taken) < len(order):
        taken.insert(0, _part(parts.pop(), empty))
    parts.append(np.concatenate(taken)[order])


def _reorder_chained(parts: list[Sequence[Any]], order: Ints) -> None:
    taken: list[Any] = []
    while len(taken) < len(order):
        taken = [*parts.pop(), *taken]
    parts.append([taken[row] for row in order.tolist()])
