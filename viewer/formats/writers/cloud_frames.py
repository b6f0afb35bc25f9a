"""One point cloud and its images a frame, for layouts that know frames by the name of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import as_delivered
from viewer.formats.folder_index import natural_key
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.openlabel.reader import OpenLabelReader
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.point_folder.times import times_from_stems
from viewer.formats.writers.aquarium.pcd_file import pcd_bytes
from viewer.formats.writers.kitti_files import sweep_time
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.geometry.transform import RigidTransform
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene, SweepRef
from viewer.scene.sensors import RangeSensorKind


def frame_stems(
    scene: Scene, title: str, losses: LossLog, *, apart_from: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return a file name a frame: its key, else its number.

    All are numbered where the keys as names would clash, change the order, tell times that the
    frames do not have, or occur in names of `apart_from`.
    """
    frames = scene.frames
    stems = [file_stem(frame.key) for frame in frames]
    times = times_from_stems(stems)
    own = tuple(frame.timestamp_ns for frame in frames)
    ordered = all(a < b for a, b in pairwise(natural_key(stem) for stem in stems))
    unique = len({stem.casefold() for stem in stems}) == len(stems)
    apart = not any(stem in name for name in apart_from for stem in stems)
    if not (ordered and unique and apart) or times not in (None, own):
        stems, times = [f"{frame.index:06d}" for frame in frames], None
    for frame, stem in zip(frames, stems, strict=True):
        if frame.key != stem:
            where = f"{scene.scene_id}/{frame.key}, now {stem}"
            losses.add("frame name", where, "frames are named by their files")
    if times is None:
        known = sum(1 for time_ns in own if time_ns is not None)
        losses.add("time of a frame", scene.scene_id, f"{title} has no times", known)
    return tuple(stems)


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One image as it is written."""

    sensor_id: str
    timestamp_ns: int | None
    data: bytes
    suffix: str


class CloudFrames:
    """What the lidars of a frame saw as one cloud, in the coord frame of the first of them."""

    def __init__(
        self,
        scene: Scene,
        poses: ScenePoses,
        title: str,
        losses: LossLog,
        *,
        copied_suffixes: tuple[str, ...] = (".pcd",),
    ) -> None:
        self._scene = scene
        self._poses = poses
        self._title = title
        self._losses = losses
        self._copied_suffixes = copied_suffixes
        own = as_delivered(scene.reader)
        self._keeps_files = isinstance(own, PointFolderReader | OpenLabelReader)

    def place(self, frame: Frame) -> tuple[str, int | None]:
        """Return the coord frame of a frame's cloud, and its time."""
        rig = self._poses.rig(frame)
        if rig is None:
            return WORLD, frame.timestamp_ns
        known = (rig.lidars.get(name) for name in self._scene.lidar_ids)
        lidar = next((each for each in known if each is not None), None)
        coord_frame_id = rig.ego_coord_frame_id if lidar is None else lidar.coord_frame_id
        return coord_frame_id, sweep_time(self._scene, frame)

    def file(self, frame: Frame) -> tuple[bytes, str]:
        """Return the file of a frame's cloud and its suffix: the stored one where it serves."""
        sweeps = [sweep for sweep in frame.sweeps if self._is_lidar(frame, sweep)]
        stored = self._stored(sweeps)
        if stored is not None:
            return stored
        place = self.place(frame)
        found = (self._cloud(frame, sweep, place) for sweep in sweeps)
        clouds = [each for each in found if each is not None]
        if not clouds:
            why = "the frame has none; one without points is written"
            self._losses.add("point cloud", f"{self._scene.scene_id}/{frame.key}", why)
            clouds = [PointCloud(np.empty((0, 3), dtype=np.float32))]
        where = self._scene.scene_id
        if len(clouds) > 1:
            why = f"{self._title} has one cloud a frame; they become one"
            self._losses.add("lidar of its own", where, why, len(clouds))
        cloud = _joined(clouds, where, self._losses)
        return pcd_bytes(_in_single(cloud, where, self._losses), where, self._losses), ".pcd"

    def sweep_file(self, frame: Frame, sweep: SweepRef) -> tuple[bytes, str] | None:
        """Return the file of one sweep in its lidar's coord frame; None where it is unreadable."""
        stored = self._stored([sweep])
        if stored is not None:
            return stored
        rig = self._poses.rig(frame)
        lidar = rig.lidars.get(sweep.sensor_id) if rig is not None else None
        coord_frame_id = lidar.coord_frame_id if lidar is not None else WORLD
        cloud = self._cloud(frame, sweep, (coord_frame_id, sweep.timestamp_ns))
        if cloud is None:
            return None
        where = f"{self._scene.scene_id}/{sweep.sensor_id}"
        return pcd_bytes(cloud, where, self._losses), ".pcd"

    def images(self, frame: Frame) -> list[ImageFile]:
        """Return the images that can be read."""
        found = []
        for image in frame.images:
            try:
                data, suffix = encoded_image(self._scene.reader, frame.index, image.sensor_id)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
                continue
            found.append(ImageFile(image.sensor_id, image.timestamp_ns, data, suffix))
        return found

    def _is_lidar(self, frame: Frame, sweep: SweepRef) -> bool:
        rig = self._poses.rig(frame)
        sensor = rig.lidars.get(sweep.sensor_id) if rig is not None else None
        if sensor is None or sensor.kind != RangeSensorKind.RADAR:
            return True
        where = f"{self._scene.scene_id}/{sweep.sensor_id}"
        self._losses.add("radar sweep", where, f"{self._title} has lidars only")
        return False

    def _stored(self, sweeps: Sequence[SweepRef]) -> tuple[bytes, str] | None:
        """Return the bytes of the source's own file where the target's tools read such files."""
        if not self._keeps_files or len(sweeps) != 1:
            return None
        path = Path(sweeps[0].source)
        suffix = path.suffix.lower()
        if suffix not in self._copied_suffixes:
            return None
        try:
            return path.read_bytes(), suffix
        except OSError:
            # Reading the cloud tells of it.
            return None

    def _cloud(
        self, frame: Frame, sweep: SweepRef, place: tuple[str, int | None]
    ) -> PointCloud | None:
        """Return a sweep's points in a coord frame as it is at a time."""
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        coord_frame_id, at_ns = place
        still = cloud.coord_frame_id == coord_frame_id and cloud.timestamp_ns in (at_ns, None)
        rig = self._poses.rig(frame)
        if still or rig is None:
            return cloud
        src_ns = at_ns if cloud.timestamp_ns is None else cloud.timestamp_ns
        move = self._poses.between(frame, coord_frame_id, cloud.coord_frame_id, at_ns, src_ns)
        if move is None:
            return None
        moved = np.ascontiguousarray(move.apply(cloud.xyz).astype(cloud.xyz.dtype))
        viewpoint = cloud.viewpoint
        if viewpoint is not None:
            rotation = move.rotation @ viewpoint.rotation
            position = move.apply(viewpoint.translation[None])[0]
            viewpoint = RigidTransform(viewpoint.dst, viewpoint.src, rotation, position)
        return replace(cloud, xyz=moved, coord_frame_id=coord_frame_id, viewpoint=viewpoint)


def _joined(clouds: Sequence[PointCloud], where: str, losses: LossLog) -> PointCloud:
    """Return one cloud with the fields that all of them have."""
    if len(clouds) == 1:
        return clouds[0]
    poses = (cloud.viewpoint for cloud in clouds)
    told = sum(1 for pose in poses if pose is not None and (pose.matrix != np.eye(4)).any())
    losses.add("viewpoint", where, "a cloud of several lidars has none", told)
    shared = {}
    for name in dict.fromkeys(name for cloud in clouds for name in cloud.fields):
        columns = [cloud.fields[name] for cloud in clouds if name in cloud.fields]
        if len(columns) == len(clouds) and len({column.shape[1:] for column in columns}) == 1:
            shared[name] = np.concatenate(columns)
        else:
            losses.add(f"point field {name!r}", where, "not all lidars of the frame have it")
    xyz = np.concatenate([cloud.xyz for cloud in clouds])
    return PointCloud(xyz, MappingProxyType(shared), clouds[0].coord_frame_id)


def _in_single(cloud: PointCloud, where: str, losses: LossLog) -> PointCloud:
    """Return positions as float32, which is all that the tools of these layouts read."""
    if cloud.xyz.dtype == np.float32:
        return cloud
    single = cloud.xyz.astype(np.float32)
    changed = (single != cloud.xyz) & ~np.isnan(cloud.xyz)
    losses.add("point", where, "is rounded to float32", int(changed.any(axis=1).sum()))
    return replace(cloud, xyz=single)
