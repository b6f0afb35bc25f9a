"""Reads one dataset of a Supervisely project: clouds, images with their own calibration, labels."""

from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import (
    LensDescription,
    RefusedLens,
    numbers_of,
    pinhole_numbers,
    rigid_4x4,
)
from viewer.formats.images import image_size
from viewer.formats.label_rows import load_json
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.supervisely.labels import read_annotation
from viewer.formats.supervisely.layout import ANNOTATIONS, CLOUDS
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig


class SuperviselyReader(PointFolderReader):
    """Each image has its calibration beside it, ``IMAGE.json``; rigs are made when asked for."""

    def __init__(self, folder: PointFolder) -> None:
        super().__init__(folder)
        self._last_rig: tuple[int, Rig] | None = None

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            last = self._last_rig
        if last is not None and last[0] == frame_index:
            return last[1]
        key = self.frames[frame_index].key
        edges = [RigidTransform.identity(ROOT, CLOUDS)]
        cameras = {}
        for sensor_id, by_key in self._folder.images.items():
            if key not in by_key:
                cameras[sensor_id] = CameraSensor(
                    sensor_id, ROOT, None, "this frame has no image of the camera"
                )
                continue
            camera, pose = self._camera(sensor_id, by_key[key][1])
            cameras[sensor_id] = camera
            edges += [pose] if pose is not None else []
        rig = Rig(cameras, {CLOUDS: LidarSensor(CLOUDS, CLOUDS)}, TransformTree(edges))
        with self._lock:
            self._last_rig = (frame_index, rig)
        return rig

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        cloud = self._folder.clouds[CLOUDS][self.frames[frame_index].key]
        path = self._folder.root / ANNOTATIONS / f"{cloud.name}.json"
        if not path.is_file():
            return FrameLabels(CuboidLabels.empty(CLOUDS))
        return read_annotation(path, self._problems, coord_frame_id=CLOUDS)

    def _camera(self, sensor_id: str, image: Path) -> tuple[CameraSensor, RigidTransform | None]:
        """Read ``sensorsData``: extrinsic 3x4, camera from point cloud, and intrinsic 3x3."""
        path = image.with_name(f"{image.name}.json")
        try:
            lens, extrinsic = self._calibration(path)
            model = lens.lens(*image_size(image))
            matrix = rigid_4x4(extrinsic, path, "$.meta.sensorsData.extrinsicMatrix")
        except RefusedLens as refusal:
            return CameraSensor(sensor_id, ROOT, None, str(refusal)), None
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return CameraSensor(sensor_id, ROOT, None, str(damage)), None
        coord_frame_id = f"{sensor_id} camera" if sensor_id in (ROOT, CLOUDS) else sensor_id
        rotation = matrix[:3, :3].T
        pose = RigidTransform(CLOUDS, coord_frame_id, rotation, -rotation @ matrix[:3, 3])
        return CameraSensor(sensor_id, coord_frame_id, model), pose

    def _calibration(self, path: Path) -> tuple[LensDescription, list[float]]:
        if not path.is_file():
            raise RefusedLens("no calibration: no file beside the image describes this camera")
        value = load_json(path)
        for key in ("meta", "sensorsData"):
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            raise RefusedLens("no calibration: the file beside the image has no sensorsData")
        place = "$.meta.sensorsData"
        numbers = {
            key: numbers_of(value.get(key), path, f"{place}.{key}", count=count)
            for key, count in (("intrinsicMatrix", 9), ("extrinsicMatrix", 12))
        }
        if not any(np.any(matrix) for matrix in numbers.values()):
            raise RefusedLens("no calibration: its matrices are all zero")
        lens = LensDescription("pinhole", *pinhole_numbers(numbers["intrinsicMatrix"]))
        return lens, numbers["extrinsicMatrix"].tolist()
