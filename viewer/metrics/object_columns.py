"""Gathers the labels of many frames into the columns of `EvaluatedObjects`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.transform import RigidTransform
from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects, Floats, Ints
from viewer.metrics.row_views import Chained
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

LIDAR_COUNTS = ("num_lidar_pts", "num_interior_pts")
RADAR_COUNT = "num_radar_pts"


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
        self._floats: dict[str, list[Floats]] = {
            name: [] for name in ("scores", "centers", "sizes", "rotations", "velocities", "boxes")
        }
        self._kitti: list[Floats] = []
        self._points: list[Ints] = []
        self._crowds: list[npt.NDArray[np.bool_]] = []
        self._cameras: list[str] = []
        self._attributes: list[Sequence[Mapping[str, Any]]] = []
        self._distributions: list[Sequence[Mapping[str, float] | None]] = []
        self._has = {"velocities": False, "boxes": False, "points": False, "kitti": False,
                     "crowd": False, "distributions": False}  # fmt: skip

    def add(self, frame_row: int, labels: FrameLabels, move: RigidTransform | None = None) -> None:
        """Add a frame's cuboids, moved where a transform is given, and its 2D boxes."""
        cuboids, boxes = labels.cuboids, labels.boxes_2d
        if len(boxes):
            cuboids, boxes_px, cameras, rest = _with_boxes(cuboids, boxes)
        elif len(cuboids):
            boxes_px, cameras, rest = None, None, None
        else:
            return
        self._add_cuboids(cuboids, boxes_px, cameras, move)
        count = len(cuboids)
        if rest is not None:
            self._add_boxes(rest)
            count += len(rest)
        self._frames.append(frame_row)
        self._counts.append(count)
        if self._by_line and rest is not None:
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
        if velocities is None:
            velocities = _unknown(count, 3)
        else:
            self._has["velocities"] = True
            if move is not None:
                velocities = velocities @ move.rotation.T
        columns = self._floats
        columns["scores"].append(labels.scores)
        columns["centers"].append(cuboids.center)
        columns["sizes"].append(cuboids.size)
        columns["rotations"].append(cuboids.rotation)
        columns["velocities"].append(velocities)
        columns["boxes"].append(_unknown(count, 4) if boxes_px is None else boxes_px)
        self._has["boxes"] |= boxes_px is not None
        self._cameras += [""] * count if cameras is None else cameras
        self._add_identity(labels)

    def _add_boxes(self, labels: BoxLabels2D) -> None:
        count = len(labels)
        if not count:
            return
        self._floats["scores"].append(labels.scores)
        for name, width in (("centers", 3), ("sizes", 3), ("rotations", 4), ("velocities", 3)):
            self._floats[name].append(_unknown(count, width))
        self._floats["boxes"].append(labels.boxes_px)
        self._has["boxes"] = True
        self._cameras += labels.sensor_ids
        self._add_identity(labels)

    def _add_identity(self, labels: CuboidLabels | BoxLabels2D) -> None:
        count = len(labels)
        self._ids += labels.label_ids
        self._class_rows += self._classes.rows(labels.class_names)
        self._track_rows += self._tracks.rows(labels.track_ids)
        crowd = labels.is_crowd
        self._crowds.append(np.zeros(count, dtype=bool) if crowd is None else crowd)
        self._has["crowd"] |= crowd is not None
        spread = labels.class_distributions
        self._distributions.append((None,) * count if spread is None else spread)
        self._has["distributions"] |= spread is not None
        self._attributes.append(labels.attributes)
        # Attributes that would have to be read from the file again are left alone.
        eager = labels.attributes if isinstance(labels.attributes, list | tuple) else ()
        points = point_counts(eager) if eager else None
        self._points.append(np.full(count, -1) if points is None else points)
        self._has["points"] |= points is not None
        kitti = _kitti_numbers(eager) if eager and "alpha" in eager[0] else None
        self._kitti.append(_unknown(count, 3) if kitti is None else kitti)
        self._has["kitti"] |= kitti is not None

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
            plain[-count:] = [last[row] for row in order.tolist()]  # type: ignore[misc,index,assignment]
        for parts in (*self._floats.values(), self._points, self._crowds, self._kitti):
            _reorder(parts, order)  # type: ignore[arg-type]
        for chained in (self._attributes, self._distributions):
            _reorder_chained(chained, order)  # type: ignore[arg-type]

    def finish(self, frames: EvaluatedFrames, coord_frame_id: str) -> EvaluatedObjects:
        """Return everything that was added."""
        floats, has = self._floats, self._has
        kitti = _joined(self._kitti, 3)
        tracks = self._tracks.names
        return EvaluatedObjects(
            frames=frames,
            frame_rows=np.repeat(np.array(self._frames, dtype=np.int64), self._counts),
            label_ids=self._ids,
            class_names=self._classes.names,
            class_rows=np.array(self._class_rows, dtype=np.int64),
            scores=_joined(floats["scores"]),
            centers_m=_joined(floats["centers"], 3),
            sizes_m=_joined(floats["sizes"], 3),
            rotations=_joined(floats["rotations"], 4),
            coord_frame_id=coord_frame_id,
            track_ids=tracks,
            track_rows=np.array(self._track_rows, dtype=np.int64) if tracks else None,
            velocities_mps=_joined(floats["velocities"], 3) if has["velocities"] else None,
            point_counts=np.concatenate(self._points) if has["points"] else None,
            boxes_px=_joined(floats["boxes"], 4) if has["boxes"] else None,
            cameras=self._cameras if has["boxes"] else None,
            alphas_rad=kitti[:, 0].copy() if has["kitti"] else None,
            truncations=kitti[:, 1].copy() if has["kitti"] else None,
            occlusions=np.nan_to_num(kitti[:, 2], nan=-1).astype(int) if has["kitti"] else None,
            is_crowd=np.concatenate(self._crowds) if has["crowd"] else None,
            attributes=Chained(self._attributes),
            class_distributions=Chained(self._distributions) if has["distributions"] else None,
        )


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


def _with_boxes(
    cuboids: CuboidLabels, boxes: BoxLabels2D
) -> tuple[CuboidLabels, Floats, list[str], BoxLabels2D]:
    """Give each cuboid the first box of its id, and what boxes are left."""
    rows = {label_id: row for row, label_id in enumerate(cuboids.label_ids)}
    boxes_px = _unknown(len(cuboids), 4)
    cameras = [""] * len(cuboids)
    left: list[int] = []
    for box, label_id in enumerate(boxes.label_ids):
        row = rows.pop(label_id, None)
        if row is None:
            left.append(box)
        else:
            boxes_px[row] = boxes.boxes_px[box]
            cameras[row] = boxes.sensor_ids[box]
    return cuboids, boxes_px, cameras, _boxes(boxes, left)


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


def _unknown(count: int, width: int) -> Floats:
    return np.full((count, width), np.nan)


def _joined(parts: Sequence[Floats], width: int = 0) -> Floats:
    if not parts:
        return np.empty((0, width) if width else 0)
    return np.concatenate(parts)


def _reorder(parts: list[npt.NDArray[Any]], order: Ints) -> None:
    """Reorder the rows of the last parts, which together are as many as `order`."""
    taken: list[npt.NDArray[Any]] = []
    while sum(len(part) for part in taken) < len(order):
        taken.insert(0, parts.pop())
    parts.append(np.concatenate(taken)[order])


def _reorder_chained(parts: list[Sequence[Any]], order: Ints) -> None:
    taken: list[Any] = []
    while len(taken) < len(order):
        taken = [*parts.pop(), *taken]
    parts.append([taken[row] for row in order.tolist()])
