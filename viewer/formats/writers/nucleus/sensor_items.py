"""Clouds and images of a frame as items with files beside them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.native.image_file import encode_png, encoded_image
from viewer.formats.nucleus.item_metadata import CAMERA_PARAMS, TIMESTAMP
from viewer.formats.nucleus.schema import IMAGE, POINT_CLOUD
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.camera_params import camera_params, with_camera_matrix
from viewer.formats.writers.nucleus.plain_values import plain_metadata
from viewer.formats.writers.nucleus.point_text import point_json
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.formats.writers.target_files import Write
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.images import ImageRef
from viewer.scene.metadata import FrameMetadata
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import RangeSensorKind, Rig

ITEM_SUFFIXES = (".jpg", ".png")
"""The client tells images by these."""
Item = dict[str, Any]
Stems = Callable[[str], str]


class SensorItems:
    """Makes the items of one scene's frames.

    Parameters
    ----------
    folder
        Name of the scene in paths.
    write
        Takes a path relative to the target and the file.
    data
        False to write no files: the items are needed for their names alone.
    """

    def __init__(
        self,
        scene: Scene,
        folder: str,
        stem: Stems,
        write: Write,
        losses: LossLog,
        *,
        data: bool = True,
    ) -> None:
        self._scene = scene
        self._folder = folder
        self._stem = stem
        self._write = write
        self._losses = losses
        self._data = data
        self.poses = ScenePoses(scene, losses)

    def cloud(self, frame: Frame, reference_id: str) -> Item:
        """Return the item of a frame's points: one cloud of all lidars, empty without any."""
        url = f"pointclouds/{self._folder}/{frame.index:06d}.json"
        where = self._scene.scene_id
        names = [each.sensor_id for each in frame.sweeps]
        lidars = [name for name in names if not self._is_radar(frame, name)]
        self._losses.add(
            "radar sweep", where, "a frame has one cloud, of lidar", len(frame.sweeps) - len(lidars)
        )
        if not lidars:
            why = "a frame needs a cloud; an empty one is written"
            self._losses.add("frame without points", where, why)
        elif len(lidars) > 1:
            why = "a frame has one cloud; they are joined, d says which"
            self._losses.add("point cloud", where, why, len(lidars))
        if self._data:
            clouds = [read for name in lidars if (read := self._read(frame, name)) is not None]
            self._write(url, point_json(clouds, where, self._losses))
        metadata = self._frame_metadata(frame)
        times = {each.timestamp_ns for each in frame.sweeps if each.sensor_id in lidars}
        time_ns = frame.timestamp_ns
        if time_ns is None and len(times) == 1:
            time_ns = next(iter(times))
        elif times - {time_ns, None}:
            self._losses.add("time of a sweep", where, "becomes that of the frame")
        if time_ns is not None:
            metadata[TIMESTAMP] = time_ns
        return {
            "metadata": metadata, "reference_id": reference_id, "url": url, "type": POINT_CLOUD,
        }  # fmt: skip

    def image(self, frame: Frame, image: ImageRef, reference_id: str) -> Item | None:
        """Return the item of an image; None, with a note, when it cannot be read."""
        sensor_id = image.sensor_id
        url = f"images/{self._folder}/{self._stem(sensor_id)}/{frame.index:06d}"
        if self._data:
            try:
                data, suffix = encoded_image(self._scene.reader, frame.index, sensor_id)
                if suffix not in ITEM_SUFFIXES:
                    decoded = self._scene.reader.read_image(frame.index, sensor_id, None)
                    data, suffix = encode_png(decoded), ".png"
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
                return None
            url += suffix
            self._write(url, data)
        metadata: dict[str, Any] = {}
        item: Item = {"metadata": metadata, "reference_id": reference_id}
        params = self._camera(frame, image, item)
        if params is not None:
            metadata[CAMERA_PARAMS] = params
        if image.timestamp_ns is not None:
            metadata[TIMESTAMP] = image.timestamp_ns
        item |= {"url": url, "type": IMAGE}
        if params is not None:
            item[CAMERA_PARAMS] = params
        return item

    def lone_image(self, frame: Frame, image: ImageRef, reference_id: str) -> Item | None:
        """Return the item of a frame that is one image, outside of any scene."""
        item = self.image(frame, image, reference_id)
        if item is None:
            return None
        metadata = self._frame_metadata(frame) | item["metadata"]
        sizes: Item = {key: item[key] for key in ("width", "height") if key in item}
        return {
            "metadata": metadata, "reference_id": reference_id, **sizes, "image_url": item["url"],
        }  # fmt: skip

    def _camera(self, frame: Frame, image: ImageRef, item: Item) -> dict[str, Any] | None:
        """Return the camera as it stood at the image's time; put the image's size into the item."""
        rig = self.poses.rig(frame)
        camera = None if rig is None else rig.cameras.get(image.sensor_id)
        where = f"{self._scene.scene_id}/{image.sensor_id}"
        if rig is None or camera is None or camera.model is None:
            return None
        item["width"], item["height"] = camera.model.width_px, camera.model.height_px
        time_ns = frame.timestamp_ns if image.timestamp_ns is None else image.timestamp_ns
        pose = self._world_from(rig, camera.coord_frame_id, time_ns, where)
        if pose is None:
            return None
        pose = with_camera_matrix(pose, camera.camera_matrix)
        if pose is None:
            why = "a camera has a pose; the image stands without a camera"
            self._losses.add("extra camera matrix", where, why)
            return None
        return camera_params(camera.model, pose, where, self._losses)

    def _read(
        self, frame: Frame, sensor_id: str
    ) -> tuple[PointCloud, npt.NDArray[np.float64]] | None:
        """Return a cloud and its positions in the world."""
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        xyz = np.asarray(cloud.xyz, dtype=np.float64)
        rig = self.poses.rig(frame)
        if cloud.coord_frame_id == WORLD or rig is None:
            return cloud, xyz
        swept = next(each for each in frame.sweeps if each.sensor_id == sensor_id)
        times = (cloud.timestamp_ns, swept.timestamp_ns, frame.timestamp_ns)
        time_ns = next((time for time in times if time is not None), None)
        where = f"{self._scene.scene_id}/{sensor_id}"
        pose = self._world_from(rig, cloud.coord_frame_id, time_ns, where)
        if pose is None:
            return cloud, xyz
        return cloud, pose.apply(xyz)

    def _world_from(
        self, rig: Rig, coord_frame_id: str, time_ns: int | None, where: str
    ) -> RigidTransform | None:
        try:
            return rig.transforms.transform(WORLD, coord_frame_id, time_ns)
        except TransformTreeError as error:
            self._losses.add("pose of a sensor", where, str(error))
            return None

    def _is_radar(self, frame: Frame, sensor_id: str) -> bool:
        rig = self.poses.rig(frame)
        sensor = None if rig is None else rig.lidars.get(sensor_id)
        return sensor is not None and sensor.kind == RangeSensorKind.RADAR

    def _frame_metadata(self, frame: Frame) -> dict[str, Any]:
        reader = self._scene.reader
        if not isinstance(reader, FrameMetadata):
            return {}
        facts = reader.read_frame_metadata(frame.index)
        return plain_metadata(facts, self._scene.scene_id, self._losses)
