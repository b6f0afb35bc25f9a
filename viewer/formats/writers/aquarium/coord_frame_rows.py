"""Coord frames of one frame: every pose at the time at which its sensor measured.

A row has one set of coord frames, a vehicle moves while its sensors measure. Coord frames that
stand still keep their place in the tree; what moves is given as it was at the frame's time; a
sensor that measured at another time hangs under ``world`` where it was then.
"""

from typing import Any

import msgspec

from viewer.formats.writers.losses import LossLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.sensors import CameraSensor, Rig

WORLD = "world"
_COEFFICIENTS = {
    "brown_conrady": ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2", "s1", "s2", "s3", "s4"),
    "fisheye": ("k1", "k2", "k3", "k4", "skew"),
}
Row = dict[str, Any]


class CoordFrameRows:
    """The coord frames of one frame.

    Parameters
    ----------
    rig
        None leaves nothing but the root.
    time_ns
        Time of the frame.
    """

    def __init__(self, rig: Rig | None, time_ns: int | None, where: str, losses: LossLog) -> None:
        self._rig = rig
        self._time_ns = time_ns
        self._where = where
        self._losses = losses
        self._poses: dict[str, RigidTransform] = {}
        self._cameras: dict[str, Row] = {}
        self._plain_images: list[str] = []
        self._overlay_frames: dict[str, str] = {}
        self._moving: set[str] = set()
        self._parents: set[str] = set()
        self._placed_ns: dict[str, int | None] = {}
        if rig is not None:
            self._place(rig)

    @property
    def rows(self) -> list[Row]:
        """Rows as the client orders them: the root, then parents before children."""
        rows = [{"coordinate_frame_id": WORLD, "coordinate_frame_type": "WORLD"}]
        left = dict(self._poses)
        known = {WORLD}
        while left:
            ready = [name for name, pose in left.items() if pose.dst in known]
            for name in ready or list(left):
                rows.append(self._row(name, left.pop(name)))
                known.add(name)
        rows += [
            {"coordinate_frame_id": name, "coordinate_frame_type": "IMAGE"}
            for name in self._plain_images
        ]
        return rows

    def sensor_frame(self, sensor_id: str, coord_frame_id: str, at_ns: int | None) -> str:
        """Return the coord frame to name for what was measured in one at a time."""
        at_ns = self._time_ns if at_ns is None else at_ns
        if coord_frame_id == WORLD or coord_frame_id not in self._poses:
            return WORLD
        if self.stands(coord_frame_id, at_ns):
            return coord_frame_id
        pose = self.world_from(coord_frame_id, at_ns)
        if pose is None:
            return coord_frame_id
        name = coord_frame_id
        if name in self._parents or name in self._placed_ns:
            name = self._unique(f"{coord_frame_id}_{sensor_id}")
        self._placed_ns[name] = at_ns
        self._poses[name] = RigidTransform(WORLD, name, pose.rotation, pose.translation)
        return name

    def camera_frame(self, camera: CameraSensor | None, sensor_id: str, at_ns: int | None) -> str:
        """Return the coord frame of an image; one without projection where there is no lens."""
        lens = None if camera is None else _lens(camera.model)
        if camera is None or lens is None:
            if camera is not None and camera.model is not None:
                why = "there are Brown-Conrady and fisheye lenses; the image has no projection"
                self._losses.add(f"lens {camera.model.name!r}", self._where, why)
            name = self._unique(sensor_id)
            self._plain_images.append(name)
            return name
        name = self.sensor_frame(sensor_id, camera.coord_frame_id, at_ns)
        shared = self._rig is not None and any(
            each.coord_frame_id == name for each in self._rig.lidars.values()
        )
        if name == WORLD or name in self._cameras or name in self._parents or shared:
            parent, name = name, self._unique(sensor_id)
            self._poses[name] = RigidTransform.identity(parent, name)
        if camera.camera_matrix is not None:
            lens = lens | {"camera_matrix": camera.camera_matrix.tolist()}
        self._cameras[name] = lens
        return name

    def overlay_frame(self, sensor_id: str, image_frame: str) -> str:
        """Return the coord frame of an overlay, which has no projection, whatever its image has."""
        if image_frame in self._plain_images:
            return image_frame
        if sensor_id not in self._overlay_frames:
            name = self._overlay_frames[sensor_id] = self._unique(sensor_id)
            self._plain_images.append(name)
        return self._overlay_frames[sensor_id]

    def world_from(self, coord_frame_id: str, at_ns: int | None) -> RigidTransform | None:
        """Return world_from_`coord_frame_id` at a time; None, with a note, where it is unknown."""
        if self._rig is None:
            return None
        try:
            return self._rig.transforms.transform(WORLD, coord_frame_id, at_ns)
        except TransformTreeError as error:
            self._losses.add("pose of a sensor", self._where, str(error))
            return None

    def stands(self, coord_frame_id: str, at_ns: int | None) -> bool:
        """Say whether a coord frame is written as it was at a time."""
        if coord_frame_id not in self._moving:
            return True
        return self._placed_ns.get(coord_frame_id, self._time_ns) == at_ns

    def _place(self, rig: Rig) -> None:
        for edge in rig.transforms.edges:
            self._parents.add(edge.dst)
            if isinstance(edge, RigidTransform):
                self._poses[edge.src] = edge
                continue
            self._moving.add(edge.src)
            try:
                pose = rig.transforms.transform(edge.dst, edge.src, self._time_ns)
            except TransformTreeError as error:
                self._losses.add("pose of a coord frame", self._where, str(error))
                pose = RigidTransform.identity(edge.dst, edge.src)
            self._poses[edge.src] = pose
        for name in self._poses:
            chain = [name]
            while chain[-1] != WORLD and chain[-1] not in self._moving:
                chain.append(self._poses[chain[-1]].dst)
            if chain[-1] != WORLD:
                self._moving.update(chain)

    def _row(self, name: str, pose: RigidTransform) -> Row:
        lens = self._cameras.get(name)
        metadata = {
            "position": dict(zip("xyz", pose.translation.tolist(), strict=True)),
            "orientation": dict(
                zip("wxyz", quaternion_from_matrix(pose.rotation).tolist(), strict=True)
            ),
            "parent_frame_id": pose.dst,
        }
        kind = "WORLD" if lens is None else "IMAGE_PROJECTION"
        # The client puts the metadata into a string.
        return {
            "coordinate_frame_id": name,
            "coordinate_frame_type": kind,
            "coordinate_frame_metadata": msgspec.json.encode((lens or {}) | metadata).decode(),
        }

    def _unique(self, stem: str) -> str:
        name, number = stem, 1
        taken = {WORLD, *self._poses, *self._plain_images}
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        return name


def _lens(model: CameraModel | None) -> Row | None:
    if not isinstance(model, Pinhole | BrownConrady | Fisheye):
        return None
    name = "fisheye" if isinstance(model, Fisheye) else "brown_conrady"
    row: Row = {"fx": float(model.fx), "fy": float(model.fy), "camera_model": name}
    for key in _COEFFICIENTS[name]:
        value = float(getattr(model, key, 0.0))
        if value:
            row[key] = value
    return row | {"cx": float(model.cx), "cy": float(model.cy)}
