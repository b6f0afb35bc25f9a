"""Boxes between the keyframes of a track, where the format stores none: interpolated to be seen.

They are made when a frame is loaded, carry `is_keyframe` False, and are never written or counted
as labels: readers do not know of them. Positions and sizes go evenly from one keyframe to the next
in the world, rotations turn evenly (slerp).
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import slerp
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.scene.tracks import Track

INTERPOLATED = "(interpolated)"
"""What the id of such a box ends in; before it stands its track."""
_KEPT_FRAMES = 64


@dataclass(frozen=True, slots=True)
class _Gap:
    """A frame between two keyframes of a track."""

    track: Track
    before: int
    after: int


class KeyframeGaps:
    """Fills in the boxes of one scene. Every method may run on any thread."""

    def __init__(self, scene: Scene, told: Mapping[tuple[str, str], Track]) -> None:
        self._scene = scene
        self._tracks: dict[str, list[Track]] = {}
        for (set_id, _), track in told.items():
            if len(track.keyframes) > 1:
                self._tracks.setdefault(set_id, []).append(_sorted(track))
        self._kept: OrderedDict[tuple[str, int], FrameLabels | None] = OrderedDict()
        self._lock = Lock()

    def __bool__(self) -> bool:
        """Whether any track has two keyframes."""
        return bool(self._tracks) and not self._scene.independent

    def filled(self, labels: FrameLabels, set_id: str, index: int) -> FrameLabels:
        """The labels of a frame with the boxes that are missing between keyframes."""
        there = set(labels.cuboids.track_ids)
        gaps = [
            gap
            for track in self._tracks.get(set_id, ())
            if track.track_id not in there and (gap := _gap(track, index)) is not None
        ]
        try:
            rows = [row for gap in gaps if (row := self._between(gap, set_id, index)) is not None]
            if not rows:
                return labels
            placed = self._placed(labels.cuboids, rows, index)
        except TransformTreeError:
            return labels
        return replace(labels, cuboids=_with_rows(labels.cuboids, rows, placed))

    def _between(self, gap: _Gap, set_id: str, index: int) -> "_Row | None":
        ends = [self._box(set_id, at, gap.track.track_id) for at in (gap.before, gap.after)]
        first, last = ends
        if first is None or last is None:
            return None
        share = self._share(gap, index)
        start, end = first.boxes, last.boxes
        return _Row(
            gap.track.track_id,
            first.class_name,
            first.attributes,
            start.center[0] + share * (end.center[0] - start.center[0]),
            start.size[0] + share * (end.size[0] - start.size[0]),
            slerp(start.rotation[0], end.rotation[0], share),
        )

    def _share(self, gap: _Gap, index: int) -> float:
        """How much of the way has gone: by the clock where there is one, else by frames."""
        frames = self._scene.frames
        before, at, after = (frames[i].timestamp_ns for i in (gap.before, index, gap.after))
        if before is not None and at is not None and after is not None and before < at < after:
            return (at - before) / (after - before)
        return (index - gap.before) / (gap.after - gap.before)

    def _box(self, set_id: str, index: int, track_id: str) -> "_End | None":
        labels = self._labels(set_id, index)
        if labels is None or track_id not in labels.cuboids.track_ids:
            return None
        column = labels.cuboids
        row = list(column.track_ids).index(track_id)
        boxes = column.cuboids.select(np.array([row]))
        world = self._transform("world", boxes.coord_frame_id, column, index)
        return _End(boxes.transformed(world), column.class_names[row], column.attributes[row])

    def _placed(self, labels: CuboidLabels, rows: "Sequence[_Row]", index: int) -> Cuboids:
        """The boxes in the coord frame of the frame's labels."""
        boxes = Cuboids(
            np.array([row.center for row in rows]),
            np.array([row.size for row in rows]),
            np.array([row.rotation for row in rows]),
            "world",
        )
        own = labels.cuboids.coord_frame_id
        return boxes.transformed(self._transform("world", own, labels, index).inverse())

    def _transform(self, dst: str, src: str, labels: CuboidLabels, index: int) -> Any:  # noqa: ANN401 - a rigid transform
        at_ns = labels.timestamp_ns
        if at_ns is None:
            at_ns = self._scene.frames[index].timestamp_ns
        return self._scene.reader.read_rig(index).transforms.transform(dst, src, at_ns)

    def _labels(self, set_id: str, index: int) -> FrameLabels | None:
        """Labels of a keyframe; None where they cannot be read."""
        key = set_id, index
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            found: FrameLabels | None = self._scene.reader.read_labels(index, set_id)
        except (DamagedData, OSError):
            found = None
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT_FRAMES:
                self._kept.popitem(last=False)
        return found


@dataclass(frozen=True, eq=False, slots=True)
class _End:
    """A box at a keyframe, in the world."""

    boxes: Cuboids
    class_name: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, eq=False, slots=True)
class _Row:
    """A box between two keyframes, in the world."""

    track_id: str
    class_name: str
    attributes: Mapping[str, Any]
    center: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    rotation: npt.NDArray[np.float64]


def _sorted(track: Track) -> Track:
    return replace(track, keyframes=tuple(sorted(set(track.keyframes))))


def _gap(track: Track, index: int) -> _Gap | None:
    """The keyframes around a frame; None where it is none between two in which it can be seen."""
    place = bisect_left(track.keyframes, index)
    if not 0 < place < len(track.keyframes) or track.keyframes[place] == index:
        return None
    if not track.is_visible(index):
        return None
    return _Gap(track, track.keyframes[place - 1], track.keyframes[place])


def _with_rows(labels: CuboidLabels, rows: Sequence[_Row], placed: Cuboids) -> CuboidLabels:
    count, more = len(labels), len(rows)
    drawn = np.ones(count, bool) if labels.is_keyframe is None else labels.is_keyframe
    boxes = labels.cuboids
    return CuboidLabels(
        Cuboids(
            np.concatenate([boxes.center, placed.center]),
            np.concatenate([boxes.size, placed.size]),
            np.concatenate([boxes.rotation, placed.rotation]),
            boxes.coord_frame_id,
        ),
        (*labels.label_ids, *(f"{row.track_id} {INTERPOLATED}" for row in rows)),
        (*labels.class_names, *(row.class_name for row in rows)),
        (*labels.track_ids, *(row.track_id for row in rows)),
        np.concatenate([labels.scores, np.full(more, np.nan)]),
        (*labels.attributes, *(row.attributes for row in rows)),
        _grown(labels.velocities_mps, lambda: np.full((more, 3), np.nan)),
        labels.timestamp_ns,
        _grown(labels.is_crowd, lambda: np.zeros(more, bool)),
        _lengthened(labels.class_distributions, more),
        np.concatenate([drawn, np.zeros(more, bool)]),
    )


def _grown(column: Any, rest: Callable[[], Any]) -> Any:  # noqa: ANN401 - an array or None
    return None if column is None else np.concatenate([column, rest()])


def _lengthened(column: Iterable[Any] | None, more: int) -> tuple[Any, ...] | None:
    return None if column is None else (*column, *([None] * more))
