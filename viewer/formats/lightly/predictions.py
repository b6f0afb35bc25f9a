"""Prediction tasks and their singletons to labels of one image.

A box is x, y, width, height; keypoints are x, y, score triples; a segmentation is run lengths row
by row, the first run outside. Keys come in both spellings of the format, snake and camel case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.json_numbers import is_number
from viewer.formats.label_rows import numbers_at
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import Skeleton
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import MAX_MASK_PX, InstanceMask, RunLengths
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
    Visibility,
)

IMAGE = "image"
MAX_RUNS = 10_000_000
MAX_KEYPOINTS = 10_000


class TaskType(StrEnum):
    """What the singletons of a task are."""

    CLASSIFICATION = "classification"
    OBJECT_DETECTION = "object-detection"
    SEMANTIC_SEGMENTATION = "semantic-segmentation"
    INSTANCE_SEGMENTATION = "instance-segmentation"
    KEYPOINT_DETECTION = "keypoint-detection"


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its categories."""

    name: str
    task_type: TaskType
    categories: Mapping[int, str]
    skeletons: Mapping[int, Skeleton] = field(default_factory=dict)
    version_id: int | None = None


def read_task(name: str, document: object, path: Path) -> Task:
    """Return a task from its decoded ``schema.json``."""
    value = document if isinstance(document, dict) else {}
    word = str(_get(value, "task_type", "taskType", "type")).lower().replace("_", "-")
    if word not in list(TaskType):
        raise DamagedData(path, "$.task_type", f"{word[:40]!r} is no task type")
    rows = value.get("categories")
    if not isinstance(rows, list):
        raise DamagedData(path, "$.categories", "is no list")
    categories: dict[int, str] = {}
    skeletons: dict[int, Skeleton] = {}
    for index, row in enumerate(rows):
        each = row if isinstance(row, dict) else {}
        own, title = each.get("id"), each.get("name")
        if not isinstance(own, int) or isinstance(own, bool) or not isinstance(title, str):
            raise DamagedData(path, f"$.categories[{index}]", "has no whole id or no name")
        categories[own] = title
        skeleton = _skeleton(each)
        if skeleton is not None:
            skeletons[own] = skeleton
    version = _get(value, "prediction_version_id", "predictionVersionId", "predictionUUIDTimestamp")
    whole = isinstance(version, int) and not isinstance(version, bool)
    return Task(name, TaskType(word), categories, skeletons, version if whole else None)


def guessed_task(name: str, word: str) -> Task | None:
    """Return a task that no schema describes, by what its singletons call themselves."""
    kind = word.lower().replace("_", "-")
    return Task(name, TaskType(kind), {}) if kind in list(TaskType) else None


class ImageRows:
    """Collects the singletons of one image and one task."""

    def __init__(self, task: Task, problems: ProblemLog, size_px: tuple[int, int] | None) -> None:
        self._task = task
        self._problems = problems
        self._size_px = size_px
        self._boxes: list[tuple[list[float], dict[str, Any]]] = []
        self._shapes = ImageShapesBuilder()
        self._classifications: list[Classification] = []
        self._masks: list[InstanceMask] = []
        self._add: dict[TaskType, Callable[[Mapping[str, Any], dict[str, Any], Path, str], None]]
        self._add = {
            TaskType.CLASSIFICATION: self._add_class,
            TaskType.OBJECT_DETECTION: self._add_box,
            TaskType.SEMANTIC_SEGMENTATION: self._add_mask,
            TaskType.INSTANCE_SEGMENTATION: self._add_instance,
            TaskType.KEYPOINT_DETECTION: self._add_keypoints,
        }

    def add(self, row: object, path: Path, place: str, label_id: str) -> None:
        """Add one; what is damaged is noted and left out."""
        try:
            if not isinstance(row, dict):
                raise DamagedData(path, place, "is no object")
            self._add[self._task.task_type](row, self._columns(row, path, place, label_id), path,
                                            place)  # fmt: skip
        except DamagedData as damage:
            self._problems.add_damage(damage)
        except ValueError as error:
            self._problems.add(path, place, f"{error}; it is left out")

    def build(self) -> FrameLabels:
        """Return the labels added so far."""
        rows = [columns for _, columns in self._boxes]
        boxes = BoxLabels2D(
            boxes_px=np.array([box for box, _ in self._boxes], dtype=float).reshape(-1, 4),
            sensor_ids=(IMAGE,) * len(rows),
            label_ids=tuple(row["label_id"] for row in rows),
            class_names=tuple(row["class_name"] for row in rows),
            track_ids=(None,) * len(rows),
            scores=np.array([row["score"] for row in rows], dtype=np.float64),
            attributes=({},) * len(rows),
            class_distributions=tuple(row["class_distribution"] for row in rows),
        )
        return FrameLabels(
            CuboidLabels.empty("world"),
            boxes,
            self._shapes.build(),
            tuple(self._classifications),
            masks=tuple(self._masks),
        )

    def _columns(
        self, row: Mapping[str, Any], path: Path, place: str, label_id: str
    ) -> dict[str, Any]:
        category = _get(row, "category_id", "categoryId")
        if not isinstance(category, int) or isinstance(category, bool):
            raise DamagedData(path, f"{place}.category_id", "is no whole number")
        score = row.get("score")
        return {
            "label_id": label_id,
            "class_name": self._task.categories.get(category, f"category {category}"),
            "score": float(score) if is_number(score) else float("nan"),
            "class_distribution": self._distribution(row.get("probabilities")),
            "category": category,
        }

    def _distribution(self, values: object) -> dict[str, float] | None:
        names = [self._task.categories[key] for key in sorted(self._task.categories)]
        if not isinstance(values, list) or len(values) != len(names):
            return None
        if not all(is_number(value) for value in values):
            return None
        return dict(zip(names, map(float, values), strict=True))

    def _add_class(
        self, row: Mapping[str, Any], columns: dict[str, Any], path: Path, place: str
    ) -> None:
        own = {key: value for key, value in columns.items() if key != "category"}
        self._classifications.append(
            Classification(ClassificationScope.IMAGE, IMAGE, taxonomy=self._task.name, **own)
        )

    def _add_box(
        self, row: Mapping[str, Any], columns: dict[str, Any], path: Path, place: str
    ) -> None:
        value = row.get("bbox")
        if not isinstance(value, list) or len(value) != 4:
            raise DamagedData(path, f"{place}.bbox", "is not x, y, width, height")
        x, y, width, height = numbers_at(value, range(4), path, f"{place}.bbox")
        if width < 0 or height < 0:
            raise DamagedData(path, f"{place}.bbox", "has a negative side; it is left out")
        self._boxes.append(([x, y, x + width, y + height], columns))

    def _add_mask(
        self, row: Mapping[str, Any], columns: dict[str, Any], path: Path, place: str
    ) -> None:
        runs = row.get("segmentation")
        place = f"{place}.segmentation"
        if not isinstance(runs, list) or len(runs) > MAX_RUNS:
            raise DamagedData(path, place, "is no list of run lengths")
        if self._size_px is None:
            raise DamagedData(path, place, "the size of its image is not known; it is left out")
        if not all(isinstance(run, int) and 0 <= run <= MAX_MASK_PX for run in runs):
            raise DamagedData(path, place, "holds a run that is no whole number")
        lengths = np.array(runs, dtype=np.int64)
        mask = RunLengths(*self._size_px, lengths)
        self._masks.append(
            InstanceMask(
                IMAGE, columns["label_id"], columns["class_name"], mask, score=columns["score"]
            )
        )

    def _add_instance(
        self, row: Mapping[str, Any], columns: dict[str, Any], path: Path, place: str
    ) -> None:
        # The box of an instance repeats what its mask says.
        self._add_mask(row, columns, path, place)

    def _add_keypoints(
        self, row: Mapping[str, Any], columns: dict[str, Any], path: Path, place: str
    ) -> None:
        value = row.get("keypoints")
        place = f"{place}.keypoints"
        count = len(value) if isinstance(value, list) else 0
        if not isinstance(value, list) or count % 3 or not 3 <= count <= 3 * MAX_KEYPOINTS:
            raise DamagedData(path, place, "is not x, y, score of each point")
        numbers = np.array(numbers_at(value, range(len(value)), path, place)).reshape(-1, 3)
        skeleton = self._task.skeletons.get(columns["category"])
        suits = skeleton is not None and len(skeleton.keypoint_names) == len(numbers)
        self._shapes.add(
            ShapeKind.KEYPOINTS,
            sensor_id=IMAGE,
            label_id=columns["label_id"],
            class_name=columns["class_name"],
            parts=[numbers[:, :2]],
            visibilities=[
                int(Visibility.VISIBLE if score > 0 else Visibility.HIDDEN)
                for score in numbers[:, 2]
            ],
            keypoint_names=skeleton.keypoint_names if skeleton is not None and suits else (),
            skeleton=skeleton.bones if skeleton is not None and suits else (),
            score=columns["score"],
            attributes={"keypoint_scores": numbers[:, 2].tolist()},
            class_distribution=columns["class_distribution"],
        )


def _skeleton(category: Mapping[str, Any]) -> Skeleton | None:
    names = _get(category, "keypoint_names", "keypointNames")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    pairs = _get(category, "keypoint_skeleton", "keypointSkeleton")
    bones = [
        (pair[0], pair[1])
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(end, int) and 0 <= end < len(names) for end in pair)
    ]
    return Skeleton(tuple(names), tuple(bones))


def _get(value: Mapping[str, Any], *keys: str) -> Any:  # noqa: ANN401 - any JSON
    return next((value[key] for key in keys if key in value), None)
