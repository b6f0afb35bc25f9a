"""OpenLABEL objects of one frame to cuboids, 2D boxes and shapes.

A cuboid is 9 numbers (middle, rx ry rz with rotation = Rz @ Ry @ Rx, size along its own x y z) or
10 (quaternion x y z w in place of the angles) in the coordinate system that it names. Front is its
+x. In a camera's coordinate system writers often keep the camera's axes for the body too, y along
the height: such a box is turned about its x so that +z is up here, with its sizes reordered. A
bbox is its middle, width and height in pixels of the camera whose coordinate system it names.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.json_numbers import is_number
from viewer.formats.label_rows import CuboidRows
from viewer.formats.openlabel.document import (
    OpenLabelFile,
    mapping_of,
    objects_in,
    require_list,
)
from viewer.formats.openlabel.flat_shapes import FlatRows
from viewer.formats.openlabel.rig import CAMERA, streams_of
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.geometry.transform_tree import ROOT
from viewer.scene.labels import FrameLabels
from viewer.scene.sensors import Rig

FLAT_KINDS = ("bbox", "rbbox", "poly2d", "point2d")
ATTRIBUTE_KINDS = ("num", "text", "boolean", "vec")
SCORE = "score"
"""Number in a label's attributes that is its score."""
DONT_CARE = "dontcare"
_UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
"""Columns: the body's x, z and -y, of a box that keeps the camera's axes."""


@dataclass(frozen=True, eq=False, slots=True)
class ObjectData:
    """What one object has in one frame."""

    uid: str
    class_name: str
    own_track: str | None
    """See `document.OWN_NAMES`."""
    coordinate_system: str | None
    data: Mapping[str, Any]
    attributes: Mapping[str, Any]
    place: str

    @property
    def track_id(self) -> str | None:
        """The object itself is the track where it names none."""
        return self.uid if self.own_track is None else self.own_track or None

    def label_id(self, name: object) -> str:
        """Return how the label of one of its data is called."""
        return f"{self.uid}:{name}" if self.own_track is None else str(name)


def objects_of_frame(document: OpenLabelFile, key: str, problems: ProblemLog) -> list[ObjectData]:
    """Return the data of each object: the frame's own, then what is static where it holds."""
    found = []
    own = mapping_of(document.frame(key).get("objects"))
    for uid, item in own.items():
        place = f"{document.place(key)}.objects.{uid}"
        static = document.body.objects.get(uid)
        if static is None:
            problems.add(document.path, place, "no such object is declared; it is left out")
        elif data := mapping_of(mapping_of(item).get("object_data")):
            track = document.own_track(static)
            found.append(_object_data(uid, track, static, data, f"{place}.object_data"))
    for uid, static in document.body.objects.items():
        data = mapping_of(static.get("object_data"))
        shown = any(kind in data for kind in ("cuboid", *FLAT_KINDS))
        if shown and (not document.has_frames or _holds(static, key)):
            place = f"$.openlabel.objects.{uid}.object_data"
            found.append(_object_data(uid, document.own_track(static), static, data, place))
    return found


def frame_labels(
    document: OpenLabelFile,
    key: str,
    rig: Rig,
    problems: ProblemLog,
    *,
    timestamp_ns: int | None,
) -> FrameLabels:
    """Return a frame's labels; what is damaged is noted and left out."""
    objects = objects_of_frame(document, key, problems)
    cameras = streams_of(document, CAMERA)
    cuboids = _CuboidReader(objects, document.path, rig, cameras, problems)
    flat = FlatRows(document.path, problems, cameras[0] if len(cameras) == 1 else "image")
    for each in objects:
        for kind in FLAT_KINDS:
            for index, item in enumerate(objects_in(each.data.get(kind))):
                flat.add(
                    kind, item,
                    label_id=each.label_id(item.get("name", kind)), track_id=each.track_id,
                    class_name=each.class_name, score=score_of(item),
                    attributes={**each.attributes, **_own_attributes(item)},
                    sensor_id=item.get("coordinate_system") or each.coordinate_system,
                    place=f"{each.place}.{kind}[{index}]",
                )  # fmt: skip
    labels = replace(cuboids.rows.build(timestamp_ns), scores=np.array(cuboids.scores))
    return FrameLabels(labels, flat.boxes(), flat.shapes())


def attributes_of(value: object) -> dict[str, Any]:
    """Return value by name of lists of num, text, boolean and vec."""
    lists = mapping_of(value)
    return {
        str(item.get("name")): item.get("val")
        for kind in ATTRIBUTE_KINDS
        for item in objects_in(lists.get(kind))
    }


def score_of(item: Mapping[str, Any]) -> float:
    """Return the number ``score`` of a label; NaN when it has none."""
    numbers = objects_in(mapping_of(item.get("attributes")).get("num"))
    scores = (each.get("val") for each in numbers if each.get("name") == SCORE)
    return next((float(score) for score in scores if is_number(score)), math.nan)


def _own_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    found = attributes_of(item.get("attributes"))
    if not math.isnan(score_of(item)):
        found.pop(SCORE, None)
    return found


class _CuboidReader:
    """Turns the cuboids of a frame into rows of one coord frame.

    That is the one they name when they all name the same; else the world.
    """

    def __init__(
        self,
        objects: list[ObjectData],
        path: Path,
        rig: Rig,
        cameras: tuple[str, ...],
        problems: ProblemLog,
    ) -> None:
        self._path = path
        self._rig = rig
        self._cameras = cameras
        self._problems = problems
        self._known = frozenset(rig.transforms.coord_frame_ids)
        self._taken: set[str] = set()
        self.scores: list[float] = []
        named = {self._system(each, item) for each, _, item in _cuboids(objects)}
        self.rows = CuboidRows(named.pop() if len(named) == 1 else ROOT)
        for each, place, item in _cuboids(objects):
            try:
                self._add(each, item, place)
            except DamagedData as damage:
                problems.add_damage(damage)

    def _system(self, each: ObjectData, item: Mapping[str, Any]) -> str:
        name = item.get("coordinate_system") or each.coordinate_system or ROOT
        name = name if isinstance(name, str) else repr(name)[:80]
        if name == ROOT or name in self._known:
            return name
        place = f"$.openlabel.coordinate_systems.{name}"
        self._problems.add(self._path, place, "is not declared; it is taken for the world")
        return ROOT

    def _add(self, each: ObjectData, item: Mapping[str, Any], place: str) -> None:
        numbers = require_list(item.get("val"), self._path, f"{place}.val", (9, 10))
        center, size = np.array(numbers[:3]), np.array(numbers[-3:])
        if each.class_name.casefold() == DONT_CARE and not (size > 0).all():
            return
        rotation = _rotation(numbers[3:-3], self._path, f"{place}.val")
        system = self._system(each, item)
        if system in self._cameras and abs(rotation[1, 1]) > abs(rotation[1, 2]):
            rotation, size = rotation @ _UPRIGHT, size[[0, 2, 1]]
        if system != self.rows.coord_frame_id:
            moved = self._rig.transforms.transform(self.rows.coord_frame_id, system)
            center, rotation = moved.apply(center[None])[0], moved.rotation @ rotation
        self.rows.add(
            _unique(each.label_id(item.get("name", "cuboid")), self._taken),
            each.class_name,
            center_m=center.tolist(), size_m=size.tolist(), rotation=rotation,
            track_id=each.track_id,
            attributes={**each.attributes, **_own_attributes(item)},
            path=self._path, place=f"{place}.val",
        )  # fmt: skip
        self.scores.append(score_of(item))


def _rotation(numbers: list[float], path: Path, place: str) -> npt.NDArray[np.float64]:
    if len(numbers) == 3:
        return rotation_from_euler(numbers[::-1], "zyx")
    try:
        return matrix_from_quaternion([numbers[3], *numbers[:3]])
    except ValueError as error:
        raise DamagedData(path, place, f"its {error}; it is left out") from None


def _cuboids(objects: list[ObjectData]) -> Iterator[tuple[ObjectData, str, Mapping[str, Any]]]:
    for each in objects:
        for index, item in enumerate(objects_in(each.data.get("cuboid"))):
            yield each, f"{each.place}.cuboid[{index}]", item


def _unique(label_id: str, taken: set[str]) -> str:
    count, unique = 1, label_id
    while unique in taken:
        count += 1
        unique = f"{label_id} {count}"
    taken.add(unique)
    return unique


def _object_data(
    uid: str, own_track: str | None, static: Mapping[str, Any], data: Mapping[str, Any], place: str
) -> ObjectData:
    system = static.get("coordinate_system")
    return ObjectData(
        uid,
        str(static.get("type") or "unknown"),
        own_track,
        system if isinstance(system, str) else None,
        data,
        {**attributes_of(static.get("object_data")), **attributes_of(data)},
        place,
    )


def _holds(static: Mapping[str, Any], key: str) -> bool:
    """Say whether static data holds in a frame: in the object's intervals, else in all."""
    intervals = objects_in(static.get("frame_intervals"))
    if not intervals or not key.isdecimal():
        return True
    ends = [(each.get("frame_start"), each.get("frame_end")) for each in intervals]
    return any(
        isinstance(first, int) and isinstance(last, int) and first <= int(key) <= last
        for first, last in ends
    )
