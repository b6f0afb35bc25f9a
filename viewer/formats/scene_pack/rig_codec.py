"""Rigs to and from their packed form, to the last bit."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from viewer.formats.scene_pack.schema import (
    PackedCamera,
    PackedLens,
    PackedLidar,
    PackedPose,
    PackedRig,
    PackedTrajectory,
)
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.catalog import CAMERA_MODELS
from viewer.geometry.trajectory import OutsideRange, Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, RangeSensorKind, Rig

TrajectoryArrays = Mapping[str, npt.NDArray[np.generic]]
"""``timestamps_ns``, ``rotations_wxyz``, ``translations_m``."""


def pack_rig(rig: Rig, trajectories: list[Trajectory]) -> PackedRig:
    """Return the packed form; trajectories not yet in the list are appended to it."""
    edges: list[PackedPose | PackedTrajectory] = []
    for edge in rig.transforms.edges:
        if isinstance(edge, RigidTransform):
            edges.append(pack_pose(edge))
            continue
        number = next((i for i, known in enumerate(trajectories) if known is edge), None)
        if number is None:
            number = len(trajectories)
            trajectories.append(edge)
        edges.append(PackedTrajectory(edge.dst, edge.src, number, edge.outside))
    return PackedRig(
        tuple(_pack_camera(camera) for camera in rig.cameras.values()),
        tuple(
            PackedLidar(lidar.sensor_id, lidar.coord_frame_id, lidar.kind.value)
            for lidar in rig.lidars.values()
        ),
        tuple(edges),
        tuple(rig.transforms.notes),
        rig.ego_coord_frame_id,
    )


def unpack_rig(packed: PackedRig, trajectories: Mapping[int, TrajectoryArrays]) -> Rig:
    """Return the rig; ValueError when it does not hold together."""
    edges = [
        unpack_pose(edge)
        if isinstance(edge, PackedPose)
        else _unpack_trajectory(edge, trajectories[edge.number])
        for edge in packed.edges
    ]
    return Rig(
        {camera.sensor_id: _unpack_camera(camera) for camera in packed.cameras},
        {
            lidar.sensor_id: LidarSensor(
                lidar.sensor_id, lidar.coord_frame_id, RangeSensorKind(lidar.kind)
            )
            for lidar in packed.lidars
        },
        TransformTree(edges, packed.notes),
        packed.ego_coord_frame_id,
    )


def pack_pose(pose: RigidTransform) -> PackedPose:
    """Return the packed form of a static transform."""
    x, y, z = pose.translation.tolist()
    return PackedPose(pose.dst, pose.src, tuple(pose.rotation.ravel().tolist()), (x, y, z))


def unpack_pose(packed: PackedPose) -> RigidTransform:
    """Return the transform; ValueError when it is not rigid."""
    rotation = np.array(packed.rotation, dtype=np.float64)
    if rotation.shape != (9,):
        raise ValueError(f"{packed.dst}_from_{packed.src} has {len(rotation)} rotation numbers")
    translation = np.array(packed.translation, dtype=np.float64)
    return RigidTransform(packed.dst, packed.src, rotation.reshape(3, 3), translation)


def _unpack_trajectory(packed: PackedTrajectory, arrays: TrajectoryArrays) -> Trajectory:
    if packed.outside not in ("error", "clamp", "extrapolate"):
        raise ValueError(f"{packed.outside!r} is no policy for times outside the range")
    rotations = arrays["rotations_wxyz"].astype(np.float64)
    trajectory = Trajectory(
        packed.dst,
        packed.src,
        arrays["timestamps_ns"].astype(np.int64),
        rotations,
        arrays["translations_m"].astype(np.float64),
        cast("OutsideRange", packed.outside),
    )
    restore_exactly(trajectory, "rotations_wxyz", rotations)
    return trajectory


def restore_exactly(holder: object, name: str, quaternions: npt.NDArray[np.float64]) -> None:
    """Put back unit quaternions as stored: normalising them again may change the last bit."""
    held = getattr(holder, name)
    if held.shape == quaternions.shape and np.allclose(held, quaternions, rtol=0, atol=1e-12):
        quaternions.flags.writeable = False
        object.__setattr__(holder, name, quaternions)


def _pack_camera(camera: CameraSensor) -> PackedCamera:
    lens = None
    if camera.model is not None:
        model = camera.model
        lens = PackedLens(model.name, model.width_px, model.height_px, model.parameters())
    matrix = camera.camera_matrix
    return PackedCamera(
        camera.sensor_id,
        camera.coord_frame_id,
        lens,
        camera.refusal,
        None if matrix is None else tuple(matrix.astype(np.float64).ravel().tolist()),
    )


def _unpack_camera(packed: PackedCamera) -> CameraSensor:
    matrix = None
    if packed.camera_matrix is not None:
        matrix = np.array(packed.camera_matrix, dtype=np.float64).reshape(4, 4)
    lens = None if packed.lens is None else _unpack_lens(packed.lens)
    return CameraSensor(packed.sensor_id, packed.coord_frame_id, lens, packed.refusal, matrix)


def _unpack_lens(packed: PackedLens) -> CameraModel:
    models = {model.name: model for model in CAMERA_MODELS}
    if packed.model not in models:
        raise ValueError(f"the lens model {packed.model!r} is not supported")
    model = models[packed.model]
    unknown = sorted(set(packed.parameters) - set(model.parameter_names()))
    if unknown:
        raise ValueError(f"the lens model {packed.model!r} has no parameter {unknown[0]!r}")
    lens: CameraModel = model(packed.width_px, packed.height_px, **packed.parameters)
    return lens
