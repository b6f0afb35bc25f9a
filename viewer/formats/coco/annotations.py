"""COCO annotations of one image as labels."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.coco.annotation_file import CategoryRow
from viewer.formats.coco.rle import runs_from_counts, unpacked_counts
from viewer.formats.image_set import IMAGE, MAX_COORDINATE_PX
from viewer.formats.json_numbers import is_number
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelLink
from viewer.scene.masks import InstanceMask, Mask
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)

SAME_OBJECT = "same object"
BOX_KEY = "bbox"
SAME_BOX_PX = 1.0
SEGMENTATION_ID = ":segmentation"
"""What the id of a segmentation ends with whose keypoints are a label too."""
OWN_KEYS = ("status", "tags", "worker", "utf8_string")
"""Keys of an annotation that become attributes: its review status, tags, who made it, its text."""


class ImageLabels:
    """Collects one image's annotations.

    The richest form is the label: keypoints, else a segmentation, else the box, else the class of
    the image. An object with keypoints and a segmentation becomes two labels that are linked. A
    box that its shape does not imply stays as the attribute ``bbox``. Boxes and vertices keep
    their numbers, in which the top-left corner of the image is (0, 0). Outside a list of results a
    score of 0 is none: Picsellia writes it to every label that people drew.
    """

    def __init__(
        self,
        path: Path,
        categories: Mapping[int, CategoryRow],
        log: ProblemLog,
        *,
        are_results: bool,
    ) -> None:
        self._path = path
        self._are_results = are_results
        self._categories = categories
        self._log = log
        self._shapes = ImageShapesBuilder()
        self._masks: list[Mask] = []
        self._links: list[LabelLink] = []
        self._classes: list[Classification] = []
        self._boxes: list[list[float]] = []
        self._facts: list[dict[str, Any]] = []

    def add(self, row: Mapping[str, Any], place: str, fallback_id: str) -> None:
        """Add an annotation; what does not fit is noted and left out."""
        facts = self._common(row, fallback_id)
        try:
            shaped = self._add_shapes(row, facts)
        except ValueError as error:
            self._log.add(self._path, place, f"{error}; only its box is shown")
            shaped = False
        if shaped:
            return
        box = _box(row.get(BOX_KEY))
        if box is not None:
            self._boxes.append(box)
            self._facts.append(facts)
        elif row.get(BOX_KEY) in (None, []) and not row.get("segmentation"):
            self._classes.append(
                Classification(
                    ClassificationScope.IMAGE,
                    IMAGE,
                    facts["label_id"],
                    facts["class_name"],
                    track_id=facts["track_id"],
                    score=facts["score"],
                    attributes=facts["attributes"],
                )
            )
        else:
            self._log.add(self._path, f"{place}.bbox", "is not four finite numbers; left out")

    def build(self) -> FrameLabels:
        """Return the labels added so far."""
        facts = self._facts
        boxes = BoxLabels2D(
            boxes_px=np.array(self._boxes, dtype=np.float64).reshape(-1, 4),
            sensor_ids=(IMAGE,) * len(facts),
            label_ids=tuple(each["label_id"] for each in facts),
            class_names=tuple(each["class_name"] for each in facts),
            track_ids=tuple(each["track_id"] for each in facts),
            scores=np.array([each["score"] for each in facts], dtype=np.float64),
            attributes=tuple(each["attributes"] for each in facts),
            is_crowd=np.array([each["is_crowd"] for each in facts], dtype=bool),
        )
        return FrameLabels(
            CuboidLabels.empty("world"),
            boxes_2d=boxes,
            shapes_2d=self._shapes.build(),
            classifications=tuple(self._classes),
            masks=tuple(self._masks),
            links=tuple(self._links),
        )

    def _common(self, row: Mapping[str, Any], fallback_id: str) -> dict[str, Any]:
        number = row.get("category_id")
        category = self._categories.get(number) if isinstance(number, int) else None
        own = row.get("attributes")
        attributes = {str(k): v for k, v in own.items()} if isinstance(own, dict) else {}
        track = attributes.pop("track_id", row.get("track_id"))
        label_id = row.get("id")
        if isinstance(row.get("caption"), str):
            attributes["caption"] = row["caption"]
        for key in OWN_KEYS:
            if row.get(key) is not None:
                attributes.setdefault(key, row[key])
        missing = "caption" if "caption" in attributes else "unknown"
        return {
            "label_id": str(label_id) if isinstance(label_id, int | str) else fallback_id,
            "class_name": category.name if category else missing if number is None else str(number),
            "track_id": str(track) if isinstance(track, int | str) else None,
            "score": self._score(row),
            "attributes": attributes,
            "is_crowd": row.get("iscrowd") in (1, True),
        }

    def _score(self, row: Mapping[str, Any]) -> float:
        score = row.get("score")
        if not is_number(score) or (score == 0 and not self._are_results):
            return math.nan
        return float(score)

    def _add_shapes(self, row: Mapping[str, Any], facts: dict[str, Any]) -> bool:
        before = len(self._shapes)
        extra = dict(facts)
        points = row.get("keypoints")
        if isinstance(points, list) and points:
            self._add_keypoints(points, row, facts)
            extra["label_id"] = f"{facts['label_id']}{SEGMENTATION_ID}"
        segmentation = row.get("segmentation")
        if not segmentation:
            return len(self._shapes) > before
        if isinstance(segmentation, dict):
            self._add_mask(segmentation, extra)
        elif isinstance(segmentation, list):
            parts = [_vertices(part) for part in segmentation]
            together = np.concatenate(parts)
            bounds = [*together.min(axis=0).tolist(), *together.max(axis=0).tolist()]
            extra["attributes"] = _with_box(row, bounds, extra["attributes"])
            self._shapes.add(ShapeKind.POLYGONS, sensor_id=IMAGE, parts=parts, **extra)
        else:
            raise ValueError("the segmentation is neither polygons nor run lengths")
        if extra["label_id"] != facts["label_id"]:
            self._links.append(LabelLink(SAME_OBJECT, extra["label_id"], facts["label_id"]))
        return True

    def _add_keypoints(
        self, points: Sequence[Any], row: Mapping[str, Any], facts: dict[str, Any]
    ) -> None:
        if len(points) % 3 or not all(map(is_number, points)):
            raise ValueError("the keypoints are not triples of numbers")
        triples = np.array(points, dtype=np.float64).reshape(-1, 3)
        if np.abs(triples).max() > MAX_COORDINATE_PX:
            raise ValueError("a keypoint lies absurdly far away")
        states = np.clip(np.where(triples[:, 2] % 1 == 0, triples[:, 2], 2), 0, 2).astype(int)
        vertices = np.where(states[:, None] > 0, triples[:, :2], np.nan)
        number = row.get("category_id")
        category = self._categories.get(number) if isinstance(number, int) else None
        skeleton = category.as_skeleton() if category else None
        suits = skeleton is not None and len(skeleton.keypoint_names) == len(vertices)
        seen = vertices[states > 0]
        bounds = [*seen.min(axis=0), *seen.max(axis=0)] if len(seen) else [math.inf] * 4
        attributes = _with_box(row, bounds, facts["attributes"])
        self._shapes.add(
            ShapeKind.KEYPOINTS,
            sensor_id=IMAGE,
            parts=[vertices],
            visibilities=states.tolist(),
            keypoint_names=skeleton.keypoint_names if skeleton and suits else (),
            skeleton=skeleton.bones if skeleton and suits else (),
            **{**facts, "attributes": attributes},
        )

    def _add_mask(self, segmentation: Mapping[str, Any], facts: dict[str, Any]) -> None:
        size, counts = segmentation.get("size"), segmentation.get("counts")
        whole = isinstance(size, list) and len(size) == 2 and all(type(n) is int for n in size)
        if not isinstance(size, list) or not whole:
            raise ValueError("the size of a mask is not two whole numbers")
        if isinstance(counts, str):
            counts = unpacked_counts(counts)
        if not isinstance(counts, list) or not all(type(each) is int for each in counts):
            raise ValueError("the run lengths of a mask are not whole numbers")
        runs = runs_from_counts(counts, width_px=size[1], height_px=size[0])
        self._masks.append(InstanceMask(IMAGE, runs=runs, **facts))


def _with_box(
    row: Mapping[str, Any], bounds: Sequence[float], attributes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Keep the box where the shape's own bounds are another."""
    box = _box(row.get(BOX_KEY))
    if box is None or np.abs(np.subtract(box, bounds)).max() <= SAME_BOX_PX:
        return attributes
    return {**attributes, BOX_KEY: list(row[BOX_KEY])}


def _box(value: object) -> list[float] | None:
    if not isinstance(value, list) or len(value) != 4 or not all(map(is_number, value)):
        return None
    left, top, width, height = map(float, value)
    if max(map(abs, (left, top, width, height))) > MAX_COORDINATE_PX or min(width, height) < 0:
        return None
    return [left, top, left + width, top + height]


def _vertices(part: object) -> npt.NDArray[np.float64]:
    if not isinstance(part, list) or len(part) % 2 or not all(map(is_number, part)):
        raise ValueError("a polygon is not pairs of numbers")
    vertices = np.array(part, dtype=np.float64).reshape(-1, 2)
    if len(vertices) < 3 or np.abs(vertices).max() > MAX_COORDINATE_PX:
        raise ValueError("a polygon has fewer than three vertices or lies absurdly far away")
    return vertices
