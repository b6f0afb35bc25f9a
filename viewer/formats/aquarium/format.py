"""Recognises and opens Aquarium files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import msgspec

from viewer.formats.aquarium.frame_list import FrameLister
from viewer.formats.aquarium.index import AquariumIndex, FrameEntry, build_index
from viewer.formats.aquarium.issues import is_issues, read_issues
from viewer.formats.aquarium.project import is_project, read_classes, read_project
from viewer.formats.aquarium.reader import LABELS_ID, AquariumReader
from viewer.formats.aquarium.schema import CAMERA, LIDAR, OVERLAY
from viewer.formats.base import DamagedData, Match, Probe
from viewer.formats.data_urls import DataPlaces, PlaceNames
from viewer.formats.folder_index import manifests_below, natural_key
from viewer.formats.json_lines import read_row
from viewer.formats.lazy_frames import LazyFrames
from viewer.formats.path_map import NO_MAP, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, Scene

SUFFIXES = (".jsonl", ".ndjson", ".json")
HEAD_BYTES = 256 * 1024
SCANNED_ROWS = 400
_ROW_KEYS = (b'"sensor_data"', b'"label_data"', b'"inference_data"', b'"coordinate_frames"')


class AquariumFormat:
    """A JSON Lines file of frames, labels or inferences, or the folder that holds such files.

    Boxes: centre, full size along own x, y, z, quaternion x y z w, in the coord frame that each
    names; front is +x by our choice. Coord frames: position and orientation w x y z are the pose
    in the parent. Files of inferences are label sets. Times: the capture date of the frame. The
    format has no sequences: frames whose metadata name a sequence or scene form scenes, all others
    are independent.
    """

    name: ClassVar[str] = "aquarium"
    title: ClassVar[str] = "Aquarium"
    labels: ClassVar[str] = "cuboids, 2D labels, masks, classes"
    cameras: ClassVar[str] = "Brown-Conrady, fisheye"

    def __init__(self, path_map: PathMap = NO_MAP) -> None:
        self._path_map = path_map

    def with_choices(self, choices: Mapping[str, str]) -> "AquariumFormat":
        """Return the format that looks for data where a person says."""
        return AquariumFormat(PathMap.from_choices(choices))

    def recognise(self, probe: Probe) -> Match:
        if not find_row_files(probe.root):
            kinds = ", ".join(SUFFIXES)
            probe.reject(
                f"needs a {kinds} file whose rows have task_id and one of sensor_data,"
                " label_data, inference_data"
            )
        return Match.LIKELY

    def lies_below(self, path: Path) -> bool:
        return all(file.parent != path for file in find_row_files(path))

    def open(self, path: Path) -> Dataset:
        paths = find_row_files(path)
        if not paths:
            raise DamagedData(path, "", "holds no rows of Aquarium frames or labels")
        root = path if path.is_dir() else path.parent
        problems = ProblemLog()
        index = build_index(paths, root, problems)
        if not index.frames:
            first = next(iter(problems.snapshot()), None)
            told = f"; first problem: {first}" if first else ""
            raise DamagedData(path, "", f"holds no usable frame{told}")
        projects = [path for path in _json_files(root) if is_project(path)]
        class_map = read_classes(projects, _used_classes(index), problems)
        shared = _Shared(
            DataPlaces(root, self._path_map), index.inference_sets, class_map, problems
        )
        scenes = tuple(
            _scene(path, group, entries, shared) for group, entries in _groups(index).items()
        )
        return Dataset(path, self.name, scenes, metadata=_dataset_facts(root, projects, problems))


def _dataset_facts(root: Path, projects: Sequence[Path], problems: ProblemLog) -> dict[str, Any]:
    """Return what the project file says, and the issues that lie beside it."""
    facts = read_project(projects)
    issues = read_issues([path for path in _json_files(root) if is_issues(path)], problems)
    return facts | {"issues": issues} if issues else facts


def find_row_files(path: Path) -> tuple[Path, ...]:
    """Return the files with rows: the path itself, or those in the folder and one level down."""
    return tuple(file for file in _json_files(path) if _has_rows(file))


def _json_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.name.lower().endswith(SUFFIXES) else []
    return manifests_below(path, SUFFIXES) if path.is_dir() else []


def _has_rows(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    if b'"task_id"' not in head:
        return False
    return any(key in head for key in _ROW_KEYS) or b'"change"' in head


def _groups(index: AquariumIndex) -> dict[str | None, list[FrameEntry]]:
    groups: dict[str | None, list[FrameEntry]] = {}
    for entry in index.frames.values():
        groups.setdefault(entry.group, []).append(entry)
    for entries in groups.values():
        entries.sort(key=_frame_order)
    return {name: groups[name] for name in sorted(groups, key=lambda name: natural_key(name or ""))}


def _frame_order(entry: FrameEntry) -> tuple[bool, int, object]:
    time_ns = entry.time_ns
    return time_ns is None, time_ns or 0, natural_key(entry.frame_id)


class _Shared(NamedTuple):
    """What all scenes of a dataset have in common."""

    places: DataPlaces
    inference_sets: Sequence[str]
    class_map: ClassMap
    problems: ProblemLog


def _scene(path: Path, group: str | None, entries: Sequence[FrameEntry], shared: _Shared) -> Scene:
    sensors = dict.fromkeys(name for entry in entries for name in entry.sensors)
    places, class_map, problems = shared.places, shared.class_map, shared.problems
    lister = FrameLister(entries, PlaceNames(places), places.root, problems)
    return Scene(
        scene_id=group or path.resolve().stem,
        path=places.root,
        format_name=AquariumFormat.name,
        frames=LazyFrames(len(entries), lister.frames),
        reader=AquariumReader(places, entries, _names_by_id(class_map), problems),
        label_sets=_label_sets(entries, shared.inference_sets),
        class_map=class_map,
        independent=group is None,
        lidar_ids=tuple(name for kind, name in sensors if kind == LIDAR),
        camera_ids=tuple(name for kind, name in sensors if kind == CAMERA),
        description="the format does not say which side of a cuboid is its front; +x is taken",
        has_overlays=any(kind == OVERLAY for kind, _ in sensors),
    )


def _names_by_id(class_map: ClassMap) -> dict[int, str]:
    return {entry.class_id: entry.name for entry in class_map.entries if entry.class_id is not None}


def _label_sets(entries: Sequence[FrameEntry], sets: Sequence[str]) -> tuple[LabelSet, ...]:
    found = []
    if any(entry.label_rows for entry in entries):
        found.append(LabelSet(LABELS_ID, LabelSetKind.GROUND_TRUTH, "Labels"))
    taken = {LABELS_ID}
    for name in sets:
        if name not in taken and any(name in entry.inference_rows for entry in entries):
            found.append(LabelSet(name, LabelSetKind.PREDICTIONS, name))
    return tuple(found)


class _LabelHead(msgspec.Struct):
    label: str | None = None
    label_type: str | None = None


class _LabelHeads(msgspec.Struct):
    label_data: list[_LabelHead] | None = None
    inference_data: list[_LabelHead] | None = None


def _used_classes(index: AquariumIndex) -> list[str]:
    """Return the class names in an even sample of the rows with labels."""
    rows = [row for entry in index.frames.values() for row in entry.label_rows]
    rows += [
        row
        for entry in index.frames.values()
        for named in entry.inference_rows.values()
        for row in named
    ]
    decoder = msgspec.json.Decoder(_LabelHeads)
    names: set[str] = set()
    for row in rows[:: max(1, -(-len(rows) // SCANNED_ROWS))]:
        try:
            heads = decoder.decode(read_row(row))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DamagedData):
            # Reading the frame's labels tells of it.
            continue
        for head in (*(heads.label_data or ()), *(heads.inference_data or ())):
            if head.label and not (head.label_type or "").endswith(("_URL_2D", "_ASSET_2D")):
                names.add(head.label)
    return sorted(names)
