"""Annotations of one frame to labels: every type of the format, and what is kept unshown.

Pixels run right and down. A box may carry an angle: degrees, clockwise as seen, about its middle.
A segment is a list of rings, those after the first holes. A cube_3d has its middle, its full size
and angles about fixed x, then y, then z, in radians.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.attributes import attributes_of, score_of, track_of
from viewer.formats.dataloop.document import mapping_of, system_of
from viewer.formats.dataloop.mask_png import mask_from_url
from viewer.formats.dataloop.timeline import State
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.label_rows import CuboidRows, numbers_at
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelLink
from viewer.scene.masks import InstanceMask
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)

WORLD = "world"
NOTE = "note"
MAX_VERTICES = 1_000_000
CORNERS = (
    "front_tl", "front_tr", "front_br", "front_bl", "back_tl", "back_tr", "back_br", "back_bl",
)  # fmt: skip
_AXES = ("x", "y", "z")


class FrameRows:
    """Collects the labels of one frame."""

    def __init__(self, problems: ProblemLog, image_sizes: Mapping[str, tuple[int, int]]) -> None:
        self._problems = problems
        self._image_sizes = image_sizes
        self._cuboids = CuboidRows(WORLD)
        self._cuboid_scores: list[float] = []
        self._keyframes: list[bool] = []
        self._boxes: list[tuple[list[float], dict[str, Any]]] = []
        self._shapes = ImageShapesBuilder()
        self._classifications: list[Classification] = []
        self._masks: list[InstanceMask] = []
        self._links: list[LabelLink] = []
        self._ids: Counter[str] = Counter()
        self._unshown: Counter[tuple[Path, str]] = Counter()
        self._add: dict[str, Callable[[State, dict[str, Any], Path, str], None]] = {
            "box": self._add_box,
            "segment": self._add_segment,
            "polyline": self._add_polyline,
            "point": self._add_point,
            "ellipse": self._add_ellipse,
            "cube": self._add_cube,
            "cube_3d": self._add_cube_3d,
            "binary": self._add_binary,
            "class": self._add_class,
            "subtitle": self._add_text,
            "item_description": self._add_text,
            "text": self._add_text,
            NOTE: self._add_note,
        }

    def add(
        self,
        annotation: Mapping[str, Any],
        state: State,
        *,
        label_id: str,
        sensor_id: str,
        keyframe: bool,
        path: Path,
        place: str,
    ) -> None:
        """Add one; what is damaged is noted, what has no shape here is counted."""
        kind = annotation.get("type")
        adder = self._add.get(kind) if isinstance(kind, str) else None
        if adder is None:
            self._unshown[path, str(kind)[:40]] += 1
            return
        columns = self._columns(annotation, state, label_id, sensor_id)
        columns["keyframe"] = keyframe
        try:
            adder(state, columns, path, place)
        except DamagedData as damage:
            self._problems.add_damage(damage)
        except ValueError as error:
            self._problems.add(path, place, f"{error}; it is left out")
        else:
            parent = system_of(annotation).get("parentId")
            if isinstance(parent, str) and parent:
                self._links.append(LabelLink("parent", columns["label_id"], parent))

    def add_pose(
        self,
        annotation: Mapping[str, Any],
        state: State,
        points: list[tuple[str, State]],
        *,
        label_id: str,
        sensor_id: str,
        path: Path,
        place: str,
    ) -> None:
        """Add a pose with its child points, named by their labels."""
        columns = self._columns(annotation, state, label_id, sensor_id)
        try:
            at = [
                numbers_at(each.coordinates, ("x", "y"), path, f"{place} point")
                for _, each in points
            ]
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return
        names = [name for name, _ in points]
        self._shapes.add(ShapeKind.KEYPOINTS, parts=[at], keypoint_names=names, **columns)

    def build(self, timestamp_ns: int | None) -> FrameLabels:
        """Return the labels added so far."""
        for (path, kind), count in self._unshown.items():
            these = f"{count} annotations" if count > 1 else "1 annotation"
            are = "are" if count > 1 else "is"
            told = f"{these} of type {kind!r} {are} kept and not shown"
            self._problems.add(path, "$.annotations", told)
        cuboids: CuboidLabels = self._cuboids.build(timestamp_ns)
        keyframe = np.array(self._keyframes, dtype=bool)
        scores = np.array(self._cuboid_scores, dtype=np.float64)
        rows = [columns for _, columns in self._boxes]
        return FrameLabels(
            cuboids=replace(cuboids, is_keyframe=keyframe, scores=scores),
            boxes_2d=BoxLabels2D(
                boxes_px=np.array([box for box, _ in self._boxes], dtype=float).reshape(-1, 4),
                sensor_ids=tuple(row["sensor_id"] for row in rows),
                label_ids=tuple(row["label_id"] for row in rows),
                class_names=tuple(row["class_name"] for row in rows),
                track_ids=tuple(row["track_id"] for row in rows),
                scores=np.array([row["score"] for row in rows], dtype=np.float64),
                attributes=tuple(row["attributes"] for row in rows),
            ),
            shapes_2d=self._shapes.build(),
            classifications=tuple(self._classifications),
            masks=tuple(self._masks),
            links=tuple(self._links),
        )

    def _columns(
        self, annotation: Mapping[str, Any], state: State, label_id: str, sensor_id: str
    ) -> dict[str, Any]:
        self._ids[label_id] += 1
        repeated = self._ids[label_id] > 1
        return {
            "sensor_id": sensor_id,
            "label_id": f"{label_id} {self._ids[label_id]}" if repeated else label_id,
            "class_name": state.label,
            "track_id": track_of(annotation),
            "score": score_of(annotation),
            "attributes": attributes_of(annotation, state),
        }

    def _shape(self, kind: ShapeKind, columns: dict[str, Any], **values: Any) -> None:  # noqa: ANN401
        own = {name: value for name, value in columns.items() if name != "keyframe"}
        self._shapes.add(kind, **own, **values)

    def _add_box(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value = state.coordinates
        place = f"{place}.coordinates"
        if not isinstance(value, list) or len(value) not in (2, 3):
            raise DamagedData(path, place, "is not two corners; it is left out")
        corners = [numbers_at(value[i], ("x", "y"), path, f"{place}[{i}]") for i in (0, 1)]
        (x0, y0), (x1, y1) = corners
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        angle = numbers_at(value, (2,), path, place)[0] if len(value) == 3 and value[2] else 0.0
        if angle == 0.0:
            self._boxes.append(([left, top, right, bottom], columns))
            return
        middle = [(left + right) / 2, (top + bottom) / 2]
        numbers = [*middle, right - left, bottom - top, math.radians(angle)]
        self._shape(ShapeKind.ROTATED_BOX, columns, parameters=numbers)

    def _add_segment(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        rings = _rings(state.coordinates, path, f"{place}.coordinates")
        holes = [number > 0 for number in range(len(rings))]
        self._shape(ShapeKind.POLYGONS, columns, parts=rings, holes=holes)

    def _add_polyline(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        lines = _rings(state.coordinates, path, f"{place}.coordinates")
        self._shape(ShapeKind.POLYLINE, columns, parts=lines)

    def _add_point(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        at = numbers_at(state.coordinates, ("x", "y"), path, f"{place}.coordinates")
        self._shape(ShapeKind.POINT, columns, parts=[[at]])

    def _add_ellipse(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value, place = mapping_of(state.coordinates), f"{place}.coordinates"
        middle = numbers_at(value.get("center"), ("x", "y"), path, f"{place}.center")
        radii = numbers_at(value, ("rx", "ry"), path, place)
        angle = numbers_at(value, ("angle",), path, place)[0] if value.get("angle") else 0.0
        numbers = [*middle, *radii, math.radians(angle)]
        self._shape(ShapeKind.ELLIPSE, columns, parameters=numbers)

    def _add_cube(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value, place = mapping_of(state.coordinates), f"{place}.coordinates"
        at = [numbers_at(value.get(key), ("x", "y"), path, f"{place}.{key}") for key in CORNERS]
        angle = value.get("angle")
        if angle:
            columns["attributes"] = {**columns["attributes"], "angle": angle}
        self._shape(ShapeKind.IMAGE_CUBOID, columns, parts=[at])

    def _add_cube_3d(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value, place = mapping_of(state.coordinates), f"{place}.coordinates"
        center, size, angles = (
            numbers_at(value.get(key), _AXES, path, f"{place}.{key}")
            for key in ("position", "scale", "rotation")
        )
        self._cuboids.add(
            columns["label_id"],
            columns["class_name"],
            center_m=center,
            size_m=size,
            rotation=rotation_from_euler(angles[::-1], "zyx"),
            track_id=columns["track_id"],
            attributes=columns["attributes"],
            path=path,
            place=place,
        )
        self._keyframes.append(columns["keyframe"])
        self._cuboid_scores.append(columns["score"])

    def _add_binary(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value = state.coordinates
        url = value.get("data") if isinstance(value, dict) else value
        runs = mask_from_url(url, path, f"{place}.coordinates")
        size = self._image_sizes.get(columns["sensor_id"])
        if size is not None and size != (runs.width_px, runs.height_px):
            own_size = f"{runs.width_px} x {runs.height_px}"
            told = f"the mask is {own_size} px, its image {size[0]} x {size[1]}; it is left out"
            raise DamagedData(path, place, told)
        own = {name: value for name, value in columns.items() if name != "keyframe"}
        self._masks.append(InstanceMask(runs=runs, **own))

    def _add_class(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        sensor_id = columns["sensor_id"]
        scope = ClassificationScope.IMAGE if sensor_id else ClassificationScope.FRAME
        own = {key: columns[key] for key in ("label_id", "class_name", "track_id", "score")}
        self._classifications.append(
            Classification(scope, sensor_id, attributes=columns["attributes"], **own)
        )

    def _add_text(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        text = mapping_of(state.coordinates).get("text", state.coordinates)
        if not isinstance(text, str):
            raise DamagedData(path, f"{place}.coordinates", "has no text; it is left out")
        columns["attributes"] = {**columns["attributes"], "text": text}
        self._add_class(state, columns, path, place)

    def _add_note(self, state: State, columns: dict[str, Any], path: Path, place: str) -> None:
        value = mapping_of(state.coordinates)
        note = mapping_of(value.get("note"))
        messages = note.get("messages")
        said = [
            str(each["body"])
            for each in (messages if isinstance(messages, list) else ())
            if isinstance(each, dict) and each.get("body") is not None
        ]
        facts = {NOTE: "\n".join(said), "status": note.get("status") or "open"}
        columns["attributes"] = {**columns["attributes"], **facts}
        inner = replace(state, coordinates=value.get("box"))
        self._add_box(inner, columns, path, place)


def _rings(value: object, path: Path, place: str) -> list[list[tuple[float, ...]]]:
    """Return the rings or lines of a shape; one may stand without its outer list."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = [value]
    if not isinstance(value, list) or not value:
        raise DamagedData(path, place, "is no list of points; it is left out")
    rings = []
    for number, ring in enumerate(value):
        if not isinstance(ring, list) or len(ring) > MAX_VERTICES:
            raise DamagedData(path, f"{place}[{number}]", "is no list of points; it is left out")
        rings.append(
            [
                numbers_at(each, ("x", "y"), path, f"{place}[{number}][{index}]")
                for index, each in enumerate(ring)
            ]
        )
    return rings
