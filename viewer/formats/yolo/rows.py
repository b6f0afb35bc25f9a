"""Lines of a YOLO label file as labels; every number is a share of the image's width or height."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.image_set import IMAGE
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import parse_numbers
from viewer.formats.yolo.data_file import DataFile
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind

Floats = npt.NDArray[np.float64]
SAME_PX = 0.5
MAX_SHARE = 1_000.0


class Task(StrEnum):
    """What the lines of a dataset mean."""

    DETECT = "detect"
    SEGMENT = "segment"
    POSE = "pose"
    OBB = "obb"


@dataclass(frozen=True, eq=False, slots=True)
class _Box:
    label_id: str
    class_name: str
    score: float
    box_px: Sequence[float]


class LabelLines:
    """Collects the lines of one image."""

    def __init__(
        self, data: DataFile, task: Task, path: Path, size_px: tuple[int, int], log: ProblemLog
    ) -> None:
        self._data = data
        self._task = task
        self._path = path
        self._size = np.array(size_px, dtype=np.float64)
        self._log = log
        self._boxes: list[_Box] = []
        self._shapes = ImageShapesBuilder()

    def add(self, line: str, number: int) -> None:
        """Add a line; one that does not fit is noted and left out."""
        words = line.split()
        if not words:
            return
        place = f"line {number}"
        try:
            values = parse_numbers(words, self._path, place)
            self._add(values, place, str(number - 1))
        except DamagedData as damage:
            self._log.add(self._path, place, f"{damage.problem}; the line is left out")
        except ValueError as error:
            self._log.add(self._path, place, f"{error}; the line is left out")

    def build(self) -> FrameLabels:
        """Return the labels added so far."""
        boxes = self._boxes
        count = len(boxes)
        columns = BoxLabels2D(
            boxes_px=np.array([each.box_px for each in boxes], dtype=np.float64).reshape(-1, 4),
            sensor_ids=(IMAGE,) * count,
            label_ids=tuple(each.label_id for each in boxes),
            class_names=tuple(each.class_name for each in boxes),
            track_ids=(None,) * count,
            scores=np.array([each.score for each in boxes], dtype=np.float64),
            attributes=({},) * count,
        )
        empty = CuboidLabels.empty("world")
        return FrameLabels(empty, boxes_2d=columns, shapes_2d=self._shapes.build())

    def _add(self, values: Floats, place: str, label_id: str) -> None:
        number, rest = float(values[0]), values[1:]
        if not number.is_integer() or number < 0:
            raise ValueError("the class is not a whole number from 0")
        if np.abs(rest).max(initial=0.0) > MAX_SHARE:
            raise ValueError("a coordinate lies absurdly far outside of the image")
        if self._data.names and int(number) not in self._data.names:
            self._log.add(self._path, place, f"class {int(number)} has no name")
        if rest.size and (rest.min() < 0 or rest.max() > 1):
            self._log.add(self._path, place, "lies in part outside of 0 to 1")
        name = self._data.class_name(int(number))
        pose = self._data.keypoint_shape
        if pose is not None and len(rest) in (4 + pose[0] * pose[1], 5 + pose[0] * pose[1]):
            self._add_pose(rest, pose, name, label_id)
        elif len(rest) in (4, 5):
            score = float(rest[4]) if len(rest) == 5 else math.nan
            self._boxes.append(_Box(label_id, name, score, self._box(rest[:4])))
        elif len(rest) >= 6:
            self._add_ring(rest, name, label_id)
        else:
            raise ValueError(f"{len(rest)} numbers after the class fit no kind of label")

    def _box(self, values: Floats) -> list[float]:
        center, size = values[:2] * self._size, values[2:4] * self._size
        if size.min() < 0:
            raise ValueError("the size of a box is negative")
        return [*(center - size / 2).tolist(), *(center + size / 2).tolist()]

    def _add_pose(self, rest: Floats, pose: tuple[int, int], name: str, label_id: str) -> None:
        count, width = pose
        points = rest[4 : 4 + count * width].reshape(count, width)
        shown = points[:, 2] if width == 3 else np.where(points.any(axis=1), 2.0, 0.0)
        # Predictions put a confidence where labels put 0, 1 or 2.
        whole = bool((shown % 1 == 0).all())
        states = np.clip(shown if whole else np.ceil(shown) * 2, 0, 2).astype(int)
        vertices = np.where(states[:, None] > 0, points[:, :2] * self._size, np.nan)
        score = float(rest[-1]) if len(rest) == 5 + count * width else math.nan
        self._shapes.add(
            ShapeKind.KEYPOINTS,
            sensor_id=IMAGE,
            label_id=label_id,
            class_name=name,
            parts=[vertices],
            visibilities=states.tolist(),
            score=score,
            attributes={"bbox": _as_corner_box(self._box(rest[:4]))},
        )

    def _add_ring(self, rest: Floats, name: str, label_id: str) -> None:
        score = float(rest[-1]) if len(rest) % 2 else math.nan
        ring = rest[: len(rest) // 2 * 2].reshape(-1, 2) * self._size
        rotated = _rotated(ring) if self._task == Task.OBB and len(ring) == 4 else None
        own: dict[str, Any] = {"sensor_id": IMAGE, "label_id": label_id, "class_name": name}
        if rotated is not None:
            kind = ShapeKind.ROTATED_BOX
            self._shapes.add(kind, parameters=rotated, score=score, **own)
        else:
            self._shapes.add(ShapeKind.POLYGONS, parts=[ring], score=score, **own)


def guessed_task(data: DataFile, samples: Sequence[Sequence[str]]) -> Task:
    """Tell what lines mean: from ``data.yaml``, else from how many numbers they have.

    Four corners alone, in every line of the samples, are turned boxes; polygons of a dataset do
    not all have four vertices.
    """
    if data.keypoint_shape is not None:
        return Task.POSE
    if data.task is not None and data.task in list(Task):
        return Task(data.task)
    counts = {len(line.split()) for lines in samples for line in lines if line.strip()}
    if counts and counts <= {9, 10}:
        return Task.OBB
    return Task.SEGMENT if any(count >= 7 for count in counts) else Task.DETECT


def _rotated(ring: Floats) -> list[float] | None:
    """Return the turned box of four corners in order; None when they are no rectangle."""
    center = ring.mean(axis=0)
    width, height = ring[1] - ring[0], ring[2] - ring[1]
    if np.abs(ring[0] + ring[2] - ring[1] - ring[3]).max() > 2 * SAME_PX:
        return None
    size = [float(np.hypot(*width)), float(np.hypot(*height))]
    if min(size) <= 0 or abs(float(width @ height)) / max(size) > 2 * SAME_PX:
        return None
    turn = float(np.arctan2(width[1], width[0]))
    left_handed = width[0] * height[1] - width[1] * height[0] < 0
    if left_handed:
        # Corners that run the other way round describe the same box from its other edge.
        turn, size = float(np.arctan2(height[1], height[0])), size[::-1]
    return [float(center[0]), float(center[1]), *size, turn]


def _as_corner_box(box: Sequence[float]) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right - left, bottom - top]
