"""Recognises and opens SUSTechPOINTS scenes."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.file_facts import FactSurvey, with_surveyed_classes
from viewer.formats.folder_index import files_by_stem, has_file
from viewer.formats.point_folder.layout import CLOUD_SUFFIXES, find_point_folder
from viewer.formats.sustechpoints.labels import read_boxes
from viewer.formats.sustechpoints.reader import (
    LABEL_FOLDER,
    LIDAR_ID,
    SustechPointsReader,
    class_names_of,
)
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

PROBED_LABEL_FILES = 8
FACTS = "sustechpoints classes 1"


class SustechPointsFormat:
    """One scene: ``lidar/``, ``label/``, ``camera/NAME/``, ``calib/camera/NAME.json`` by file stem.

    Boxes: middle of the body, length-width-height, Rx @ Ry @ Rz in the lidar's coord frame; front
    is +x; no time unless the file names tell it. Calibration is camera from lidar.
    """

    name: ClassVar[str] = "sustechpoints"
    title: ClassVar[str] = "SUSTechPOINTS"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        if not has_file(probe.root / LIDAR_ID, CLOUD_SUFFIXES):
            probe.reject("needs point clouds in lidar/")
        try:
            labels = files_by_stem(probe.root / LABEL_FOLDER, (".json",))
        except DamagedData as damage:
            probe.reject(str(damage))
        if not any(_is_label_file(path) for path in labels.first(PROBED_LABEL_FILES)):
            probe.reject("needs label/*.json with lists of boxes that have a psr")
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folder = find_point_folder(path)
        if folder is None or LIDAR_ID not in folder.clouds:
            raise DamagedData(path / LIDAR_ID, "", "holds no point clouds")
        reader = SustechPointsReader(folder)
        scene = Scene(
            scene_id=path.resolve().name,
            path=path,
            format_name=self.name,
            frames=reader.frames,
            reader=reader,
            label_sets=(LabelSet(LABEL_FOLDER, LabelSetKind.GROUND_TRUTH, "Labels"),),
            lidar_ids=tuple(folder.clouds),
            camera_ids=tuple(folder.images),
        )
        survey = FactSurvey(path, reader.label_sources(), FACTS, 1, class_names_of)
        return with_surveyed_classes(Dataset(path, self.name, (scene,)), survey)


def _is_label_file(path: Path) -> bool:
    """Say whether a file lists boxes with a psr, or none: the first frames may be empty."""
    try:
        boxes, _ = read_boxes(path)
    except DamagedData:
        return False
    return not boxes or any(isinstance(box, dict) and "psr" in box for box in boxes)
