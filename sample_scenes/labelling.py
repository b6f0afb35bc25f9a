"""Exact labels of one frame, from the same truth that the sensors were made from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_scenes.lidar import Sweep, rays_meeting
from sample_scenes.picture import Picture
from sample_scenes.traffic import RoadUser
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform

RANGE_M = 75.0
MIN_SEEN_SUBPIXELS = 60
MIN_BOX_SIDE_PX = 3.0
OCCLUSION_STEPS = ((0.35, "none"), (0.6, "partial"), (0.85, "heavy"), (np.inf, "full"))
"""Share of the beams on an object that do not come back, and its name; some always get lost."""


@dataclass(frozen=True, eq=False)
class LabelRow:
    """One cuboid in the world."""

    label_id: str
    track_id: str | None
    class_name: str
    center: tuple[float, ...]
    size: tuple[float, ...]
    orientation_wxyz: tuple[float, ...]
    velocity_mps: tuple[float, ...]
    attributes: dict[str, Any]
    score: float | None = None


@dataclass(frozen=True, eq=False)
class BoxRow:
    """One 2D box on an image."""

    sensor_id: str
    label_id: str
    track_id: str
    class_name: str
    box_px: tuple[float, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True, eq=False)
class FrameTruth:
    """Labels of one frame."""

    cuboids: list[LabelRow]
    boxes: list[BoxRow]


def label_id(track_id: str, frame_index: int) -> str:
    """Name of a track's label in a frame."""
    return f"{track_id}.{frame_index:03d}"


def label_frame(
    users: tuple[RoadUser, ...],
    frame_index: int,
    time_s: float,
    world_from_lidar: RigidTransform,
    sweep: Sweep,
    pictures: dict[str, Picture],
) -> FrameTruth:
    """Label who is in range and has a point, or is seen in an image."""
    boxes: list[BoxRow] = []
    cuboids: list[LabelRow] = []
    points_world = world_from_lidar.apply(sweep.xyz)
    for instance, user in enumerate(users):
        seen = _boxes_of(user, instance, frame_index, pictures)
        row = _cuboid_of(user, instance, frame_index, time_s, world_from_lidar, sweep, points_world)
        if row is None or not (row.attributes["num_points"] or seen):
            continue
        cuboids.append(row)
        boxes += seen
    return FrameTruth(cuboids, boxes)


def _cuboid_of(
    user: RoadUser,
    instance: int,
    frame_index: int,
    time_s: float,
    world_from_lidar: RigidTransform,
    sweep: Sweep,
    points_world: npt.NDArray[np.float64],
) -> LabelRow | None:
    pose = user.center_pose(time_s)
    if np.linalg.norm(pose.position - world_from_lidar.translation) > RANGE_M:
        return None
    center = np.round(pose.position, 4)
    rotation = np.round(quaternion_from_matrix(pose.rotation), 6)
    cuboid = Cuboids(center[None], np.array([user.size_m]), rotation[None], "world")
    point_count = int(cuboid.count_points(points_world)[0])
    returned = int((sweep.instances == instance).sum())
    possible = rays_meeting(user.mesh_at(time_s), world_from_lidar)
    hidden = 1 - min(returned / possible, 1.0) if possible else 1.0
    occlusion = next(name for limit, name in OCCLUSION_STEPS if hidden <= limit)
    return LabelRow(
        label_id=label_id(user.track_id, frame_index),
        track_id=user.track_id,
        class_name=user.class_name,
        center=tuple(center.tolist()),
        size=user.size_m,
        orientation_wxyz=tuple(rotation.tolist()),
        velocity_mps=tuple(np.round(user.velocity_mps(time_s), 3).tolist()),
        attributes={"state": user.state, "occlusion": occlusion, "num_points": point_count},
    )


def _boxes_of(
    user: RoadUser, instance: int, frame_index: int, pictures: dict[str, Picture]
) -> list[BoxRow]:
    rows = []
    for sensor_id, picture in pictures.items():
        box, seen = picture.covered_box_px(instance)
        if box is None or seen < MIN_SEEN_SUBPIXELS:
            continue
        width, height = box[2] - box[0], box[3] - box[1]
        if min(width, height) < MIN_BOX_SIDE_PX:
            continue
        rows_px, _, columns_px, _ = picture.instances.shape
        cut = box[0] <= -0.5 or box[1] <= -0.5
        cut = cut or box[2] >= columns_px - 0.5 or box[3] >= rows_px - 0.5
        rows.append(
            BoxRow(
                sensor_id,
                f"{label_id(user.track_id, frame_index)}.{sensor_id}",
                user.track_id,
                user.class_name,
                tuple(box.tolist()),
                {"truncated": bool(cut)},
            )
        )
    return rows
