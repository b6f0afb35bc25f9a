"""Annotations over frames: the states that someone set, and which of them holds in a frame.

The first state is the annotation's own ``coordinates`` at ``metadata.system.frame``; later ones
stand in ``snapshots_``. A state holds until the next: the format does not move a shape between
two keyframes. ``fixed`` marks those that someone drew, ``objectVisible`` false those in which the
object cannot be seen.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.formats.dataloop.document import mapping_of, system_of, whole_number
from viewer.formats.problem_log import ProblemLog


@dataclass(frozen=True, slots=True)
class State:
    """What an annotation is from one frame on."""

    frame: int
    label: str
    coordinates: Any
    attributes: Any
    """As in ``attributes`` of the row: a list, an object or nothing."""
    named_attributes: Mapping[str, Any]
    fixed: bool = True
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Timeline:
    """One annotation: its states by rising frame, and the frames in which it exists."""

    index: int
    annotation: Mapping[str, Any]
    states: tuple[State, ...]
    start: int
    end: int
    """Last frame, included."""

    def state_at(self, frame: int) -> tuple[State, bool] | None:
        """Return the state that holds in a frame, and whether it was set there."""
        if not self.start <= frame <= self.end:
            return None
        at = bisect_right(self.states, frame, key=lambda state: state.frame) - 1
        if at < 0:
            return None
        state = self.states[at]
        return (state, state.fixed and state.frame == frame) if state.visible else None


def own_state(annotation: Mapping[str, Any]) -> State:
    """Return the annotation's own state, which is all there is on a still image."""
    system = system_of(annotation)
    return State(
        frame=whole_number(system.get("frame")) or 0,
        label=_label(annotation.get("label")),
        coordinates=annotation.get("coordinates"),
        attributes=annotation.get("attributes"),
        named_attributes=mapping_of(system.get("attributes")),
        visible=system.get("objectVisible", True) is not False,
    )


def timeline_of(
    index: int, annotation: Mapping[str, Any], path: Path, place: str, problems: ProblemLog
) -> Timeline:
    """Return the states of an annotation on a video or a lidar scene."""
    system = system_of(annotation)
    own = own_state(annotation)
    states = {own.frame: own}
    snapshots = system.get("snapshots_")
    for number, each in enumerate(snapshots if isinstance(snapshots, list) else ()):
        frame = whole_number(each.get("frame")) if isinstance(each, dict) else None
        if frame is None:
            told = "is no state with a frame; it is not used"
            problems.add(path, f"{place}.metadata.system.snapshots_[{number}]", told)
            continue
        states[frame] = _snapshot(each, frame, own)
    ordered = tuple(states[frame] for frame in sorted(states))
    last = ordered[-1].frame
    end = whole_number(system.get("endFrame"))
    return Timeline(index, annotation, ordered, own.frame, max(last, last if end is None else end))


def visible_runs(timeline: Timeline, frame_count: int) -> tuple[tuple[int, int], ...]:
    """Return the first and last frame, both included, of each run in which it can be seen."""
    runs: list[tuple[int, int]] = []
    edges = [*(state.frame for state in timeline.states[1:]), timeline.end + 1]
    for state, after in zip(timeline.states, edges, strict=True):
        first, last = max(state.frame, timeline.start, 0), min(after, frame_count) - 1
        if not state.visible or last < first:
            continue
        if runs and runs[-1][1] == first - 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return tuple(runs)


def keyframes(timeline: Timeline, frame_count: int) -> tuple[int, ...]:
    """Return the frames in which someone set the annotation."""
    return tuple(
        state.frame
        for state in timeline.states
        if state.fixed and state.visible and 0 <= state.frame < frame_count
    )


def _snapshot(each: Mapping[str, Any], frame: int, own: State) -> State:
    data = each.get("data")
    named = each.get("namedAttributes")
    return State(
        frame=frame,
        label=_label(each["label"]) if isinstance(each.get("label"), str) else own.label,
        coordinates=own.coordinates if data is None else data,
        attributes=each.get("attributes", own.attributes),
        named_attributes=named if isinstance(named, dict) else own.named_attributes,
        fixed=each.get("fixed", False) is True or frame == own.frame,
        visible=each.get("objectVisible", True) is not False,
    )


def _label(value: object) -> str:
    return value if isinstance(value, str) and value else "unknown"


def timelines_of(
    annotations: Sequence[tuple[int, Mapping[str, Any]]], path: Path, problems: ProblemLog
) -> tuple[Timeline, ...]:
    """Return the timelines of all annotations of a document."""
    return tuple(
        timeline_of(index, each, path, f"$.annotations[{index}]", problems)
        for index, each in annotations
    )
