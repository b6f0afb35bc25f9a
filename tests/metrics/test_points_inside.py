"""Points counted in boxes by hand."""

from dataclasses import replace

import numpy as np
from evaluated_scenes import MemoryReader, cuboids, dataset

from viewer.formats.base import DamagedData
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.metrics.gathering import gather_datasets
from viewer.metrics.points_inside import with_point_counts
from viewer.progress import JobContext
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import SweepRef
from viewer.scene.sensors import LidarSensor, Rig

JOB = JobContext()


class CloudReader(MemoryReader):
    def read_point_cloud(self, frame_index, sensor_id):
        if frame_index == 1:
            raise DamagedData("cloud.bin", "", "is missing")
        # Two points in the first box, one on its face, one far away; all 5 m from where they are.
        xyz = np.array([[5, 0, 0], [5.5, 0.2, 0.1], [7, 0, 0], [60, 0, 0]], np.float32)
        return PointCloud(xyz, coord_frame_id="lidar")


def test_by_hand():
    tree = TransformTree([RigidTransform("world", "lidar", np.eye(3), np.array([-5.0, 0, 0]))])
    truth = [
        cuboids([[0, 0, 0], [20, 0, 0]], size=(4.0, 2.0, 1.5)), cuboids([[0, 0, 0]]), cuboids([]),
    ]  # fmt: skip
    made = dataset({"truth": truth}, tree=tree)
    (scene,) = made.scenes
    rig = Rig({}, {"lidar": LidarSensor("lidar", "lidar")}, tree)
    frames = tuple(
        replace(each, sweeps=(SweepRef("lidar", None, "cloud.bin"),)) for each in scene.frames
    )
    scene = replace(scene, frames=frames, reader=CloudReader({"truth": truth}, rig))
    made = replace(made, scenes=(scene,))
    labels = gather_datasets(made, "truth", [], JOB).labels
    assert labels.point_counts is None
    # The cloud of the second frame cannot be read: nothing is known there.
    assert with_point_counts(made, labels, JOB).point_counts.tolist() == [3, 0, -1]
