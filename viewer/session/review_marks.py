"""Marks of missing objects among the labels that are shown: drawn, listed and picked like them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.review import Reading
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import marks
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelSetKind
from viewer.scene.scene import Scene
from viewer.session.label_edits import LabelEdits, as_delivered

PREFIX = "mark:"
"""Begins the label id under which a mark is shown."""
USUAL_SIZE_M = (4.5, 1.9, 1.6)
"""Rough size where the frame has no label of the class."""
HALF_BOX_PX = 30.0
"""Half side of the box that is drawn around a pixel without one."""
Marks = Mapping[tuple[str, str], Sequence[Mark]]
"""By (scene id, frame key)."""


def is_mark(label_id: str) -> bool:
    """Whether a shown label is a mark."""
    return label_id.startswith(PREFIX)


def mark_id_of(label_id: str) -> str:
    """Id of the mark that is shown as a label."""
    return label_id.removeprefix(PREFIX)


def read_marks(reading: Reading, dataset_id: str) -> Marks:
    """Every mark of a dataset."""
    found: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks(reading, dataset_id):
        place = mark.frame.scene_id or "", mark.frame.frame_key or ""
        found.setdefault(place, []).append(mark)
    return MappingProxyType(found)


class ShownLabels:
    """Labels as they are edited, and the marks. Calls may come from any thread."""

    def __init__(self, edits: LabelEdits = as_delivered, marks: Marks | None = None) -> None:
        self._edits = edits
        self.marks: Marks = MappingProxyType({}) if marks is None else marks

    def __call__(
        self, scene: Scene, frame_index: int, label_set_id: str, labels: FrameLabels, /
    ) -> FrameLabels:
        """Return the labels of one label set in one frame with edits and marks."""
        labels = self._edits(scene, frame_index, label_set_id, labels)
        found = self.marks.get((scene.scene_id, scene.frames[frame_index].key), ())
        here = [mark for mark in found if label_set_id == (mark.label_set_id or first_set(scene))]
        return with_marks(scene, frame_index, labels, here) if here else labels


def first_set(scene: Scene) -> str | None:
    """The label set among whose labels marks without one are shown: the first ground truth."""
    sets = sorted(scene.label_sets, key=lambda each: each.kind is not LabelSetKind.GROUND_TRUTH)
    return sets[0].label_set_id if sets else None


def with_marks(
    scene: Scene, frame_index: int, labels: FrameLabels, found: Sequence[Mark]
) -> FrameLabels:
    """Return labels with a cuboid for each mark with a position, else a 2D box at its pixel."""
    placed = [mark for mark in found if mark.position is not None]
    flat = [mark for mark in found if mark.position is None and mark.pixel is not None]
    return replace(
        labels,
        cuboids=_with_cuboids(scene, frame_index, labels.cuboids, placed),
        boxes_2d=_with_boxes(labels.boxes_2d, flat),
    )


def _with_cuboids(
    scene: Scene, frame_index: int, labels: CuboidLabels, placed: list[Mark]
) -> CuboidLabels:
    if not placed:
        return labels
    rig = scene.reader.read_rig(frame_index)
    frame_ns = scene.frames[frame_index].timestamp_ns
    at_ns = labels.timestamp_ns if labels.timestamp_ns is not None else frame_ns
    boxes = []
    for mark in placed:
        source = mark.coord_frame_id or "world"
        yaw = quaternion_from_yaw(mark.yaw_rad or 0.0)
        size = mark.size or USUAL_SIZE_M
        box = Cuboids(np.array([mark.position]), np.array([size]), np.array([yaw]), source)
        target = labels.cuboids.coord_frame_id
        boxes.append(box.transformed(rig.transforms.transform(target, source, at_ns)))
    own = labels.cuboids

    def joined(name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([getattr(own, name), *(getattr(box, name) for box in boxes)])

    cuboids = Cuboids(joined("center"), joined("size"), joined("rotation"), own.coord_frame_id)
    count = len(placed)
    nothing = np.full((count, 3), np.nan)
    velocities = labels.velocities_mps
    return replace(
        labels,
        cuboids=cuboids,
        label_ids=(*labels.label_ids, *(PREFIX + mark.mark_id for mark in placed)),
        class_names=(*labels.class_names, *map(_class_of, placed)),
        track_ids=(*labels.track_ids, *[None] * count),
        scores=np.concatenate([labels.scores, np.full(count, np.nan)]),
        attributes=(*labels.attributes, *map(_told, placed)),
        velocities_mps=None if velocities is None else np.concatenate([velocities, nothing]),
        is_crowd=_longer(labels.is_crowd, count, value=False),
        is_keyframe=_longer(labels.is_keyframe, count, value=True),
        class_distributions=_longer_row(labels.class_distributions, count),
    )


def _with_boxes(boxes: BoxLabels2D, flat: list[Mark]) -> BoxLabels2D:
    if not flat:
        return boxes
    count = len(flat)
    places = [mark.box_px or _around(mark.pixel or (0.0, 0.0), HALF_BOX_PX) for mark in flat]
    return replace(
        boxes,
        boxes_px=np.concatenate([boxes.boxes_px, np.array(places, dtype=np.float64)]),
        sensor_ids=(*boxes.sensor_ids, *(mark.sensor_id or "" for mark in flat)),
        label_ids=(*boxes.label_ids, *(PREFIX + mark.mark_id for mark in flat)),
        class_names=(*boxes.class_names, *map(_class_of, flat)),
        track_ids=(*boxes.track_ids, *[None] * count),
        scores=np.concatenate([boxes.scores, np.full(count, np.nan)]),
        attributes=(*boxes.attributes, *map(_told, flat)),
        is_crowd=_longer(boxes.is_crowd, count, value=False),
        class_distributions=_longer_row(boxes.class_distributions, count),
    )


def _longer(
    column: npt.NDArray[np.bool_] | None, count: int, *, value: bool
) -> npt.NDArray[np.bool_] | None:
    return None if column is None else np.concatenate([column, np.full(count, value)])


def _longer_row(
    column: Sequence[Mapping[str, float] | None] | None, count: int
) -> Sequence[Mapping[str, float] | None] | None:
    return None if column is None else (*column, *[None] * count)


def _class_of(mark: Mark) -> str:
    return f"missing {mark.class_name}"


def _told(mark: Mark) -> Mapping[str, str]:
    told = {"mark": "an object is missing here", "marked by": mark.reviewer}
    return told | ({"comment": mark.comment} if mark.comment else {})


def _around(pixel: Sequence[float], half: float) -> tuple[float, float, float, float]:
    u, v = pixel[0], pixel[1]
    return u - half, v - half, u + half, v + half
