"""Which rows of which files make a frame, its labels and its inferences.

Rows count in file order. A frame row with change ADD overwrites what was there, MODIFY is applied
on top, DELETE removes the frame. Files that hold nothing but updates count after all others,
whatever their names. Labels come within a frame row (batch form), or in rows of their own
(streaming form), which add to the frame of the same ``task_id`` and outlive a later frame row
without labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from viewer.formats.aquarium.row_scan import (
    Change,
    ScannedFile,
    ScannedRow,
    SensorName,
    scan_files,
)
from viewer.formats.aquarium.schema import OVERLAY
from viewer.formats.iso_time import time_from_iso
from viewer.formats.json_lines import RowPlace
from viewer.formats.problem_log import ProblemLog


@dataclass(eq=False, slots=True)
class FrameEntry:
    """The rows of one frame."""

    frame_id: str
    state_rows: list[RowPlace] = field(default_factory=list)
    """An ADD row, then the MODIFY rows after it; empty when only labels tell of the frame."""
    label_rows: list[RowPlace] = field(default_factory=list)
    inference_rows: dict[str, list[RowPlace]] = field(default_factory=dict)
    """By label set id."""
    sensors: dict[SensorName, None] = field(default_factory=dict)
    """What its rows name."""
    date: str | None = None
    group: str | None = None

    @property
    def time_ns(self) -> int | None:
        """The date as nanoseconds since 1970; None without one, and for what is no date."""
        return time_from_iso(self.date) if self.date else None


@dataclass(eq=False, slots=True)
class AquariumIndex:
    """Every frame of a dataset in the order of its first row."""

    frames: dict[str, FrameEntry]
    inference_sets: tuple[str, ...]


def build_index(
    paths: Sequence[Path], root: Path, problems: ProblemLog, most_rows: int | None = None
) -> AquariumIndex:
    """Read the heads of all rows, or of the first of each file; what is wrong is noted."""
    files = scan_files(paths, problems, most_rows)
    # Python's sort is stable: files of updates come last, else the order of names holds.
    files.sort(key=lambda item: item[1].has_updates_only)
    frames: dict[str, FrameEntry] = {}
    labels_alone = not any(row.is_frame for _, file in files for row in file.rows)
    for path, file in files:
        for row in file.rows:
            if row.is_frame:
                _apply_frame(path, row, file.sensor_sets[row.sensor_set], frames, problems)
    predicted = [path for path, file in files if any(row.is_inference for row in file.rows)]
    sets = _set_ids(predicted, root)
    for path, file in files:
        _apply_labels(path, file, frames, sets.get(path, ""), labels_alone, problems)
    return AquariumIndex(frames, tuple(dict.fromkeys(sets.values())))


def _apply_frame(
    path: Path,
    row: ScannedRow,
    sensors: Sequence[SensorName],
    frames: dict[str, FrameEntry],
    problems: ProblemLog,
) -> None:
    entry = frames.get(row.task_id)
    place = row.place_in(path)
    if row.change == Change.DELETE:
        if frames.pop(row.task_id, None) is None:
            _note_unknown(row, place, "deletes", problems)
        return
    if row.change == Change.ADD:
        entry = FrameEntry(row.task_id)
        frames[row.task_id] = entry
    elif entry is None:
        _note_unknown(row, place, "updates", problems)
        return
    entry.state_rows.append(place)
    entry.date = row.date or entry.date
    entry.group = row.group or entry.group
    for name in sensors:
        if row.change == Change.ADD and name in entry.sensors and name[0] != OVERLAY:
            problem = f"sensor {name[1]!r} stands there twice; the first is shown"
            problems.add(path, f"{place.place}, $.sensor_data", problem)
        entry.sensors[name] = None


def _apply_labels(
    path: Path,
    file: ScannedFile,
    frames: dict[str, FrameEntry],
    set_id: str,
    labels_alone: bool,
    problems: ProblemLog,
) -> None:
    for row in file.rows:
        entry = frames.get(row.task_id)
        if entry is None and labels_alone and row.change != Change.DELETE:
            entry = frames[row.task_id] = FrameEntry(row.task_id)
        if entry is None:
            if not row.is_frame:
                _note_unknown(row, row.place_in(path), "labels", problems)
            continue
        target = entry.label_rows
        if row.is_inference:
            target = entry.inference_rows.setdefault(set_id, [])
        overwrites = (row.is_frame and row.has_labels) or row.is_inference
        if row.change == Change.DELETE or (overwrites and row.change == Change.ADD):
            target.clear()
        if row.has_labels and row.change != Change.DELETE:
            target.append(row.place_in(path))


def _note_unknown(row: ScannedRow, place: RowPlace, verb: str, problems: ProblemLog) -> None:
    problem = f"{verb} the frame {row.task_id[:80]!r}, which does not exist; the row is left out"
    problems.add(place.path, place.place, problem)


def _set_ids(paths: Sequence[Path], root: Path) -> dict[Path, str]:
    """Name each file of inferences by its stem, by its path where stems collide."""
    stems = [path.stem for path in paths]
    ids = {}
    for path, stem in zip(paths, stems, strict=True):
        unique = stems.count(stem) == 1
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        ids[path] = stem if unique else inside.with_suffix("").as_posix()
    return ids
