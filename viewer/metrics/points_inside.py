"""Counts lidar points in the boxes of a whole evaluation, where the dataset tells no counts."""

from dataclasses import replace

import numpy as np

from viewer.formats.base import DamagedData
from viewer.geometry.transform_tree import TransformTreeError
from viewer.metrics.objects import EvaluatedObjects, Ints
from viewer.progress import JobContext
from viewer.scene.scene import Dataset, Frame, Scene
from viewer.scene.sensors import RangeSensorKind


def with_point_counts(
    dataset: Dataset, objects: EvaluatedObjects, job: JobContext
) -> EvaluatedObjects:
    """Return the objects with the points of all lidars in each box, faces included.

    -1 for objects without a cuboid and for frames without a cloud. Boxes are carried to each
    lidar's coord frame, so that the points stay as stored.

    Parameters
    ----------
    dataset
        The labels'; frames are found by scene and key.
    """
    scenes = {scene.scene_id: scene for scene in dataset.scenes}
    frames, offsets = objects.frames, objects.frame_offsets()
    counts = np.full(len(objects), -1)
    boxed = objects.has_cuboid()
    for row in range(len(frames)):
        job.report(row, len(frames), "Counting points")
        rows = np.arange(offsets[row], offsets[row + 1])
        rows = rows[boxed[rows]]
        scene = scenes.get(frames.scene_ids[int(frames.scene_of_frame[row])])
        if not len(rows) or scene is None:
            continue
        frame = scene.frames[int(frames.index_in_scene[row])]
        if frame.key == frames.keys[row]:
            found = _counted(scene, frame, objects, rows)
            if found is not None:
                counts[rows] = found
    return replace(objects, point_counts=counts)


def _counted(scene: Scene, frame: Frame, objects: EvaluatedObjects, rows: Ints) -> Ints | None:
    """(N,) None where no lidar can be read."""
    total: Ints | None = None
    cuboids = objects.cuboids(rows)
    for sweep in frame.sweeps:
        try:
            rig = scene.reader.read_rig(frame.index)
            sensor = rig.lidars.get(sweep.sensor_id)
            if sensor is None or sensor.kind != RangeSensorKind.LIDAR:
                continue
            lidar_from_boxes = rig.transforms.transform(
                sensor.coord_frame_id, cuboids.coord_frame_id, sweep.timestamp_ns,
                src_ns=frame.timestamp_ns,
            )  # fmt: skip
            cloud = scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        except (DamagedData, TransformTreeError):
            continue
        own = cuboids.transformed(lidar_from_boxes).count_points(cloud.xyz)
        total = own if total is None else total + own
    return total
