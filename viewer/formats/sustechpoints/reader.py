"""Reads SUSTechPOINTS scenes: a folder of clouds and cameras, with a label file a frame."""

from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.reader import PointFolderReader
from viewer.formats.sustechpoints.labels import read_boxes, read_cuboids
from viewer.scene.labels import CuboidLabels, FrameLabels

LABEL_FOLDER = "label"
LIDAR_ID = "lidar"
SCANNED_LABEL_FILES = 400


class SustechPointsReader(PointFolderReader):
    """Adds the labels to the clouds, images and calibration of the folder."""

    def __init__(self, folder: PointFolder) -> None:
        super().__init__(folder)
        self._labels = files_by_stem(folder.root / LABEL_FOLDER, (".json",))
        keys = set(folder.keys)
        for stem, path in self._labels.items():
            if stem not in keys:
                self._problems.add(path, "", "no point cloud has its name; it is not shown")

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

    def class_names(self) -> tuple[str, ...]:
        """Classes in an even sample of the label files, in order of name."""
        paths: list[Path] = list(self._labels.values())
        found: set[str] = set()
        for path in paths[:: max(1, len(paths) // SCANNED_LABEL_FILES)]:
            try:
                boxes, _ = read_boxes(path)
            except DamagedData:
                # Reading the frame's labels tells of it.
                continue
            names = (box.get("obj_type") for box in boxes if isinstance(box, dict))
            found.update(name for name in names if isinstance(name, str))
        return tuple(sorted(found))
