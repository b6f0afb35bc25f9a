"""The scenes that an index of Aquarium rows makes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from viewer.formats.aquarium.frame_list import FrameLister
from viewer.formats.aquarium.index import AquariumIndex, FrameEntry
from viewer.formats.aquarium.project import read_classes
from viewer.formats.aquarium.reader import LABELS_ID, AquariumReader
from viewer.formats.aquarium.schema import CAMERA, LIDAR, OVERLAY
from viewer.formats.base import DamagedData
from viewer.formats.data_urls import DataPlaces, PlaceNames
from viewer.formats.folder_index import natural_key
from viewer.formats.json_lines import read_row
from viewer.formats.lazy_frames import LazyFrames
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Scene

FORMAT_NAME = "aquarium"
SCANNED_ROWS = 400
MakeReader = Callable[
    [DataPlaces, Sequence[FrameEntry], Mapping[int, str], ProblemLog], AquariumReader
]


def make_scenes(
    path: Path,
    index: AquariumIndex,
    places: DataPlaces,
    projects: Sequence[Path],
    problems: ProblemLog,
    make_reader: MakeReader = AquariumReader,
) -> tuple[Scene, ...]:
    """Return one scene a group of frames, in natural order of their names."""
    class_map = read_classes(projects, _used_classes(index), problems)

    def scene(group: str | None, entries: Sequence[FrameEntry]) -> Scene:
        sensors = dict.fromkeys(name for entry in entries for name in entry.sensors)
        lister = FrameLister(entries, PlaceNames(places), places.root, problems)
        return Scene(
            scene_id=group or path.resolve().stem,
            path=places.root,
            format_name=FORMAT_NAME,
            frames=LazyFrames(len(entries), lister.frames),
            reader=make_reader(places, entries, _names_by_id(class_map), problems),
            label_sets=_label_sets(entries, index.inference_sets),
            class_map=class_map,
            independent=group is None,
            lidar_ids=tuple(name for kind, name in sensors if kind == LIDAR),
            camera_ids=tuple(name for kind, name in sensors if kind == CAMERA),
            description="the format does not say which side of a cuboid is its front; +x is taken",
            has_overlays=any(kind == OVERLAY for kind, _ in sensors),
        )

    return tuple(scene(group, entries) for group, entries in _groups(index).items())


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
