"""What changes within one Dataloop annotation: its own values, and its states over frames."""

from collections.abc import Mapping
from typing import Any

from viewer.formats.dataloop.attributes import (
    DESCRIPTION,
    LISTED,
    MAKERS,
    STATUS,
    TRACK,
    USER,
)
from viewer.formats.dataloop.document import whole_number
from viewer.formats.dataloop.shapes import NOTE
from viewer.formats.dataloop.timeline import Timeline
from viewer.formats.label_changes import LabelChange
from viewer.formats.writers.dataloop.rows import is_own, plain
from viewer.formats.writers.dataloop.shape_rows import euler_xyz
from viewer.formats.writers.losses import LossLog
from viewer.geometry.rotation import matrix_from_quaternion

Row = dict[str, Any]
TEXT_KINDS = ("subtitle", "item_description", "text")
_OF_COORDINATES = {"cube": "angle", **dict.fromkeys(TEXT_KINDS, "text")}
"""By type the attribute that is read out of the coordinates."""


def change_still(row: Row, change: LabelChange, where: str, losses: LossLog) -> None:
    """Change an annotation of one image."""
    kind = str(row.get("type"))
    change_whole(row, change)
    if change.class_name is not None:
        row["label"] = change.class_name
    row["coordinates"] = _coordinates(row.get("coordinates"), kind, change, where, losses)
    values = _changing(change, kind)
    if values or change.removed_attributes:
        system = _inner(row, "metadata", "system")
        own = row.get(LISTED)
        row_attributes = dict(own) if isinstance(own, dict) else None
        named = dict(system.get("attributes") or {})
        listed = _set_attributes(own, row_attributes, named, values, change.removed_attributes)
        if listed is not None:
            row[LISTED] = listed
        if named or isinstance(system.get("attributes"), dict):
            system["attributes"] = named


def change_whole(row: Row, change: LabelChange) -> None:
    """Change what stands on an annotation as a whole: track, status, description, user values."""
    if change.changes_track:
        system, user = _inner(row, "metadata", "system"), _inner(row, "metadata", "user")
        user.pop(TRACK, None)
        system.pop("objectId", None)
        name = change.track_id
        if name is not None and name.isascii() and name.isdigit():
            system["objectId"] = name
        elif name is not None:
            user[TRACK] = name
    for name in change.removed_attributes:
        _remove_whole(row, name)
    for name, value in change.attributes.items():
        if not is_own(name, value):
            continue
        if name == STATUS:
            _inner(row, "metadata", "system")[STATUS] = value
        elif name == DESCRIPTION:
            system = _inner(row, "metadata", "system")
            in_system = DESCRIPTION not in row and DESCRIPTION in system
            (system if in_system else row)[DESCRIPTION] = value
        elif name in MAKERS:
            row[name] = value
        else:
            _inner(row, "metadata", "user")[name.removeprefix(USER)] = value


def changes_whole(change: LabelChange) -> bool:
    """Say whether a change concerns more than the frame that it was made in."""
    names = [name for name, value in change.attributes.items() if is_own(name, value)]
    own = (STATUS, DESCRIPTION, *MAKERS)
    names += [name for name in change.removed_attributes if name in own or name[:5] == USER]
    return change.changes_track or bool(names)


def change_timeline(
    row: Row,
    timeline: Timeline,
    changes: Mapping[int, LabelChange],
    frame_count: int,
    where: str,
    losses: LossLog,
) -> bool:
    """Change the states of an annotation over frames; False where nothing is left of it."""
    frames = range(max(timeline.start, 0), min(timeline.end, frame_count - 1) + 1)
    shown = [frame for frame in frames if timeline.state_at(frame) is not None]
    if all(frame in changes and changes[frame].is_deleted for frame in shown):
        return False
    kind = str(row.get("type"))
    for frame in sorted(changes):
        if changes[frame].is_deleted:
            continue
        if changes_whole(changes[frame]) and any(each not in changes for each in shown):
            told = "stands on an annotation as a whole; it is changed in all of its frames"
            losses.add("track, status, description or user value", where, told)
        change_whole(row, changes[frame])
    system = _inner(row, "metadata", "system")
    given = system.get("snapshots_")
    states, others = _states_in(given if isinstance(given, list) else [])
    first = timeline.states[0].frame
    for frame, state in states.items():
        if frame in changes or first in changes:
            _spell_out(state, timeline)
    for frame in sorted(changes):
        following = frame + 1
        if following <= timeline.end and following not in changes and following not in states:
            states[following] = _held(timeline, following)
    for frame, change in sorted(changes.items()):
        if frame == first:
            _change_first(row, system, change, kind, where, losses)
            continue
        if frame not in states:
            states[frame] = _held(timeline, frame) | {"fixed": True}
        if change.is_deleted:
            states[frame]["objectVisible"] = False
        else:
            _change_state(states[frame], change, kind, where, losses)
    if given is not None or states:
        system["snapshots_"] = [*others, *(states[frame] for frame in sorted(states))]
    return True


def _states_in(snapshots: list[Any]) -> tuple[dict[int, Row], list[Any]]:
    """Return states by frame, and what else is listed among them."""
    states: dict[int, Row] = {}
    others = []
    for each in snapshots:
        frame = whole_number(each.get("frame")) if isinstance(each, dict) else None
        if frame is None:
            others.append(each)
            continue
        if frame in states:
            # Of two states of one frame the later counts.
            others.append(states[frame])
        states[frame] = each
    return states, others


def _change_first(
    row: Row, system: Row, change: LabelChange, kind: str, where: str, losses: LossLog
) -> None:
    """Change the state that an annotation itself is."""
    if change.is_deleted:
        system["objectVisible"] = False
        return
    own = {
        "label": row.get("label"), "data": row.get("coordinates"),
        "attributes": row.get(LISTED), "namedAttributes": system.get("attributes"),
    }  # fmt: skip
    _change_state(own, change, kind, where, losses)
    row["label"], row["coordinates"] = own["label"], own["data"]
    if LISTED in row or own["attributes"] is not None:
        row[LISTED] = own["attributes"]
    if "attributes" in system or own["namedAttributes"]:
        system["attributes"] = own["namedAttributes"]


def _spell_out(state: Row, timeline: Timeline) -> None:
    """Give a state what it takes from the annotation itself, before one of the two changes."""
    own = timeline.states[0]
    if not isinstance(state.get("label"), str):
        state["label"] = own.label
    if state.get("data") is None:
        state["data"] = own.coordinates
    state.setdefault("attributes", own.attributes)
    if not isinstance(state.get("namedAttributes"), dict):
        state["namedAttributes"] = dict(own.named_attributes)


def _held(timeline: Timeline, frame: int) -> Row:
    """Return the state that holds in a frame, as a state of that frame."""
    found = [each for each in timeline.states if each.frame <= frame]
    state = found[-1]
    return {
        "frame": frame, "fixed": False, "objectVisible": state.visible, "type": "transition",
        "label": state.label, "data": state.coordinates, "attributes": state.attributes,
        "namedAttributes": dict(state.named_attributes),
    }  # fmt: skip


def _change_state(state: Row, change: LabelChange, kind: str, where: str, losses: LossLog) -> None:
    if change.class_name is not None:
        state["label"] = change.class_name
    state["data"] = _coordinates(state.get("data"), kind, change, where, losses)
    values = _changing(change, kind)
    if values or change.removed_attributes:
        own = state.get("attributes")
        mapped = dict(own) if isinstance(own, dict) else None
        named = dict(state.get("namedAttributes") or {})
        listed = _set_attributes(own, mapped, named, values, change.removed_attributes)
        if listed is not None:
            state["attributes"] = listed
        state["namedAttributes"] = named


def _changing(change: LabelChange, kind: str) -> Row:
    """Return the attributes that may differ from state to state."""
    inner = _OF_COORDINATES.get(kind)
    return {
        str(name): plain(value)
        for name, value in change.attributes.items()
        if not is_own(str(name), value) and name != inner and not (kind == NOTE and name == NOTE)
    }


def _set_attributes(
    own: object, mapped: Row | None, named: Row, values: Mapping[str, Any], removed: tuple[str, ...]
) -> object:
    """Set attributes where they stand, new ones among the named; return the row's own, if new."""
    listed = None
    for name, value in values.items():
        if name == LISTED and isinstance(value, list):
            listed = value
        elif mapped is not None and name in mapped:
            mapped[name] = value
        else:
            named[name] = value
    for name in removed:
        if name == LISTED and isinstance(own, list):
            listed = []
        for place in (mapped, named):
            if place is not None:
                place.pop(name, None)
    return listed if listed is not None else mapped


def _coordinates(
    given: Any,  # noqa: ANN401 - any coordinates
    kind: str,
    change: LabelChange,
    where: str,
    losses: LossLog,
) -> Any:  # noqa: ANN401
    """Return coordinates with what changed; keys that nobody knows stay."""
    inner = _OF_COORDINATES.get(kind)
    if inner is not None and inner in change.attributes:
        value = plain(change.attributes[inner])
        given = {**given, inner: value} if isinstance(given, dict) else value
    if kind == NOTE and NOTE in change.attributes:
        losses.add(f"attribute {NOTE!r}", where, "what was said in a note stays as it was said")
    if change.box_px is not None:
        if kind == NOTE and isinstance(given, dict):
            return {**given, "box": _corners(given.get("box"), change.box_px)}
        return _corners(given, change.box_px)
    if change.cuboid is None:
        return given
    cuboid = change.cuboid
    found = dict(given) if isinstance(given, dict) else {}
    found["position"] = _xyz(found.get("position"), cuboid.center.tolist())
    if not change.keeps_size:
        found["scale"] = _xyz(found.get("scale"), cuboid.size.tolist())
    if not change.keeps_rotation:
        angles = euler_xyz(matrix_from_quaternion(cuboid.rotation)[None])[0]
        found["rotation"] = _xyz(found.get("rotation"), angles.tolist())
    return found


def _corners(given: object, box_px: tuple[float, float, float, float]) -> list[Any]:
    """Return two corners in the order that they had."""
    corners = list(given) if isinstance(given, list) and len(given) >= 2 else [{}, {}]
    left, top, right, bottom = box_px
    one, other = (each if isinstance(each, dict) else {} for each in corners[:2])
    swaps = {axis: one.get(axis, 0) > other.get(axis, 0) for axis in ("x", "y")}
    x = (right, left) if swaps["x"] else (left, right)
    y = (bottom, top) if swaps["y"] else (top, bottom)
    corners[0], corners[1] = {**one, "x": x[0], "y": y[0]}, {**other, "x": x[1], "y": y[1]}
    return corners


def _xyz(given: object, values: list[float]) -> Row:
    own = dict(given) if isinstance(given, dict) else {}
    return own | dict(zip("xyz", values, strict=True))


def _inner(row: Row, *keys: str) -> Row:
    """Return an object within a row, made where there is none."""
    for key in keys:
        if not isinstance(row.get(key), dict):
            row[key] = {}
        row = row[key]
    return row


def _remove_whole(row: Row, name: str) -> None:
    system, user = _inner(row, "metadata", "system"), _inner(row, "metadata", "user")
    if name == STATUS:
        system.pop(STATUS, None)
    elif name == DESCRIPTION:
        row.pop(DESCRIPTION, None)
        system.pop(DESCRIPTION, None)
    elif name in MAKERS:
        # The vendor's reader asks for the key.
        row[name] = None
    elif name.startswith(USER):
        user.pop(name.removeprefix(USER), None)
