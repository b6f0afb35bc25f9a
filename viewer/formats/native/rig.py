"""The rig of a manifest: coord frames and sensors, in and out."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.native.schema import (
    CameraRecord,
    CoordFrameRecord,
    LidarRecord,
    Matrix4,
    RigRecord,
    TrajectoryRecord,
    Vector3,
    Vector4,
)
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.catalog import CAMERA_MODELS
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree, TransformTreeError
from viewer.scene.sensors import CameraSensor, LidarSensor, RangeSensorKind, Rig

QUATERNION_SLACK = 1e-3
MODEL_BY_NAME: dict[str, type[CameraModel]] = {model.name: model for model in CAMERA_MODELS}


def rig_from_record(
    record: RigRecord, path: Path, place: str, used_cameras: Sequence[str] = ()
) -> Rig:
    """Return the rig; `DamagedData` where coord frames or lens numbers make no sense.

    A used camera that the record does not describe is there without calibration.
    """
    edges = [
        _edge(frame, path, f"{place}.coord_frames[{index}]")
        for index, frame in enumerate(record.coord_frames)
    ]
    try:
        transforms = TransformTree(edges, _notes(record))
    except (TransformTreeError, ValueError) as error:
        raise DamagedData(path, f"{place}.coord_frames", str(error)) from None
    known = {"world", *transforms.coord_frame_ids}
    sensors: list[CameraRecord | LidarRecord] = [*record.cameras, *record.lidars]
    for sensor in sensors:
        if sensor.coord_frame_id not in known:
            raise DamagedData(
                path, place, f"{sensor.id!r} sits in {sensor.coord_frame_id!r}, no coord frame"
            )
    if record.ego_coord_frame_id not in known:
        raise DamagedData(path, place, f"ego {record.ego_coord_frame_id!r} is no coord frame")
    cameras = [
        _camera(camera, path, f"{place}.cameras[{index}]")
        for index, camera in enumerate(record.cameras)
    ]
    described = {camera.sensor_id for camera in cameras}
    for sensor_id in used_cameras:
        if sensor_id not in described:
            refusal = "The scene does not describe this camera; no overlay is drawn"
            cameras.append(CameraSensor(sensor_id, "world", None, refusal))
    lidars = [
        LidarSensor(lidar.id, lidar.coord_frame_id, RangeSensorKind(lidar.kind))
        for lidar in record.lidars
    ]
    return Rig(
        cameras={camera.sensor_id: camera for camera in cameras},
        lidars={lidar.sensor_id: lidar for lidar in lidars},
        transforms=transforms,
        ego_coord_frame_id=record.ego_coord_frame_id,
    )


def record_from_rig(rig: Rig) -> RigRecord:
    """Return the record that says the same as `rig`."""
    return RigRecord(
        coord_frames=[_frame_record(edge) for edge in rig.transforms.edges],
        cameras=[_camera_record(camera) for camera in rig.cameras.values()],
        lidars=[
            LidarRecord(lidar.sensor_id, lidar.coord_frame_id, lidar.kind.value)
            for lidar in rig.lidars.values()
        ],
        ego_coord_frame_id=rig.ego_coord_frame_id,
    )


def _edge(record: CoordFrameRecord, path: Path, place: str) -> RigidTransform | Trajectory:
    track = record.trajectory
    try:
        if track is None:
            return RigidTransform.from_quaternion(
                record.parent, record.id, record.orientation_wxyz, record.position
            )
        return Trajectory(
            record.parent,
            record.id,
            np.array(track.timestamps_ns, dtype=np.int64),
            np.array(track.orientations_wxyz, dtype=np.float64).reshape(-1, 4),
            np.array(track.positions, dtype=np.float64).reshape(-1, 3),
            outside=track.outside,
        )
    except (ValueError, OverflowError) as error:
        raise DamagedData(path, place, f"coord frame {record.id!r}: {error}") from None


def _notes(record: RigRecord) -> list[str]:
    notes = []
    for frame in record.coord_frames:
        track = frame.trajectory
        rows = [frame.orientation_wxyz] if track is None else track.orientations_wxyz
        with np.errstate(over="ignore"):
            norms = np.linalg.norm(np.array(rows, dtype=np.float64).reshape(-1, 4), axis=1)
        worst = norms[np.argmax(np.abs(norms - 1))]
        if abs(worst - 1) > QUATERNION_SLACK:
            notes.append(f"orientation of {frame.id!r} was normalised (norm {worst:.4g})")
    return notes


def _camera(record: CameraRecord, path: Path, place: str) -> CameraSensor:
    matrix = None if record.camera_matrix is None else np.array(record.camera_matrix)
    sensor = CameraSensor(record.id, record.coord_frame_id, None, camera_matrix=matrix)
    if record.model is None:
        return _refused(sensor, record.refusal or "The scene gives no calibration for this camera")
    model = MODEL_BY_NAME.get(record.model)
    if model is None:
        return _refused(sensor, record.refusal or _unknown_lens(record.model))
    if record.width_px is None or record.height_px is None:
        raise DamagedData(path, place, f"camera {record.id!r} has no width_px or height_px")
    try:
        lens = model(record.width_px, record.height_px, **record.parameters)
    except (TypeError, ValueError) as error:
        raise DamagedData(path, f"{place}.parameters", f"camera {record.id!r}: {error}") from None
    return CameraSensor(record.id, record.coord_frame_id, lens, record.refusal, matrix)


def _refused(sensor: CameraSensor, refusal: str) -> CameraSensor:
    return CameraSensor(
        sensor.sensor_id, sensor.coord_frame_id, None, refusal, sensor.camera_matrix
    )


def _unknown_lens(name: str) -> str:
    known = ", ".join(MODEL_BY_NAME)
    return f"The lens model {name[:60]!r} is not supported (known: {known}); no overlay is drawn"


def _frame_record(edge: RigidTransform | Trajectory) -> CoordFrameRecord:
    if isinstance(edge, RigidTransform):
        return CoordFrameRecord(
            id=edge.src,
            parent=edge.dst,
            position=cast(Vector3, tuple(edge.translation.tolist())),
            orientation_wxyz=cast(Vector4, tuple(quaternion_from_matrix(edge.rotation).tolist())),
        )
    return CoordFrameRecord(
        id=edge.src,
        parent=edge.dst,
        trajectory=TrajectoryRecord(
            timestamps_ns=edge.timestamps_ns.tolist(),
            positions=edge.translations_m.tolist(),
            orientations_wxyz=edge.rotations_wxyz.tolist(),
            outside=edge.outside,
        ),
    )


def _camera_record(camera: CameraSensor) -> CameraRecord:
    matrix = None if camera.camera_matrix is None else camera.camera_matrix.tolist()
    record = CameraRecord(
        id=camera.sensor_id,
        coord_frame_id=camera.coord_frame_id,
        camera_matrix=cast(Matrix4 | None, matrix),
        refusal=camera.refusal,
    )
    if camera.model is not None:
        record.model = camera.model.name
        record.width_px = camera.model.width_px
        record.height_px = camera.model.height_px
        record.parameters = dict(camera.model.parameters())
    return record
