"""What each row of Aquarium files is, found in one pass and kept in the cache for large files."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import islice
from pathlib import Path

import msgspec

from viewer.formats.aquarium.schema import GROUP_KEYS, RowHead, sensor_names_of
from viewer.formats.base import DamagedData
from viewer.formats.cache.kept_index import KeptIndex
from viewer.formats.growth import is_large
from viewer.formats.json_lines import RowPlace, read_rows
from viewer.formats.problem_log import ProblemLog
from viewer.scene.scene import Problem

VERSION = 3


class Change(IntEnum):
    """What a row does to what was there."""

    ADD = 0
    MODIFY = 1
    DELETE = 2


SensorName = tuple[str, str]
"""Kind (`LIDAR`, `CAMERA`, or the type of any other sensor) and sensor id."""


class ScannedRow(msgspec.Struct, array_like=True, gc=False):
    """The head of one row."""

    number: int
    offset: int
    length: int
    in_array: bool
    task_id: str
    change: Change
    is_frame: bool
    is_inference: bool
    has_labels: bool
    is_update: bool
    """True when it, or a label in it, changes what is there; not looked for in every row."""
    date: str | None
    group: str | None
    sensor_set: int
    """Position in the file's `sensor_sets`."""

    def place_in(self, path: Path) -> RowPlace:
        """Return where it stands."""
        return RowPlace(path, self.number, self.offset, self.length, self.in_array)


class ScannedFile(msgspec.Struct, array_like=True):
    """The rows of one file that can be used."""

    rows: list[ScannedRow]
    sensor_sets: list[tuple[SensorName, ...]]
    problems: list[tuple[str, str, str]]

    @property
    def has_updates_only(self) -> bool:
        """True when no row adds anything new."""
        return bool(self.rows) and all(row.is_update for row in self.rows)


_HEAD = msgspec.json.Decoder(RowHead)
_NAME = msgspec.json.Decoder(str | int | None)


def scan_files(
    paths: Sequence[Path], problems: ProblemLog, most_rows: int | None = None
) -> list[tuple[Path, ScannedFile]]:
    """Return the rows of each file that can be read; what is wrong is noted with file and line.

    With `most_rows` no more than the first rows of each file are read, and nothing is kept.
    """
    found = []
    for path in paths:
        try:
            file = _scanned(path) if most_rows is None else _scan(path, most_rows)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        for source, place, message in file.problems:
            problems.add(source, place, message)
        found.append((path, file))
    return found


def _scanned(path: Path) -> ScannedFile:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None
    if not is_large(size_bytes=size_bytes):
        return _scan(path)
    store = KeptIndex((path,), f"aquarium rows {VERSION}", ScannedFile)
    kept = store.load()
    if kept is not None:
        return kept[0]
    file = _scan(path)
    store.save(file)
    return file


def _scan(path: Path, most_rows: int | None = None) -> ScannedFile:
    problems = ProblemLog()
    sets: dict[tuple[SensorName, ...], int] = {}
    rows = list(_rows(path, sets, problems, most_rows))
    return ScannedFile(rows, list(sets), [_as_texts(each) for each in problems.snapshot()])


def _as_texts(problem: Problem) -> tuple[str, str, str]:
    return problem.source, problem.place, problem.message


def _rows(
    path: Path,
    sets: dict[tuple[SensorName, ...], int],
    problems: ProblemLog,
    most_rows: int | None,
) -> Iterator[ScannedRow]:
    only_updates = True
    for place, data in islice(read_rows(path, problems), most_rows):
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
        row = _row(place, head, sets, problems, look_for_updates=only_updates)
        if row is not None:
            only_updates = only_updates and row.is_update
            yield row


def _row(
    place: RowPlace,
    head: RowHead,
    sets: dict[tuple[SensorName, ...], int],
    problems: ProblemLog,
    *,
    look_for_updates: bool,
) -> ScannedRow | None:
    name = (head.change or "ADD").upper()
    if name not in Change.__members__:
        problem = f"change {name[:40]!r} is none of ADD, MODIFY, DELETE; the row is left out"
        problems.add(place.path, f"{place.place}, $.change", problem)
        return None
    change = Change[name]
    kind = (head.type or "").upper()
    is_inference = kind == "INFERENCE" or len(head.inference_data) > 0
    is_frame = not is_inference and kind != "GT" and (
        len(head.sensor_data) > 0 or len(head.coordinate_frames) > 0 or not len(head.label_data)
    )  # fmt: skip
    labels = head.inference_data if is_inference else head.label_data
    sensors: tuple[SensorName, ...] = ()
    if is_frame:
        sensors, damages = sensor_names_of(head.sensor_data, place)
        for damage in damages:
            problems.add_damage(damage)
    return ScannedRow(
        place.number, place.offset, place.length, place.in_array, head.task_id, change,
        is_frame, is_inference, len(labels) > 0,
        look_for_updates and _is_update(change, is_frame, labels),
        head.date_captured, _group(head) if is_frame else None,
        sets.setdefault(sensors, len(sets)),
    )  # fmt: skip


def _is_update(change: Change, is_frame: bool, labels: msgspec.Raw) -> bool:
    if is_frame:
        return change != Change.ADD
    text = bytes(labels)
    return b'"MODIFY"' in text or b'"DELETE"' in text


def _group(head: RowHead) -> str | None:
    for key in GROUP_KEYS:
        raw: msgspec.Raw = getattr(head, key)
        if len(raw):
            try:
                name = _NAME.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            if name is not None and name != "":
                return str(name)
    return None
