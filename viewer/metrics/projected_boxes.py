"""Boxes around what cuboids cover on the images, through every camera's own lens."""

from dataclasses import replace

import numpy as np

from viewer.formats.base import DamagedData
from viewer.geometry.projection import outline_boxes_px, project_cuboids
from viewer.geometry.transform_tree import TransformTreeError
from viewer.metrics.objects import PROJECTED_PX, EvaluatedObjects, Floats
from viewer.progress import JobContext
from viewer.scene.scene import Dataset, Frame, Scene

MARGIN_PX = 1.0


def with_projected_boxes(
    dataset: Dataset, objects: EvaluatedObjects, job: JobContext
) -> EvaluatedObjects:
    """Return the objects with the extra that `IouProjected` compares.

    Parameters
    ----------
    dataset
        The labels', whose cameras are used; frames are found by scene and key.
    objects
        Labels, or predictions in their coord frame.
    """
    scenes = {scene.scene_id: scene for scene in dataset.scenes}
    cameras = list(dict.fromkeys(name for scene in dataset.scenes for name in scene.camera_ids))
    found = np.full((len(objects), len(cameras), 4), np.nan)
    frames, offsets = objects.frames, objects.frame_offsets()
    boxed = objects.has_cuboid()
    total = len(frames)
    for row in range(total):
        job.report(row, total, "Projecting boxes")
        rows = np.arange(offsets[row], offsets[row + 1])
        rows = rows[boxed[rows]]
        scene = scenes.get(frames.scene_ids[int(frames.scene_of_frame[row])])
        if not len(rows) or scene is None:
            continue
        frame = scene.frames[int(frames.index_in_scene[row])]
        if frame.key == frames.keys[row]:
            for camera, name in enumerate(cameras):
                found[rows, camera] = _boxes(scene, frame, name, objects, rows)
    return replace(objects, extras={**objects.extras, PROJECTED_PX: found})


def _boxes(
    scene: Scene,
    frame: Frame,
    sensor_id: str,
    objects: EvaluatedObjects,
    rows: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> Floats:
    """(N, 4) NaN where a cuboid is not seen, or the camera cannot be used."""
    unseen = np.full((len(rows), 4), np.nan)
    image_ns = next((each.timestamp_ns for each in frame.images if each.sensor_id == sensor_id),
                    frame.timestamp_ns)  # fmt: skip
    try:
        rig = scene.reader.read_rig(frame.index)
        camera = rig.cameras.get(sensor_id)
        if camera is None or camera.model is None:
            return unseen
        cuboids = objects.cuboids(rows)
        matrix = rig.camera_from(camera, cuboids.coord_frame_id, image_ns, frame.timestamp_ns)
    except (DamagedData, TransformTreeError):
        return unseen
    curves = project_cuboids(cuboids, camera.model, matrix, margin_px=MARGIN_PX)
    return outline_boxes_px(curves, len(cuboids)) if len(curves.owner) else unseen
