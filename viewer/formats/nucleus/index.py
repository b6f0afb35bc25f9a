"""Which scenes and frames there are."""

from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from viewer.formats.folder_index import natural_key
from viewer.formats.nucleus.kept import SceneFacts
from viewer.formats.nucleus.label_index import LabelIndex
from viewer.formats.nucleus.payload import Payload
from viewer.formats.nucleus.scene_items import (
    FrameItems,
    SceneItems,
    items_of,
    loose_frame,
    sensor_kinds,
)
from viewer.formats.nucleus.source import NucleusSource
from viewer.formats.problem_log import ProblemLog
from viewer.progress import report_progress

ITEMS_ID = "items"
UNKNOWN_ID = "annotated items"


def index_scenes(payloads: Sequence[Payload], problems: ProblemLog) -> list[SceneItems]:
    """Return the scenes of all files, then the items outside scenes as one set of frames.

    What has an id that was there before is ignored, or overwrites where its payload says so.
    """
    scenes: dict[str, SceneItems] = {}
    repeated = _Repeated("scenes", problems)
    for payload in payloads:
        for source in payload.scenes:
            scene = SceneItems(source.record.reference_id, source=source)
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
    known = {item.item_id for _, item in items_of(scenes.values())} if loose else set()
    alone = [frame for name, frame in loose.items() if name not in known]
    found = list(scenes.values())
    if alone:
        found.append(SceneItems(ITEMS_ID, alone, independent=True))
    return found


def index_whole(source: NucleusSource) -> list[SceneFacts]:
    """Index all items and annotations of a dataset, and return what is known of each scene.

    Annotations of items that no file describes become a scene of their own. Reports to the job
    that runs here; when it is given up, what was indexed until then is of use to the next time.
    """
    problems = source.index_problems
    numbers: dict[str, str] = {}
    own_ids: list[set[str]] = []
    kinds: list[dict[str, str]] = []
    scenes = source.scenes
    for place, scene in enumerate(scenes):
        report_progress(place, 2 * len(scenes), "Indexing scenes")
        frames = scene.checked_frames(problems)
        kinds.append(sensor_kinds(frames))
        own_ids.append({item.item_id for frame in frames for item in frame.items.values()})
        own_ids[-1] |= {scene.scene_id} | {frame.key for frame in frames if not frame.items}
        for frame in frames:
            for item in frame.items.values():
                if item.dataset_item_id:
                    numbers[item.dataset_item_id] = item.item_id
    for payload in source.payloads:
        for each in payload.items:
            if each.item.dataset_item_id:
                numbers[each.item.dataset_item_id] = each.item.item_id
    source.item_numbers = numbers
    add_unknown(scenes, source.labels, set().union(*own_ids), problems)
    for scene in scenes[len(own_ids) :]:
        own_ids.append({frame.key for frame in scene.frames})
        kinds.append({})
    return [
        SceneFacts(
            sensors,
            frozenset(i.label_set_id for i in source.labels if any(name in i.rows for name in ids)),
            dict(scene.metadata),
        )
        for scene, sensors, ids in zip(scenes, kinds, own_ids, strict=True)
    ]


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
            if not item.item_id:
                problems.add(payload.path, source.place, "has no reference_id; it is left out")
                continue
            if item.item_id in loose:
                repeated.add(payload.path, source.place, item.item_id, update=source.update)
            if item.item_id not in loose or source.update:
                loose[item.item_id] = loose_frame(source)
    repeated.tell()
    return loose


def add_unknown(
    scenes: list[SceneItems],
    labels: Iterable[LabelIndex],
    known: Set[str],
    problems: ProblemLog,
) -> None:
    """Make frames for annotations whose item no file describes, so that they are seen.

    `known` are the ids of all items and scenes.
    """
    unknown: dict[str, FrameItems] = {}
    for index in labels:
        strangers = {name: index.rows.get(name) for name in index.rows if name not in known}
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
        scenes.append(SceneItems(UNKNOWN_ID, frames, independent=True))
