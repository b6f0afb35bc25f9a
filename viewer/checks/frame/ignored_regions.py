"""Regions of images that the labels themselves leave out: nothing is missing there."""

from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import PROJECTED_PX, EvaluatedObjects, Floats, Ints
from viewer.metrics.projected_boxes import with_projected_boxes
from viewer.metrics.protocols.similarity import share_inside
from viewer.progress import JobContext
from viewer.scene.scene import Dataset

MOST_INSIDE: Final = 0.5
"""Share of an object in regions from which it counts as left out, as in KITTI's protocols."""


def in_ignored_regions(scene: CheckedScene, objects: EvaluatedObjects) -> npt.NDArray[np.bool_]:
    """(M,) True for predictions that lie in 2D boxes whose class evaluation leaves out.

    Where a prediction tells no 2D box, its cuboid is projected.
    """
    inside = np.zeros(len(objects), dtype=bool)
    regions = _regions(scene)
    if not len(regions) or not len(objects):
        return inside
    labels = scene.labels
    assert labels.boxes_px is not None
    projected: Floats | None = None
    for frame in np.unique(labels.frame_rows[regions]).tolist():
        rows = np.flatnonzero(objects.frame_rows == frame)
        own = regions[labels.frame_rows[regions] == frame]
        for camera_id in {_camera(labels, row) for row in own.tolist()} if len(rows) else ():
            there = [row for row in own.tolist() if _camera(labels, row) == camera_id]
            boxes = _told_boxes(objects, rows, camera_id)
            untold = ~np.isfinite(boxes).all(axis=1)
            if untold.any() and camera_id in scene.scene.camera_ids:
                projected = _projected(scene, objects) if projected is None else projected
                place = scene.scene.camera_ids.index(camera_id)
                boxes[untold] = projected[rows[untold], place]
            shares = share_inside(boxes, labels.boxes_px[there])
            inside[rows] |= np.nan_to_num(shares).sum(axis=1) > MOST_INSIDE
    return inside


def _regions(scene: CheckedScene) -> Ints:
    labels = scene.labels
    names = {name.lower() for name in scene.class_map.ignored_names}
    if labels.boxes_px is None or not names:
        return np.empty(0, np.int64)
    ignored = np.array([name.lower() in names for name in labels.class_names], dtype=bool)
    flat = np.isfinite(labels.boxes_px).all(axis=1)
    return np.flatnonzero(flat & ignored[labels.class_rows])


def _camera(objects: EvaluatedObjects, row: int) -> str:
    return "" if objects.cameras is None else objects.cameras[row]


def _told_boxes(objects: EvaluatedObjects, rows: Ints, camera_id: str) -> Floats:
    """(K, 4) NaN for objects that tell no box on the camera."""
    boxes = np.full((len(rows), 4), np.nan)
    if objects.boxes_px is None:
        return boxes
    on_it = np.array([_camera(objects, row) == camera_id for row in rows.tolist()], dtype=bool)
    boxes[on_it] = objects.boxes_px[rows[on_it]]
    return boxes


def _projected(scene: CheckedScene, objects: EvaluatedObjects) -> Floats:
    """(M, C, 4) what each cuboid covers on each camera of the scene."""
    dataset = Dataset(scene.scene.path, scene.scene.format_name, (scene.scene,))
    found: Floats = with_projected_boxes(dataset, objects, JobContext()).extras[PROJECTED_PX]
    return found
