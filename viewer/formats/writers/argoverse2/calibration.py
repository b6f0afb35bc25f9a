"""Lenses, mounting poses and the vehicle's motion of a log."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.reader import Argoverse2Reader
from viewer.formats.edited_reader import as_delivered
from viewer.formats.writers.argoverse2.feather import (
    EXTRINSIC_TYPES,
    INTRINSIC_TYPES,
    POSE_TYPES,
    rows_table,
)
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import FrameTimes, ScenePoses, vehicle_motion
from viewer.formats.writers.target_files import Write
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor, RangeSensorKind

LIDAR_NAMES = ("up_lidar", "down_lidar")
"""The dataset's own tools look for both."""
MAX_SIDE_PX = 65_535
Row = dict[str, Any]


class CalibrationFiles:
    """Collects frame by frame; a log has one calibration, that of the first frame that has one."""

    def __init__(self, scene: Scene, times: FrameTimes, poses: ScenePoses, losses: LossLog) -> None:
        self._scene = scene
        self._times = times
        self._poses = poses
        self._losses = losses
        self._lenses: dict[str, Row] = {}
        self._mounts: dict[str, Row] = {}
        self._motion: dict[int, Row] = {}
        self._seen: set[str] = set()

    def add_frame(self, frame: Frame) -> None:
        """Take what a frame's rig says."""
        rig = self._poses.rig(frame)
        for timestamp_ns in self._instants(frame):
            written = self._times.of_recording(frame, timestamp_ns)
            if written not in self._motion:
                rotation, translation = self._poses.vehicle(frame, timestamp_ns)
                self._motion[written] = {"timestamp_ns": written, **_pose(rotation, translation)}
        if rig is None:
            return
        if self._times.are_own and not self._seen:
            motion = vehicle_motion(rig)
            if motion is not None:
                for time, rotation, translation in zip(
                    motion.timestamps_ns.tolist(), motion.rotations_wxyz, motion.translations_m,
                    strict=True,
                ):  # fmt: skip
                    self._motion[time] = {"timestamp_ns": time, **_pose(rotation, translation)}
        for camera in rig.cameras.values():
            if camera.sensor_id not in self._seen:
                self._seen.add(camera.sensor_id)
                self._add_camera(frame, camera)
        for lidar in rig.lidars.values():
            if lidar.sensor_id not in self._seen and lidar.kind == RangeSensorKind.LIDAR:
                self._seen.add(lidar.sensor_id)
                pose = self._poses.ego_from(frame, lidar.coord_frame_id, frame.timestamp_ns)
                if pose is not None:
                    self._add_mount(lidar.sensor_id, pose)

    def finish(self, write: Write) -> None:
        """Write the three tables."""
        reader = as_delivered(self._scene.reader)
        if isinstance(reader, Argoverse2Reader):
            lenses, mounts = reader.calibration_rows()
            self._lenses |= {name: row for name, row in lenses.items() if name in self._lenses}
            self._mounts = mounts or self._mounts
        else:
            self._name_lidars()
        rows = [self._motion[time] for time in sorted(self._motion)]
        write("city_SE3_egovehicle.feather", rows_table(rows, POSE_TYPES))
        lenses_table = rows_table(list(self._lenses.values()), INTRINSIC_TYPES)
        write("calibration/intrinsics.feather", lenses_table)
        mounts_table = rows_table(list(self._mounts.values()), EXTRINSIC_TYPES)
        write("calibration/egovehicle_SE3_sensor.feather", mounts_table)

    def _instants(self, frame: Frame) -> list[int | None]:
        """Times of a frame at which the vehicle's pose is asked for."""
        return [frame.timestamp_ns, *(image.timestamp_ns for image in frame.images)]

    def _add_camera(self, frame: Frame, camera: CameraSensor) -> None:
        where = f"{self._scene.scene_id}/{camera.sensor_id}"
        if camera.camera_matrix is not None:
            self._losses.add("matrix of a camera", where, "a camera is a lens and a pose")
        if camera.model is None:
            return
        row = self._lens(camera, where)
        pose = self._poses.ego_from(frame, camera.coord_frame_id, frame.timestamp_ns)
        if row is not None and pose is not None:
            self._lenses[camera.sensor_id] = row
            self._add_mount(camera.sensor_id, pose)

    def _lens(self, camera: CameraSensor, where: str) -> Row | None:
        lens = camera.model
        if not isinstance(lens, Pinhole | BrownConrady):
            name = lens.name if lens is not None else "none"
            self._losses.add("lens", where, f"is {name}; a log has pinhole cameras")
            return None
        if max(lens.width_px, lens.height_px) > MAX_SIDE_PX:
            self._losses.add("lens", where, f"its image has a side of more than {MAX_SIDE_PX} px")
            return None
        row: Row = {"sensor_name": camera.sensor_id}
        row |= {f"{name}_px": getattr(lens, name) for name in ("fx", "fy", "cx", "cy")}
        row |= {name: getattr(lens, name, 0.0) for name in ("k1", "k2", "k3")}
        row |= {"height_px": lens.height_px, "width_px": lens.width_px}
        if isinstance(lens, BrownConrady):
            why = "images of a log are undistorted; k1, k2 and k3 are written, nobody applies them"
            self._losses.add("distortion of a lens", where, why)
        return row

    def _add_mount(self, name: str, pose: RigidTransform) -> None:
        rotation = quaternion_from_matrix(pose.rotation)
        self._mounts[name] = {"sensor_name": name, **_pose(rotation, pose.translation)}

    def _name_lidars(self) -> None:
        """Give the lidars the names that the dataset has for its two."""
        lidars = [name for name in self._mounts if name not in self._scene.camera_ids]
        if not lidars or all(name in self._mounts for name in LIDAR_NAMES):
            return
        still = _pose(np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3))
        for number, name in enumerate(LIDAR_NAMES):
            source = lidars[min(number, len(lidars) - 1)] if lidars else None
            row = self._mounts[source] if source is not None else still
            self._mounts.setdefault(name, {**row, "sensor_name": name})


def _pose(rotation: npt.NDArray[np.float64], translation: npt.NDArray[np.float64]) -> Row:
    numbers = [*rotation.tolist(), *translation.tolist()]
    return dict(zip(("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m"), numbers, strict=True))
