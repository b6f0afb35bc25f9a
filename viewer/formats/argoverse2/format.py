"""Recognises and opens Argoverse 2 sensor logs."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.argoverse2.labels import LabelTable, read_label_table
from viewer.formats.argoverse2.layout import (
    ANNOTATIONS_NAME,
    LIDAR_ID,
    POSES_NAME,
    AvLog,
    list_log,
    log_folders,
)
from viewer.formats.argoverse2.reader import Argoverse2Reader
from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.folder_index import subfolders
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_folders import open_each
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

CLASS_NAMES = (
    "REGULAR_VEHICLE", "PEDESTRIAN", "BICYCLIST", "MOTORCYCLIST", "WHEELED_RIDER", "BOLLARD",
    "CONSTRUCTION_CONE", "SIGN", "CONSTRUCTION_BARREL", "STOP_SIGN",
    "MOBILE_PEDESTRIAN_CROSSING_SIGN", "LARGE_VEHICLE", "BUS", "BOX_TRUCK", "TRUCK",
    "VEHICULAR_TRAILER", "TRUCK_CAB", "SCHOOL_BUS", "ARTICULATED_BUS", "MESSAGE_BOARD_TRAILER",
    "BICYCLE", "MOTORCYCLE", "WHEELED_DEVICE", "WHEELCHAIR", "STROLLER", "DOG",
)  # fmt: skip
ANNOTATIONS_ID = Path(ANNOTATIONS_NAME).stem


class Argoverse2Format:
    """A log of the sensor dataset, or the folder of a split with several.

    Boxes: middle, size as length, width, height, quaternion w x y z, front is the length axis (x),
    in the vehicle's coord frame at the time of the sweep, as the points are; both lidars are one
    cloud. Images are undistorted. A table in the log's folder with a ``score`` is a set of
    predictions.
    """

    name: ClassVar[str] = "argoverse2"
    title: ClassVar[str] = "Argoverse 2 sensor"
    labels: ClassVar[str] = "cuboids"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        found = probe.require(
            log_folders, f"needs {POSES_NAME} beside sensors/ or calibration/, here or in logs"
        )
        if found[0] != probe.root and 2 * len(found) < len(subfolders(probe.root)):
            # Logs among much else: what the rest is shall be asked for as well.
            return Match.POSSIBLE
        return Match.CERTAIN

    def lies_below(self, path: Path) -> bool:
        return path not in log_folders(path)

    def open(self, path: Path) -> Dataset:
        folders = log_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no Argoverse 2 log")
        scenes, problems = open_each(folders, _open_log)
        if not scenes:
            raise DamagedData(path, "", "holds no log that can be read")
        return Dataset(path, self.name, scenes, problems)


def _open_log(folder: Path) -> Scene:
    problems = ProblemLog()
    log = list_log(folder, problems)
    tables = _label_tables(log, problems)
    reader = Argoverse2Reader(log, tables, problems)
    if not reader.frames:
        raise DamagedData(folder, "", "has no sweep, no image and no annotation")
    names = [*CLASS_NAMES]
    for table in tables.values():
        names += table.class_names()
    return Scene(
        scene_id=folder.resolve().name,
        path=folder,
        format_name=Argoverse2Format.name,
        frames=reader.frames,
        reader=reader,
        label_sets=tuple(_label_set(stem, table) for stem, table in tables.items()),
        class_map=ClassMap.from_names(names),
        lidar_ids=(LIDAR_ID,) if log.sweeps else (),
        camera_ids=tuple(log.images),
    )


def _label_set(stem: str, table: LabelTable) -> LabelSet:
    if table.is_scored:
        return LabelSet(stem, LabelSetKind.PREDICTIONS, stem)
    title = "Annotations" if stem == ANNOTATIONS_ID else stem
    return LabelSet(stem, LabelSetKind.GROUND_TRUTH, title)


def _label_tables(log: AvLog, problems: ProblemLog) -> dict[str, LabelTable]:
    """Read the annotations, then whatever other table of the folder holds boxes."""
    tables: dict[str, LabelTable] = {}
    log_id = log.root.resolve().name
    for stem in sorted(log.tables, key=lambda stem: (stem != ANNOTATIONS_ID, stem)):
        try:
            tables[stem] = read_label_table(log.tables[stem], log_id, problems)
        except DamagedData as damage:
            problems.add_damage(damage)
    return tables
