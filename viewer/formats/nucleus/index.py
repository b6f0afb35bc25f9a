"""Which frames there are, and which annotations belong to each of their items."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.folder_index import natural_key
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places
from viewer.formats.nucleus.payload import Payload, SceneSource
from viewer.formats.nucleus.schema import POINT_CLOUD, Item, TrackRecord
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import LabelSetKind

ANNOTATIONS_ID = "annotations"
ITEMS_ID = "items"
VIDEO_SENSOR = "image"
_ITEM = msgspec.json.Decoder(Item)
_TRACK = msgspec.json.Decoder(TrackRecord)
_SENSORS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DECODER_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(eq=False, slots=True)
class FrameItems:
    """The items of one frame by sensor name."""

    key: str
    items: dict[str, Item]
    path: Path
    place: str
    """Of the frame in its file."""
    start: int = -1
    """Byte of the row of an item outside scenes."""


@dataclass(eq=False, slots=True)
class SceneItems:
    """The frames of one scene."""

    scene_id: str
    frames: list[FrameItems]
    independent: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tracks: Sequence[TrackRecord] = ()
    frame_rate: float | None = None
    video: str | None = None
    path: Path | None = None
    """Of its row; None where no row describes it."""
    start: int = -1
    """Byte of its row."""


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
    """Return the scenes of all files, then the items outside scenes as one set of frames.

    What has an id that was there before is ignored, or overwrites where its payload says so.
    """
    scenes: dict[str, SceneItems] = {}
    repeated = _Repeated("scenes", problems)
    for payload in payloads:
        for source in payload.scenes:
            scene = _scene(source, problems)
            before = scenes.get(scene.scene_id)
            if before is not None:
                repeated.add(source.path, source.place, scene.scene_id, update=source.update)
                if source.update and _structure(before) != _structure(scene):
                    problem = (
                        f"scene {scene.scene_id[:80]!r} has other frames or items than before;"
                        " an update cannot change them, and it is left out"
                    )
                    problems.add(source.path, source.place, problem)
                    continue
            if before is None or source.update:
                scenes[scene.scene_id] = scene
    repeated.tell()
    loose = _loose_items(payloads, problems)
    # An export lists the items of scenes as well: those are frames already.
    known = {item.item_id for _, item in items_of(scenes.values())}
    alone = [frame for name, frame in loose.items() if name not in known]
    found = list(scenes.values())
    if alone:
        found.append(SceneItems(ITEMS_ID, alone, independent=True))
    return found


def items_of(scenes: Iterable[SceneItems]) -> Iterator[tuple[str, Item]]:
    """Yield every (sensor, item) of some scenes."""
    for scene in scenes:
        for frame in scene.frames:
            yield from frame.items.items()


def _structure(scene: SceneItems) -> list[list[tuple[str, str]]]:
    return [
        sorted((name, item.item_id) for name, item in frame.items.items()) for frame in scene.frames
    ]


class _Repeated:
    """Counts what has an id that was there before, file by file."""

    def __init__(self, what: str, problems: ProblemLog) -> None:
        self._what = what
        self._problems = problems
        self._counts: dict[tuple[Path, bool], list[str]] = {}

    def add(self, path: Path, place: str, name: str, *, update: bool) -> None:
        self._counts.setdefault((path, update), []).append(f"{name[:80]!r} at {place}")

    def tell(self) -> None:
        for (path, update), names in self._counts.items():
            became = "overwrite the earlier ones" if update else "are ignored"
            problem = (
                f"{len(names)} {self._what} have an id that was there before and {became},"
                f" first {names[0]}"
            )
            self._problems.add(path, "", problem)


def _loose_items(payloads: Sequence[Payload], problems: ProblemLog) -> dict[str, FrameItems]:
    loose: dict[str, FrameItems] = {}
    repeated = _Repeated("items", problems)
    for payload in payloads:
        for source in payload.items:
            item = source.item
            sensor = "lidar" if item.kind == POINT_CLOUD else "image"
            if not item.item_id:
                problems.add(payload.path, source.place, "has no reference_id; it is left out")
                continue
            if item.item_id in loose:
                repeated.add(payload.path, source.place, item.item_id, update=source.update)
            if item.item_id not in loose or source.update:
                loose[item.item_id] = FrameItems(
                    item.item_id, {sensor: item}, payload.path, source.place, source.start
                )
    repeated.tell()
    return loose


def index_labels(
    payloads: Sequence[Payload], problems: ProblemLog, ids_of_items: Mapping[str, str]
) -> list[LabelIndex]:
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
            rows, labels = spans.belongings(problems, ids_of_items)
            index.class_names |= labels
            for reference_id, own in rows.items():
                index.rows.setdefault(reference_id, []).append((number, own))
    return found


def add_unknown(
    scenes: list[SceneItems], labels: Iterable[LabelIndex], problems: ProblemLog
) -> None:
    """Make frames for annotations whose item no file describes, so that they are seen."""
    known = {item.item_id for _, item in items_of(scenes)}
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
            number, own = strangers[first][0]
            spans = index.spans[number]
            problem = (
                f"{count} annotations belong to {len(strangers)} items that no scene here has,"
                f" first {first[:80]!r}; they are shown as frames of their own"
            )
            problems.add(spans.file.path, spans.place(int(own[0])), problem)
    if unknown:
        frames = [unknown[name] for name in sorted(unknown, key=natural_key)]
        scenes.append(SceneItems("annotated items", frames, independent=True))


def _scene(source: SceneSource, problems: ProblemLog) -> SceneItems:
    record = source.record
    frames = []
    seen: set[str] = set()
    for number, raw in enumerate(record.frames):
        place = f"{source.place}.frames[{number}]"
        items = _frame_items(raw, source.path, place, problems)
        for name, item in items.items():
            if item.item_id in seen and item.item_id:
                problem = f"reference_id {item.item_id[:80]!r} stands in the scene twice"
                problems.add(source.path, f"{place}.{name}", problem)
            seen.add(item.item_id)
        lidars = [name for name, item in items.items() if item.kind == POINT_CLOUD]
        if len(lidars) != 1 and record.frame_rate is None:
            problem = f"has {len(lidars)} point clouds where one belongs"
            problems.add(source.path, place, problem)
        named = lidars or list(items)[: len(items) == 1]
        key = next((items[name].item_id for name in named if items[name].item_id), "")
        frames.append(FrameItems(key or str(number), items, source.path, place))
    _note_lidars(frames, source, problems)
    video = record.video_url or record.video_location
    if video and not frames:
        frames = [FrameItems(record.reference_id, {}, source.path, source.place)]
    keys = [frame.key for frame in frames]
    if len(set(keys)) < len(keys):
        for number, frame in enumerate(frames):
            frame.key = str(number)
    return SceneItems(
        record.reference_id,
        frames,
        metadata=record.metadata or {},
        tracks=_tracks(source, problems),
        frame_rate=record.frame_rate,
        video=video,
        path=source.path,
        start=source.start,
    )


def _frame_items(raw: msgspec.Raw, path: Path, place: str, problems: ProblemLog) -> dict[str, Item]:
    """Return the items of a frame by sensor; a frame of a video is an item itself."""
    try:
        sensors = _SENSORS.decode(raw)
        if bytes(memoryview(sensors.get("reference_id", b""))[:1]) == b'"':
            return {VIDEO_SENSOR: _ITEM.decode(raw)}
    except _DECODER_ERRORS as error:
        problems.add(path, place, f"{error}; the frame is left empty")
        return {}
    items: dict[str, Item] = {}
    for name, entry in sensors.items():
        try:
            items[name] = _ITEM.decode(entry)
        except _DECODER_ERRORS as error:
            problems.add(path, f"{place}.{name}", f"{error}; the item is left out")
    return items


def _note_lidars(frames: Sequence[FrameItems], source: SceneSource, problems: ProblemLog) -> None:
    names = {
        name: None
        for frame in frames
        for name, item in frame.items.items()
        if item.kind == POINT_CLOUD
    }
    if len(names) > 1:
        listed = ", ".join(name[:40] for name in names)
        problems.add(source.path, source.place, f"has several lidars where one belongs: {listed}")


def _tracks(source: SceneSource, problems: ProblemLog) -> list[TrackRecord]:
    found = []
    for number, raw in enumerate(source.record.tracks or ()):
        try:
            found.append(_TRACK.decode(raw))
        except _DECODER_ERRORS as error:
            problems.add(source.path, f"{source.place}.tracks[{number}]", f"{error}; is left out")
    return found
