"""Which frames there are, and which annotations belong to each of their items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from viewer.formats.folder_index import natural_key
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places
from viewer.formats.nucleus.payload import Payload, SceneSource
from viewer.formats.nucleus.schema import POINT_CLOUD, Item
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import LabelSetKind

ANNOTATIONS_ID = "annotations"
_ITEM = msgspec.json.Decoder(Item)


@dataclass(eq=False, slots=True)
class FrameItems:
    """The items of one frame by sensor name."""

    key: str
    items: dict[str, Item]
    path: Path
    place: str
    """Of the frame in its file."""


@dataclass(eq=False, slots=True)
class SceneItems:
    """The frames of one scene."""

    scene_id: str
    frames: list[FrameItems]
    independent: bool = False


@dataclass(eq=False, slots=True)
class LabelIndex:
    """One label set: where the annotations of each item or scene lie."""

    label_set_id: str
    kind: LabelSetKind
    spans: list[AnnotationSpans]
    rows: dict[str, list[tuple[int, Places]]] = field(default_factory=dict)
    """(position in `spans`, rows) by reference id."""
    class_names: set[str] = field(default_factory=set)


def index_scenes(payloads: Sequence[Payload], problems: ProblemLog) -> list[SceneItems]:
    """Return the scenes of all files, then the items outside scenes as one set of frames."""
    scenes = [_scene(source, problems) for payload in payloads for source in payload.scenes]
    loose: dict[str, FrameItems] = {}
    for payload in payloads:
        for item, place in payload.items:
            sensor = "lidar" if item.kind == POINT_CLOUD else "image"
            if item.item_id:
                loose.setdefault(
                    item.item_id, FrameItems(item.item_id, {sensor: item}, payload.path, place)
                )
            else:
                problems.add(payload.path, place, "has no reference_id; it is left out")
    # An export lists the items of scenes as well: those are frames already.
    known = {
        item.item_id for scene in scenes for frame in scene.frames for item in frame.items.values()
    }
    alone = [frame for name, frame in loose.items() if name not in known]
    if alone:
        scenes.append(SceneItems("items", alone, independent=True))
    return scenes


def index_labels(payloads: Sequence[Payload], problems: ProblemLog) -> list[LabelIndex]:
    """Return one index of all annotations, and one a file of predictions."""
    truth = [spans for payload in payloads for spans in payload.annotations]
    found = []
    if truth:
        found.append(LabelIndex(ANNOTATIONS_ID, LabelSetKind.GROUND_TRUTH, truth))
    stems = [payload.path.stem for payload in payloads if payload.predictions]
    taken = {ANNOTATIONS_ID}
    for payload in payloads:
        if payload.predictions:
            stem = payload.path.stem
            name = stem if stems.count(stem) == 1 and stem not in taken else str(payload.path)
            taken.add(name)
            found.append(LabelIndex(name, LabelSetKind.PREDICTIONS, payload.predictions))
    for index in found:
        for number, spans in enumerate(index.spans):
            rows, labels = spans.belongings(problems)
            index.class_names |= labels
            for reference_id, own in rows.items():
                index.rows.setdefault(reference_id, []).append((number, own))
    return found


def add_unknown(
    scenes: list[SceneItems], labels: Iterable[LabelIndex], problems: ProblemLog
) -> None:
    """Make frames for annotations whose item no file describes, so that they are seen."""
    known = {
        item.item_id for scene in scenes for frame in scene.frames for item in frame.items.values()
    }
    known |= {scene.scene_id for scene in scenes}
    unknown: dict[str, FrameItems] = {}
    for index in labels:
        strangers = {name: rows for name, rows in index.rows.items() if name not in known}
        for name, rows in strangers.items():
            spans = index.spans[rows[0][0]]
            unknown.setdefault(name, FrameItems(name, {}, spans.file.path, ""))
        if strangers and known:
            first = min(strangers, key=natural_key)
            count = sum(len(own) for rows in strangers.values() for _, own in rows)
            spans = index.spans[strangers[first][0][0]]
            problem = (
                f"{count} annotations belong to {len(strangers)} items that no scene here has,"
                f" first {first[:80]!r}; they are shown as frames of their own"
            )
            problems.add(spans.file.path, spans.place(int(strangers[first][0][1][0])), problem)
    if unknown:
        frames = [unknown[name] for name in sorted(unknown, key=natural_key)]
        scenes.append(SceneItems("items without a scene", frames, independent=True))


def _scene(source: SceneSource, problems: ProblemLog) -> SceneItems:
    record = source.record
    frames = []
    seen: set[str] = set()
    for number, sensors in enumerate(record.frames):
        place = f"{source.place}.frames[{number}]"
        items: dict[str, Item] = {}
        for name, raw in sensors.items():
            where = f"{place}.{name}"
            try:
                item = _ITEM.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                problems.add(source.path, where, f"{error}; the item is left out")
                continue
            if item.item_id in seen and item.item_id:
                problem = f"reference_id {item.item_id[:80]!r} stands in the scene twice"
                problems.add(source.path, where, problem)
            seen.add(item.item_id)
            items[name] = item
        lidars = [name for name, item in items.items() if item.kind == POINT_CLOUD]
        if len(lidars) != 1:
            problem = f"has {len(lidars)} point clouds where one belongs"
            problems.add(source.path, place, problem)
        key = next((items[name].item_id for name in lidars if items[name].item_id), "")
        frames.append(FrameItems(key or str(number), items, source.path, place))
    keys = [frame.key for frame in frames]
    if len(set(keys)) < len(keys):
        for number, frame in enumerate(frames):
            frame.key = str(number)
    return SceneItems(record.reference_id, frames)
