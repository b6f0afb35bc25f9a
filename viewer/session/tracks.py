"""Tracks of a whole scene: where each object appears, and how many labels each class has."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from viewer.formats.base import DamagedData
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.scene.tracks import Track, TrackSource
from viewer.session.label_edits import LabelEdits, as_delivered
from viewer.session.selection import LabelKey

TrackName = tuple[str, str]
"""(label set id, track id)."""


@dataclass(frozen=True, slots=True)
class TrackExtent:
    """The frames in which one object of one label set is labelled."""

    label_set_id: str
    track_id: str
    class_name: str
    """The class of most of its labels."""
    frames: tuple[int, ...]
    """Frame indices, ascending."""
    label_ids: tuple[str, ...]
    """Its label in each of `frames`."""
    interpolated: tuple[tuple[int, int], ...] = ()
    """(first, last) of each stretch between keyframes that is shown without being labelled."""

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def name(self) -> TrackName:
        """What identifies it in the scene."""
        return self.label_set_id, self.track_id

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """(first, last) of each stretch of frames without a gap.

        Examples
        --------
        >>> TrackExtent("gt", "7", "car", (2, 3, 6), ("a", "b", "c")).runs
        ((2, 3), (6, 6))
        """
        return stretches(self.frames)

    def key_at(self, frame_index: int) -> LabelKey | None:
        """Its label in a frame, None where it has none."""
        place = bisect_left(self.frames, frame_index)
        if place == len(self.frames) or self.frames[place] != frame_index:
            return None
        return LabelKey(self.label_set_id, frame_index, self.label_ids[place], self.track_id)

    def neighbour(self, frame_index: int, step: int) -> LabelKey | None:
        """Its next label after a frame or, with a negative step, the last before it."""
        place = bisect_left(self.frames, frame_index + 1) if step > 0 else (
            bisect_left(self.frames, frame_index) - 1
        )  # fmt: skip
        return self.key_at(self.frames[place]) if 0 <= place < len(self.frames) else None


@dataclass(frozen=True, eq=False, slots=True)
class SceneTracks:
    """Every track of a scene, and counts over all its frames."""

    extents: tuple[TrackExtent, ...] = ()
    """Longest first."""
    class_counts: Mapping[str, Mapping[str, int]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Labels by label set id and class name; a 2D box of a cuboid is the same label."""
    unread_frame_count: int = 0
    """Frames of which some label set could not be read."""
    told: Mapping[TrackName, Track] = field(default_factory=lambda: MappingProxyType({}))
    """What the format itself says of tracks as a whole."""
    _by_name: Mapping[TrackName, TrackExtent] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {extent.name: extent for extent in self.extents})

    def find(self, label_set_id: str, track_id: str | None) -> TrackExtent | None:
        """Look a track up by its name."""
        return None if track_id is None else self._by_name.get((label_set_id, track_id))

    def of(self, key: LabelKey | None) -> TrackExtent | None:
        """Track of a label, None when it has none."""
        return None if key is None else self.find(key.label_set_id, key.track_id)

    def told_of(self, key: LabelKey | None) -> Track | None:
        """What the format says of a label's track as a whole."""
        if key is None or key.track_id is None:
            return None
        return self.told.get((key.label_set_id, key.track_id))


def reading_title(scene: Scene) -> str:
    """What `read_tracks` does with a scene, for people."""
    return "Counting labels" if scene.independent else "Reading tracks"


def read_tracks(
    context: JobContext, scene: Scene, edit_labels: LabelEdits = as_delivered
) -> SceneTracks:
    """Read the labels of every frame; frames that cannot be read are counted and left out.

    Independent frames share no tracks: only the counts are filled.
    """
    labels_of: dict[TrackName, list[tuple[int, str, str]]] = {}
    counts: dict[str, Counter[str]] = {
        label_set.label_set_id: Counter() for label_set in scene.label_sets
    }
    unread = 0
    for frame in context.track(scene.frames, reading_title(scene)):
        readable = True
        for set_id, count in counts.items():
            try:
                labels = scene.reader.read_labels(frame.index, set_id)
            except DamagedData:
                readable = False
                continue
            labels = edit_labels(scene, frame.index, set_id, labels)
            count.update(labels.cuboids.class_names)
            count.update(_only_2d(labels))
            if not scene.independent:
                _collect(labels_of, labels.cuboids, set_id, frame.index)
        unread += not readable
    told = told_tracks(scene)
    extents = [_extent(name, labels, told.get(name)) for name, labels in labels_of.items()]
    extents.sort(key=lambda extent: -len(extent))
    return SceneTracks(tuple(extents), counts, unread, told)


def told_tracks(scene: Scene) -> dict[TrackName, Track]:
    """What the format says of tracks as a whole; nothing where it cannot be read."""
    reader, told = scene.reader, dict[TrackName, Track]()
    if not isinstance(reader, TrackSource):
        return told
    for label_set in scene.label_sets:
        set_id = label_set.label_set_id
        with suppress(DamagedData):
            told |= {(set_id, track.track_id): track for track in reader.read_tracks(set_id)}
    return told


def _only_2d(labels: FrameLabels) -> list[str]:
    """Classes of the 2D boxes that belong to no cuboid."""
    in_3d = set(labels.cuboids.label_ids)
    boxes = zip(labels.boxes_2d.label_ids, labels.boxes_2d.class_names, strict=True)
    return [class_name for label_id, class_name in boxes if label_id not in in_3d]


def _collect(
    labels_of: dict[TrackName, list[tuple[int, str, str]]],
    labels: CuboidLabels,
    set_id: str,
    frame_index: int,
) -> None:
    """Add the tracked labels of a frame; of a track labelled twice in it the first counts."""
    rows = zip(labels.track_ids, labels.label_ids, labels.class_names, strict=True)
    for track_id, label_id, class_name in rows:
        if track_id is None:
            continue
        labelled = labels_of.setdefault((set_id, track_id), [])
        if not labelled or labelled[-1][0] != frame_index:
            labelled.append((frame_index, label_id, class_name))


def _extent(
    name: TrackName, labelled: list[tuple[int, str, str]], told: Track | None
) -> TrackExtent:
    frames, label_ids, class_names = zip(*labelled, strict=True)
    class_name = Counter(class_names).most_common(1)[0][0]
    between = stretches(frames_between(told, frames)) if told is not None else ()
    return TrackExtent(name[0], name[1], class_name, frames, label_ids, between)


def frames_between(track: Track, labelled: Collection[int]) -> list[int]:
    """Frames without a label between two labelled keyframes, in which the object can be seen.

    Examples
    --------
    >>> frames_between(Track("7", "car", (0, 4, 6), visible=((0, 2), (5, 6))), (0, 4, 6))
    [1, 2, 5]
    """
    there = set(labelled)
    return [
        frame
        for before, after in pairwise(sorted(set(track.keyframes)))
        if before in there and after in there
        for frame in range(before + 1, after)
        if frame not in there and track.is_visible(frame)
    ]


def stretches(frames: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """(first, last) of each stretch of ascending frames without a gap."""
    runs: list[tuple[int, int]] = []
    for frame in frames:
        if runs and runs[-1][1] == frame - 1:
            runs[-1] = (runs[-1][0], frame)
        else:
            runs.append((frame, frame))
    return tuple(runs)
