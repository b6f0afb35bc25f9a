"""Reads the frames of one KITTI object split."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.images import read_image
from viewer.formats.kept_frames import KeptFrames
from viewer.formats.kitti_object.labels import frame_labels, read_rows
from viewer.formats.kitti_object.layout import LIDAR_ID, KittiSplit
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID, build_rig
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig

KEPT_RIGS = 256


class KittiObjectReader:
    """Implements `SceneReader` over the files of a split."""

    def __init__(self, split: KittiSplit) -> None:
        self._split = split
        self._keys = split.frame_keys
        self._problems = ProblemLog()
        self._rigs = KeptFrames(KEPT_RIGS, self._build_rig)
        self._note_gaps()

    def read_rig(self, frame_index: int) -> Rig:
        return self._rigs.of(frame_index)

    def _build_rig(self, frame_index: int) -> Rig:
        key = self._keys[frame_index]
        images = {sensor_id: files.get(key) for sensor_id, files in self._split.images.items()}
        expected = self._split.root / "calib" / f"{key}.txt"
        return build_rig(self._split.calibs.get(key), expected, images, self._problems)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        key = self._keys[frame_index]
        path = self._split.clouds.get(key)
        if path is None:
            raise DamagedData(
                self._split.root / "velodyne" / f"{key}.bin", "", "the file is missing"
            )
        return replace(read_points(path), coord_frame_id=LIDAR_ID)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        path = self._split.labels[label_set_id].get(self._keys[frame_index])
        if path is None:
            return FrameLabels(CuboidLabels.empty("world"), BoxLabels2D.empty())
        rows = read_rows(path, self._problems)
        placed = BOX_COORD_FRAME_ID in self.read_rig(frame_index).transforms.coord_frame_ids
        return frame_labels(
            rows, path, self._problems, box_coord_frame_id=BOX_COORD_FRAME_ID if placed else None
        )

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._rigs.clear()

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        key = self._keys[frame_index]
        files = self._split.images.get(sensor_id)
        path = files.get(key) if files is not None else None
        if path is None:
            raise DamagedData(
                self._split.root / sensor_id / f"{key}.png", "", "the file is missing"
            )
        return path

    def _note_gaps(self) -> None:
        split = self._split
        known = set(self._keys)
        for sensor_id, files in split.images.items():
            folder = split.root / sensor_id
            missing = [folder / f"{key}.png" for key in self._keys if key not in files]
            self._problems.add_missing(missing, "image")
        if split.clouds:
            folder = split.root / "velodyne"
            missing = [folder / f"{key}.bin" for key in self._keys if key not in split.clouds]
            self._problems.add_missing(missing, "point cloud")
        for labels in split.labels.values():
            for key in labels:
                if key not in known:
                    self._problems.add(labels[key], "", "has neither a point cloud nor an image")
