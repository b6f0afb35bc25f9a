"""Coordinate systems of a file, and the transforms of each frame as they hold for its recordings.

A stream lies in the system of its own name. Frames have one pose a system: a sensor's is the one
of the time at which it recorded, seen from where its parent was at the time of the frame, so that
points and boxes fall on the images as in the source although the vehicle moved in between.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.rigid_matrix import is_rigid
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import Edge, TransformTreeError
from viewer.scene.images import ImageRef
from viewer.scene.scene import Frame, Scene, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

SAME_POSE = 1e-12
Matrix = npt.NDArray[np.float64]


class SystemTable:
    """Collects systems frame by frame; the first pose that is seen is the static one."""

    def __init__(self, scene: Scene, poses: ScenePoses, losses: LossLog) -> None:
        self._scene = scene
        self._poses = poses
        self._losses = losses
        self._sensor_ids = {*scene.camera_ids, *scene.lidar_ids}
        self._parents: dict[str, str] = {}
        self._static: dict[str, Matrix | None] = {}
        self._coord_frames: dict[str, str] = {}
        """The coord frame of each system that stands for a stream."""
        self._inner: set[str] = set()
        """Coord frames that a camera's matrix tells of; see `image_shift_m`."""
        self._turned: dict[str, Matrix] = {}
        """Coord frame from stream, where a camera has a matrix of its own."""
        self._ego = WORLD

    def knows(self, coord_frame_id: str) -> bool:
        """Say whether there is a system for a coord frame."""
        name = self.name(coord_frame_id)
        return coord_frame_id == WORLD or (name in self._parents and name not in self._inner)

    def name(self, coord_frame_id: str) -> str:
        """Return the system of a coord frame; streams keep their names for themselves."""
        own = self._coord_frames.get(coord_frame_id, coord_frame_id)
        if own != coord_frame_id or coord_frame_id in self._turned:
            return f"{coord_frame_id} (coord frame)"
        return coord_frame_id

    def times(self, frame: Frame) -> dict[str, int]:
        """Return the time of each system that has another one than the frame."""
        if frame.timestamp_ns is None:
            return {}
        recorded: tuple[SweepRef | ImageRef, ...] = (*frame.sweeps, *frame.images)
        return {
            each.sensor_id: each.timestamp_ns
            for each in recorded
            if each.timestamp_ns is not None
            and each.timestamp_ns != frame.timestamp_ns
            and each.sensor_id in self._coord_frames
        }

    def add_frame(self, frame: Frame) -> dict[str, Any]:
        """Return the transforms of a frame that differ from the static poses."""
        rig = self._poses.rig(frame)
        if rig is None:
            return {}
        self._ego = rig.ego_coord_frame_id
        edges = {edge.src: edge for edge in rig.transforms.edges}
        self._learn(rig, edges)
        times = self.times(frame)
        found = {}
        for child, parent in self._parents.items():
            pose = self._pose(frame, rig, edges, times, child)
            static = self._static[child]
            if pose is None or (static is not None and np.abs(pose - static).max() <= SAME_POSE):
                continue
            transform = {"matrix4x4": pose.ravel().tolist()}
            found[f"{child}_to_{parent}"] = {
                "src": child,
                "dst": parent,
                "transform_src_to_dst": transform,
            }
        return found

    def as_json(self) -> dict[str, Any]:
        """Return ``coordinate_systems``."""
        children: dict[str, list[str]] = {WORLD: []}
        for child, parent in self._parents.items():
            children.setdefault(parent, []).append(child)
        found: dict[str, Any] = {WORLD: _system("scene_cs", "", children[WORLD])}
        for name, parent in self._parents.items():
            kind = "sensor_cs" if name in self._coord_frames else "custom_cs"
            kind = "local_cs" if name == self.name(self._ego) else kind
            found[name] = _system(kind, parent, children.get(name, []))
            static = self._static[name]
            if static is not None:
                found[name]["pose_wrt_parent"] = {"matrix4x4": static.ravel().tolist()}
        return found

    def _learn(self, rig: Rig, edges: dict[str, Edge]) -> None:
        """Take note of systems that were not there before."""
        sensors: list[CameraSensor | LidarSensor] = [*rig.cameras.values(), *rig.lidars.values()]
        for sensor in sensors:
            placed = sensor.coord_frame_id in edges or sensor.coord_frame_id == WORLD
            # A camera without a lens lies in the world for want of anything better.
            lost = isinstance(sensor, CameraSensor) and sensor.model is None
            if placed and not (lost and sensor.coord_frame_id == WORLD):
                self._coord_frames.setdefault(sensor.sensor_id, sensor.coord_frame_id)
        for camera in rig.cameras.values():
            if camera.camera_matrix is not None and is_rigid(camera.camera_matrix):
                own = np.array(np.linalg.inv(camera.camera_matrix), dtype=np.float64)
                self._turned.setdefault(camera.sensor_id, own)
            if image_shift_m(rig, camera) is not None:
                self._coord_frames[camera.sensor_id] = camera.sensor_id
                self._inner.add(camera.coord_frame_id)
        for edge in edges.values():
            name = self.name(edge.src)
            if name not in self._parents and edge.src not in self._inner:
                self._parents[name] = self.name(edge.dst)
                self._static[name] = edge.matrix if isinstance(edge, RigidTransform) else None
        for sensor_id, coord_frame_id in self._coord_frames.items():
            parent = self.name(coord_frame_id)
            if sensor_id != parent and sensor_id not in self._parents:
                self._parents[sensor_id] = parent
                self._static[sensor_id] = self._turned.get(sensor_id, np.eye(4))

    def _pose(
        self, frame: Frame, rig: Rig, edges: dict[str, Edge], times: dict[str, int], child: str
    ) -> Matrix | None:
        """Return parent_from_child of a system, each at its own time; None where none is known."""
        parent = self._parents[child]
        src = self._coord_frame_of(child)
        dst = self._coord_frame_of(parent)
        if src not in rig.transforms or dst not in rig.transforms:
            return None
        src_ns, dst_ns = (times.get(name, frame.timestamp_ns) for name in (child, parent))
        edge = edges.get(src)
        if src_ns == dst_ns and edge is not None and edge.dst == dst:
            if isinstance(edge, RigidTransform):
                return edge.matrix
            if src_ns is not None:
                return edge.at(src_ns).matrix
        try:
            matrix = rig.transforms.transform(dst, src, dst_ns, src_ns=src_ns).matrix
            return matrix @ self._turned[child] if child in self._turned else matrix
        except (TransformTreeError, ValueError) as error:
            where = f"{self._scene.scene_id}/{frame.key}"
            what = "pose of the vehicle" if isinstance(edge, Trajectory) else "pose of a sensor"
            self._losses.add(what, where, str(error))
            return None

    def _coord_frame_of(self, system: str) -> str:
        own = self._coord_frames.get(system)
        return own if own is not None else system.removesuffix(" (coord frame)")


def image_shift_m(rig: Rig, camera: CameraSensor) -> npt.NDArray[np.float64] | None:
    """Return how far points are moved before the lens, where a camera's matrix can tell it.

    That is where the lens lies beside a coord frame of the camera's own name, not turned: (3,)
    metres in the camera's axes.
    """
    if not isinstance(camera.model, Pinhole | BrownConrady) or camera.camera_matrix is not None:
        return None
    for edge in rig.transforms.edges:
        joins = edge.src == camera.coord_frame_id and edge.dst == camera.sensor_id
        if joins and isinstance(edge, RigidTransform) and (edge.rotation == np.eye(3)).all():
            return -edge.translation
    return None


def _system(kind: str, parent: str, children: list[str]) -> dict[str, Any]:
    return {"type": kind, "parent": parent, "children": children}
