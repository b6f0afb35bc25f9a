"""What an import asks of, and changes in, labels of every kind: ids, classes, cameras, rows."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from viewer.formats.label_import.joined import point_class_counts
from viewer.scene.kept_rows import kept_boxes, kept_shapes
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import SemanticMask
from viewer.scene.shapes import ClassificationScope, ImageShapes

Table = CuboidLabels | BoxLabels2D | ImageShapes


def label_count(labels: FrameLabels) -> int:
    """Return how many labels of all kinds a frame has; the classes of a sweep's points are one."""
    return (
        sum(len(table) for table in _tables(labels))
        + len(_singles(labels))
        + len(labels.point_classes)
    )


def label_ids(labels: FrameLabels) -> list[str]:
    """Ids of all labels; the classes of points have none."""
    found = [name for table in _tables(labels) for name in table.label_ids]
    return found + [each.label_id for each in _singles(labels)]


def class_names(labels: FrameLabels) -> list[str]:
    """Class of each label; of masks and points with a class each, every class that occurs."""
    found = [name for table in _tables(labels) for name in table.class_names]
    for each in _singles(labels):
        if isinstance(each, SemanticMask):
            present = set(np.unique(each.class_indices).tolist())
            found += [name for number, name in each.class_names.items() if number in present]
        else:
            found.append(each.class_name)
    for points in labels.point_classes:
        found += list(point_class_counts(points))
    return found


def with_classes(labels: FrameLabels, table: Mapping[str, str]) -> FrameLabels:
    """Rename classes; one that is not in the table keeps its name."""

    def spread(values: Mapping[str, float] | None) -> dict[str, float] | None:
        if values is None:
            return None
        merged: dict[str, float] = {}
        for name, share in values.items():
            merged[table.get(name, name)] = merged.get(table.get(name, name), 0.0) + share
        return merged

    def of_table(each: Any) -> Any:  # noqa: ANN401 - a table of any kind
        names = tuple(table.get(name, name) for name in each.class_names)
        if each.class_distributions is None:
            return replace(each, class_names=names)
        spreads = tuple(map(spread, each.class_distributions))
        return replace(each, class_names=names, class_distributions=spreads)

    def of_single(each: Any) -> Any:  # noqa: ANN401 - a label of any kind
        if not hasattr(each, "class_name"):
            return replace(each, class_names=_renamed_values(each.class_names, table))
        renamed = replace(each, class_name=table.get(each.class_name, each.class_name))
        if getattr(each, "class_distribution", None) is not None:
            renamed = replace(renamed, class_distribution=spread(each.class_distribution))
        return renamed

    points = tuple(
        replace(each, class_names=_renamed_values(each.class_names, table))
        for each in labels.point_classes
    )
    return replace(_changed(labels, of_table, of_single), point_classes=points)


def with_ids(labels: FrameLabels, table: Mapping[str, str]) -> FrameLabels:
    """Rename label ids and what links to them."""

    def of_table(each: Any) -> Any:  # noqa: ANN401 - a table of any kind
        return replace(each, label_ids=tuple(table.get(name, name) for name in each.label_ids))

    def of_single(each: Any) -> Any:  # noqa: ANN401 - a label of any kind
        return replace(each, label_id=table.get(each.label_id, each.label_id))

    links = tuple(
        replace(
            link,
            from_label_id=table.get(link.from_label_id, link.from_label_id),
            to_label_id=table.get(link.to_label_id, link.to_label_id),
        )
        for link in labels.links
    )
    return replace(_changed(labels, of_table, of_single), links=links)


def with_attributes(labels: FrameLabels, extra: Mapping[str, Any]) -> FrameLabels:
    """Give every label that has attributes these too."""

    def of_table(each: Any) -> Any:  # noqa: ANN401 - a table of any kind
        return replace(each, attributes=tuple({**own, **extra} for own in each.attributes))

    def of_single(each: Any) -> Any:  # noqa: ANN401 - a label of any kind
        return replace(each, attributes={**each.attributes, **extra})

    return _changed(labels, of_table, of_single) if extra else labels


def on_sensor(labels: FrameLabels, sensor_id: str) -> FrameLabels:
    """Move all 2D labels of an image set, whose camera has no name that matters, to a camera."""

    def of_table(each: Any) -> Any:  # noqa: ANN401 - a table of any kind
        if isinstance(each, CuboidLabels):
            return each
        return replace(each, sensor_ids=(sensor_id,) * len(each))

    def of_single(each: Any) -> Any:  # noqa: ANN401 - a label of any kind
        if hasattr(each, "scope"):
            is_image = each.scope == ClassificationScope.IMAGE
            return replace(each, target=sensor_id) if is_image else each
        return (
            replace(each, sensor_id=sensor_id) if hasattr(each, "runs") or _pixels(each) else each
        )

    return _changed(labels, of_table, of_single)


def split_by_sensor(labels: FrameLabels, sensor_id: str) -> tuple[FrameLabels, FrameLabels]:
    """Return the labels on one camera's image, and all others; links stay with their origin."""

    def inside(each: Any) -> bool:  # noqa: ANN401 - a label of any kind
        if hasattr(each, "scope"):
            return bool(each.scope == ClassificationScope.IMAGE and each.target == sensor_id)
        return bool(each.sensor_id == sensor_id)

    boxes, shapes = labels.boxes_2d, labels.shapes_2d
    box_rows = np.array([owner == sensor_id for owner in boxes.sensor_ids], dtype=bool)
    shape_rows = np.array([owner == sensor_id for owner in shapes.sensor_ids], dtype=bool)
    on_image = FrameLabels(
        CuboidLabels.empty(labels.cuboids.cuboids.coord_frame_id),
        kept_boxes(boxes, box_rows),
        kept_shapes(shapes, shape_rows),
        tuple(each for each in labels.classifications if inside(each)),
        masks=tuple(each for each in labels.masks if inside(each)),
    )
    own = set(label_ids(on_image))
    rest = replace(
        labels,
        boxes_2d=kept_boxes(boxes, ~box_rows),
        shapes_2d=kept_shapes(shapes, ~shape_rows),
        classifications=tuple(each for each in labels.classifications if not inside(each)),
        masks=tuple(each for each in labels.masks if not inside(each)),
        links=tuple(link for link in labels.links if link.from_label_id not in own),
    )
    links = tuple(link for link in labels.links if link.from_label_id in own)
    return replace(on_image, links=links), rest


def on_known_sensors(
    labels: FrameLabels, camera_ids: Container[str], lidar_ids: Container[str]
) -> tuple[FrameLabels, Counter[str]]:
    """Leave out labels on images and points of sensors that a scene lacks; return their counts."""
    owners = [*labels.boxes_2d.sensor_ids, *labels.shapes_2d.sensor_ids]
    owners += [mask.sensor_id for mask in labels.masks]
    owners += [e.target for e in labels.classifications if e.scope == ClassificationScope.IMAGE]
    counts = Counter(owner for owner in owners if owner not in camera_ids)
    kept = labels
    for sensor_id in counts:
        kept = split_by_sensor(kept, sensor_id)[1]
    points = tuple(each for each in labels.point_classes if each.sensor_id in lidar_ids)
    counts += Counter(e.sensor_id for e in labels.point_classes if e.sensor_id not in lidar_ids)
    return replace(without_dangling_links(kept), point_classes=points), counts


def without_dangling_links(labels: FrameLabels) -> FrameLabels:
    """Drop links from or to labels that are not there."""
    own = set(label_ids(labels))
    links = tuple(e for e in labels.links if e.from_label_id in own and e.to_label_id in own)
    return replace(labels, links=links) if len(links) < len(labels.links) else labels


def free_ids(wanted: Iterable[str], taken: Container[str]) -> dict[str, str]:
    """Return a free id for each wanted one: itself, or with ``-2``, ``-3`` ... after it."""
    unique = list(dict.fromkeys(wanted))
    used = set(unique)
    table: dict[str, str] = {}
    for name in unique:
        free, number = name, 2
        while name in taken and (free in taken or free in used):
            free, number = f"{name}-{number}", number + 1
        used.add(free)
        table[name] = free
    return table


def _tables(labels: FrameLabels) -> tuple[CuboidLabels, BoxLabels2D, ImageShapes]:
    return labels.cuboids, labels.boxes_2d, labels.shapes_2d


def _singles(labels: FrameLabels) -> list[Any]:
    return [*labels.classifications, *labels.text_tokens, *labels.masks]


def _pixels(each: object) -> bool:
    return isinstance(each, SemanticMask)


def _renamed_values(names: Mapping[int, str], table: Mapping[str, str]) -> dict[int, str]:
    return {number: table.get(name, name) for number, name in names.items()}


def _changed(
    labels: FrameLabels, of_table: Callable[[Any], Any], of_single: Callable[[Any], Any]
) -> FrameLabels:
    return replace(
        labels,
        cuboids=of_table(labels.cuboids),
        boxes_2d=of_table(labels.boxes_2d),
        shapes_2d=of_table(labels.shapes_2d),
        classifications=tuple(map(of_single, labels.classifications)),
        text_tokens=tuple(map(of_single, labels.text_tokens)),
        masks=tuple(map(of_single, labels.masks)),
    )
