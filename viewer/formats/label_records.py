"""Labels beyond plain columns as JSON records: shapes, masks, classes, tokens, links, tracks.

Our own layouts hold them so, row by row; runs stand for long rows of equal numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelLink
from viewer.scene.masks import InstanceMask, Mask, RunLengths, SemanticMask
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapes,
    ImageShapesBuilder,
    ShapeKind,
    TextToken,
)
from viewer.scene.tracks import Track

MAX_RUN_LENGTH = 1 << 28
Integers = npt.NDArray[np.int32]
Columns = TypeVar("Columns", CuboidLabels, BoxLabels2D)


class Runs(Struct):
    """Integers as values and how often each stands there."""

    values: list[int]
    lengths: list[int]


class ColumnExtras(Struct, omit_defaults=True):
    """Columns of cuboids or 2D boxes that few formats have."""

    is_crowd: list[bool] | None = None
    class_distributions: list[dict[str, float] | None] | None = None
    is_keyframe: list[bool] | None = None


class ShapeRecord(Struct, omit_defaults=True):
    """One shape of an `ImageShapes`."""

    kind: str
    sensor_id: str
    label_id: str
    class_name: str
    parts: list[list[tuple[float | None, float | None]]] = []
    parameters: list[float] | None = None
    holes: list[bool] | None = None
    visibilities: list[int] | None = None
    keypoint_names: list[str] = []
    skeleton: list[tuple[int, int]] = []
    track_id: str | None = None
    score: float | None = None
    attributes: dict[str, Any] = {}
    is_crowd: bool = False
    class_distribution: dict[str, float] | None = None


class ClassificationRecord(Struct, omit_defaults=True):
    """A `Classification`."""

    scope: str
    target: str
    label_id: str
    class_name: str
    taxonomy: str | None = None
    track_id: str | None = None
    score: float | None = None
    attributes: dict[str, Any] = {}
    class_distribution: dict[str, float] | None = None


class TokenRecord(Struct, omit_defaults=True):
    """A `TextToken`."""

    sensor_id: str
    label_id: str
    class_name: str
    index: int
    text: str
    visible: bool = True
    score: float | None = None
    attributes: dict[str, Any] = {}


class InstanceMaskRecord(Struct, omit_defaults=True, tag="instance"):
    """An `InstanceMask`."""

    sensor_id: str
    label_id: str
    class_name: str
    width_px: int
    height_px: int
    lengths: list[int]
    track_id: str | None = None
    score: float | None = None
    attributes: dict[str, Any] = {}
    is_crowd: bool = False


class SemanticMaskRecord(Struct, omit_defaults=True, tag="semantic"):
    """A `SemanticMask`."""

    sensor_id: str
    label_id: str
    width_px: int
    height_px: int
    classes: Runs
    class_names: dict[str, str]
    instances: Runs | None = None
    attributes: dict[str, Any] = {}


class PointClassesRecord(Struct, omit_defaults=True):
    """A `PointClasses`."""

    sensor_id: str
    classes: Runs
    class_names: dict[str, str]
    instances: Runs | None = None


class LinkRecord(Struct):
    """A `LabelLink`."""

    kind: str
    from_label_id: str
    to_label_id: str


class TrackRecord(Struct, omit_defaults=True):
    """A `Track`."""

    track_id: str
    class_name: str
    keyframes: list[int] = []
    visible: list[tuple[int, int]] = []
    attributes: dict[str, Any] = {}


class OtherLabels(Struct, omit_defaults=True):
    """All of a frame's labels that are neither columns of cuboids nor of 2D boxes."""

    cuboid_extras: ColumnExtras | None = None
    box_extras: ColumnExtras | None = None
    shapes: list[ShapeRecord] = []
    classifications: list[ClassificationRecord] = []
    text_tokens: list[TokenRecord] = []
    masks: list[InstanceMaskRecord | SemanticMaskRecord] = []
    point_classes: list[PointClassesRecord] = []
    links: list[LinkRecord] = []


_NOTHING = OtherLabels()


def other_labels(labels: FrameLabels) -> OtherLabels | None:
    """Return what columns do not hold; None when that is nothing."""
    record = OtherLabels(
        cuboid_extras=_extras(labels.cuboids),
        box_extras=_extras(labels.boxes_2d),
        shapes=[_shape(labels.shapes_2d, row) for row in range(len(labels.shapes_2d))],
        classifications=[_classification(each) for each in labels.classifications],
        text_tokens=[_token(each) for each in labels.text_tokens],
        masks=[
            _instance(each) if isinstance(each, InstanceMask) else _semantic(each)
            for each in labels.masks
        ],
        point_classes=[_point_classes(each) for each in labels.point_classes],
        links=[LinkRecord(e.kind, e.from_label_id, e.to_label_id) for e in labels.links],
    )
    return None if record == _NOTHING else record


def with_other_labels(labels: FrameLabels, record: OtherLabels) -> FrameLabels:
    """Return columns together with the rest; ValueError when a record makes no sense."""
    try:
        return _joined(labels, record)
    except OverflowError as error:
        raise ValueError(f"a number is too large: {error}") from None


def _joined(labels: FrameLabels, record: OtherLabels) -> FrameLabels:
    return FrameLabels(
        _with_extras(labels.cuboids, record.cuboid_extras),
        _with_extras(labels.boxes_2d, record.box_extras),
        _shapes(record.shapes),
        tuple(_classification_of(each) for each in record.classifications),
        tuple(_token_of(each) for each in record.text_tokens),
        tuple(
            _instance_of(each) if isinstance(each, InstanceMaskRecord) else _semantic_of(each)
            for each in record.masks
        ),
        tuple(_point_classes_of(each) for each in record.point_classes),
        tuple(LabelLink(e.kind, e.from_label_id, e.to_label_id) for e in record.links),
    )


def track_record(track: Track) -> TrackRecord:
    """Return a track as a record."""
    visible = list(track.visible)
    return TrackRecord(
        track.track_id, track.class_name, list(track.keyframes), visible, dict(track.attributes)
    )


def track_of(record: TrackRecord) -> Track:
    """Return the track of a record."""
    return Track(
        record.track_id, record.class_name, tuple(record.keyframes), tuple(record.visible),
        record.attributes,
    )  # fmt: skip


# -- columns ---------------------------------------------------------------------------------


def _extras(labels: CuboidLabels | BoxLabels2D) -> ColumnExtras | None:
    keyframes = labels.is_keyframe if isinstance(labels, CuboidLabels) else None
    spreads = labels.class_distributions
    extras = ColumnExtras(
        None if labels.is_crowd is None else np.asarray(labels.is_crowd).tolist(),
        None if spreads is None else [None if each is None else dict(each) for each in spreads],
        None if keyframes is None else keyframes.tolist(),
    )
    return None if extras == ColumnExtras() else extras


def _with_extras(labels: Columns, extras: ColumnExtras | None) -> Columns:
    if extras is None:
        return labels
    for column in (extras.is_crowd, extras.class_distributions, extras.is_keyframe):
        if column is not None and len(column) != len(labels):
            raise ValueError(f"a column has {len(column)} rows where labels have {len(labels)}")
    crowd = None if extras.is_crowd is None else np.array(extras.is_crowd, dtype=bool)
    spreads = None if extras.class_distributions is None else tuple(extras.class_distributions)
    found = replace(labels, is_crowd=crowd, class_distributions=spreads)
    if extras.is_keyframe is not None and isinstance(found, CuboidLabels):
        return replace(found, is_keyframe=np.array(extras.is_keyframe, dtype=bool))
    return found


# -- shapes ----------------------------------------------------------------------------------


def _shape(shapes: ImageShapes, row: int) -> ShapeRecord:
    kind = ShapeKind(int(shapes.kinds[row]))
    first, last = shapes.part_offsets[row : row + 2].tolist()
    holes = shapes.holes[first:last].tolist()
    spread = shapes.class_distributions[row]
    keypoints = kind == ShapeKind.KEYPOINTS
    return ShapeRecord(
        kind=kind.name.lower(),
        sensor_id=shapes.sensor_ids[row],
        label_id=shapes.label_ids[row],
        class_name=shapes.class_names[row],
        parts=[
            [(_known(x), _known(y)) for x, y in part.tolist()] for part in shapes.parts(row)
        ],
        parameters=shapes.parameters[row].tolist() if _has_parameters(kind) else None,
        holes=holes if any(holes) else None,
        visibilities=shapes.vertex_visibilities(row).tolist() if keypoints else None,
        keypoint_names=list(shapes.keypoint_names[row]),
        skeleton=[(int(a), int(b)) for a, b in shapes.skeletons[row]],
        track_id=shapes.track_ids[row],
        score=_known(float(shapes.scores[row])),
        attributes=dict(shapes.attributes[row]),
        is_crowd=bool(shapes.is_crowd[row]),
        class_distribution=None if spread is None else dict(spread),
    )  # fmt: skip


def _has_parameters(kind: ShapeKind) -> bool:
    return kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE)


def _shapes(records: Sequence[ShapeRecord]) -> ImageShapes:
    builder = ImageShapesBuilder()
    for record in records:
        try:
            kind = ShapeKind[record.kind.upper()]
        except KeyError:
            raise ValueError(f"{record.kind[:40]!r} is no kind of shape") from None
        builder.add(
            kind,
            sensor_id=record.sensor_id,
            label_id=record.label_id,
            class_name=record.class_name,
            parts=[np.array([[_number(x), _number(y)] for x, y in part]) for part in record.parts],
            holes=record.holes,
            parameters=record.parameters,
            visibilities=record.visibilities,
            keypoint_names=record.keypoint_names,
            skeleton=record.skeleton,
            track_id=record.track_id,
            score=_number(record.score),
            attributes=record.attributes,
            is_crowd=record.is_crowd,
            class_distribution=record.class_distribution,
        )
    return builder.build() if records else ImageShapes.empty()


# -- classifications and tokens --------------------------------------------------------------


def _classification(each: Classification) -> ClassificationRecord:
    spread = each.class_distribution
    return ClassificationRecord(
        each.scope.value, each.target, each.label_id, each.class_name, each.taxonomy,
        each.track_id, _known(each.score), dict(each.attributes),
        None if spread is None else dict(spread),
    )  # fmt: skip


def _classification_of(record: ClassificationRecord) -> Classification:
    return Classification(
        ClassificationScope(record.scope), record.target, record.label_id, record.class_name,
        record.taxonomy, record.track_id, _number(record.score), record.attributes,
        record.class_distribution,
    )  # fmt: skip


def _token(each: TextToken) -> TokenRecord:
    return TokenRecord(
        each.sensor_id, each.label_id, each.class_name, each.index, each.text, each.visible,
        _known(each.score), dict(each.attributes),
    )  # fmt: skip


def _token_of(record: TokenRecord) -> TextToken:
    return TextToken(
        record.sensor_id, record.label_id, record.class_name, record.index, record.text,
        record.visible, _number(record.score), record.attributes,
    )  # fmt: skip


# -- masks and points ------------------------------------------------------------------------


def _instance(mask: InstanceMask) -> InstanceMaskRecord:
    runs = mask.runs
    return InstanceMaskRecord(
        mask.sensor_id, mask.label_id, mask.class_name, runs.width_px, runs.height_px,
        runs.lengths.tolist(), mask.track_id, _known(mask.score), dict(mask.attributes),
        mask.is_crowd,
    )  # fmt: skip


def _instance_of(record: InstanceMaskRecord) -> Mask:
    lengths = np.array(record.lengths, dtype=np.int64)
    return InstanceMask(
        record.sensor_id, record.label_id, record.class_name,
        RunLengths(record.width_px, record.height_px, lengths), record.track_id,
        _number(record.score), record.attributes, record.is_crowd,
    )  # fmt: skip


def _semantic(mask: SemanticMask) -> SemanticMaskRecord:
    height, width = mask.class_indices.shape
    return SemanticMaskRecord(
        mask.sensor_id, mask.label_id, width, height, runs_of(mask.class_indices),
        {str(index): name for index, name in mask.class_names.items()},
        None if mask.instances is None else runs_of(mask.instances), dict(mask.attributes),
    )  # fmt: skip


def _semantic_of(record: SemanticMaskRecord) -> Mask:
    shape = (record.height_px, record.width_px)
    if min(shape) < 0:
        raise ValueError("a mask has a size below zero")
    count = shape[0] * shape[1]
    instances = record.instances
    return SemanticMask(
        record.sensor_id, record.label_id,
        expanded_runs(record.classes, count).reshape(shape), _named(record.class_names),
        None if instances is None else expanded_runs(instances, count).reshape(shape),
        record.attributes,
    )  # fmt: skip


def _point_classes(each: PointClasses) -> PointClassesRecord:
    return PointClassesRecord(
        each.sensor_id, runs_of(each.class_indices),
        {str(index): name for index, name in each.class_names.items()},
        None if each.instances is None else runs_of(each.instances),
    )  # fmt: skip


def _point_classes_of(record: PointClassesRecord) -> PointClasses:
    classes = expanded_runs(record.classes)
    instances = record.instances
    return PointClasses(
        record.sensor_id, classes, _named(record.class_names),
        None if instances is None else expanded_runs(instances, len(classes)),
    )  # fmt: skip


def _named(names: dict[str, str]) -> dict[int, str]:
    return {int(index): name for index, name in names.items()}


def runs_of(values: npt.NDArray[np.integer[Any]]) -> Runs:
    """Return integers of any shape, row by row, as runs.

    Examples
    --------
    >>> runs_of(np.array([7, 7, 0]))
    Runs(values=[7, 0], lengths=[2, 1])
    """
    flat = np.asarray(values).ravel()
    if not flat.size:
        return Runs([], [])
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    return Runs(flat[starts].tolist(), np.diff([*starts.tolist(), flat.size]).tolist())


def expanded_runs(runs: Runs, count: int | None = None) -> Integers:
    """Return the integers of runs; ValueError unless they are `count`, if that is given."""
    total = sum(runs.lengths)
    if len(runs.values) != len(runs.lengths) or min(runs.lengths, default=0) < 0:
        raise ValueError("runs need a length of 0 or more for each value")
    if total > MAX_RUN_LENGTH or count not in (None, total):
        raise ValueError(f"runs hold {total} numbers where {count} belong")
    return np.repeat(np.array(runs.values, dtype=np.int32), runs.lengths)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else value
