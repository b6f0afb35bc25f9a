"""Marks of missing objects as the session shows them: beside the labels, in a set of their own."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.review import Reading
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import marks
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.session.label_edits import LabelEdits, as_delivered
from viewer.session.marks_set import is_marks

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
    """Labels as they are edited, and beside them the marks. Calls may come from any thread."""

    def __init__(self, edits: LabelEdits = as_delivered, marks: Marks | None = None) -> None:
        self._edits = edits
        self.marks: Marks = MappingProxyType({}) if marks is None else marks

    def __call__(
        self, scene: Scene, frame_index: int, label_set_id: str, labels: FrameLabels, /
    ) -> FrameLabels:
        """Return the labels of one label set in one frame with edits, or the frame's marks."""
        if not is_marks(label_set_id):
            return self._edits(scene, frame_index, label_set_id, labels)
        found = self.marks.get((scene.scene_id, scene.frames[frame_index].key), ())
        return marks_as_labels(scene, frame_index, found)


def marks_as_labels(scene: Scene, frame_index: int, found: Sequence[Mark]) -> FrameLabels:
    """Return a cuboid in world for each mark with a position, else a 2D box at its pixel."""
    transforms = scene.reader.read_rig(frame_index).transforms
    placed = [
        mark for mark in found
        if mark.position is not None and (mark.coord_frame_id or "world") in transforms
    ]  # fmt: skip
    flat = [mark for mark in found if mark.position is None and mark.pixel is not None]
    return FrameLabels(_cuboids(scene, frame_index, placed), _boxes(flat))


def _cuboids(scene: Scene, frame_index: int, placed: list[Mark]) -> CuboidLabels:
    if not placed:
        return CuboidLabels.empty("world")
    transforms = scene.reader.read_rig(frame_index).transforms
    at_ns = scene.frames[frame_index].timestamp_ns
    boxes = []
    for mark in placed:
        source = mark.coord_frame_id or "world"
        yaw = quaternion_from_yaw(mark.yaw_rad or 0.0)
        rough = mark.size or USUAL_SIZE_M
        box = Cuboids(np.array([mark.position]), np.array([rough]), np.array([yaw]), source)
        boxes.append(box.transformed(transforms.transform("world", source, at_ns)))
    columns = (
        np.concatenate([getattr(box, name) for box in boxes])
        for name in ("center", "size", "rotation")
    )
    center, size, rotation = columns
    return CuboidLabels(
        Cuboids(center, size, rotation, "world"), *_names(placed), np.full(len(placed), np.nan),
        tuple(map(_told, placed)),
    )  # fmt: skip


def _boxes(flat: list[Mark]) -> BoxLabels2D:
    if not flat:
        return BoxLabels2D.empty()
    places = [mark.box_px or _around(mark.pixel or (0.0, 0.0), HALF_BOX_PX) for mark in flat]
    return BoxLabels2D(
        np.array(places, dtype=np.float64), tuple(mark.sensor_id or "" for mark in flat),
        *_names(flat), np.full(len(flat), np.nan), tuple(map(_told, flat)),
    )  # fmt: skip


def _names(found: list[Mark]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[None, ...]]:
    """Label ids, class names, track ids."""
    ids = tuple(PREFIX + mark.mark_id for mark in found)
    return ids, tuple(map(_class_of, found)), (None,) * len(found)


def _class_of(mark: Mark) -> str:
    return f"missing {mark.class_name}"


def _told(mark: Mark) -> Mapping[str, str]:
    told = {"mark": "an object is missing here", "marked by": mark.reviewer}
    return told | ({"comment": mark.comment} if mark.comment else {})


def _around(pixel: Sequence[float], half: float) -> tuple[float, float, float, float]:
    u, v = pixel[0], pixel[1]
    return u - half, v - half, u + half, v + half
