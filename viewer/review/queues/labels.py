"""Labels of a dataset that a filter lets through, for a queue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.progress import JobContext
from viewer.review.queues.origin import by_filter
from viewer.review.queues.plan import PlannedItem, QueuePlan, each_once
from viewer.review.subject_rows import label_rows
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask
from viewer.scene.scene import Dataset, Frame, Problem, Scene
from viewer.scene.shapes import Classification, ImageShapes

Mask = npt.NDArray[np.bool_]
Range = tuple[float | None, float | None]
"""Smallest and largest, both included; None leaves that side open."""
_Named = tuple[str, str, str | None]
"""A label's id, class and track."""
PointCounts = Callable[[Scene, Frame, CuboidLabels], npt.NDArray[np.int64]]
"""(N,) points in each cuboid of a frame."""


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """Which labels are let through; what is None or empty is not asked.

    With a range of distance, size or points only cuboids can come through.
    """

    classes: frozenset[str] = frozenset()
    score: Range | None = None
    """Labels without a score do not come through."""
    distance_m: Range | None = None
    """Horizontal, from the ego origin to the centre."""
    points: Range | None = None
    """Points inside the box."""
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Values by name, as people read them; no value means that the label lacks it."""
    text: str = ""
    """For people; made from the rest when empty."""

    @property
    def title(self) -> str:
        """What is let through, for people.

        Examples
        --------
        >>> LabelFilter(frozenset({"car"}), score=(None, 0.4), points=(1, 5)).title
        'car, score up to 0.4, 1 to 5 points'
        """
        if self.text:
            return self.text
        parts = [" or ".join(sorted(self.classes))] if self.classes else []
        parts += [f"score {_range_text(self.score)}"] if self.score else []
        parts += [f"{_range_text(self.distance_m)} m away"] if self.distance_m else []
        parts += [f"{_range_text(self.points)} points"] if self.points else []
        for name, values in sorted(self.attributes.items()):
            parts.append(f"{name} {' or '.join(sorted(values))}" if values else f"no {name}")
        return ", ".join(parts) or "all labels"


@dataclass(frozen=True, slots=True)
class FilteredLabels:
    """What a filter let through, and what could not be read."""

    plan: QueuePlan
    problems: tuple[Problem, ...]


def labels_through(
    context: JobContext,
    dataset: Dataset,
    dataset_id: str,
    label_set_id: str,
    wanted: LabelFilter,
    count_points: PointCounts | None = None,
) -> FilteredLabels:
    """Read the labels of a dataset and plan a queue of those that come through.

    They come in the order of scenes, frames and rows, each label once. A frame that cannot be read
    is told and left out.

    Parameters
    ----------
    dataset
        As delivered, or as `viewer.review.edits.edited_dataset` gives it.
    dataset_id
        Id that the workspace gave the dataset.
    count_points
        E.g. `points_inside`; asked only where `wanted` asks for points.

    Raises
    ------
    ValueError
        When points are asked for and nobody counts them.
    Cancelled
        When the job was given up.
    """
    if wanted.points is not None and count_points is None:
        raise ValueError("nobody counts points for the filter")
    items: list[PlannedItem] = []
    problems: list[Problem] = []
    scenes = [scene for scene in dataset.scenes if _has_set(scene, label_set_id)]
    frames = [(scene, frame) for scene in scenes for frame in scene.frames]
    for scene, frame in context.track(frames, "Filtering labels"):
        try:
            labels = scene.reader.read_labels(frame.index, label_set_id)
            ids = (dataset_id, label_set_id)
            items.extend(_frame_items(scene, frame, labels, ids, wanted, count_points))
        except DamagedData as error:
            problems.append(error.as_problem())
    plan = QueuePlan(each_once(items), by_filter(wanted.title))
    return FilteredLabels(plan, tuple(problems))


def _has_set(scene: Scene, label_set_id: str) -> bool:
    return any(each.label_set_id == label_set_id for each in scene.label_sets)


def _frame_items(
    scene: Scene,
    frame: Frame,
    labels: FrameLabels,
    ids: tuple[str, str],
    wanted: LabelFilter,
    count_points: PointCounts | None,
) -> Iterator[PlannedItem]:
    dataset_id, label_set_id = ids
    cuboids = labels.cuboids
    kept = _rows_through(scene, frame, cuboids, wanted, count_points)
    found = _named(cuboids, kept)
    if wanted.distance_m is None and wanted.points is None:
        found += _flat_through(labels, wanted)
    rows = label_rows(
        dataset_id, scene.scene_id, frame.key, label_set_id, (name for name, _, _ in found)
    )
    for row_of_label, (_, class_name, track_id) in zip(rows, found, strict=True):
        yield PlannedItem(row_of_label, class_name, track_id)


def _flat_through(labels: FrameLabels, wanted: LabelFilter) -> list[_Named]:
    """Labels on images and of whole images or clouds that come through."""
    found: list[_Named] = []
    for column in (labels.boxes_2d, labels.shapes_2d):
        kept = _named_rows(column.class_names, column.attributes, column.scores, wanted)
        found += _named(column, kept)
    masks = (mask for mask in labels.masks if isinstance(mask, InstanceMask))
    single: list[Classification | InstanceMask] = [*labels.classifications, *masks]
    kept = _named_rows(
        [each.class_name for each in single], [each.attributes for each in single],
        np.array([each.score for each in single]), wanted,
    )  # fmt: skip
    passed = (each for each, is_kept in zip(single, kept, strict=True) if is_kept)
    return found + [(each.label_id, each.class_name, each.track_id) for each in passed]


def _named(labels: CuboidLabels | BoxLabels2D | ImageShapes, kept: Mask) -> list[_Named]:
    return [
        (labels.label_ids[row], labels.class_names[row], labels.track_ids[row])
        for row in np.flatnonzero(kept).tolist()
    ]


def _rows_through(
    scene: Scene,
    frame: Frame,
    labels: CuboidLabels,
    wanted: LabelFilter,
    count_points: PointCounts | None,
) -> Mask:
    """(N,) cuboids that come through; the cloud is read only where some still may."""
    kept = _named_rows(labels.class_names, labels.attributes, labels.scores, wanted)
    if wanted.distance_m is not None and kept.any():
        kept &= _inside(_ego_distance_m(scene, frame, labels), wanted.distance_m)
    if wanted.points is not None and count_points is not None and kept.any():
        kept &= _inside(count_points(scene, frame, labels).astype(np.float64), wanted.points)
    return kept


def _named_rows(
    class_names: Sequence[str],
    attributes: Sequence[Mapping[str, Any]],
    scores: npt.NDArray[np.float64],
    wanted: LabelFilter,
) -> Mask:
    kept = np.ones(len(class_names), dtype=bool)
    if wanted.classes:
        kept &= np.fromiter((name in wanted.classes for name in class_names), bool, len(kept))
    if wanted.score is not None:
        kept &= _inside(np.asarray(scores, dtype=np.float64), wanted.score)
    for name, values in wanted.attributes.items():
        kept &= np.fromiter((_has(each.get(name), values) for each in attributes), bool, len(kept))
    return kept


def _has(value: object, values: frozenset[str]) -> bool:
    if value is None:
        return not values
    several = value if isinstance(value, (list, tuple)) else [value]
    return any(value_text(each) in values for each in several)


def value_text(value: object) -> str:
    """Return an attribute's value as a filter names it, e.g. ``yes`` for True."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ego_distance_m(scene: Scene, frame: Frame, labels: CuboidLabels) -> npt.NDArray[np.float64]:
    rig = scene.reader.read_rig(frame.index)
    labels_ns = frame.timestamp_ns if labels.timestamp_ns is None else labels.timestamp_ns
    ego_from_labels = rig.transforms.transform(
        rig.ego_coord_frame_id, labels.cuboids.coord_frame_id, frame.timestamp_ns, src_ns=labels_ns
    )
    centers = ego_from_labels.apply(labels.cuboids.center)
    distance: npt.NDArray[np.float64] = np.hypot(centers[:, 0], centers[:, 1])
    return distance


def points_inside(scene: Scene, frame: Frame, labels: CuboidLabels) -> npt.NDArray[np.int64]:
    """(N,) points of the frame's own clouds in each cuboid, faces included.

    The boxes are carried to each cloud's coord frame at its own time.
    """
    rig = scene.reader.read_rig(frame.index)
    labels_ns = frame.timestamp_ns if labels.timestamp_ns is None else labels.timestamp_ns
    total = np.zeros(len(labels), dtype=np.int64)
    for sweep in frame.sweeps:
        cloud = scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        cloud_from_labels = rig.transforms.transform(
            cloud.coord_frame_id, labels.cuboids.coord_frame_id, sweep.timestamp_ns,
            src_ns=labels_ns,
        )  # fmt: skip
        total += labels.cuboids.transformed(cloud_from_labels).count_points(cloud.xyz)
    return total


def _inside(values: npt.NDArray[np.float64], wanted: Range) -> Mask:
    least, most = wanted
    kept: Mask = ~np.isnan(values)
    if least is not None:
        kept &= values >= least
    if most is not None:
        kept &= values <= most
    return kept


def _range_text(wanted: Range) -> str:
    least, most = (None if each is None else f"{each:g}" for each in wanted)
    if least is None:
        return f"up to {most}" if most is not None else "any"
    return f"from {least}" if most is None else f"{least} to {most}"
