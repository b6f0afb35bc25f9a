"""2D boxes beside what the cuboids of the same objects cover on the images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import PROJECTED_PX, Floats, Ints
from viewer.metrics.projected_boxes import with_projected_boxes
from viewer.progress import JobContext
from viewer.scene.scene import Dataset


@dataclass(frozen=True, eq=False, slots=True)
class Flat:
    """Q 2D boxes of objects that have a cuboid in the same frame."""

    rows: Ints
    """(Q,) label row of the 2D box."""
    cuboid_rows: Ints
    """(Q,) label row of the cuboid; often the same."""
    cameras: Sequence[str]
    boxes_px: Floats
    """(Q, 4) left, top, right, bottom."""
    projected_px: Floats
    """(Q, 4) of the cuboid on the same image; NaN where it does not show there."""


def flat_labels(scene: CheckedScene, job: JobContext) -> Flat:
    """Return every 2D box with its object's projected cuboid, joined by label id or track."""
    labels = scene.labels
    if labels.boxes_px is None or labels.cameras is None:
        empty = np.empty(0, np.int64)
        return Flat(empty, empty, (), np.empty((0, 4)), np.empty((0, 4)))
    boxed = np.flatnonzero(np.isfinite(labels.boxes_px).all(axis=1))
    frames = labels.frame_rows
    owner: dict[tuple[int, str | None], int] = {
        (int(frames[row]), scene.track_id(row)): row for row in scene.boxes.tolist()
    }
    owner |= {(int(frames[row]), labels.label_ids[row]): row for row in scene.boxes.tolist()}
    pairs = []
    for row in boxed.tolist():
        names = (labels.label_ids[row], scene.track_id(row))
        keys = [(int(frames[row]), name) for name in names if name is not None]
        found_rows = [owner[key] for key in keys if key in owner]
        if found_rows:
            pairs.append((row, found_rows[0]))
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    cuboids = np.array([row for _, row in pairs], dtype=np.int64)
    cameras = [labels.cameras[row] for row in rows.tolist()]
    projected = _projections(scene, job)
    order = {name: place for place, name in enumerate(_camera_ids(scene))}
    places = np.array([order.get(name, -1) for name in cameras], dtype=np.int64)
    found = np.full((len(rows), 4), np.nan)
    known = places >= 0
    found[known] = projected[cuboids[known], places[known]]
    return Flat(rows, cuboids, cameras, labels.boxes_px[rows], found)


def _camera_ids(scene: CheckedScene) -> tuple[str, ...]:
    """Cameras that have images, and those that have 2D boxes alone."""
    names = (*scene.scene.camera_ids, *(scene.labels.cameras or ()))
    return tuple(dict.fromkeys(name for name in names if name))


def _projections(scene: CheckedScene, job: JobContext) -> Floats:
    """(N, C, 4) what each cuboid covers on each camera of the scene."""
    kept = scene.cache.get(PROJECTED_PX)
    if isinstance(kept, np.ndarray):
        return kept
    own = replace(scene.scene, camera_ids=_camera_ids(scene))
    dataset = Dataset(own.path, own.format_name, (own,))
    found: Floats = with_projected_boxes(dataset, scene.labels, job).extras[PROJECTED_PX]
    scene.cache[PROJECTED_PX] = found
    return found
