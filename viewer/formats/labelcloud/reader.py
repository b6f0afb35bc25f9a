"""Reads labelCloud folders: clouds, their labels and the classes of their points."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem
from viewer.formats.labelcloud.classes import CLASSES_NAME
from viewer.formats.labelcloud.labels import RELATIVE, read_cuboids
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.text_file import read_bytes
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud

CLOUDS, LABELS, SEGMENTATION = "pointclouds", "labels", "segmentation"
CLASS_FIELD = "class_id"
MAX_POINT_CLASS_BYTES = 1 << 30


class LabelCloudReader(PointFolderReader):
    """Adds the labels, and one int8 class id a point from ``labels/segmentation/NAME.bin``."""

    def __init__(self, folder: PointFolder, label_format: str) -> None:
        super().__init__(folder)
        self.label_format = label_format
        self._labels = files_by_stem(folder.root / LABELS, (".json",))
        self._point_classes = files_by_stem(folder.root / LABELS / SEGMENTATION, (".bin",))
        keys = set(folder.keys)
        for stem, path in (*self._labels.items(), *self._point_classes.items()):
            if stem not in keys and path.name != CLASSES_NAME:
                self._problems.add(path, "", "no point cloud has its name; it is not shown")

    @property
    def in_radians(self) -> bool:
        """True where the class file names the form with radians."""
        return self.label_format == RELATIVE

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        cloud = super().read_point_cloud(frame_index, sensor_id)
        path = self._point_classes.get(self.frames[frame_index].key)
        if path is None:
            return cloud
        try:
            classes = _read_point_classes(path, len(cloud))
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return cloud
        return replace(cloud, fields=MappingProxyType({**cloud.fields, CLASS_FIELD: classes}))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        path = self._labels.get(self.frames[frame_index].key)
        if path is None:
            return FrameLabels(CuboidLabels.empty(CLOUDS))
        return FrameLabels(
            read_cuboids(path, self._problems, coord_frame_id=CLOUDS, in_radians=self.in_radians)
        )


def _read_point_classes(path: Path, count: int) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    classes = np.frombuffer(read_bytes(path, max_bytes=MAX_POINT_CLASS_BYTES), dtype=np.int8)
    if len(classes) != count:
        told = f"has {len(classes)} point classes where the cloud has {count} points; not shown"
        raise DamagedData(path, "", told)
    return classes
