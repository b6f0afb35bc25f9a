"""Recognises and opens PandaSet sequences."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.pandaset.layout import list_sequence, sequence_folders
from viewer.formats.pandaset.reader import CUBOIDS_ID, LIDAR_ID, PandaSetReader
from viewer.formats.problem_log import ProblemLog
from viewer.formats.scene_folders import open_each
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

CLASS_NAMES = (
    "Car", "Pickup Truck", "Medium-sized Truck", "Semi-truck", "Towed Object", "Motorcycle",
    "Other Vehicle - Construction Vehicle", "Other Vehicle - Uncommon",
    "Other Vehicle - Pedicab", "Emergency Vehicle", "Bus", "Personal Mobility Device",
    "Motorized Scooter", "Bicycle", "Train", "Trolley", "Tram / Subway", "Pedestrian",
    "Pedestrian with Object", "Animals - Bird", "Animals - Other", "Pylons", "Road Barriers",
    "Signs", "Cones", "Construction Signs", "Temporary Construction Barriers",
    "Rolling Containers",
)  # fmt: skip


class PandaSetFormat:
    """A sequence, or the folder of several.

    Sweeps, cuboids and point classes are pandas tables in pickles, which are read without running
    anything. Points of both lidars are one cloud in the world; cuboids lie in the world too.
    """

    name: ClassVar[str] = "pandaset"
    title: ClassVar[str] = "PandaSet"
    labels: ClassVar[str] = "cuboids, point classes"
    cameras: ClassVar[str] = "pinhole"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        probe.require(
            sequence_folders, "needs lidar/poses.json with lidar/timestamps.json or camera/"
        )
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return path not in sequence_folders(path)

    def open(self, path: Path) -> Dataset:
        folders = sequence_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no PandaSet sequence")
        scenes, problems = open_each(folders, _open_sequence)
        if not scenes:
            raise DamagedData(path, "", "holds no sequence that can be read")
        return Dataset(path, self.name, scenes, problems)


def _open_sequence(folder: Path) -> Scene:
    sequence = list_sequence(folder)
    if not sequence.stems:
        raise DamagedData(folder, "", "has neither sweeps nor images")
    problems = ProblemLog()
    reader = PandaSetReader(sequence, problems)
    label_sets: tuple[LabelSet, ...] = ()
    if sequence.cuboids or sequence.classes:
        label_sets = (LabelSet(CUBOIDS_ID, LabelSetKind.GROUND_TRUTH, "Cuboids"),)
    names = [*CLASS_NAMES, *(reader.class_names().values() if sequence.classes else ())]
    return Scene(
        scene_id=folder.resolve().name,
        path=folder,
        format_name=PandaSetFormat.name,
        frames=reader.frames,
        reader=reader,
        label_sets=label_sets,
        class_map=ClassMap.from_names(names),
        lidar_ids=(LIDAR_ID,) if sequence.clouds else (),
        camera_ids=tuple(sequence.images),
    )
