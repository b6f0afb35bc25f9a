"""Frame contents for tests of pictures: of the fake drive, and of a few points and boxes."""

from pathlib import Path

import numpy as np

from tests.fake_drive import PERIOD_NS, START_NS, make_scene
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import LidarSensor, Rig
from viewer.session.frame_content import FrameContent, LoadedSweep

RED, GREEN = (255, 0, 0), (0, 255, 0)


def drive_content(index, *, sweep_count=1, scene=None, car_count=1):
    """One frame of the fake drive, loaded."""
    scene = scene or make_scene(12, car_count=car_count)
    reader = scene.reader
    sweeps = tuple(
        LoadedSweep("lidar", reader.read_point_cloud(i, "lidar"), START_NS + i * PERIOD_NS, i)
        for i in range(index, max(-1, index - sweep_count), -1)
    )
    images = {name: reader.read_image(index, name, None) for name in ("front", "rear")}
    labels = {
        one.label_set_id: reader.read_labels(index, one.label_set_id) for one in scene.label_sets
    }
    return FrameContent(scene, scene.frames[index], reader.read_rig(index), sweeps, images, labels)


def still_content(xyz, boxes=(), *, fields=None, predicted=(), world_from_lidar=None):
    """Points and boxes (center, size, yaw, class) in one coord frame, without time.

    Class "red" is red, class "green" green.
    """
    cloud = PointCloud(np.asarray(xyz), fields or {}, "lidar")
    edge = world_from_lidar or RigidTransform.identity("world", "lidar")
    rig = Rig({}, {"lidar": LidarSensor("lidar", "lidar")}, TransformTree([edge]), "lidar")
    frame = Frame(0, "0", None)
    sets = (
        LabelSet("gt", LabelSetKind.GROUND_TRUTH),
        LabelSet("model", LabelSetKind.PREDICTIONS),
    )
    class_map = ClassMap.from_names(["red", "green"], {"red": RED, "green": GREEN})
    scene = Scene("still", Path("/still"), "fake", (frame,), None, sets, class_map, True)
    labels = {"gt": _labels(boxes, "gt"), "model": _labels(predicted, "model")}
    sweep = LoadedSweep("lidar", cloud, None, 0)
    return FrameContent(scene, frame, rig, (sweep,), {}, labels)


def _labels(boxes, name):
    if not boxes:
        return FrameLabels(CuboidLabels.empty("lidar"))
    centers, sizes, yaws, classes = zip(*boxes, strict=True)
    cuboids = Cuboids(
        np.array(centers, float), np.array(sizes, float),
        quaternion_from_yaw(np.array(yaws, float)), "lidar",
    )  # fmt: skip
    count = len(boxes)
    return FrameLabels(
        CuboidLabels(
            cuboids, [f"{name}{i}" for i in range(count)], list(classes), [None] * count,
            np.full(count, 0.5), [{}] * count,
        )
    )  # fmt: skip
