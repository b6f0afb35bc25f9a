"""Recognises and opens SemanticKITTI and KITTI odometry sequences."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.semantic_kitti.layout import LIDAR_ID, list_sequence, sequence_folders
from viewer.formats.semantic_kitti.reader import SemanticKittiReader
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

_LABEL_SETS = {
    "labels": LabelSet("labels", LabelSetKind.GROUND_TRUTH, "Labels"),
    "predictions": LabelSet("predictions", LabelSetKind.PREDICTIONS, "Predictions"),
}
"""By folder."""


class SemanticKittiFormat:
    """A sequence, or the folder that holds ``sequences``.

    No boxes: every point has a class and an object. Poses are those of camera 0 in the first
    frame's; the world here is the lidar of the first frame.
    """

    name: ClassVar[str] = "semantic_kitti"
    title: ClassVar[str] = "SemanticKITTI, KITTI odometry"
    labels: ClassVar[str] = "point classes"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        probe.require(
            sequence_folders,
            "needs velodyne/*.bin beside labels/*.label, or calib.txt and times.txt or"
            " poses.txt beside velodyne/ or image_2/, here or in sequences/",
        )
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folders = sequence_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no SemanticKITTI or KITTI odometry sequence")
        return Dataset(path, self.name, tuple(_open_sequence(folder) for folder in folders))


def _open_sequence(folder: Path) -> Scene:
    sequence = list_sequence(folder)
    reader = SemanticKittiReader(sequence)
    return Scene(
        scene_id=folder.resolve().name,
        path=folder,
        format_name=SemanticKittiFormat.name,
        frames=reader.frames,
        reader=reader,
        lidar_ids=(LIDAR_ID,) if sequence.clouds else (),
        label_sets=tuple(_LABEL_SETS[name] for name in sequence.labels),
        class_map=reader.class_table.class_map if sequence.labels else ClassMap(),
        camera_ids=tuple(sequence.images),
    )
