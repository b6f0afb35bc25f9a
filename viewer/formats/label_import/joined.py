"""Labels of two sources in one frame as one."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import ImageShapes


def joined(first: FrameLabels, second: FrameLabels) -> FrameLabels:
    """Return the labels of both; a point that both give a class keeps the first.

    Raises
    ------
    ValueError
        When cuboids of two coord frames, or classes of differently many points meet.
    """
    return FrameLabels(
        _joined_cuboids(first.cuboids, second.cuboids),
        _joined_boxes(first.boxes_2d, second.boxes_2d),
        _joined_shapes(first.shapes_2d, second.shapes_2d),
        (*first.classifications, *second.classifications),
        (*first.text_tokens, *second.text_tokens),
        (*first.masks, *second.masks),
        _joined_points(first.point_classes, second.point_classes),
        (*first.links, *second.links),
    )


def _joined_cuboids(first: CuboidLabels, second: CuboidLabels) -> CuboidLabels:
    if not len(second):
        return first
    if not len(first):
        return second
    a, b = first.cuboids, second.cuboids
    if a.coord_frame_id != b.coord_frame_id:
        raise ValueError(f"cuboids in {b.coord_frame_id} do not join those in {a.coord_frame_id}")
    sizes = (len(first), len(second))
    return CuboidLabels(
        Cuboids(
            np.concatenate([a.center, b.center]),
            np.concatenate([a.size, b.size]),
            np.concatenate([a.rotation, b.rotation]),
            a.coord_frame_id,
        ),
        **_common(first, second),
        velocities_mps=_filled(first.velocities_mps, second.velocities_mps, sizes, np.nan, (3,)),
        timestamp_ns=first.timestamp_ns,
        is_crowd=_filled(first.is_crowd, second.is_crowd, sizes, False),
        class_distributions=_spread(first, second),
        is_keyframe=_filled(first.is_keyframe, second.is_keyframe, sizes, True),
    )


def _joined_boxes(first: BoxLabels2D, second: BoxLabels2D) -> BoxLabels2D:
    return BoxLabels2D(
        np.concatenate([first.boxes_px, second.boxes_px]),
        sensor_ids=(*first.sensor_ids, *second.sensor_ids),
        **_common(first, second),
        is_crowd=_filled(first.is_crowd, second.is_crowd, (len(first), len(second)), False),
        class_distributions=_spread(first, second),
    )


def _joined_shapes(first: ImageShapes, second: ImageShapes) -> ImageShapes:
    def both(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(first, name), getattr(second, name)])

    def offsets(name: str) -> npt.NDArray[np.int64]:
        own = getattr(first, name)
        return np.concatenate([own, getattr(second, name)[1:] + own[-1]])

    return ImageShapes(
        kinds=both("kinds"),
        sensor_ids=(*first.sensor_ids, *second.sensor_ids),
        **_common(first, second),
        parameters=both("parameters"),
        vertices_px=both("vertices_px"),
        vertex_offsets=offsets("vertex_offsets"),
        part_offsets=offsets("part_offsets"),
        holes=both("holes"),
        visibilities=both("visibilities"),
        keypoint_names=(*first.keypoint_names, *second.keypoint_names),
        skeletons=(*first.skeletons, *second.skeletons),
        is_crowd=both("is_crowd"),
        class_distributions=(*first.class_distributions, *second.class_distributions),
    )


def _joined_points(
    first: Sequence[PointClasses], second: Sequence[PointClasses]
) -> tuple[PointClasses, ...]:
    by_sensor = {each.sensor_id: each for each in first}
    for each in second:
        own = by_sensor.get(each.sensor_id)
        by_sensor[each.sensor_id] = each if own is None else _points_of_both(own, each)
    return tuple(by_sensor.values())


def _points_of_both(first: PointClasses, second: PointClasses) -> PointClasses:
    count = len(first.class_indices)
    if count != len(second.class_indices):
        raise ValueError(
            f"classes of {len(second.class_indices)} points of {first.sensor_id} do not join those"
            f" of {count}"
        )
    numbers = {name: number for number, name in first.class_names.items()}
    names = dict(first.class_names)
    own = np.isin(first.class_indices, list(names))
    classes = first.class_indices.copy()
    taken = np.zeros(count, dtype=bool)
    for index, name in second.class_names.items():
        if name not in numbers:
            numbers[name] = max(names, default=-1) + 1
            names[numbers[name]] = name
        rows = ~own & (second.class_indices == index)
        classes[rows] = numbers[name]
        taken |= rows
    instances = first.instances
    if instances is not None or second.instances is not None:
        instances = np.zeros(count, np.int32) if first.instances is None else first.instances.copy()
        if second.instances is not None:
            above = int(instances.max(initial=0))
            rows = taken & (second.instances > 0)
            instances[rows] = second.instances[rows] + above
    return PointClasses(first.sensor_id, classes, names, instances)


def _common(first: Any, second: Any) -> dict[str, Any]:  # noqa: ANN401 - two tables of one kind
    return {
        "label_ids": (*first.label_ids, *second.label_ids),
        "class_names": (*first.class_names, *second.class_names),
        "track_ids": (*first.track_ids, *second.track_ids),
        "scores": np.concatenate([first.scores, second.scores]),
        "attributes": (*first.attributes, *second.attributes),
    }


def _filled(
    first: npt.NDArray[Any] | None,
    second: npt.NDArray[Any] | None,
    sizes: tuple[int, int],
    value: object,
    shape: tuple[int, ...] = (),
) -> npt.NDArray[Any] | None:
    """Join two columns, filling one that is missing; None when both are."""
    if first is None and second is None:
        return None
    parts = [
        np.full((size, *shape), value) if each is None else each
        for each, size in zip((first, second), sizes, strict=True)
    ]
    return np.concatenate(parts)


def _spread(first: Any, second: Any) -> tuple[Any, ...] | None:  # noqa: ANN401 - two tables
    if first.class_distributions is None and second.class_distributions is None:
        return None
    own = first.class_distributions or (None,) * len(first)
    return (*own, *(second.class_distributions or (None,) * len(second)))


def point_class_counts(each: PointClasses) -> Counter[str]:
    """Count of points by the name of their class."""
    numbers, counts = np.unique(each.class_indices, return_counts=True)
    found: Counter[str] = Counter()
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        if number in each.class_names:
            found[each.class_names[number]] += count
    return found
