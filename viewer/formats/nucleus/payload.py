"""What a Nucleus file holds: scenes, items, annotations, predictions, and facts of the dataset.

A file is one payload, an array of rows, or lines of rows. A row is a scene (it has ``frames`` or a
``video_url``), an export (``item`` with its ``annotations`` or ``predictions`` by kind), an item,
an annotation, a taxonomy, a slice, or what a dataset says of itself.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.growth import is_large
from viewer.formats.json_rows import JsonFile, RowDecoder
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places, array_spans, line_spans
from viewer.formats.nucleus.schema import (
    DatasetRecord,
    Item,
    SceneRecord,
    SliceRecord,
    Taxonomy,
)
from viewer.formats.problem_log import ProblemLog

_LISTS = ("annotations", "predictions", "segmentations")
_LISTED = ("scenes", "items", "taxonomies", "slices")
_DATASET_KEYS = frozenset({"item_metadata_schema", "annotation_metadata_schema"})
_ROW_KEYS = frozenset(
    {"frames", "video_url", "item", "taxonomy_name", "reference_ids"}
    | set(_LISTED) | set(_LISTS) | _DATASET_KEYS
)  # fmt: skip
_ANNOTATION_KEYS = frozenset({"label", "labels", "geometry", "mask_url"})
_URL_KEYS = frozenset({"url", "image_url", "pointcloud_url"})
_PREDICTED = frozenset({"confidence", "class_pdf"})
LOOKED_AT = 32
"""Rows of a list that are asked whether they are predictions."""
_SCENE = RowDecoder(SceneRecord)
_ITEM = RowDecoder(Item)
MAX_RECORDS = 2_000_000
"""Scenes, items and the like of one list, which are kept decoded."""
_TAXONOMY = RowDecoder(Taxonomy)
_SLICE = RowDecoder(SliceRecord)
_DATASET = RowDecoder(DatasetRecord)


class SceneSource:
    """A scene and where it stands; its row is decoded when first asked for.

    Parameters
    ----------
    start, end
        Bytes of its row.
    record
        The row, where it is decoded already.
    """

    def __init__(
        self,
        file: JsonFile,
        place: str,
        span: tuple[int, int],
        *,
        update: bool,
        record: SceneRecord | None = None,
    ) -> None:
        self.file = file
        self.place = place
        self.start, self.end = span
        self.update = update
        self._record = record

    @property
    def path(self) -> Path:
        """File of its row."""
        return self.file.path

    @property
    def record(self) -> SceneRecord:
        """The row; `DamagedData` when it does not fit."""
        if self._record is None:
            self._record = _SCENE.one(self.file, self.start, self.end, self.place)
        return self._record


class ItemSource:
    """An item outside scenes and where it stands; decoded when first asked for.

    Parameters
    ----------
    place
        Of the item.
    start
        Byte of its row, which may hold its annotations too.
    span
        Bytes of the item itself.
    item
        The item, where it is decoded already.
    """

    __slots__ = ("_item", "file", "place", "span", "start", "update")

    def __init__(
        self,
        file: JsonFile,
        place: str,
        start: int,
        span: tuple[int, int],
        *,
        update: bool,
        item: Item | None = None,
    ) -> None:
        self.file = file
        self.place = place
        self.start = start
        self.span = span
        self.update = update
        self._item = item

    @property
    def item(self) -> Item:
        """The item; `DamagedData` when it does not fit."""
        if self._item is None:
            self._item = _ITEM.one(self.file, *self.span, self.place)
        return self._item


@dataclass(eq=False, slots=True)
class Payload:
    """Everything that one file holds."""

    path: Path
    file: JsonFile
    scenes: list[SceneSource] = field(default_factory=list)
    items: list[ItemSource] = field(default_factory=list)
    annotations: list[AnnotationSpans] = field(default_factory=list)
    predictions: list[AnnotationSpans] = field(default_factory=list)
    taxonomies: list[Taxonomy] = field(default_factory=list)
    slices: list[SliceRecord] = field(default_factory=list)
    dataset: DatasetRecord | None = None
    lists: list[tuple[Places, Places]] = field(default_factory=list)
    """(starts, ends) of the rows of each list that holds scenes or items."""


def read_payload(path: Path, problems: ProblemLog) -> Payload:
    """Find everything in a file; `DamagedData` when nothing in it can be read."""
    file = JsonFile(path)
    payload = Payload(path, file)
    finder = _Finder(payload, problems)
    if file.opens_with(b"["):
        finder.add_rows(*array_spans(file, None, problems), "$")
    elif path.suffix.lower() != ".json" or _is_lines(file):
        finder.add_rows(*line_spans(file), "")
    else:
        finder.add_object(_first_brace(file), len(file.data), "$", update=False)
    return payload


def _first_elements(file: JsonFile, begin: int) -> tuple[Places, Places] | None:
    """Return the (starts, ends) of the first of an array's elements; None where there are none."""
    try:
        starts, ends = next(file.array_elements(begin))
    except (DamagedData, StopIteration):
        return None
    return (starts, ends) if len(starts) else None


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


class _Finder:
    """Sorts the rows of one file into its payload."""

    def __init__(self, payload: Payload, problems: ProblemLog) -> None:
        self._payload = payload
        self._file = payload.file
        self._problems = problems

    def add_rows(self, starts: Places, ends: Places, place: str) -> None:
        """Add rows of one kind: what the first of them is, all are taken to be."""
        if not len(starts):
            return
        first = self._keys(int(starts[0]))
        if first.isdisjoint(_ROW_KEYS) and not first.isdisjoint(_ANNOTATION_KEYS):
            spans = AnnotationSpans(self._file, (starts, ends), place)
            self._target(spans).append(spans)
            return
        starts, ends = self._bearable(starts, ends, place)
        self._payload.lists.append((starts, ends))
        for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            where = f"{place}[{row}]" if place else f"line {row + 1}"
            try:
                self.add_object(start, end, where, update=False)
            except DamagedData as damage:
                self._problems.add(damage.path, where, f"{damage.problem}; it is left out")

    def add_object(self, start: int, end: int, place: str, *, update: bool) -> None:
        """Add what one object is or holds."""
        file, payload = self._file, self._payload
        entries = {key: (first, last) for key, first, last in file.object_entries(start)}
        update = update or (
            "update" in entries and file.piece(*entries["update"]).strip() == b"true"
        )
        if "frames" in entries or "video_url" in entries:
            record = _SCENE.one(file, start, end, place)
            scene = SceneSource(file, place, (start, end), update=update, record=record)
            payload.scenes.append(scene)
            return
        if "taxonomy_name" in entries:
            payload.taxonomies.append(_TAXONOMY.one(file, start, end, place))
            return
        if "reference_ids" in entries:
            payload.slices.append(_SLICE.one(file, start, end, place))
            return
        if not _DATASET_KEYS.isdisjoint(entries):
            payload.dataset = _DATASET.one(file, start, end, place)
        if "item" in entries:
            first, last = entries["item"]
            item = _ITEM.one(file, first, last, f"{place}.item")
            found = ItemSource(
                file, f"{place}.item", start, (first, last), update=update, item=item
            )
            payload.items.append(found)
        elif entries.keys().isdisjoint(_ROW_KEYS):
            if _URL_KEYS.isdisjoint(entries):
                raise DamagedData(file.path, place, "is no scene, item or annotation")
            item = _ITEM.one(file, start, end, place)
            found = ItemSource(file, place, start, (start, end), update=update, item=item)
            payload.items.append(found)
            return
        self._add_lists(entries, place, update=update)

    def _add_lists(self, entries: dict[str, tuple[int, int]], place: str, *, update: bool) -> None:
        for name in _LISTED:
            if name in entries:
                self._add_listed(entries[name][0], f"{place}.{name}", update=update)
        predicted = "predictions" in entries
        for name in _LISTS:
            if name not in entries:
                continue
            found = self._spans(entries[name][0], f"{place}.{name}", update=update)
            if found and not predicted and name == "annotations":
                # A client uploads predictions under this key as well, masks beside them.
                predicted = any(self._is_predicted(spans) for spans in found)
            target = self._payload.predictions if predicted else self._payload.annotations
            target += found

    def _add_listed(self, begin: int, place: str, *, update: bool) -> None:
        starts, ends = array_spans(self._file, begin, self._problems)
        starts, ends = self._bearable(starts, ends, place)
        self._payload.lists.append((starts, ends))
        for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            where = f"{place}[{row}]"
            try:
                self.add_object(start, end, where, update=update)
            except DamagedData as damage:
                place_of_it = damage.place if damage.place.startswith("$") else where
                problem = f"{damage.problem}; it is left out"
                self._problems.add(damage.path, place_of_it, problem)

    def _bearable(self, starts: Places, ends: Places, place: str) -> tuple[Places, Places]:
        """Return no more rows than memory should be spent on; the rest is noted."""
        if len(starts) > MAX_RECORDS:
            problem = f"has more than {MAX_RECORDS} rows; the rest is left out"
            self._problems.add(self._file.path, place, problem)
        return starts[:MAX_RECORDS], ends[:MAX_RECORDS]

    def _spans(self, begin: int, place: str, *, update: bool) -> list[AnnotationSpans]:
        """Return the annotations of a list, or of an object with a list a kind."""
        file = self._file
        if file.piece(begin, begin + 1) == b"{":
            found = []
            for kind, start, _ in file.object_entries(begin):
                found += self._spans(start, f"{place}.{kind}", update=update)
            return found
        if is_large(size_bytes=len(file.data) - begin):
            first = _first_elements(file, begin)
            if first is not None:
                problems = self._problems
                find = partial(array_spans, file, begin, problems)
                return [AnnotationSpans(file, first, place, update=update, find=find)]
        found_spans = array_spans(file, begin, self._problems)
        if not len(found_spans[0]):
            return []
        return [AnnotationSpans(file, found_spans, place, update=update)]

    def _target(self, spans: AnnotationSpans) -> list[AnnotationSpans]:
        predicted = self._is_predicted(spans)
        return self._payload.predictions if predicted else self._payload.annotations

    def _is_predicted(self, spans: AnnotationSpans) -> bool:
        """Say whether half of the first rows or more have what only predictions have."""
        first = np.asarray(spans.first[0][:LOOKED_AT]).tolist()
        scored = sum(not _PREDICTED.isdisjoint(self._keys(start)) for start in first)
        return 2 * scored >= len(first)

    def _keys(self, start: int) -> set[str]:
        try:
            return {key for key, _, _ in self._file.object_entries(start)}
        except DamagedData:
            return set()
