"""Recognises and opens folders of nuScenes tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.nuscenes.layout import REQUIRED_TABLES, result_files, table_folders
from viewer.formats.nuscenes.point_labels import PointLabels
from viewer.formats.nuscenes.reader import ANNOTATIONS_ID, NuScenesReader
from viewer.formats.nuscenes.recordings import RANGE_SENSORS, SceneRecordings, frames_of
from viewer.formats.nuscenes.results import ResultFile
from viewer.formats.nuscenes.rig import ordered_channels
from viewer.formats.nuscenes.schema import SceneRow
from viewer.formats.nuscenes.tables import Sample, Tables, read_tables
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Growth, Problem, Scene

LOG_FACTS = ("location", "date_captured", "vehicle", "logfile")


class NuScenesFormat:
    """nuScenes v1.0 tables, and Lyft Level 5 and T4 datasets, which follow their schema.

    Boxes: middle, size as width, length, height, quaternion w x y z in the world, front is the
    length axis (x), at the time of the sample. Frames are samples (keyframes); sweeps recorded
    between two of them belong to the later one. The vehicle's pose is that of each sensor's own
    time. A file with ``results`` beside the tables is a set of predictions.
    """

    name: ClassVar[str] = "nuscenes"
    title: ClassVar[str] = "nuScenes"
    labels: ClassVar[str] = "cuboids, point classes"
    cameras: ClassVar[str] = "pinhole, Brown-Conrady"

    def recognise(self, probe: Probe) -> Match:
        probe.require_folder()
        names = ", ".join(f"{name}.json" for name in REQUIRED_TABLES)
        probe.require(table_folders, f"needs {names}, here or in v1.0-... or annotation/")
        return Match.LIKELY

    def open(self, path: Path) -> Dataset:
        folders = table_folders(path)
        if not folders:
            raise DamagedData(path, "", "holds no nuScenes tables")
        scenes: list[Scene] = []
        problems: list[Problem] = []
        opened: list[Tables] = []
        for folder in folders:
            try:
                tables = read_tables(folder, path)
            except DamagedData as damage:
                if len(folders) == 1:
                    raise
                problems.append(damage.as_problem())
                continue
            scenes += _open_tables(tables, path, prefixed=len(folders) > 1)
            problems += tables.problems.snapshot()
            opened.append(tables)
        if not scenes:
            raise DamagedData(path, "", "holds no scene that can be read")
        whole = Dataset(path, self.name, tuple(scenes), tuple(problems))
        if not any(tables.follows for tables in opened):
            return whole

        def complete() -> Dataset:
            for tables in opened:
                tables.index_rest()
            return whole

        return replace(whole, growth=Growth(complete, widens=False))


def _open_tables(tables: Tables, opened: Path, *, prefixed: bool) -> list[Scene]:
    results: dict[str, ResultFile] = {}
    for stem, path in result_files(tuple(dict.fromkeys((tables.folder, opened)))).items():
        try:
            results[stem] = ResultFile(path)
        except DamagedData as damage:
            tables.problems.add_damage(damage)
    names = [row.name for row in tables.categories.values()]
    for result in results.values():
        names += result.class_names()
    class_map = ClassMap.from_names(names)
    scenes: list[Scene] = []
    taken: set[str] = set()
    for row in tables.scenes:
        samples = tables.samples[row.token]
        if not samples:
            tables.problems.add(tables.folder / "scene.json", row.token, "has no samples")
            continue
        scene_id = row.name or row.token
        scene_id = f"{scene_id} {row.token}" if scene_id in taken else scene_id
        taken.add(scene_id)
        scene_id = f"{tables.folder.name}/{scene_id}" if prefixed else scene_id
        scenes.append(_scene(tables, row, scene_id, samples, results, class_map))
    return scenes


def _scene(
    tables: Tables,
    row: SceneRow,
    scene_id: str,
    samples: Sequence[Sample],
    results: Mapping[str, ResultFile],
    class_map: ClassMap,
) -> Scene:
    problems = ProblemLog()
    recordings = SceneRecordings(tables, samples, problems)
    shown = recordings.shown_channels()
    cameras, lidars, radars = (
        tuple(name for name in ordered_channels(tables.channels, modality) if name in shown)
        for modality in ("camera", *RANGE_SENSORS)
    )
    reader = NuScenesReader(tables, row, samples, recordings, results, problems)
    label_sets = []
    if tables.annotations is not None or PointLabels(tables).are_there():
        label_sets.append(LabelSet(ANNOTATIONS_ID, LabelSetKind.GROUND_TRUTH, "Annotations"))
    label_sets += [
        LabelSet(stem, LabelSetKind.PREDICTIONS, stem) for stem in results if stem != ANNOTATIONS_ID
    ]
    return Scene(
        scene_id=scene_id,
        path=tables.folder,
        format_name=NuScenesFormat.name,
        frames=frames_of(samples, recordings, (*lidars, *radars), cameras),
        reader=reader,
        label_sets=tuple(label_sets),
        class_map=class_map,
        lidar_ids=(*lidars, *radars),
        camera_ids=cameras,
        description=row.description,
        metadata=_metadata(tables, row),
    )


def _metadata(tables: Tables, row: SceneRow) -> dict[str, str]:
    """Facts of the log that the scene was cut from."""
    log = tables.logs.get(row.log_token)
    if log is None:
        return {}
    facts = {name: getattr(log, name) for name in LOG_FACTS}
    return {name: value for name, value in facts.items() if value}
