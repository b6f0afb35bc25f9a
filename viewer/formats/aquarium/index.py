"""Which rows of which files make a frame, its labels and its inferences.

Rows count in file order. A frame row with change ADD overwrites what was there, MODIFY is applied
on top, DELETE removes the frame. Files that hold nothing but updates count after all others,
whatever their names. Labels come within a frame row (batch form), or in rows of their own
(streaming form), which add to the frame of the same ``task_id`` and outlive a later frame row
without labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from viewer.formats.aquarium.schema import RowHead, SensorRecord, sensors_of
from viewer.formats.base import DamagedData
from viewer.formats.json_lines import RowPlace, read_rows
from viewer.formats.problem_log import ProblemLog

GROUP_KEYS = (
    "user__sequence_id", "user__sequence", "user__scene_id", "user__scene", "user__frame_group",
)  # fmt: skip
"""Frame metadata that, by our choice, names the scene of a frame; the format itself has none."""


class Change(IntEnum):
    """What a row does to what was there."""

    ADD = 0
    MODIFY = 1
    DELETE = 2


@dataclass(eq=False, slots=True)
class FrameEntry:
    """The rows of one frame."""

    frame_id: str
    state_rows: list[RowPlace] = field(default_factory=list)
    """An ADD row, then the MODIFY rows after it; empty when only labels tell of the frame."""
    label_rows: list[RowPlace] = field(default_factory=list)
    inference_rows: dict[str, list[RowPlace]] = field(default_factory=dict)
    """By label set id."""
    sensors: dict[str, SensorRecord] = field(default_factory=dict)
    """By kind and sensor id; emptied once the frame is listed."""
    date: str | None = None
    group: str | None = None


class _Row(NamedTuple):
    place: RowPlace
    task_id: str
    change: Change
    is_frame: bool
    is_inference: bool
    has_labels: bool
    is_update: bool
    """True when it, or a label in it, changes what is there; not looked for in every row."""
    date: str | None
    group: str | None
    sensors: Sequence[SensorRecord]


@dataclass(eq=False, slots=True)
class AquariumIndex:
    """Every frame of a dataset in the order of its first row."""

    frames: dict[str, FrameEntry]
    inference_sets: tuple[str, ...]


class _Grouping(msgspec.Struct):
    user__sequence_id: str | int | None = None
    user__sequence: str | int | None = None
    user__scene_id: str | int | None = None
    user__scene: str | int | None = None
    user__frame_group: str | int | None = None


_HEAD = msgspec.json.Decoder(RowHead)
_GROUPING = msgspec.json.Decoder(_Grouping)


def build_index(paths: Sequence[Path], root: Path, problems: ProblemLog) -> AquariumIndex:
    """Read the heads of all rows; what is wrong is noted with file and line."""
    files = []
    for path in paths:
        try:
            rows = list(_scan(path, problems))
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        files.append((path, rows))
    # Python's sort is stable: files of updates come last, else the order of names holds.
    files.sort(key=lambda item: bool(item[1]) and all(row.is_update for row in item[1]))
    frames: dict[str, FrameEntry] = {}
    labels_alone = not any(row.is_frame for _, rows in files for row in rows)
    for _, rows in files:
        for row in rows:
            if row.is_frame:
                _apply_frame(row, frames, problems)
    sets = _set_ids([path for path, rows in files if any(row.is_inference for row in rows)], root)
    _apply_labels(files, frames, sets, labels_alone, problems)
    return AquariumIndex(frames, tuple(dict.fromkeys(sets.values())))


def _scan(path: Path, problems: ProblemLog) -> Iterable[_Row]:
    only_updates = True
    for place, data in read_rows(path, problems):
        try:
            head = _HEAD.decode(data)
        except msgspec.ValidationError as error:
            problem, _, at = str(error).partition(" - at `")
            where = f"{place.place}, {at.rstrip('`')}" if at else place.place
            problems.add(path, where, f"{problem}; the row is left out")
            continue
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            problem = f"is not valid JSON ({error}); the row is left out"
            problems.add(path, place.place, problem)
            continue
        row = _row(place, head, data, problems, look_for_updates=only_updates)
        if row is not None:
            only_updates = only_updates and row.is_update
            yield row


def _row(
    place: RowPlace, head: RowHead, data: bytes, problems: ProblemLog, *, look_for_updates: bool
) -> _Row | None:
    name = (head.change or "ADD").upper()
    if name not in Change.__members__:
        problem = f"change {name[:40]!r} is none of ADD, MODIFY, DELETE; the row is left out"
        problems.add(place.path, f"{place.place}, $.change", problem)
        return None
    kind = (head.type or "").upper()
    is_inference = kind == "INFERENCE" or len(head.inference_data) > 0
    is_frame = not is_inference and kind != "GT" and (
        len(head.sensor_data) > 0 or len(head.coordinate_frames) > 0 or not len(head.label_data)
    )  # fmt: skip
    labels = head.inference_data if is_inference else head.label_data
    sensors: list[SensorRecord] = []
    group = None
    if is_frame:
        sensors, damages = sensors_of(head.sensor_data, place)
        for damage in damages:
            problems.add_damage(damage)
        group = _group(data)
    return _Row(
        place=place,
        task_id=head.task_id,
        change=Change[name],
        is_frame=is_frame,
        is_inference=is_inference,
        has_labels=len(labels) > 0,
        is_update=look_for_updates and _is_update(Change[name], is_frame, labels),
        date=head.date_captured,
        group=group,
        sensors=sensors,
    )


def _is_update(change: Change, is_frame: bool, labels: msgspec.Raw) -> bool:
    if is_frame:
        return change != Change.ADD
    text = bytes(labels)
    return b'"MODIFY"' in text or b'"DELETE"' in text


def _group(data: bytes) -> str | None:
    if b'"user__s' not in data and b'"user__frame_group"' not in data:
        return None
    try:
        found = _GROUPING.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    names = (getattr(found, key) for key in GROUP_KEYS)
    return next((str(name) for name in names if name is not None and name != ""), None)


def _apply_frame(row: _Row, frames: dict[str, FrameEntry], problems: ProblemLog) -> None:
    entry = frames.get(row.task_id)
    if row.change == Change.DELETE:
        if frames.pop(row.task_id, None) is None:
            _note_unknown(row, "deletes", problems)
        return
    if row.change == Change.ADD:
        entry = FrameEntry(row.task_id)
        frames[row.task_id] = entry
    elif entry is None:
        _note_unknown(row, "updates", problems)
        return
    entry.state_rows.append(row.place)
    entry.date = row.date or entry.date
    entry.group = row.group or entry.group
    for sensor in row.sensors:
        key = sensor.sensor_id
        name = f"lidar {key}" if sensor.is_lidar else f"camera {key}" if sensor.is_camera else ""
        if not name:
            name = f"{sensor.sensor_type} {key}"
        if row.change == Change.ADD and name in entry.sensors:
            problem = f"sensor {key!r} stands there twice; the first is shown"
            problems.add(row.place.path, f"{row.place.place}, $.sensor_data", problem)
            continue
        entry.sensors[name] = sensor


def _apply_labels(
    files: Sequence[tuple[Path, Sequence[_Row]]],
    frames: dict[str, FrameEntry],
    sets: dict[Path, str],
    labels_alone: bool,
    problems: ProblemLog,
) -> None:
    for path, rows in files:
        for row in rows:
            entry = frames.get(row.task_id)
            if entry is None and labels_alone and row.change != Change.DELETE:
                entry = frames[row.task_id] = FrameEntry(row.task_id)
            if entry is None:
                if not row.is_frame:
                    _note_unknown(row, "labels", problems)
                continue
            target = entry.label_rows
            if row.is_inference:
                target = entry.inference_rows.setdefault(sets[path], [])
            overwrites = (row.is_frame and row.has_labels) or row.is_inference
            if row.change == Change.DELETE or (overwrites and row.change == Change.ADD):
                target.clear()
            if row.has_labels and row.change != Change.DELETE:
                target.append(row.place)


def _note_unknown(row: _Row, verb: str, problems: ProblemLog) -> None:
    problem = f"{verb} the frame {row.task_id[:80]!r}, which does not exist; the row is left out"
    problems.add(row.place.path, row.place.place, problem)


def _set_ids(paths: Sequence[Path], root: Path) -> dict[Path, str]:
    """Name each file of inferences by its stem, by its path where stems collide."""
    stems = [path.stem for path in paths]
    ids = {}
    for path, stem in zip(paths, stems, strict=True):
        unique = stems.count(stem) == 1
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        ids[path] = stem if unique else inside.with_suffix("").as_posix()
    return ids
