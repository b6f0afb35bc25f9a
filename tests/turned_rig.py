"""A scene whose calibration or clocks are wrong by a known amount; nothing on disk changes."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

import sample_scenes
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.source import ScenesAt
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import JobContext

STREET = Path(sample_scenes.__file__).parent / "street"


@lru_cache(maxsize=1)
def street_labels():
    """The street as checks see it, without measures of its points."""
    source = ScenesAt(STREET)
    scene = source.scene(source.scene_ids()[0])
    return gather_scene(scene, Wanted("ground_truth", points=False), JobContext())


def gathered(scene):
    """The street with other cameras: its labels in the world are the same."""
    return replace(street_labels(), scene=scene, cache={})


class TurnedRig:
    """Reads as `base` does, but `change` is made to the pose of one camera in the vehicle."""

    def __init__(self, base, camera_id, change):
        self._base, self._camera_id, self._change = base, camera_id, change

    def __getattr__(self, name):
        return getattr(self._base, name)

    def read_rig(self, frame_index):
        rig = self._base.read_rig(frame_index)
        edges = []
        for edge in rig.transforms.edges:
            if edge.src == self._camera_id:
                matrix = self._change(edge.matrix, frame_index)
                edge = RigidTransform.from_matrix(edge.dst, edge.src, matrix)
            edges.append(edge)
        return replace(rig, transforms=TransformTree(edges))


def with_pose(scene, camera_id, change):
    """Pose of a camera changed by `change(ego_from_camera, frame_index)`, (4, 4) both."""
    return replace(scene, reader=TurnedRig(scene.reader, camera_id, change))


def with_clock(scene, camera_id, by_ms):
    """Times of a camera's images wrong by so much."""
    by_ns = round(by_ms * 1e6)
    frames = []
    for frame in scene.frames:
        images = tuple(
            replace(each, timestamp_ns=each.timestamp_ns + by_ns)
            if each.sensor_id == camera_id else each
            for each in frame.images
        )  # fmt: skip
        frames.append(replace(frame, images=images))
    return replace(scene, frames=tuple(frames))


def turn(axis, degrees):
    """(4, 4) turn about x (0), y (1) or z (2), right-handed."""
    angle = np.radians(degrees)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    matrix = np.eye(4)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix
