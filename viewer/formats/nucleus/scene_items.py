"""The frames of a scene and their items, decoded when they are first asked for."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.nucleus.payload import ItemSource, SceneSource
from viewer.formats.nucleus.schema import POINT_CLOUD, Item, TrackRecord
from viewer.formats.problem_log import ProblemLog

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


class SceneItems:
    """The frames of one scene; may be used on any thread.

    Parameters
    ----------
    scene_id
        Its reference id.
    frames
        What is known already, or what makes them; without it the row of the scene is decoded when
        they are asked for.
    source
        Its row; None where no row describes it.
    frame_count
        How many frames the row has, where it is known without decoding it.
    """

    def __init__(
        self,
        scene_id: str,
        frames: Sequence[FrameItems] | Callable[[], Sequence[FrameItems]] | None = None,
        *,
        source: SceneSource | None = None,
        frame_count: int | None = None,
        independent: bool = False,
    ) -> None:
        self.scene_id = scene_id
        self.source = source
        self.independent = independent
        self._lock = threading.Lock()
        self._make = frames if callable(frames) else None
        self._frames = None if callable(frames) else frames
        self._count = frame_count

    @property
    def path(self) -> Path | None:
        """File of its row."""
        return None if self.source is None else self.source.path

    @property
    def start(self) -> int:
        """Byte of its row."""
        return -1 if self.source is None else self.source.start

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What its row says besides."""
        return {} if self.source is None else self.source.record.metadata or {}

    @property
    def frame_rate(self) -> float | None:
        """Frames a second of a video."""
        return None if self.source is None else self.source.record.frame_rate

    @property
    def video(self) -> str | None:
        """Address of its video."""
        record = None if self.source is None else self.source.record
        return None if record is None else record.video_url or record.video_location

    @property
    def tracks(self) -> Sequence[TrackRecord]:
        """What its row says of its tracks."""
        return [] if self.source is None else _tracks(self.source, ProblemLog())

    @property
    def frame_count(self) -> int:
        """How many frames there are; nothing of them is decoded for it."""
        if self._count is None:
            if self._frames is not None or self.source is None:
                self._count = len(self.frames)
            else:
                self._count = len(self.source.record.frames) or int(bool(self.video))
        return self._count

    @property
    def frames(self) -> Sequence[FrameItems]:
        """The frames in order."""
        with self._lock:
            if self._frames is None and self._make is not None:
                self._frames = self._make()
            elif self._frames is None:
                # What breaks a rule is told by `checked_frames`.
                self._frames = [] if self.source is None else _frames(self.source, ProblemLog())
            return self._frames

    def checked_frames(self, problems: ProblemLog) -> Sequence[FrameItems]:
        """Return the frames, and note what is wrong with them; they are not kept."""
        if self.source is None:
            return self.frames
        _tracks(self.source, problems)
        return _frames(self.source, problems)

    def ends(self) -> Sequence[FrameItems]:
        """Return the first and the last frame alone, for what is known of the others by them."""
        if self.source is None or self._frames is not None:
            return [*self.frames[:1], *self.frames[-1:]]
        try:
            raw = self.source.record.frames
        except DamagedData:
            return []
        return [
            FrameItems("", _frame_items(each, self.source.path, "", ProblemLog()), Path(), "")
            for each in (*raw[:1], *raw[-1:])
        ]


def loose_frame(source: ItemSource) -> FrameItems:
    """Return the frame that an item outside scenes is."""
    item = source.item
    sensor = "lidar" if item.kind == POINT_CLOUD else "image"
    items = {sensor: item}
    return FrameItems(item.item_id, items, source.file.path, source.place, source.start)


def items_of(scenes: Iterable[SceneItems]) -> Iterator[tuple[str, Item]]:
    """Yield every (sensor, item) of some scenes."""
    for scene in scenes:
        for frame in scene.frames:
            yield from frame.items.items()


def sensor_kinds(frames: Iterable[FrameItems]) -> dict[str, str]:
    """Return the kind of each sensor, in the order in which they first occur."""
    kinds: dict[str, str] = {}
    for frame in frames:
        if not frame.items.keys() <= kinds.keys():
            for name, item in frame.items.items():
                kinds.setdefault(name, item.kind)
    return kinds


def _frames(source: SceneSource, problems: ProblemLog) -> list[FrameItems]:
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
    if (record.video_url or record.video_location) and not frames:
        frames = [FrameItems(record.reference_id, {}, source.path, source.place)]
    keys = [frame.key for frame in frames]
    if len(set(keys)) < len(keys):
        for number, frame in enumerate(frames):
            frame.key = str(number)
    return frames


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
