"""Labels of one image as singletons of prediction tasks; one task holds one type."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viewer.formats.lightly.predictions import TaskType
from viewer.formats.writers.losses import LossLog
from viewer.scene.class_map import ClassMap, Skeleton
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask
from viewer.scene.shapes import ClassificationScope, ShapeKind, Visibility

TITLE = "Lightly"
KEYPOINT_SCORES = "keypoint_scores"


@dataclass(slots=True)
class Categories:
    """Numbers of classes: the class map's own where it has them, else in order."""

    class_map: ClassMap
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = {
            each.name: each.class_id
            for each in self.class_map.entries
            if each.class_id is not None and each.class_id >= 0
        }
        if len(set(own.values())) == len(own) == len(self.class_map.entries):
            self.numbers.update(own)
        for each in self.class_map.entries:
            self.of(each.name)

    def of(self, name: str) -> int:
        """Return the number of a class."""
        if name not in self.numbers:
            self.numbers[name] = max(self.numbers.values(), default=-1) + 1
        return self.numbers[name]

    def rows(self, skeletons: dict[str, Skeleton] | None = None) -> list[dict[str, Any]]:
        """Return the categories of a schema."""
        found = []
        for name, number in sorted(self.numbers.items(), key=lambda pair: pair[1]):
            row: dict[str, Any] = {"id": number, "name": name}
            skeleton = (skeletons or {}).get(name)
            if skeleton is not None:
                row["keypoint_names"] = list(skeleton.keypoint_names)
                row["keypoint_skeleton"] = [list(bone) for bone in skeleton.bones]
            found.append(row)
        return found

    def distribution(self, given: dict[str, float] | None) -> list[float] | None:
        """Return a probability for each category in the order of their numbers."""
        if given is None:
            return None
        order = sorted(self.numbers, key=lambda name: self.numbers[name])
        return [float(given.get(name, 0.0)) for name in order]


class ImageSingletons:
    """Turns the labels of one label set on one image into singletons by task type."""

    def __init__(
        self, categories: Categories, skeletons: dict[str, Skeleton], where: str, losses: LossLog
    ) -> None:
        self._categories = categories
        self._skeletons = skeletons
        self._where = where
        self._losses = losses

    def rows(
        self, labels: FrameLabels, sensor_id: str, size_px: tuple[int, int]
    ) -> Iterator[tuple[TaskType, dict[str, Any]]]:
        """Yield every singleton with the type of its task."""
        yield from self._boxes(labels, sensor_id, size_px)
        yield from self._shapes(labels, sensor_id)
        for mask in labels.masks:
            if mask.sensor_id != sensor_id:
                continue
            if not isinstance(mask, InstanceMask):
                self._lose("semantic mask", "a mask is of one object")
                continue
            self._note(mask.attributes, mask.track_id)
            row = self._row(mask.class_name, mask.score, None)
            row["segmentation"] = mask.runs.lengths.tolist()
            row["bbox"] = _bounds(mask.runs.decoded())
            yield TaskType.INSTANCE_SEGMENTATION, row
        for each in labels.classifications:
            if each.scope != ClassificationScope.IMAGE or each.target != sensor_id:
                continue
            self._note(each.attributes, each.track_id)
            spread = None if each.class_distribution is None else dict(each.class_distribution)
            yield TaskType.CLASSIFICATION, self._row(each.class_name, each.score, spread)

    def _boxes(
        self, labels: FrameLabels, sensor_id: str, size_px: tuple[int, int]
    ) -> Iterator[tuple[TaskType, dict[str, Any]]]:
        boxes = labels.boxes_2d
        for row in boxes.on_image(sensor_id):
            self._note(boxes.attributes[row], boxes.track_ids[row])
            spread = boxes.class_distributions[row] if boxes.class_distributions else None
            left, top, right, bottom = boxes.boxes_px[row].tolist()
            if min(left, top) < 0:
                self._lose("part of a box outside its image", "coordinates are not negative")
                left, top = max(left, 0.0), max(top, 0.0)
            if right < left or bottom < top:
                self._lose("2D box", "it lies outside of its image")
                continue
            single = self._row(
                boxes.class_names[row],
                float(boxes.scores[row]),
                None if spread is None else dict(spread),
            )
            single["bbox"] = [left, top, right - left, bottom - top]
            yield TaskType.OBJECT_DETECTION, single

    def _shapes(
        self, labels: FrameLabels, sensor_id: str
    ) -> Iterator[tuple[TaskType, dict[str, Any]]]:
        shapes = labels.shapes_2d
        for row in shapes.on_image(sensor_id):
            kind = ShapeKind(int(shapes.kinds[row]))
            if kind != ShapeKind.KEYPOINTS:
                name = kind.name.lower().replace("_", " ")
                self._lose(f"2D label: {name}", f"{TITLE} has no such labels")
                continue
            attributes = dict(shapes.attributes[row])
            scores = _keypoint_scores(attributes, shapes.vertex_visibilities(row).tolist())
            attributes.pop(KEYPOINT_SCORES, None)
            self._note(attributes, shapes.track_ids[row])
            name = shapes.class_names[row]
            if shapes.keypoint_names[row]:
                skeleton = Skeleton(tuple(shapes.keypoint_names[row]), tuple(shapes.skeletons[row]))
                self._skeletons.setdefault(name, skeleton)
            given = shapes.class_distributions[row]
            spread = None if given is None else dict(given)
            single = self._row(name, float(shapes.scores[row]), spread)
            vertices = np.nan_to_num(shapes.parts(row)[0]).tolist()
            single["keypoints"] = [
                float(number)
                for (x, y), score in zip(vertices, scores, strict=True)
                for number in (x, y, score)
            ]
            yield TaskType.KEYPOINT_DETECTION, single

    def _row(
        self, class_name: str, score: float, distribution: dict[str, float] | None
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"category_id": self._categories.of(class_name)}
        if math.isnan(score):
            self._lose("label without a confidence", "a singleton has one; 1 is written")
        row["score"] = 1.0 if math.isnan(score) else float(score)
        probabilities = self._categories.distribution(distribution)
        if probabilities is not None:
            row["probabilities"] = probabilities
        return row

    def _note(self, attributes: Any, track_id: str | None) -> None:  # noqa: ANN401 - any mapping
        for name in attributes:
            self._lose(f"attribute {name!r}", "a singleton has none")
        if track_id is not None:
            self._lose("track", "images share no time")

    def _lose(self, what: str, why: str) -> None:
        self._losses.add(what, self._where, why)


def _keypoint_scores(attributes: dict[str, Any], visibilities: Sequence[int]) -> list[float]:
    given = attributes.get(KEYPOINT_SCORES)
    if isinstance(given, list) and len(given) == len(visibilities):
        return [float(each) for each in given]
    return [1.0 if state == Visibility.VISIBLE else 0.0 for state in visibilities]


def _bounds(mask: Any) -> list[float]:  # noqa: ANN401 - (H, W) flags
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return [0.0, 0.0, 0.0, 0.0]
    left, top = float(columns.min()), float(rows.min())
    return [left, top, float(columns.max()) + 1 - left, float(rows.max()) + 1 - top]
