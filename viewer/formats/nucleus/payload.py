"""What a Nucleus file holds: scenes, items, annotations, predictions.

A file is one payload, an array of rows, or lines of rows. A row is a scene (it has ``frames``), an
export (``item`` with its ``annotations`` or ``predictions`` by kind), an item, or an annotation.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile, RowDecoder
from viewer.formats.nucleus.annotation_file import AnnotationSpans, array_spans, line_spans
from viewer.formats.nucleus.schema import Item, SceneRecord
from viewer.formats.problem_log import ProblemLog

_LISTS = ("annotations", "predictions", "segmentations")
_ROW_KEYS = frozenset({"frames", "item", "scenes", "items", *_LISTS})
_SCENE = RowDecoder(SceneRecord)
_ITEM = RowDecoder(Item)


@dataclass(eq=False, slots=True)
class SceneSource:
    """A scene and the file it stands in."""

    record: SceneRecord
    path: Path
    place: str


@dataclass(eq=False, slots=True)
class Payload:
    """Everything that one file holds."""

    path: Path
    scenes: list[SceneSource] = field(default_factory=list)
    items: list[tuple[Item, str]] = field(default_factory=list)
    """Items outside scenes, and where each stands."""
    annotations: list[AnnotationSpans] = field(default_factory=list)
    predictions: list[AnnotationSpans] = field(default_factory=list)


def read_payload(path: Path, problems: ProblemLog) -> Payload:
    """Find everything in a file; `DamagedData` when nothing in it can be read."""
    file = JsonFile(path)
    payload = Payload(path)
    if file.opens_with(b"["):
        starts, ends = array_spans(file, None, problems)
        _add_rows(payload, file, starts.tolist(), ends.tolist(), "$", problems)
    elif path.suffix.lower() != ".json" or _is_lines(file):
        starts, ends = line_spans(file)
        _add_rows(payload, file, starts.tolist(), ends.tolist(), "", problems)
    else:
        _add_object(payload, file, _first_brace(file), len(file.data), "$", problems)
    return payload


def _first_brace(file: JsonFile) -> int:
    head = file.piece(0, 1024)
    at = head.find(b"{")
    if at < 0:
        raise DamagedData(file.path, "", "is no JSON object or array")
    return at


def _is_lines(file: JsonFile) -> bool:
    """Say whether the first line is a whole object and another follows."""
    starts, ends = line_spans(file)
    if len(starts) < 2:
        return False
    try:
        msgspec.json.decode(file.piece(int(starts[0]), int(ends[0])))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _add_rows(
    payload: Payload,
    file: JsonFile,
    starts: list[int],
    ends: list[int],
    place: str,
    problems: ProblemLog,
) -> None:
    """Add rows of one kind: what the first of them is, all are taken to be."""
    if not starts:
        return
    first = _keys(file, starts[0])
    if first.isdisjoint(_ROW_KEYS) and not first.isdisjoint({"label", "geometry", "mask_url"}):
        spans = AnnotationSpans(file, np.array(starts), np.array(ends), place)
        scored = "confidence" in first or "class_pdf" in first
        (payload.predictions if scored else payload.annotations).append(spans)
        return
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        where = f"{place}[{row}]" if place else f"line {row + 1}"
        try:
            _add_object(payload, file, start, end, where, problems)
        except DamagedData as damage:
            problems.add(damage.path, where, f"{damage.problem}; it is left out")


def _add_object(
    payload: Payload, file: JsonFile, start: int, end: int, place: str, problems: ProblemLog
) -> None:
    entries = {key: (first, last) for key, first, last in file.object_entries(start)}
    if "frames" in entries:
        record = _SCENE.one(file, start, end, place)
        payload.scenes.append(SceneSource(record, file.path, place))
        return
    if "item" in entries:
        first, last = entries["item"]
        payload.items.append((_ITEM.one(file, first, last, f"{place}.item"), f"{place}.item"))
    elif entries.keys().isdisjoint(_ROW_KEYS):
        if not {"image_url", "pointcloud_url", "url"} & entries.keys():
            raise DamagedData(file.path, place, "is no scene, item or annotation")
        payload.items.append((_ITEM.one(file, start, end, place), place))
        return
    update = "update" in entries and file.piece(*entries["update"]).strip() == b"true"
    for name in ("scenes", "items"):
        if name in entries:
            _add_listed(payload, file, entries[name][0], f"{place}.{name}", problems)
    for name in _LISTS:
        if name in entries:
            target = payload.predictions if name == "predictions" else payload.annotations
            where = f"{place}.{name}"
            target += _spans(file, entries[name][0], where, problems, update=update)


def _add_listed(
    payload: Payload, file: JsonFile, begin: int, place: str, problems: ProblemLog
) -> None:
    starts, ends = array_spans(file, begin, problems)
    for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        where = f"{place}[{row}]"
        try:
            if place.endswith(".scenes"):
                record = _SCENE.one(file, start, end, where)
                payload.scenes.append(SceneSource(record, file.path, where))
            else:
                payload.items.append((_ITEM.one(file, start, end, where), where))
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; it is left out")


def _spans(
    file: JsonFile, begin: int, place: str, problems: ProblemLog, *, update: bool
) -> list[AnnotationSpans]:
    """Return the annotations of a list, or of an object with a list a kind."""
    if file.piece(begin, begin + 1) == b"{":
        found = []
        for kind, start, _ in file.object_entries(begin):
            found += _spans(file, start, f"{place}.{kind}", problems, update=update)
        return found
    starts, ends = array_spans(file, begin, problems)
    return [AnnotationSpans(file, starts, ends, place, update=update)] if len(starts) else []


def _keys(file: JsonFile, start: int) -> set[str]:
    try:
        return {key for key, _, _ in file.object_entries(start)}
    except DamagedData:
        return set()
