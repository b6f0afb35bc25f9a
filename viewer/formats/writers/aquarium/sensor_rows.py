"""Sensors of a frame as rows of ``sensor_data``, with their clouds and images."""

from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.native.pcd_file import write_pcd
from viewer.formats.writers.aquarium.coord_frame_rows import CoordFrameRows
from viewer.formats.writers.aquarium.names import iso_date
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import unique_stems
from viewer.scene.images import ImageRef
from viewer.scene.scene import Frame, Scene, SweepRef
from viewer.scene.sensors import RangeSensorKind, Rig

Row = dict[str, Any]


class SensorRows:
    """Makes the sensor rows of one scene.

    Parameters
    ----------
    root
        Folder of the dataset; None to write no files.
    folder
        Name of the scene in paths.
    """

    def __init__(self, scene: Scene, root: Path | None, folder: str, losses: LossLog) -> None:
        self._scene = scene
        self._root = root
        self._folder = folder
        self._losses = losses
        names = [*scene.lidar_ids, *scene.camera_ids]
        stems = unique_stems([file_stem(name) for name in names])
        self._stems = dict(zip(names, stems, strict=True))

    def rows(self, frame: Frame, rig: Rig | None, coord_frames: CoordFrameRows) -> list[Row]:
        """Return the rows of a frame; what cannot be read is noted and left out."""
        rows = [self._cloud(frame, sweep, rig, coord_frames) for sweep in frame.sweeps]
        rows += [self._image(frame, image, rig, coord_frames) for image in frame.images]
        for other in frame.others:
            why = "its file is not known here"
            self._losses.add(f"{other.kind.value} of {other.sensor_id}", self._where(), why)
        return [row for row in rows if row is not None]

    def _cloud(
        self, frame: Frame, sweep: SweepRef, rig: Rig | None, coord_frames: CoordFrameRows
    ) -> Row | None:
        sensor = None if rig is None else rig.lidars.get(sweep.sensor_id)
        if sensor is not None and sensor.kind == RangeSensorKind.RADAR:
            self._losses.add("radar sweep", self._where(), "becomes a point cloud")
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        at_ns = frame.timestamp_ns if sweep.timestamp_ns is None else sweep.timestamp_ns
        frame_id = coord_frames.use(cloud.coord_frame_id, at_ns)
        if frame_id is None:
            return None
        url = f"{self._place(sweep.sensor_id, frame)}.pcd"
        if self._root is not None:
            path = self._root / url
            path.parent.mkdir(parents=True, exist_ok=True)
            write_pcd(path, cloud, compressed=True)
        return self._row(
            sweep.sensor_id, "POINTCLOUD_PCD_V0", frame_id, {"pcd_url": url}, {}, at_ns
        )

    def _image(
        self, frame: Frame, image: ImageRef, rig: Rig | None, coord_frames: CoordFrameRows
    ) -> Row | None:
        try:
            data, suffix = encoded_image(self._scene.reader, frame.index, image.sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        at_ns = frame.timestamp_ns if image.timestamp_ns is None else image.timestamp_ns
        url = f"{self._place(image.sensor_id, frame)}{suffix}"
        if self._root is not None:
            path = self._root / url
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        camera = None if rig is None else rig.cameras.get(image.sensor_id)
        metadata: Row = {}
        if camera is None or camera.model is None:
            frame_id = coord_frames.add_image(image.sensor_id)
        else:
            metadata = {"width": camera.model.width_px, "height": camera.model.height_px}
            frame_id = coord_frames.add_camera(camera, at_ns)
        return self._row(image.sensor_id, "IMAGE_V0", frame_id, {"image_url": url}, metadata, at_ns)

    def _row(
        self,
        sensor_id: str,
        kind: str,
        coord_frame_id: str,
        urls: dict[str, str],
        metadata: Row,
        at_ns: int | None,
    ) -> Row:
        row: Row = {
            "coordinate_frame": coord_frame_id,
            "data_urls": urls,
            "sensor_id": sensor_id,
            "sensor_metadata": metadata,
            "sensor_type": kind,
            "mirror_asset": False,
        }
        return row | ({} if at_ns is None else {"date_captured": iso_date(at_ns)})

    def _place(self, sensor_id: str, frame: Frame) -> str:
        stem = self._stems.get(sensor_id) or file_stem(sensor_id)
        return f"data/{self._folder}/{stem}/{frame.index:06d}"

    def _where(self) -> str:
        return self._scene.scene_id
