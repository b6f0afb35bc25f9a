"""Counts the parts of a frame's labels that a layout has no place for."""

from collections.abc import Sequence

import numpy as np

from viewer.formats.writers.losses import LossLog
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.scene.shapes import ImageShapes, ShapeKind


def note_other_kinds(
    labels: FrameLabels,
    where: str,
    title: str,
    losses: LossLog,
    *,
    shapes: bool = True,
    classifications: bool = True,
    point_classes: bool = True,
) -> None:
    """Note every label that is neither a cuboid nor an upright 2D box.

    Kinds that are False are left out, for a layout that has a place for some of them.
    """
    why = f"{title} has no such labels"
    for kind in labels.shapes_2d.kinds.tolist() if shapes else ():
        name = ShapeKind(kind).name.lower().replace("_", " ")
        losses.add(f"2D label: {name}", where, why)
    if classifications:
        losses.add("classification", where, why, len(labels.classifications))
    losses.add("text token", where, why, len(labels.text_tokens))
    losses.add("mask", where, why, len(labels.masks))
    if point_classes:
        losses.add("point classes", where, why, len(labels.point_classes))
    losses.add("link", where, why, len(labels.links))


def note_statistics(
    labels: CuboidLabels | BoxLabels2D, rows: Sequence[int], where: str, title: str, losses: LossLog
) -> None:
    """Note crowd marks and class distributions of some rows."""
    if labels.is_crowd is not None:
        crowds = int(np.count_nonzero(np.asarray(labels.is_crowd)[list(rows)]))
        losses.add("crowd mark", where, f"{title} marks no crowds", crowds)
    if labels.class_distributions is not None:
        given = sum(1 for row in rows if labels.class_distributions[row] is not None)
        losses.add("class distribution", where, f"{title} keeps one class a label", given)


def note_shape_statistics(labels: ImageShapes, where: str, title: str, losses: LossLog) -> None:
    """Note crowd marks and class distributions of shapes."""
    crowds = int(np.count_nonzero(labels.is_crowd))
    losses.add("crowd mark", where, f"{title} marks no crowds", crowds)
    given = sum(1 for each in labels.class_distributions if each is not None)
    losses.add("class distribution", where, f"{title} keeps one class a label", given)


def note_shared_losses(labels: FrameLabels, where: str, title: str, losses: LossLog) -> None:
    """Note all that no layout of cuboids and upright 2D boxes with attributes can hold."""
    note_other_kinds(labels, where, title, losses)
    note_statistics(labels.cuboids, range(len(labels.cuboids)), where, title, losses)
    note_statistics(labels.boxes_2d, range(len(labels.boxes_2d)), where, title, losses)


def note_other_data(scene: Scene, title: str, losses: LossLog) -> None:
    """Note meshes, texts, sounds and videos, whose files a layout lists and does not hold."""
    for frame in scene.frames:
        for other in frame.others:
            where = f"{scene.scene_id}, frame {frame.key}: {other.source}"
            losses.add(other.kind.value, where, f"{title} names it and has no copy of it")


def note_overlays(scene: Scene, title: str, losses: LossLog) -> None:
    """Note pictures over images, which a layout has no place for."""
    if scene.has_overlays:
        count = sum(len(frame.overlays) for frame in scene.frames)
        losses.add("image overlay", scene.scene_id, f"{title} has no place for it", count)
