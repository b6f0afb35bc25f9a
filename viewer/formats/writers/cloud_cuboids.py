"""Cuboids in the coord frame of a frame's cloud, and what layouts of plain boxes cannot hold."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.label_rows import MAX_SIZE_M
from viewer.formats.rigid_matrix import MAX_POSITION_M
from viewer.formats.writers.label_survey import note_statistics
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import ScenePoses
from viewer.geometry.cuboids import Cuboids
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene

UNNAMED_CLASS = "unknown"


@dataclass(frozen=True, eq=False, slots=True)
class CuboidRow:
    """One cuboid that can be written, in the coord frame asked for."""

    label_id: str
    class_name: str
    track_id: str | None
    center_m: list[float]
    size_m: list[float]
    rotation: npt.NDArray[np.float64]
    """(3, 3)."""
    rotation_wxyz: list[float]
    attributes: Mapping[str, Any]
    score: float


@dataclass(frozen=True, slots=True)
class CuboidPlaces:
    """What a layout has a place for besides class, place and size."""

    title: str
    tracks: bool = True
    scores: bool = False


def only_label_set(
    scene: Scene, chosen: Sequence[LabelSet], written_id: str, title: str, losses: LossLog
) -> LabelSet | None:
    """Return the first of the chosen sets, for a layout with one; note what becomes of the rest."""
    for each in chosen[1:]:
        where = f"{scene.scene_id}/{each.label_set_id}"
        why = f"{title} has one; choose it to have it written instead of {chosen[0].label_set_id}"
        losses.add("label set", where, why)
    if not chosen:
        return None
    label_set = chosen[0]
    where = f"{scene.scene_id}/{label_set.label_set_id}"
    if label_set.label_set_id != written_id:
        losses.add("name of a label set", where, f"becomes {written_id}")
    if label_set.kind != LabelSetKind.GROUND_TRUTH:
        losses.add("kind of a label set", where, f"{title} marks no {label_set.kind.value}")
    return label_set


def cuboid_rows(
    labels: CuboidLabels,
    frame: Frame,
    target: tuple[str, int | None],
    poses: ScenePoses,
    where: str,
    places: CuboidPlaces,
    losses: LossLog,
) -> list[CuboidRow]:
    """Return the cuboids of a frame in a coord frame as it is at a time; losses are noted."""
    coord_frame_id, at_ns = target
    src_ns = at_ns if labels.timestamp_ns is None else labels.timestamp_ns
    placed = poses.moved(labels.cuboids, frame, coord_frame_id, src_ns, at_ns)
    if placed is None:
        return []
    usable = _are_usable(placed)
    why = "its size or place is no positive, finite number"
    losses.add("cuboid", where, why, int(np.count_nonzero(~usable)))
    rows = np.flatnonzero(usable).tolist()
    note_statistics(labels, rows, where, places.title, losses)
    _note_columns(labels, rows, where, places, losses)
    matrices = placed.rotation_matrices()
    return [
        CuboidRow(
            labels.label_ids[row],
            _class_name(labels.class_names[row], where, losses),
            labels.track_ids[row],
            placed.center[row].tolist(),
            placed.size[row].tolist(),
            matrices[row],
            placed.rotation[row].tolist(),
            labels.attributes[row],
            float(labels.scores[row]),
        )
        for row in rows
    ]


def storable_attributes(
    attributes: Mapping[str, Any], taken: Collection[str], where: str, losses: LossLog
) -> dict[str, Any]:
    """Return the attributes that JSON holds under names that are free."""
    kept = {}
    for name, value in attributes.items():
        if name in taken:
            losses.add(f"attribute {name!r}", where, "the name means something else there")
        elif not is_json(value):
            losses.add(f"attribute {name!r}", where, "JSON has no such value")
        else:
            kept[name] = value
    return kept


def is_json(value: object) -> bool:
    """Say whether JSON holds a value as it is: no NaN, no bytes, no keys but texts.

    Examples
    --------
    >>> is_json({"a": [1, None]}), is_json(float("nan")), is_json((1,))
    (True, False, False)
    """
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    if isinstance(value, int):
        # JSON readers hold whole numbers of 64 bits.
        return -(1 << 63) <= value < 1 << 64
    return value is None or isinstance(value, str)


def note_class_map(scene: Scene, kept: ClassMap, title: str, losses: LossLog) -> None:
    """Note what of the classes does not come back as in `kept`."""
    for entry in scene.class_map.entries:
        again = kept.entry(entry.name)
        if again is None or again.colour != entry.colour:
            losses.add("colour of a class", scene.scene_id, f"{title} keeps no colours")
        number = again.class_id if again is not None else None
        parts = {
            "number of a class": entry.class_id not in (None, number),
            "parent of a class": entry.parent is not None,
            "training name of a class": entry.train_name is not None,
            "mark of an ignored class": entry.ignored,
            "skeleton of a class": entry.skeleton is not None,
        }
        for what, given in parts.items():
            losses.add(what, scene.scene_id, f"{title} has no place for it", int(given))


def _are_usable(placed: Cuboids) -> npt.NDArray[np.bool_]:
    """(N,) True where a box has a size and a place that a body can have."""
    near = (np.abs(placed.center) <= MAX_POSITION_M).all(axis=1)
    sized = ((placed.size > 0) & (placed.size <= MAX_SIZE_M)).all(axis=1)
    usable: npt.NDArray[np.bool_] = np.asarray(near & sized)
    return usable


def _class_name(name: str, where: str, losses: LossLog) -> str:
    if name:
        return name
    losses.add("class name ''", where, f"a class needs a name; becomes {UNNAMED_CLASS}")
    return UNNAMED_CLASS


def _note_columns(
    labels: CuboidLabels, rows: Sequence[int], where: str, places: CuboidPlaces, losses: LossLog
) -> None:
    title = places.title
    if not places.scores:
        scored = int(np.count_nonzero(~np.isnan(labels.scores[list(rows)])))
        losses.add("score", where, f"{title} has no place for it", scored)
    if not places.tracks:
        tracked = sum(1 for row in rows if labels.track_ids[row] is not None)
        losses.add("track of a label", where, f"{title} has no tracks", tracked)
    if labels.velocities_mps is not None:
        moving = np.isfinite(labels.velocities_mps[list(rows)]).all(axis=1)
        why = f"{title} has no place for it"
        losses.add("velocity", where, why, int(np.count_nonzero(moving)))
    if labels.is_keyframe is not None:
        between = sum(1 for row in rows if labels.is_interpolated(row))
        losses.add("mark of an interpolated box", where, f"{title} has no place for it", between)
