"""Reads SUSTechPOINTS scenes: a folder of clouds and cameras, with a label file a frame."""

from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.file_facts import Facts
from viewer.formats.folder_index import files_by_stem
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.sustechpoints.labels import read_boxes, read_cuboids
from viewer.scene.labels import CuboidLabels, FrameLabels

LABEL_FOLDER = "label"
LIDAR_ID = "lidar"


class SustechPointsReader(PointFolderReader):
    """Adds the labels to the clouds, images and calibration of the folder."""

    def __init__(self, folder: PointFolder) -> None:
        super().__init__(folder)
        self._labels = files_by_stem(folder.root / LABEL_FOLDER, (".json",))
        keys = set(folder.keys)
        for stem in self._labels:
            if stem not in keys:
                self._problems.add(
                    self._labels[stem], "", "no point cloud has its name; it is not shown"
                )

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        frame = self.frames[frame_index]
        path = self._labels.get(frame.key)
        if path is None:
            return FrameLabels(CuboidLabels.empty(LIDAR_ID))
        return FrameLabels(
            read_cuboids(
                path, self._problems, coord_frame_id=LIDAR_ID, timestamp_ns=frame.timestamp_ns
            )
        )

    def label_sources(self) -> list[str]:
        """Where the label files lie, as text."""
        return [self._labels.source(stem) for stem in self._labels]


def class_names_of(path: Path) -> Facts:
    """Return the classes that a label file names."""
    try:
        boxes, _ = read_boxes(path)
    except DamagedData:
        # Reading the frame's labels tells of it.
        return (frozenset(),)
    names = (box.get("obj_type") for box in boxes if isinstance(box, dict))
    return (frozenset(name for name in names if isinstance(name, str)),)
