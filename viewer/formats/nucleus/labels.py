"""Annotations of a frame to columns.

Cuboids: position is the centre, dimensions are full lengths along the box's own x, y, z, yaw is in
radians about z, counter-clockwise as seen from above; in ``world``; no time. The format does not
say which side is the front: +x unless the reader is told +y, and then size and yaw are turned so
that the same box has its front along +x. 2D annotations are in pixels from the image's top left.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from viewer.formats.json_numbers import is_number
from viewer.formats.nucleus.annotation_file import AnnotationSpans
from viewer.formats.nucleus.rig import WORLD
from viewer.formats.nucleus.schema import CATEGORY_TYPES, MASK_TYPES, Annotation
from viewer.formats.nucleus.shapes import add_keypoints, add_line, add_polygon
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import SemanticMask
from viewer.scene.shapes import Classification, ClassificationScope, ImageShapesBuilder

FrontAxis = Literal["x", "y"]
OpenMask = Callable[["PlacedAnnotation"], SemanticMask | None]
_SHAPES = {"polygon": add_polygon, "line": add_line, "keypoints": add_keypoints}
_IMAGE_KINDS = frozenset({"box", *_SHAPES})
_PDF_SLACK = 1e-3


@dataclass(eq=False, slots=True)
class PlacedAnnotation:
    """An annotation, the sensor of its item, and where it stands."""

    annotation: Annotation
    sensor_id: str
    """Empty when the annotation is of no sensor's item."""
    scope: ClassificationScope
    """What a category here is about."""
    spans: AnnotationSpans
    row: int
    key: str
    """Unique within its label set and frame."""

    @property
    def path(self) -> Path:
        """The file it stands in."""
        return self.spans.file.path

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return self.spans.place(self.row)


@dataclass(eq=False, slots=True)
class _Sorted:
    cuboids: list[tuple[PlacedAnnotation, list[float]]] = field(default_factory=list)
    boxes: list[tuple[PlacedAnnotation, list[float]]] = field(default_factory=list)
    shapes: ImageShapesBuilder = field(default_factory=ImageShapesBuilder)
    classifications: list[Classification] = field(default_factory=list)
    masks: list[SemanticMask] = field(default_factory=list)


def labels_from_annotations(
    placed: Sequence[PlacedAnnotation],
    problems: ProblemLog,
    front_axis: FrontAxis = "x",
    open_mask: OpenMask = lambda _: None,
) -> FrameLabels:
    """Return the columns; an annotation that makes no sense is noted and left out."""
    found = _Sorted()
    for each in placed:
        try:
            _sort(each, found, open_mask)
        except ValueError as error:
            problems.add(each.path, each.place, f"{error}; it is left out")
        else:
            for doubt in _doubts(each):
                problems.add(each.path, each.place, doubt)
    return FrameLabels(
        _cuboid_labels(found.cuboids, front_axis),
        _box_labels(found.boxes),
        found.shapes.build(),
        tuple(found.classifications),
        masks=tuple(found.masks),
    )


def id_of(annotation: Annotation) -> str | None:
    """Return the annotation's id, or what the client makes up for its kind; None for the others."""
    if annotation.annotation_id:
        return annotation.annotation_id
    if annotation.kind == "box":
        geometry = annotation.geometry or {}
        corner = "-".join(str(geometry.get(key)) for key in ("x", "y", "width", "height"))
        return f"{annotation.label}-{corner}-{annotation.reference_id}"
    if annotation.kind == "keypoints":
        return f"{annotation.label}-{annotation.reference_id}-keypoints"
    if annotation.kind in CATEGORY_TYPES:
        names = annotation.labels or [annotation.label or ""]
        return f"{annotation.taxonomy_name or annotation.kind}:{','.join(names)}"
    return None


def cuboids_from_numbers(numbers: np.ndarray, front_axis: FrontAxis) -> Cuboids:
    """Return (N, 7) rows of position, dimensions and yaw as cuboids with +x as front."""
    center, size, yaw_rad = numbers[:, :3], numbers[:, 3:6], numbers[:, 6]
    if front_axis == "y":
        size, yaw_rad = size[:, [1, 0, 2]], yaw_rad + np.pi / 2
    return Cuboids(center, size, quaternion_from_yaw(yaw_rad), WORLD)


def track_of(annotation: Annotation) -> str | None:
    """Return the track: the annotation's own, else one that its metadata name."""
    metadata = annotation.metadata or {}
    for value in (
        annotation.track_reference_id,
        metadata.get("track_reference_id"),
        metadata.get("track_id"),
    ):
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def score_of(annotation: Annotation) -> float:
    """Return the confidence, NaN without one."""
    return math.nan if annotation.confidence is None else annotation.confidence


def attributes_of(annotation: Annotation) -> dict[str, Any]:
    """Return what stands beside the geometry."""
    return dict(annotation.metadata or {})


def numbers_of(value: object, keys: Sequence[str]) -> list[float]:
    """Return finite numbers of an object; ValueError names the one that is not."""
    if not isinstance(value, Mapping):
        raise ValueError(f"has no {', '.join(keys)}")
    found = []
    for key in keys:
        number = value.get(key)
        if not is_number(number):
            raise ValueError(f"has no finite number for {key}")
        found.append(float(number))
    return found


def _sort(each: PlacedAnnotation, found: _Sorted, open_mask: OpenMask) -> None:
    annotation = each.annotation
    kind = annotation.kind
    geometry = annotation.geometry or {}
    if kind == "cuboid":
        numbers = numbers_of(geometry.get("position"), "xyz")
        size = numbers_of(geometry.get("dimensions"), "xyz")
        if min(size) <= 0.0:
            raise ValueError("has a size that is not positive")
        found.cuboids.append((each, numbers + size + numbers_of(geometry, ["yaw"])))
    elif kind == "box":
        found.boxes.append((each, numbers_of(geometry, ["x", "y", "width", "height"])))
    elif kind in _SHAPES:
        identity = {
            "sensor_id": each.sensor_id,
            "label_id": each.key,
            "class_name": annotation.label or "",
            "track_id": track_of(annotation),
            "score": score_of(annotation),
            "attributes": attributes_of(annotation),
            "class_distribution": annotation.class_pdf,
        }
        _SHAPES[kind](found.shapes, geometry, identity)
    elif kind in CATEGORY_TYPES:
        found.classifications += _classifications(each)
    elif kind in MASK_TYPES or annotation.mask_url is not None:
        mask = open_mask(each)
        if mask is not None:
            found.masks.append(mask)
    else:
        raise ValueError(f"type {kind[:40]!r} is not known")


def _doubts(each: PlacedAnnotation) -> Iterator[str]:
    """Yield what breaks a rule of the format and is shown all the same."""
    annotation = each.annotation
    if annotation.confidence is not None and not 0.0 <= annotation.confidence <= 1.0:
        yield f"confidence {annotation.confidence:g} lies outside 0 to 1"
    if annotation.class_pdf:
        values = annotation.class_pdf.values()
        if min(values) < 0.0 or max(values) > 1.0 or abs(sum(values) - 1.0) > _PDF_SLACK:
            yield f"class_pdf is no distribution (sum {sum(values):g})"
    if annotation.kind == "cuboid" and each.scope == ClassificationScope.IMAGE:
        yield "is a cuboid on an image; cuboids belong to point clouds"
    on_cloud = each.scope == ClassificationScope.FRAME and each.sensor_id
    if annotation.kind in _IMAGE_KINDS and on_cloud:
        yield f"is a {annotation.kind} on a point cloud; it belongs to an image"


def _cuboid_labels(
    rows: Sequence[tuple[PlacedAnnotation, list[float]]], front_axis: FrontAxis
) -> CuboidLabels:
    if not rows:
        return CuboidLabels.empty(WORLD)
    annotations = [each.annotation for each, _ in rows]
    return CuboidLabels(
        cuboids=cuboids_from_numbers(np.array([numbers for _, numbers in rows]), front_axis),
        label_ids=[each.key for each, _ in rows],
        class_names=[annotation.label or "" for annotation in annotations],
        track_ids=[track_of(annotation) for annotation in annotations],
        scores=np.array([score_of(annotation) for annotation in annotations]),
        attributes=[attributes_of(annotation) for annotation in annotations],
        class_distributions=_distributions(annotations),
    )


def _box_labels(rows: Sequence[tuple[PlacedAnnotation, list[float]]]) -> BoxLabels2D:
    if not rows:
        return BoxLabels2D.empty()
    boxes = np.array([numbers for _, numbers in rows])
    boxes[:, 2:] += boxes[:, :2]
    annotations = [each.annotation for each, _ in rows]
    return BoxLabels2D(
        boxes_px=boxes,
        sensor_ids=[each.sensor_id for each, _ in rows],
        label_ids=[each.key for each, _ in rows],
        class_names=[annotation.label or "" for annotation in annotations],
        track_ids=[track_of(annotation) for annotation in annotations],
        scores=np.array([score_of(annotation) for annotation in annotations]),
        attributes=[attributes_of(annotation) for annotation in annotations],
        class_distributions=_distributions(annotations),
    )


def _distributions(
    annotations: Sequence[Annotation],
) -> list[Mapping[str, float] | None] | None:
    found: list[Mapping[str, float] | None] = [each.class_pdf for each in annotations]
    return found if any(each is not None for each in found) else None


def _classifications(each: PlacedAnnotation) -> list[Classification]:
    """Return one classification, or one a label of a multicategory."""
    annotation = each.annotation
    many = annotation.labels if annotation.kind == "multicategory" else None
    names = [annotation.label or ""] if many is None else many
    return [
        Classification(
            scope=each.scope,
            target=each.sensor_id if each.scope == ClassificationScope.IMAGE else "",
            label_id=each.key if many is None else f"{each.key}#{number}",
            class_name=name,
            taxonomy=annotation.taxonomy_name,
            track_id=track_of(annotation),
            score=score_of(annotation),
            attributes=attributes_of(annotation),
            class_distribution=annotation.class_pdf,
        )
        for number, name in enumerate(names)
    ]
