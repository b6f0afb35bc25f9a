"""Which frames of two sides are one."""

from collections.abc import Sequence

import numpy as np

from viewer.formats.folder_index import natural_key
from viewer.metrics.objects import EvaluatedFrames, Floats, Ints
from viewer.metrics.sides import UNTIMED


def matching_frames(own: EvaluatedFrames, other: EvaluatedFrames) -> Ints:
    """(F,) row of `own` for each frame of `other`, -1 where there is none."""
    if own is other:
        return np.arange(len(own))
    by_key: dict[tuple[str | None, object], int] = {}
    for row, (scene, key, time) in enumerate(_names(own)):
        # A name that stands for two frames stands for none.
        times = ((scene, time), (None, time)) if time >= 0 else ()
        for place in ((scene, key), (None, key), *times):
            by_key[place] = -1 if place in by_key else row
    found = np.full(len(other), -1, dtype=np.int64)
    scenes = set(own.scene_ids)
    taken: set[int] = set()
    for row, (scene, key, time) in enumerate(_names(other)):
        places: list[tuple[str | None, object]] = [(scene, key)]
        if time >= 0:
            places.append((scene, time))
        if scene not in scenes:
            places += [(None, key), *([(None, time)] if time >= 0 else [])]
        for place in places:
            match = by_key.get(place, -1)
            if match >= 0 and match not in taken:
                taken.add(match)
                found[row] = match
                break
    return found


def _names(frames: EvaluatedFrames) -> list[tuple[str, str, int]]:
    scenes = [frames.scene_ids[row] for row in frames.scene_of_frame.tolist()]
    times = frames.timestamps_ns.tolist()
    return list(zip(scenes, frames.keys, times, strict=True))


def joined_frames(sides: Sequence[EvaluatedFrames]) -> tuple[EvaluatedFrames, Ints]:
    """Return the frames of the first side with those that it lacks, and where its own went."""
    first = sides[0]
    scene_ids: list[str] = list(first.scene_ids)
    rows: dict[tuple[str, str], tuple[int, Floats]] = {}
    for side in sides:
        lacking = np.full(len(side), -1) if side is first else matching_frames(first, side)
        for row, (scene, key, time) in enumerate(_names(side)):
            if lacking[row] < 0:
                rows.setdefault((scene, key), (time, side.ego_positions_m[row]))
                if scene not in scene_ids:
                    scene_ids.append(scene)
    timed = all(time != UNTIMED for time, _ in rows.values())
    scene_rows = {name: row for row, name in enumerate(scene_ids)}
    order = sorted(
        rows,
        key=lambda each: (scene_rows[each[0]], rows[each][0] if timed else natural_key(each[1])),
    )
    position = {name: row for row, name in enumerate(order)}
    scene_of_frame = np.array([scene_rows[scene] for scene, _ in order], dtype=np.int64)
    frames = EvaluatedFrames(
        keys=[key for _, key in order],
        scene_ids=scene_ids,
        scene_of_frame=scene_of_frame,
        index_in_scene=np.arange(len(order)) - np.searchsorted(scene_of_frame, scene_of_frame),
        timestamps_ns=np.array([rows[each][0] for each in order], dtype=np.int64),
        ego_positions_m=np.array([rows[each][1] for each in order]).reshape(-1, 3),
    )
    own = [position[scene, key] for scene, key, _ in _names(first)]
    return frames, np.array(own, dtype=np.int64)
