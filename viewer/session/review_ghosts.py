"""What two compared sides of a frame differ in, as it is drawn over the frame."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboid, Cuboids
from viewer.review.versions.diff import Difference, LabelDiff
from viewer.review.versions.forms import AreaForm, ShapeForm
from viewer.review.versions.label_table import LabelKind, LabelTable
from viewer.scene.shapes import Outline, ShapeKind
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import labels_ns
from viewer.session.ghosts import Became, FlatGhost, FrameGhosts
from viewer.session.review_versions import Compared
from viewer.session.view_settings import ViewSettings

BESIDE_M = 0.06
"""How much larger than its label the box around an added one is, on each side."""
BESIDE_PX = 3.0
_BECAME = {
    Difference.CHANGED: Became.CHANGED, Difference.REMOVED: Became.REMOVED,
    Difference.ADDED: Became.ADDED,
}  # fmt: skip
_DOTS = (ShapeKind.POINT, ShapeKind.KEYPOINTS)


def frame_ghosts(found: Compared, content: FrameContent, view: ViewSettings) -> FrameGhosts | None:
    """Return what was changed or removed as it was, and what was added; None without any.

    Boxes stand at the time of the labels that they are compared with.
    """
    diff = found.comparison.diff
    rows = found.by_frame.rows(content.scene.scene_id, content.frame.key)
    rows = rows[diff.difference[rows] != Difference.SAME]
    labels = content.labels.get(found.after.label_set_id)
    at_ns = content.timestamp_ns if labels is None else labels_ns(content, labels.cuboids, view)
    boxes: list[Cuboids] = []
    names: list[str] = []
    became: list[Became] = []
    flat: list[FlatGhost] = []
    for row in rows.tolist():
        table, own, what = _side(diff, row)
        kind = table.places[int(table.place[own])].kind
        if kind is LabelKind.CUBOID:
            boxes.append(_in_world(content, table, own, what, at_ns))
            names.append(table.class_names[own])
            became.append(what)
        else:
            flat += _flat(table, own, what, kind)
    if not boxes and not flat:
        return None
    return FrameGhosts(_joined(boxes), at_ns, tuple(names), tuple(became), tuple(flat))


def removed_box(
    found: Compared, row: int, content: FrameContent, view: ViewSettings
) -> Cuboid | None:
    """Return in world where a removed label's box was; None for any other label."""
    diff = found.comparison.diff
    own = int(diff.row_before[row])
    if diff.row_after[row] >= 0 or diff.place(row).kind is not LabelKind.CUBOID:
        return None
    labels = content.labels.get(found.after.label_set_id)
    at_ns = content.timestamp_ns if labels is None else labels_ns(content, labels.cuboids, view)
    return _in_world(content, diff.before, own, Became.REMOVED, at_ns)[0]


def _side(diff: LabelDiff, row: int) -> tuple[LabelTable, int, Became]:
    """The table in which a row is drawn, its row there, and what became of it."""
    what = _BECAME[Difference(diff.difference[row])]
    if what is Became.ADDED:
        return diff.after, int(diff.row_after[row]), what
    return diff.before, int(diff.row_before[row]), what


def _in_world(
    content: FrameContent, table: LabelTable, own: int, what: Became, at_ns: int | None
) -> Cuboids:
    boxes = table.cuboids(np.array([own]))
    source = table.places[int(table.place[own])].coord_frame_id
    size = boxes.size + (2 * BESIDE_M if what is Became.ADDED else 0.0)
    boxes = Cuboids(boxes.center, size, boxes.rotation, source)
    return boxes.transformed(content.rig.transforms.transform("world", source, at_ns))


def _joined(boxes: list[Cuboids]) -> Cuboids:
    if not boxes:
        return Cuboids.empty("world")
    center, size, rotation = (
        np.concatenate([getattr(each, name) for each in boxes])
        for name in ("center", "size", "rotation")
    )
    return Cuboids(center, size, rotation, "world")


def _flat(table: LabelTable, own: int, what: Became, kind: LabelKind) -> Iterator[FlatGhost]:
    place = table.places[int(table.place[own])]
    name, form = table.class_names[own], table.forms[own]
    if kind is LabelKind.BOX:
        corners = _corners(table.boxes_px[own], BESIDE_PX if what is Became.ADDED else 0.0)
        yield FlatGhost(place.sensor_id, name, what, (Outline(corners, True),))
    elif isinstance(form, ShapeForm):
        dots = form.vertices if form.kind in _DOTS else None
        yield FlatGhost(place.sensor_id, name, what, tuple(form.outlines), dots)
    elif isinstance(form, AreaForm) and kind in (LabelKind.MASK, LabelKind.PIXELS):
        yield FlatGhost(place.sensor_id, name, what, runs=form.runs)


def _corners(box_px: npt.NDArray[np.float64], beside: float) -> npt.NDArray[np.float64]:
    left, top, right, bottom = box_px + np.array([-beside, -beside, beside, beside])
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
