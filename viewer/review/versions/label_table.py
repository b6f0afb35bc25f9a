"""Labels of many frames as one table, so that two label sets can be laid beside each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.review.versions.forms import AreaForm, Form, ShapeForm, WordForm, class_runs
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask, Mask
from viewer.scene.point_classes import PointClasses

Floats = npt.NDArray[np.float64]
Column = TypeVar("Column")


class LabelKind(StrEnum):
    """What can be compared with each other."""

    CUBOID = "cuboid"
    BOX = "box"
    """Upright, on an image."""
    SHAPE = "shape"
    MASK = "mask"
    """Of one object."""
    PIXELS = "pixels"
    """Of an image, that carry a class."""
    POINTS = "points"
    """Points of a cloud that carry a class."""
    CLASSIFICATION = "classification"
    TEXT = "text"


class Place(NamedTuple):
    """Where labels can be compared: a frame, or one sensor of it."""

    scene_id: str
    frame_key: str
    sensor_id: str
    """Whose image or points; empty for cuboids and what is about the whole frame."""
    coord_frame_id: str
    """Of cuboids; empty for the others."""
    kind: LabelKind = LabelKind.CUBOID


@dataclass(frozen=True, eq=False, slots=True)
class LabelTable:
    """N labels of all kinds; row i of every column belongs to the same label.

    A mask or a cloud that has a class for each of its pixels or points is one row a class.
    """

    places: tuple[Place, ...]
    place: npt.NDArray[np.int64]
    """(N,) index into `places`, rising."""
    label_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    track_ids: tuple[str | None, ...]
    attributes: tuple[Mapping[str, Any], ...]
    center: Floats
    """(N, 3) metres; NaN for all but cuboids."""
    size: Floats
    """(N, 3) metres; NaN for all but cuboids."""
    rotation: Floats
    """(N, 4) quaternions wxyz; (1, 0, 0, 0) for all but cuboids."""
    boxes_px: Floats
    """(N, 4) left, top, right, bottom; NaN for what has no extent on an image."""
    forms: tuple[Form | None, ...]
    """What a label is that is no box."""

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(
        cls, frames: Iterable[tuple[str, str, FrameLabels]], *, boxes_2d: bool = True
    ) -> "LabelTable":
        """Return the labels of frames, each given with its scene id and frame key.

        Parameters
        ----------
        boxes_2d
            Whether the other kinds of labels are in the table too, and not cuboids alone.
        """
        parts = [
            part
            for scene_id, frame_key, labels in frames
            for part in _parts(scene_id, frame_key, labels, only_cuboids=not boxes_2d)
        ]
        counts = np.array([len(part.label_ids) for part in parts], dtype=np.int64)
        return cls(
            tuple(part.place for part in parts),
            np.repeat(np.arange(len(parts)), counts),
            _flat(part.label_ids for part in parts),
            _flat(part.class_names for part in parts),
            _flat(part.track_ids for part in parts),
            _flat(part.attributes for part in parts),
            _stacked([part.center for part in parts], 3),
            _stacked([part.size for part in parts], 3),
            _stacked([part.rotation for part in parts], 4),
            _stacked([part.boxes_px for part in parts], 4),
            _flat(part.forms for part in parts),
        )

    def is_of(self, kind: LabelKind) -> npt.NDArray[np.bool_]:
        """(N,) True for labels of one kind."""
        own = np.array([place.kind is kind for place in self.places], dtype=bool)
        return own[self.place] if len(own) else np.zeros(0, dtype=bool)

    @property
    def is_cuboid(self) -> npt.NDArray[np.bool_]:
        """(N,) True for cuboids."""
        return self.is_of(LabelKind.CUBOID)

    def cuboids(self, rows: npt.NDArray[np.int64]) -> Cuboids:
        """Return the boxes of some rows, for pairs whose coord frames are known to agree."""
        return Cuboids(self.center[rows], self.size[rows], self.rotation[rows], "compared")


class _Part(NamedTuple):
    place: Place
    label_ids: Sequence[str]
    class_names: Sequence[str]
    track_ids: Sequence[str | None]
    attributes: Sequence[Mapping[str, Any]]
    center: Floats
    size: Floats
    rotation: Floats
    boxes_px: Floats
    forms: Sequence[Form | None]


class _Row(NamedTuple):
    """A label that is no cuboid and no box."""

    kind: LabelKind
    sensor_id: str
    label_id: str
    class_name: str
    track_id: str | None
    attributes: Mapping[str, Any]
    form: Form


def _parts(
    scene_id: str, frame_key: str, labels: FrameLabels, *, only_cuboids: bool
) -> Iterator[_Part]:
    cuboids = labels.cuboids
    if len(cuboids):
        yield _of_cuboids(scene_id, frame_key, cuboids)
    if only_cuboids:
        return
    flat = labels.boxes_2d
    for sensor_id in sorted(set(flat.sensor_ids)):
        rows = flat.on_image(sensor_id)
        yield _of_flat(
            Place(scene_id, frame_key, sensor_id, "", LabelKind.BOX), _some(flat.label_ids, rows),
            _some(flat.class_names, rows), _some(flat.track_ids, rows),
            _some(flat.attributes, rows), flat.boxes_px[rows], [None] * len(rows),
        )  # fmt: skip
    by_place: dict[tuple[LabelKind, str], list[_Row]] = {}
    for row in _rows(labels):
        by_place.setdefault((row.kind, row.sensor_id), []).append(row)
    for (kind, sensor_id), found in by_place.items():
        yield _of_flat(
            Place(scene_id, frame_key, sensor_id, "", kind), [each.label_id for each in found],
            [each.class_name for each in found], [each.track_id for each in found],
            [each.attributes for each in found], np.array([each.form.bounds_px for each in found]),
            [each.form for each in found],
        )  # fmt: skip


def _of_cuboids(scene_id: str, frame_key: str, cuboids: CuboidLabels) -> _Part:
    boxes = cuboids.cuboids
    return _Part(
        Place(scene_id, frame_key, "", boxes.coord_frame_id), cuboids.label_ids,
        cuboids.class_names, cuboids.track_ids, cuboids.attributes, boxes.center, boxes.size,
        boxes.rotation, np.full((len(cuboids), 4), np.nan), [None] * len(cuboids),
    )  # fmt: skip


def _of_flat(
    place: Place, label_ids: Sequence[str], class_names: Sequence[str],
    track_ids: Sequence[str | None], attributes: Sequence[Mapping[str, Any]], boxes_px: Floats,
    forms: Sequence[Form | None],
) -> _Part:  # fmt: skip
    nowhere = np.full((len(label_ids), 3), np.nan)
    unturned = np.tile([1.0, 0.0, 0.0, 0.0], (len(label_ids), 1))
    return _Part(
        place, label_ids, class_names, track_ids, attributes, nowhere, nowhere, unturned, boxes_px,
        forms,
    )  # fmt: skip


def _rows(labels: FrameLabels) -> Iterator[_Row]:
    shapes = labels.shapes_2d
    for row in range(len(shapes)):
        yield _Row(
            LabelKind.SHAPE, shapes.sensor_ids[row], shapes.label_ids[row],
            shapes.class_names[row], shapes.track_ids[row], shapes.attributes[row],
            ShapeForm(shapes, row),
        )  # fmt: skip
    for mask in labels.masks:
        yield from _rows_of_mask(mask)
    for points in labels.point_classes:
        yield from _rows_of_points(points)
    for each in labels.classifications:
        said = (str(each.scope), each.target, each.taxonomy or "")
        yield _Row(
            LabelKind.CLASSIFICATION, "", each.label_id, each.class_name, each.track_id,
            each.attributes, WordForm(said),
        )  # fmt: skip
    for token in labels.text_tokens:
        yield _Row(
            LabelKind.TEXT, token.sensor_id, token.label_id, token.class_name, None,
            token.attributes, WordForm((str(token.index), token.text)),
        )  # fmt: skip


def _rows_of_mask(mask: Mask) -> Iterator[_Row]:
    if isinstance(mask, InstanceMask):
        yield _Row(
            LabelKind.MASK, mask.sensor_id, mask.label_id, mask.class_name, mask.track_id,
            mask.attributes, AreaForm(mask.runs),
        )  # fmt: skip
        return
    height, width = mask.class_indices.shape
    for index, runs in class_runs(mask.class_indices, width, height):
        name = mask.class_names.get(index)
        if name is not None:
            yield _Row(
                LabelKind.PIXELS, mask.sensor_id, f"{mask.label_id}/{name}", name, None,
                mask.attributes, AreaForm(runs),
            )  # fmt: skip


def _rows_of_points(points: PointClasses) -> Iterator[_Row]:
    for index, runs in class_runs(points.class_indices, len(points.class_indices), 1):
        name = points.class_names.get(index)
        if name is not None:
            yield _Row(
                LabelKind.POINTS, points.sensor_id, f"points/{name}", name, None, {},
                AreaForm(runs),
            )  # fmt: skip


def _some(column: Sequence[Column], rows: Sequence[int]) -> list[Column]:
    return [column[row] for row in rows]


def _flat(columns: Iterable[Sequence[Column]]) -> tuple[Column, ...]:
    return tuple(each for column in columns for each in column)


def _stacked(parts: Sequence[Floats], width: int) -> Floats:
    return np.concatenate(parts) if parts else np.empty((0, width))
