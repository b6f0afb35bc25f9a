"""Sweeps and images of a log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.reader import Argoverse2Reader
from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import as_delivered
from viewer.formats.native.image_file import encoded_image
from viewer.formats.writers.argoverse2.feather import points_table
from viewer.formats.writers.kitti_files import INTENSITY_NAMES
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import FrameTimes, ScenePoses
from viewer.formats.writers.target_files import Write
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import RangeSensorKind

LASER_NAMES = ("laser_number", "ring", "channel", "laser_id")
OFFSET_NAME = "offset_ns"
Xyz = npt.NDArray[np.float32]


class SensorFiles:
    """Writes frame by frame; what the lidars of a frame saw becomes one sweep."""

    def __init__(
        self, scene: Scene, times: FrameTimes, poses: ScenePoses, write: Write, losses: LossLog
    ) -> None:
        self._scene = scene
        self._times = times
        self._poses = poses
        self._write = write
        self._losses = losses
        self._images: set[str] = set()

    def write_frame(self, frame: Frame) -> Xyz | None:
        """Write the sweep and the images of a frame; return the points in the vehicle."""
        for image in frame.images:
            time = self._times.of_recording(frame, image.timestamp_ns)
            self._write_image(frame, image.sensor_id, time)
        parts = [part for sweep in frame.sweeps if (part := self._part(frame, sweep.sensor_id))]
        if not parts:
            return None
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        xyz = np.stack([columns[axis].astype(np.float32) for axis in "xyz"], axis=1)
        self._write(f"sensors/lidar/{self._times[frame.index]}.feather", points_table(columns))
        return xyz

    def finish(self) -> None:
        """Copy the images of the source's own log that belong to no frame."""
        reader = as_delivered(self._scene.reader)
        if not isinstance(reader, Argoverse2Reader):
            return
        for camera, files in reader.log.images.items():
            for time, path in files.items():
                name = f"sensors/cameras/{camera}/{time}{path.suffix}"
                if name not in self._images:
                    self._copy(name, path)

    def _copy(self, name: str, path: Path) -> None:
        try:
            self._write(name, path.read_bytes())
        except OSError as error:
            problem = DamagedData(path, "", error.strerror or str(error)).as_problem()
            self._losses.add_unreadable(problem)

    def _write_image(self, frame: Frame, sensor_id: str, time_ns: int) -> None:
        where = f"{self._scene.scene_id}/{sensor_id}"
        try:
            data, suffix = encoded_image(self._scene.reader, frame.index, sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return
        if suffix != ".jpg":
            why = f"stays {suffix[1:].upper()}, which the dataset's own tools pass over"
            self._losses.add("image", where, why)
        name = f"sensors/cameras/{sensor_id}/{time_ns}{suffix}"
        if name not in self._images:
            self._images.add(name)
            self._write(name, data)

    def _part(self, frame: Frame, sensor_id: str) -> Mapping[str, npt.NDArray[Any]] | None:
        where = f"{self._scene.scene_id}/{sensor_id}"
        rig = self._poses.rig(frame)
        sensor = rig.lidars.get(sensor_id) if rig is not None else None
        if sensor is not None and sensor.kind == RangeSensorKind.RADAR:
            self._losses.add("radar sweep", where, "a log has lidars and cameras only")
            return None
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        if len(frame.sweeps) > 1:
            why = "all lidars of a frame become one cloud"
            self._losses.add("lidar of its own", where, why)
        xyz = self._in_vehicle(frame, cloud)
        if xyz is None:
            return None
        return {**_positions(xyz, where, self._losses), **_fields(cloud, where, self._losses)}

    def _in_vehicle(self, frame: Frame, cloud: PointCloud) -> npt.NDArray[Any] | None:
        rig = self._poses.rig(frame)
        at_ns = frame.timestamp_ns
        if rig is None:
            self._losses.add("pose of a sensor", self._scene.scene_id, "is taken as the vehicle's")
            return cloud.xyz
        if cloud.coord_frame_id == rig.ego_coord_frame_id and cloud.timestamp_ns == at_ns:
            return cloud.xyz
        moved = self._poses.ego_from(frame, cloud.coord_frame_id, cloud.timestamp_ns, at_ns)
        if moved is None:
            return None
        if (moved.matrix == np.eye(4)).all():
            return cloud.xyz
        return moved.apply(cloud.xyz).astype(np.float32)


def _positions(xyz: npt.NDArray[Any], where: str, losses: LossLog) -> dict[str, npt.NDArray[Any]]:
    """Half floats, as the dataset has them, where they hold the points exactly; else float32."""
    single = xyz.astype(np.float32)
    if single.dtype != xyz.dtype:
        changed = (single != xyz) & ~np.isnan(xyz)
        losses.add("point", where, "is rounded to float32", int(changed.any(axis=1).sum()))
    with np.errstate(over="ignore"):
        half = single.astype(np.float16)
    exact = bool(((half == single) | np.isnan(single)).all())
    columns = half if exact else single
    return {axis: columns[:, index] for index, axis in enumerate("xyz")}


def _fields(cloud: PointCloud, where: str, losses: LossLog) -> dict[str, npt.NDArray[Any]]:
    names = cloud.scalar_fields
    intensity = next((name for name in INTENSITY_NAMES if name in names), None)
    laser = next((name for name in LASER_NAMES if name in names), None)
    offset = OFFSET_NAME if OFFSET_NAME in names else None
    for name in cloud.fields:
        if name not in (intensity, laser, offset):
            why = "a sweep has intensity, laser_number and offset_ns only"
            losses.add(f"point field {name!r}", where, why)
    if cloud.organized_shape is not None:
        losses.add("order in rows and columns", where, "a sweep is a plain list of points")
    if cloud.viewpoint is not None:
        losses.add("viewpoint", where, "a sweep names none")
    return {
        "intensity": _whole(cloud, intensity, "intensity", np.uint8, where, losses),
        "laser_number": _whole(cloud, laser, "laser_number", np.uint8, where, losses),
        "offset_ns": _whole(cloud, offset, "offset_ns", np.int32, where, losses),
    }


def _whole(
    cloud: PointCloud,
    name: str | None,
    column: str,
    dtype: type[np.integer[Any]],
    where: str,
    losses: LossLog,
) -> npt.NDArray[Any]:
    """Return a field as the whole numbers that a sweep has for it."""
    if name is None:
        losses.add(column, where, "the cloud has none; zeros are written")
        return np.zeros(len(cloud), dtype=dtype)
    values = cloud.fields[name]
    if values.dtype == dtype:
        return values
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    limits = np.iinfo(dtype)
    if column == "intensity" and _is_fraction(values, numbers):
        losses.add("intensity", where, "is brought from 0..1 to whole numbers up to 255")
        numbers = numbers * limits.max
    whole = np.clip(np.rint(numbers), limits.min, limits.max)
    changed = int(np.count_nonzero(whole != numbers))
    losses.add(f"{column} of a point", where, f"is rounded to {np.dtype(dtype)}", changed)
    return whole.astype(dtype)


def _is_fraction(values: npt.NDArray[Any], numbers: npt.NDArray[np.float64]) -> bool:
    return values.dtype.kind == "f" and bool(len(numbers)) and 0.0 < float(numbers.max()) <= 1.0
