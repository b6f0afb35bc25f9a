"""Reads labelCloud folders: clouds, their labels and the classes of their points."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem
from viewer.formats.labelcloud.classes import CLASSES_NAME
from viewer.formats.labelcloud.labels import RELATIVE, read_cuboids
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.text_file import read_bytes
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud

CLOUDS, LABELS, SEGMENTATION = "pointclouds", "labels", "segmentation"
CLASS_FIELD = "class_id"
MAX_POINT_CLASS_BYTES = 1 << 30


class LabelCloudReader(PointFolderReader):
    """Adds the labels, and one int8 class id a point from ``labels/segmentation/NAME.bin``.

    The class of every point is a label, and as the number stored a field of the cloud.
    """

    def __init__(self, folder: PointFolder, label_format: str, class_map: ClassMap) -> None:
        super().__init__(folder)
        self.label_format = label_format
        self._class_names = {
            entry.class_id: entry.name for entry in class_map.entries if entry.class_id is not None
        }
        self._labels = files_by_stem(folder.root / LABELS, (".json",))
        self._point_classes = files_by_stem(folder.root / LABELS / SEGMENTATION, (".bin",))
        keys = set(folder.keys)
        for files in (self._labels, self._point_classes):
            for stem in files:
                if stem not in keys and files.name(stem) != CLASSES_NAME:
                    told = "no point cloud has its name; it is not shown"
                    self._problems.add(files[stem], "", told)

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
        key = self.frames[frame_index].key
        path, cuboids = self._labels.get(key), CuboidLabels.empty(CLOUDS)
        if path is not None:
            cuboids = read_cuboids(
                path, self._problems, coord_frame_id=CLOUDS, in_radians=self.in_radians
            )
        return FrameLabels(cuboids, point_classes=self._point_classes_of(key))

    def _point_classes_of(self, key: str) -> tuple[PointClasses, ...]:
        path = self._point_classes.get(key)
        if path is None:
            return ()
        try:
            numbers = _read_numbers(path)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return ()
        return (PointClasses(CLOUDS, numbers.astype(np.int32), self._class_names),)


def _read_numbers(path: Path) -> npt.NDArray[np.int8]:
    return np.frombuffer(read_bytes(path, max_bytes=MAX_POINT_CLASS_BYTES), dtype=np.int8)


def _read_point_classes(path: Path, count: int) -> npt.NDArray[np.int8]:
    classes = _read_numbers(path)
    if len(classes) != count:
        told = f"has {len(classes)} point classes where the cloud has {count} points; not shown"
        raise DamagedData(path, "", told)
    return classes
