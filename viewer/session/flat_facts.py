"""The numbers of a label without a cuboid, and what every kind of label may say besides."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask, Mask, SemanticMask
from viewer.scene.shapes import ImageShapes, ShapeKind, Visibility
from viewer.session.facts import Fact, FactGroup, degrees, values_group
from viewer.session.flat_labels import (
    BOX_2D,
    CLASS_MASK,
    CLASSIFICATION,
    MASK,
    TEXT,
    FlatLabel,
    flat_labels,
)
from viewer.session.frame_content import FrameContent
from viewer.session.point_class_lookup import ClassCount, count_classes, points_label_id
from viewer.session.selection import LabelKey
from viewer.session.tracks import SceneTracks

_SHOWN_LINKS = 30
_SHOWN_RANGES = 12


def flat_groups(content: FrameContent, label: FlatLabel) -> list[FactGroup]:
    """What a label without a cuboid is."""
    labels = content.labels[label.key.label_set_id]
    facts = [Fact("On", label.place)]
    if math.isfinite(label.score):
        facts.append(Fact("Score", f"{label.score:.3f}"))
    facts += _own_facts(labels, label)
    groups = [FactGroup(f"{label.kind[0].upper()}{label.kind[1:]}", tuple(facts))]
    if label.kind == CLASS_MASK:
        groups.append(_mask_classes(labels.masks[label.row]))
    elif label.kind == "keypoints":
        groups.append(_keypoints(labels.shapes_2d, label.row))
    groups += values_group("Attributes", label.attributes)
    return groups + distribution_group(_distribution(labels, label))


def _own_facts(labels: FrameLabels, label: FlatLabel) -> list[Fact]:
    if label.kind == BOX_2D:
        left, top, right, bottom = labels.boxes_2d.boxes_px[label.row].tolist()
        return [*_extent(left, top, right, bottom), *crowd_facts(labels.boxes_2d, label.row)]
    if label.kind in (MASK, CLASS_MASK):
        return _mask_facts(labels.masks[label.row])
    if label.kind == CLASSIFICATION:
        taxonomy = labels.classifications[label.row].taxonomy
        return [Fact("Taxonomy", taxonomy)] if taxonomy else []
    if label.kind == TEXT:
        token = labels.text_tokens[label.row]
        facts = [Fact("Token", f"{token.index + 1}"), Fact("Text", token.text)]
        return facts if token.visible else [*facts, Fact("Visible", "no")]
    shapes, row = labels.shapes_2d, label.row
    return [*_shape_facts(shapes, row), *crowd_facts(shapes, row)]


def _extent(left: float, top: float, right: float, bottom: float) -> list[Fact]:
    return [
        Fact("Size", f"{right - left:.1f} × {bottom - top:.1f} px", "Width, height"),
        Fact("From", f"{left:.1f}, {top:.1f} px", "Left, top; pixel centres are whole numbers"),
        Fact("To", f"{right:.1f}, {bottom:.1f} px", "Right, bottom"),
    ]


def _shape_facts(shapes: ImageShapes, row: int) -> list[Fact]:
    kind = ShapeKind(int(shapes.kinds[row]))
    if kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
        x, y, first, second, angle = shapes.parameters[row].tolist()
        size = "Half axes" if kind is ShapeKind.ELLIPSE else "Size"
        return [
            Fact("Center", f"{x:.1f}, {y:.1f} px"),
            Fact(size, f"{first:.1f} × {second:.1f} px"),
            Fact("Angle", degrees(angle), "Clockwise as seen"),
        ]
    parts = shapes.parts(row)
    vertices = np.concatenate([np.empty((0, 2)), *parts])
    seen = vertices[np.isfinite(vertices).all(axis=1)]
    facts = [Fact("Vertices", f"{len(vertices):,}")]
    if len(parts) > 1:
        first = int(shapes.part_offsets[row])
        holes = int(shapes.holes[first : first + len(parts)].sum())
        note = f"{len(parts) - holes:,} and {holes:,} holes" if holes else f"{len(parts):,}"
        facts.append(Fact("Parts", note))
    if len(seen) > 1:
        facts += _extent(*seen.min(axis=0).tolist(), *seen.max(axis=0).tolist())
    elif len(seen):
        facts.append(Fact("At", f"{seen[0, 0]:.1f}, {seen[0, 1]:.1f} px"))
    if kind is ShapeKind.POLYGONS:
        facts.append(Fact("Area", f"{_area_px(shapes, row):,.1f} px²", "Holes taken away"))
    if kind is ShapeKind.POLYLINE:
        length = sum(float(np.hypot(*np.diff(part, axis=0).T).sum()) for part in parts)
        facts.append(Fact("Length", f"{length:,.1f} px"))
    return facts


def _area_px(shapes: ImageShapes, row: int) -> float:
    """Area by the shoelace formula; holes count against it."""
    first = int(shapes.part_offsets[row])
    total = 0.0
    for place, ring in enumerate(shapes.parts(row)):
        x, y = (ring - ring[0]).T
        area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
        total += -area if shapes.holes[first + place] else area
    return total


def _keypoints(shapes: ImageShapes, row: int) -> FactGroup:
    names = list(shapes.keypoint_names[row])
    vertices, states = shapes.parts(row)[0], shapes.vertex_visibilities(row).tolist()
    names += [f"{place + 1}" for place in range(len(names), len(vertices))]
    words = {Visibility.HIDDEN: " hidden", Visibility.UNLABELLED: " not labelled"}
    facts = []
    for name, (x, y), state in zip(names, vertices.tolist(), states, strict=True):
        place = f"{x:.1f}, {y:.1f} px" if math.isfinite(x + y) else ""
        facts.append(Fact(name, (place + words.get(Visibility(state), "")).strip() or "-"))
    return FactGroup("Each keypoint", tuple(facts))


def _mask_facts(mask: Mask) -> list[Fact]:
    if isinstance(mask, InstanceMask):
        runs = mask.runs
        share = runs.area_px / max(1, runs.width_px * runs.height_px)
        facts = [
            Fact("Area", f"{runs.area_px:,} px", f"{share * 100:.2f} % of the image"),
            Fact("Mask size", f"{runs.width_px} × {runs.height_px} px"),
        ]
        return [*facts, _CROWD] if mask.is_crowd else facts
    height, width = mask.class_indices.shape
    return [Fact("Mask size", f"{width} × {height} px")]


def _mask_classes(mask: Mask) -> FactGroup:
    if not isinstance(mask, SemanticMask) or not mask.class_indices.size:
        return FactGroup("Classes of pixels", (Fact("Pixels", "none"),))
    numbers, counts = np.unique(mask.class_indices, return_counts=True)
    rows = sorted(zip(counts.tolist(), numbers.tolist(), strict=True), reverse=True)
    facts = [
        Fact(
            mask.class_names.get(number, f"class {number} without a name"),
            f"{count / mask.class_indices.size * 100:.1f} %", f"{count:,} px",
        )
        for count, number in rows
    ]  # fmt: skip
    return FactGroup("Classes of pixels", tuple(facts))


_CROWD = Fact("Stands for", "many objects", "The data marks the label as a crowd")


def crowd_facts(labels: object, row: int) -> list[Fact]:
    """Say where one label stands for many objects; `labels` may have the column ``is_crowd``."""
    marks = getattr(labels, "is_crowd", None)
    return [_CROWD] if marks is not None and bool(marks[row]) else []


def _distribution(labels: FrameLabels, label: FlatLabel) -> Mapping[str, float] | None:
    if label.kind == CLASSIFICATION:
        return labels.classifications[label.row].class_distribution
    if label.kind in (MASK, CLASS_MASK, TEXT):
        return None
    columns = labels.boxes_2d if label.kind == BOX_2D else labels.shapes_2d
    return distribution_of(columns.class_distributions, label.row)


def distribution_of(
    column: Sequence[Mapping[str, float] | None] | None, row: int
) -> Mapping[str, float] | None:
    """A row of a column that a format may not have."""
    return None if column is None else column[row]


def distribution_group(shares: Mapping[str, float] | None) -> list[FactGroup]:
    """Probability of each class, the most likely first."""
    if not shares:
        return []
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return [FactGroup("Classes", tuple(Fact(name, f"{share:.3f}") for name, share in ordered))]


def link_groups(labels: FrameLabels, key: LabelKey) -> list[FactGroup]:
    """Labels that this one refers to, and that refer to it."""
    facts = [
        Fact(f"{link.kind} →" if link.from_label_id == key.label_id else f"→ {link.kind}",
             link.to_label_id if link.from_label_id == key.label_id else link.from_label_id,
             f"{link.from_label_id} has {link.to_label_id} as its {link.kind}")
        for link in labels.links
        if key.label_id in (link.from_label_id, link.to_label_id)
    ]  # fmt: skip
    if len(facts) > _SHOWN_LINKS:
        rest = Fact("More", f"{len(facts) - _SHOWN_LINKS:,} further links")
        facts = [*facts[:_SHOWN_LINKS], rest]
    return [FactGroup("Links", tuple(facts))] if facts else []


def track_groups(tracks: SceneTracks | None, key: LabelKey) -> list[FactGroup]:
    """Where the label's object is labelled, drawn and seen; frames count from 1."""
    extent = tracks.of(key) if tracks is not None else None
    told = tracks.told_of(key) if tracks is not None else None
    facts: list[Fact] = []
    if extent is not None:
        where = _ranges(extent.runs)
        facts.append(Fact("Labelled", f"{len(extent):,} frames: {where}"))
    if told is None:
        return [FactGroup("Track", tuple(facts))] if facts else []
    if told.keyframes:
        frames = _ranges(tuple((frame, frame) for frame in told.keyframes))
        note = "Frames in which someone drew it"
        facts.append(Fact("Keyframes", f"{len(told.keyframes):,}: {frames}", note))
    if told.visible:
        facts.append(Fact("Visible", _ranges(told.visible), "Frames in which it can be seen"))
    groups = [FactGroup("Track", tuple(facts))] if facts else []
    return groups + values_group("Track attributes", told.attributes)


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    words = [
        f"{first + 1}" if first == last else f"{first + 1} to {last + 1}" for first, last in ranges
    ]
    if len(words) > _SHOWN_RANGES:
        words = [*words[:_SHOWN_RANGES], f"and {len(words) - _SHOWN_RANGES} more"]
    return ", ".join(words)


def points_groups(
    content: FrameContent, key: LabelKey
) -> tuple[ClassCount, list[FactGroup]] | None:
    """The points of one class, whose key stands for them all; None where the key is another."""
    labels = content.labels.get(key.label_set_id)
    for found in labels.point_classes if labels is not None else ():
        counts = count_classes(found)
        total = max(1, len(found.class_indices))
        for each in counts:
            if points_label_id(found.sensor_id, each.number) != key.label_id:
                continue
            share = f"{each.count / total * 100:.1f} % of the sweep"
            facts = [
                Fact("On", found.sensor_id),
                Fact("Count", f"{each.count:,}"),
                Fact("Share", share),
                Fact("Number", f"{each.number}", "The class in the data's own numbers"),
            ]
            if each.object_count:
                facts.append(Fact("Objects", f"{each.object_count:,}"))
            return each, [FactGroup("Points", tuple(facts))]
    return None


def kind_counts(labels: FrameLabels, content: FrameContent, set_id: str) -> str:
    """How many labels of each kind a set has in the frame, in words."""
    counts: dict[str, int] = {}
    between = labels.cuboids.is_keyframe
    drawn = len(labels.cuboids) if between is None else int(between.sum())
    if drawn:
        counts["cuboid"] = drawn
    if len(labels.cuboids) > drawn:
        counts["interpolated cuboid"] = len(labels.cuboids) - drawn
    if len(labels.boxes_2d):
        counts["2D box"] = len(labels.boxes_2d)
    for label in flat_labels(content, set_id):
        if label.kind != BOX_2D:
            counts[label.kind] = counts.get(label.kind, 0) + 1
    if not counts and set_id in content.labels_follow:
        return "not indexed yet"
    return ", ".join(_counted(count, kind) for kind, count in counts.items()) or "no labels"


def _counted(count: int, kind: str) -> str:
    if count == 1 or kind in ("keypoints", TEXT):
        return f"{count:,} {kind}"
    return f"{count:,} {kind}{'es' if kind[-1] in 'xs' else 's'}"
