"""Where tracks were and will be: positions gathered from the labels of neighbouring frames."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.scene.scene import Scene

REACH_FRAMES = 20
_KEPT_FRAMES = 256
_Positions = dict[str, tuple[npt.NDArray[np.float64], str]]


@dataclass(frozen=True, eq=False, slots=True)
class Trail:
    """One track's positions around a frame."""

    label_set_id: str
    track_id: str
    class_name: str
    positions_world: npt.NDArray[np.float64]
    """(P, 3) at the foot of the box, metres."""
    frame_offsets: npt.NDArray[np.int64]
    """(P,) frames from the shown one, increasing; negative is past."""


class TrackPositions:
    """Remembers the positions of tracks, frame by frame. Every method may run on any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], _Positions] = OrderedDict()
        self._scene: Scene | None = None
        self._lock = Lock()

    def at(self, scene: Scene, frame_index: int, label_set_id: str) -> _Positions:
        """Position and class by track id; empty where the labels cannot be read."""
        key = frame_index, label_set_id
        with self._lock:
            if scene is not self._scene:
                self._scene = scene
                self._kept.clear()
            if key in self._kept:
                return self._kept[key]
        found = _read_positions(scene, frame_index, label_set_id)
        with self._lock:
            if scene is self._scene:
                self._kept[key] = found
                while len(self._kept) > _KEPT_FRAMES:
                    self._kept.popitem(last=False)
        return found


def _read_positions(scene: Scene, frame_index: int, label_set_id: str) -> _Positions:
    try:
        rig = scene.reader.read_rig(frame_index)
        labels = scene.reader.read_labels(frame_index, label_set_id).cuboids
    except DamagedData:
        return {}
    if len(labels) == 0:
        return {}
    time_ns = labels.timestamp_ns
    if time_ns is None:
        time_ns = scene.frames[frame_index].timestamp_ns
    world_from_labels = rig.transforms.transform("world", labels.cuboids.coord_frame_id, time_ns)
    cuboids = labels.cuboids.transformed(world_from_labels)
    up = cuboids.rotation_matrices()[:, :, 2]
    feet = cuboids.center - up * (cuboids.size[:, 2:] / 2)
    return {
        track_id: (feet[row], labels.class_names[row])
        for row, track_id in enumerate(labels.track_ids)
        if track_id is not None
    }


_shared = TrackPositions()


def build_trails(
    scene: Scene,
    index: int,
    label_set_ids: Sequence[str],
    reach: int = REACH_FRAMES,
    positions: TrackPositions = _shared,
) -> tuple[Trail, ...]:
    """Trails of the tracks that the frame holds, `reach` frames back and ahead.

    Runs on any thread; reads labels that are not remembered yet. None for independent frames.
    """
    if scene.independent:
        return ()
    trails = []
    span = range(max(0, index - reach), min(len(scene.frames), index + reach + 1))
    for set_id in label_set_ids:
        by_frame = {i: positions.at(scene, i, set_id) for i in span}
        for track_id, (_, class_name) in by_frame[index].items():
            there = [i for i in span if track_id in by_frame[i]]
            if len(there) > 1:
                where = np.array([by_frame[i][track_id][0] for i in there])
                offsets = np.array(there, np.int64) - index
                trails.append(Trail(set_id, track_id, class_name, where, offsets))
    return tuple(trails)
