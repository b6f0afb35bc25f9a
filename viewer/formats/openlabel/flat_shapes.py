"""OpenLABEL bbox, rbbox, poly2d and point2d to 2D labels of a frame.

Pixels as stored. A bbox and an rbbox are given by their middle, width and height; the angle of an
rbbox turns from x to y, clockwise as seen. A closed poly2d is a polygon, an open one a polyline.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.openlabel.document import require_list
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import BoxLabels2D
from viewer.scene.shapes import ImageShapes, ImageShapesBuilder, ShapeKind

MAX_VERTICES = 1_000_000
ABSOLUTE, RELATIVE = "MODE_POLY2D_ABSOLUTE", "MODE_POLY2D_RELATIVE"


class FlatRows:
    """Collects the 2D labels of one frame."""

    def __init__(self, path: Path, problems: ProblemLog, default_sensor_id: str) -> None:
        self._path = path
        self._problems = problems
        self._default_sensor_id = default_sensor_id
        self._boxes: list[tuple[list[float], dict[str, Any]]] = []
        self._shapes = ImageShapesBuilder()
        self._taken: dict[str, int] = {}

    def add(
        self,
        kind: str,
        item: Mapping[str, Any],
        *,
        label_id: str,
        track_id: str | None,
        class_name: str,
        score: float,
        attributes: Mapping[str, Any],
        sensor_id: object,
        place: str,
    ) -> None:
        """Add one; what is damaged is noted and left out."""
        count = self._taken[label_id] = self._taken.get(label_id, 0) + 1
        columns = {
            "sensor_id": sensor_id if isinstance(sensor_id, str) else self._default_sensor_id,
            "label_id": label_id if count == 1 else f"{label_id} {count}",
            "class_name": class_name,
            "track_id": track_id,
            "score": score,
            "attributes": attributes,
        }
        try:
            if kind == "bbox":
                self._add_box(item, columns, place)
            else:
                self._add_shape(kind, item, columns, place)
        except DamagedData as damage:
            self._problems.add_damage(damage)

    def boxes(self) -> BoxLabels2D:
        """Return the upright boxes."""
        rows = [columns for _, columns in self._boxes]
        return BoxLabels2D(
            boxes_px=np.array([box for box, _ in self._boxes], dtype=np.float64).reshape(-1, 4),
            sensor_ids=tuple(row["sensor_id"] for row in rows),
            label_ids=tuple(row["label_id"] for row in rows),
            class_names=tuple(row["class_name"] for row in rows),
            track_ids=tuple(row["track_id"] for row in rows),
            scores=np.array([row["score"] for row in rows], dtype=np.float64),
            attributes=tuple(row["attributes"] for row in rows),
        )

    def shapes(self) -> ImageShapes:
        """Return everything else."""
        return self._shapes.build()

    def _add_box(self, item: Mapping[str, Any], columns: dict[str, Any], place: str) -> None:
        x, y, width, height = require_list(item.get("val"), self._path, f"{place}.val", (4,))
        self._require_area(width, height, place)
        half_width, half_height = width / 2, height / 2
        box = [x - half_width, y - half_height, x + half_width, y + half_height]
        self._boxes.append((box, columns))

    def _add_shape(
        self, kind: str, item: Mapping[str, Any], columns: dict[str, Any], place: str
    ) -> None:
        value, place = item.get("val"), f"{place}.val"
        if kind == "rbbox":
            numbers = require_list(value, self._path, place, (5,))
            self._require_area(numbers[2], numbers[3], place)
            self._shapes.add(ShapeKind.ROTATED_BOX, parameters=numbers, **columns)
            return
        if kind == "point2d":
            point = require_list(value, self._path, place, (2,))
            self._shapes.add(ShapeKind.POINT, parts=[[point]], **columns)
            return
        mode, closed = item.get("mode", ABSOLUTE), item.get("closed") is True
        if mode not in (ABSOLUTE, RELATIVE):
            told = f"its mode {str(mode)[:40]!r} is not supported; it is left out"
            raise DamagedData(self._path, place, told)
        least = 3 if closed else 2
        counts = range(2 * least, 2 * MAX_VERTICES + 1, 2)
        if not isinstance(value, list) or len(value) not in counts:
            raise DamagedData(self._path, place, f"is not {least} pairs of numbers or more")
        vertices = np.array(require_list(value, self._path, place, (len(value),))).reshape(-1, 2)
        if mode == RELATIVE:
            # Every vertex but the first is told from the first.
            vertices[1:] += vertices[0]
        shape = ShapeKind.POLYGONS if closed else ShapeKind.POLYLINE
        self._shapes.add(shape, parts=[vertices], **columns)

    def _require_area(self, width: float, height: float, place: str) -> None:
        if not (width > 0 and height > 0):
            raise DamagedData(self._path, place, "has no area; it is left out")
