"""The objects of one class over all scenes, as tracking protocols take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Ints
from viewer.metrics.protocols.declared_settings import (
    Setting,
    list_of,
    name_of,
    number,
    one_of,
    optional,
)
from viewer.metrics.protocols.kitti_tracking_rules import DONT_CARE, NEIGHBOURS, apply_rules
from viewer.metrics.protocols.similarity import (
    FLAT,
    MEASURES,
    FramePairs,
    frame_offsets,
    has_geometry,
    similar_pairs,
)

AUTO: Final = "auto"
TRACKING_SETTINGS: Final[Mapping[str, Setting]] = {
    "similarity": Setting(
        AUTO,
        one_of(AUTO, *MEASURES),
        "iou_2d where the labels have what KITTI's rules ask, else iou_3d, or what is chosen",
    ),
    "zero_distance_m": Setting(
        2.0, number(1e-6, 1e6), "distance of no similarity, for those by distance"
    ),
    "rules": Setting(
        AUTO, one_of(AUTO, "none", "kitti"), "whether KITTI's rules leave objects out; need iou_2d"
    ),
    "classes": Setting(
        None, optional(list_of(name_of)), "those evaluated; else all, with KITTI's rules its own"
    ),
}


@dataclass(frozen=True, eq=False, slots=True)
class TrackedClass:
    """L labels and M predictions of one class, and the pairs that are alike."""

    name: str
    label_rows: Ints
    """(L,) rows of the evaluated objects, ascending by frame."""
    prediction_rows: Ints
    label_offsets: Ints
    """(F + 1,)"""
    prediction_offsets: Ints
    label_tracks: Ints
    """(L,) 0 to `label_track_count`; a track belongs to one scene."""
    prediction_tracks: Ints
    label_track_count: int
    prediction_track_count: int
    scene_of_label_track: Ints
    pairs: FramePairs


def resolve_settings(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, settings: dict[str, Any]
) -> None:
    """Decide what the settings that all tracking protocols share leave open.

    Raises
    ------
    ValueError
        Settings contradict each other, or a class does not occur.
    """
    is_kitti = _is_kitti(labels) and _fits_kitti(predictions)
    if settings["similarity"] == AUTO:
        solid = bool(has_geometry(labels, "iou_3d").any()) or not has_geometry(labels, FLAT).any()
        flat = (is_kitti and settings["rules"] != "none") or not solid
        settings["similarity"] = FLAT if flat else "iou_3d"
    if settings["rules"] == AUTO:
        settings["rules"] = "kitti" if is_kitti and settings["similarity"] == FLAT else "none"
    if settings["rules"] != "none" and settings["similarity"] != FLAT:
        raise ValueError(f"setting 'rules': KITTI's need the similarity {FLAT}")
    if not settings["similarity"].startswith("distance"):
        del settings["zero_distance_m"]
    settings["similarity_is"] = MEASURES[settings["similarity"]]
    settings["classes"] = _classes(labels, predictions, settings)


def tracked_class(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    name: str,
    settings: Mapping[str, Any],
    lacks: list[str],
) -> TrackedClass:
    """Select a class, number its tracks and find its pairs; say in `lacks` what was left out."""
    measure = settings["similarity"]
    if settings["rules"] == "kitti":
        counted = apply_rules(labels, predictions, name)
        rows = [counted.labels, counted.predictions]
    else:
        rows = [_rows(objects, name, measure) for objects in (labels, predictions)]
    sides = []
    for objects, own, side in zip(
        (labels, predictions), rows, ("labels", "predictions"), strict=True
    ):
        kept, tracks = _numbered(objects, own, measure)
        if len(kept) < len(own):
            lacks.append(
                f"{name}: {len(own) - len(kept)} {side} are left out, for their track has another"
                " one in the same frame."
            )
        sides.append((kept, tracks))
    (label_rows, label_tracks), (prediction_rows, prediction_tracks) = sides
    if len(label_rows) and not len(prediction_rows):
        lacks.append(f"No prediction is of class {name}: all its {len(label_rows):,} are missed.")
    frames = labels.frames
    scenes = np.zeros(int(label_tracks.max(initial=-1)) + 1, np.int64)
    scenes[label_tracks] = frames.scene_of_frame[labels.frame_rows[label_rows]]
    return TrackedClass(
        name, label_rows, prediction_rows, frame_offsets(labels, label_rows),
        frame_offsets(predictions, prediction_rows), label_tracks, prediction_tracks, len(scenes),
        int(prediction_tracks.max(initial=-1)) + 1, scenes,
        similar_pairs(labels, predictions, label_rows, prediction_rows, measure,
                      settings.get("zero_distance_m", 1.0)),
    )  # fmt: skip


def missing_for_tracking(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, settings: Mapping[str, Any]
) -> list[str]:
    """Return what the data lack for any tracking protocol, one line each."""
    lines = []
    for objects, side in ((labels, "labels"), (predictions, "predictions")):
        named = np.isin(objects.class_names, settings["classes"])
        objects = objects.select(named[objects.class_rows])
        rows = objects.track_rows
        alone = len(objects) if rows is None else int((rows < 0).sum())
        if alone and settings["rules"] == "kitti":
            lines.append(f"{alone} {side} have no track: KITTI's rules leave them out.")
        elif alone:
            which = f"The {side}" if alone == len(objects) else f"{alone} {side}"
            lines.append(
                f"{which} have no track: each counts as a track of one frame, so that figures of"
                " identity say nothing of them."
            )
        without = int((~has_geometry(objects, settings["similarity"])).sum())
        if without:
            what = "2D box" if settings["similarity"] == FLAT else "cuboid"
            lines.append(f"{without} {side} without a {what} are left out.")
    return lines


def _is_kitti(labels: EvaluatedObjects) -> bool:
    """True where tracks of labels say what KITTI's rules ask for."""
    said = labels.occlusions is not None and labels.truncations is not None
    return said and len(labels) > 0 and _fits_kitti(labels)


def _fits_kitti(objects: EvaluatedObjects) -> bool:
    """True where objects have 2D boxes and tracks, or there is no object."""
    if not len(objects):
        return True
    tracks = objects.track_rows
    tracked = tracks is not None and bool((tracks >= 0).any())
    return tracked and bool(has_geometry(objects, FLAT).any())


def _classes(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, settings: Mapping[str, Any]
) -> list[str]:
    names = list(dict.fromkeys([*labels.class_names, *predictions.class_names]))
    wanted: list[str] | None = settings["classes"]
    if wanted is not None:
        unknown = [name for name in wanted if name not in names]
        if unknown:
            there_are = ", ".join(sorted(names)) or "none at all"
            raise ValueError(f"setting 'classes': no {', '.join(unknown)} occurs, only {there_are}")
        return wanted
    if settings["rules"] == "kitti":
        names = [name for name in names if name.lower() in NEIGHBOURS]
    return sorted(name for name in names if name.lower() != DONT_CARE)


def _rows(objects: EvaluatedObjects, name: str, measure: str) -> Ints:
    if name not in objects.class_names:
        return np.empty(0, np.int64)
    is_own = objects.class_rows == objects.class_names.index(name)
    return np.flatnonzero(is_own & has_geometry(objects, measure))


def _numbered(objects: EvaluatedObjects, rows: Ints, measure: str) -> tuple[Ints, Ints]:
    """Return rows that are alone in their frame and track, and the number of each one's track."""
    frame_rows = objects.frame_rows[rows]
    scenes = objects.frames.scene_of_frame[frame_rows]
    own = np.full(len(rows), -1) if objects.track_rows is None else objects.track_rows[rows]
    own = np.where(own < 0, len(objects.track_ids) + rows, own)
    keys = scenes * (len(objects.track_ids) + len(objects)) + own
    if measure == FLAT and objects.cameras is not None and len(rows):
        named: Sequence[str] = objects.cameras
        cameras, camera_rows = np.unique([named[row] for row in rows], return_inverse=True)
        keys = keys * len(cameras) + camera_rows.reshape(-1)
    _, tracks = np.unique(keys, return_inverse=True)
    tracks = tracks.reshape(-1).astype(np.int64)
    _, first = np.unique(frame_rows * (len(rows) + 1) + tracks, return_index=True)
    kept = np.sort(first)
    return rows[kept], tracks[kept]
