"""The whole index of Nucleus payloads, as it is kept in the cache."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.cache.array_file import Arrays
from viewer.formats.cache.kept_index import KeptIndex
from viewer.formats.json_rows import JsonFile
from viewer.formats.nucleus.annotation_file import AnnotationSpans, Places
from viewer.formats.nucleus.label_index import LabelIndex, OwnedRows, label_sets
from viewer.formats.nucleus.payload import ItemSource, Payload, SceneSource
from viewer.formats.nucleus.scene_items import FrameItems, SceneItems, loose_frame
from viewer.formats.nucleus.schema import DatasetRecord, SliceRecord, Taxonomy
from viewer.formats.problem_log import ProblemLog
from viewer.scene.scene import Problem

VERSION = 2
_ARRAYS = {
    "list_starts": np.int64, "list_ends": np.int64, "starts": np.int64, "ends": np.int64,
    "owners": np.int32, "numbers": np.int32, "offsets": np.int64, "rows": np.int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """What the whole index knows of a scene."""

    sensors: dict[str, str]
    """Kind by name, in the order in which they first occur."""
    label_set_ids: frozenset[str]
    """Label sets with a label of its own."""
    metadata: dict[str, Any]


class _Spans(msgspec.Struct, array_like=True):
    payload: int
    predicted: bool
    count: int
    place: str
    update: bool
    mask_urls: list[str]


class _Item(msgspec.Struct, array_like=True, gc=False):
    place: str
    start: int
    first: int
    last: int
    update: bool


class _Payload(msgspec.Struct, array_like=True):
    lists: list[int]
    taxonomies: list[Taxonomy]
    slices: list[SliceRecord]
    dataset: DatasetRecord | None
    items: list[_Item]


class _Scene(msgspec.Struct, array_like=True):
    scene_id: str
    payload: int
    """-1 for items outside scenes, and for annotated items that no file describes."""
    place: str
    start: int
    end: int
    update: bool
    independent: bool
    frame_count: int
    sensors: dict[str, str]
    label_set_ids: list[str]
    metadata: dict[str, Any]
    frames: list[tuple[str, int, int]]
    """Of those (key, payload, position among its items, -1 where it is not described)."""


class _Labels(msgspec.Struct, array_like=True):
    class_names: list[str]
    names: list[str]
    entries: int
    rows: int


class _Kept(msgspec.Struct, array_like=True):
    payloads: list[_Payload]
    spans: list[_Spans]
    scenes: list[_Scene]
    labels: list[_Labels]
    problems: list[tuple[str, str, str]]


class NucleusCache:
    """Where the index of some payloads is kept; make it before they are read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._store = KeptIndex(paths, f"nucleus {VERSION}", _Kept, _ARRAYS)

    def load(
        self, problems: ProblemLog
    ) -> tuple[list[Payload], list[SceneItems], list[LabelIndex], list[SceneFacts]] | None:
        """Return payloads, scenes, label sets and facts of each scene; None when nothing is kept.

        Notes what was found wrong when the index was made.
        """
        found = self._store.load()
        if found is None:
            return None
        try:
            payloads = _payloads(*found, [JsonFile(path) for path in self._paths])
            scenes = [_scene(each, payloads) for each in found[0].scenes]
            labels = _label_indexes(*found, payloads)
        except (DamagedData, ValueError, IndexError):
            return None
        facts = [
            SceneFacts(each.sensors, frozenset(each.label_set_ids), each.metadata)
            for each in found[0].scenes
        ]
        for each in found[0].problems:
            problems.add_problem(Problem(*each))
        return payloads, scenes, labels, facts

    def save(
        self,
        payloads: Sequence[Payload],
        scenes: Sequence[SceneItems],
        labels: Sequence[LabelIndex],
        facts: Sequence[SceneFacts],
        problems: Iterable[Problem],
    ) -> None:
        """Keep an index."""
        number = {payload.path: place for place, payload in enumerate(payloads)}
        spans = list(_all_spans(payloads))
        items = {
            (payload.path, item.start): place
            for payload in payloads
            for place, item in enumerate(payload.items)
        }
        record = _Kept(
            [
                _Payload(
                    [len(s) for s, _ in p.lists], p.taxonomies, p.slices, p.dataset,
                    [_Item(i.place, i.start, *i.span, i.update) for i in p.items],
                )
                for p in payloads
            ],
            [
                _Spans(number[each.file.path], predicted, len(each), each.array_place,
                       each.update, each.mask_urls)
                for each, predicted in spans
            ],
            [
                _kept_scene(scene, own, number, items)
                for scene, own in zip(scenes, facts, strict=True)
            ],
            [
                _Labels(sorted(index.class_names), list(index.rows.names),
                        len(index.rows.owners), len(index.rows.rows))
                for index in labels
            ],
            [(each.source, each.place, each.message) for each in problems],
        )  # fmt: skip
        rows = [index.rows for index in labels]
        lists = [each for payload in payloads for each in payload.lists]
        arrays = {
            "list_starts": _joined((starts for starts, _ in lists), np.int64),
            "list_ends": _joined((ends for _, ends in lists), np.int64),
            "starts": _joined((each.starts for each, _ in spans), np.int64),
            "ends": _joined((each.ends for each, _ in spans), np.int64),
            "owners": _joined((each.owners for each in rows), np.int32),
            "numbers": _joined((each.numbers for each in rows), np.int32),
            "offsets": _joined((each.offsets for each in rows), np.int64),
            "rows": _joined((each.rows for each in rows), np.int64),
        }
        try:
            self._store.save(record, arrays)
        except (ValueError, TypeError, OverflowError):
            # Metadata with a number that no cache holds: it is indexed again.
            return


def _joined(arrays: Iterable[npt.NDArray[Any]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *arrays]).astype(dtype)


def _all_spans(payloads: Sequence[Payload]) -> Iterator[tuple[AnnotationSpans, bool]]:
    for payload in payloads:
        yield from ((each, False) for each in payload.annotations)
        yield from ((each, True) for each in payload.predictions)


def _kept_scene(
    scene: SceneItems,
    facts: SceneFacts,
    number: dict[Path, int],
    items: dict[tuple[Path, int], int],
) -> _Scene:
    source = scene.source
    frames = []
    if source is None:
        frames = [
            (each.key, number[each.path], items.get((each.path, each.start), -1))
            for each in scene.frames
        ]
    at = (-1, "", 0, 0, False)
    if source is not None:
        at = (number[source.path], source.place, source.start, source.end, source.update)
    return _Scene(
        scene.scene_id, *at, scene.independent, scene.frame_count, facts.sensors,
        sorted(facts.label_set_ids), facts.metadata, frames,
    )  # fmt: skip


def _payloads(kept: _Kept, arrays: Arrays, files: Sequence[JsonFile]) -> list[Payload]:
    if len(files) != len(kept.payloads):
        raise ValueError("other files")
    payloads = []
    lists = _Taker(arrays["list_starts"], arrays["list_ends"])
    for file, each in zip(files, kept.payloads, strict=True):
        payload = Payload(file.path, file, taxonomies=each.taxonomies, slices=each.slices)
        payload.dataset = each.dataset
        payload.items = [_item(own, file) for own in each.items]
        payload.lists = [lists.take(count, file) for count in each.lists]
        payloads.append(payload)
    spans = _Taker(arrays["starts"], arrays["ends"])
    for own in kept.spans:
        payload = payloads[own.payload]
        found = AnnotationSpans(
            payload.file, spans.take(own.count, payload.file), own.place, update=own.update
        )
        found.mask_urls = own.mask_urls
        (payload.predictions if own.predicted else payload.annotations).append(found)
    return payloads


class _Taker:
    """Hands out one piece of two arrays after the other."""

    def __init__(self, *arrays: npt.NDArray[Any]) -> None:
        self._arrays = arrays
        self._at = 0

    def take(self, count: int, file: JsonFile) -> tuple[Places, Places]:
        """Return (starts, ends) within a file; ValueError when they are not."""
        starts, ends = (each[self._at : self._at + count] for each in self._arrays)
        self._at += count
        if len(ends) != count or len(starts) != count:
            raise ValueError("too short")
        if count and not (
            starts.min() >= 0 and (starts <= ends).all() and ends.max() <= len(file.data)
        ):
            raise ValueError("not in the file")
        return starts, ends


def _item(kept: _Item, file: JsonFile) -> ItemSource:
    if not 0 <= kept.start <= kept.first <= kept.last <= len(file.data):
        raise ValueError("not in the file")
    span = (kept.first, kept.last)
    return ItemSource(file, kept.place, kept.start, span, update=kept.update)


def _frame(key: str, number: int, place: int, payloads: Sequence[Payload]) -> FrameItems:
    if place < 0:
        return FrameItems(key, {}, payloads[number].path, "")
    return loose_frame(payloads[number].items[place])


def _scene(kept: _Scene, payloads: Sequence[Payload]) -> SceneItems:
    if kept.payload < 0:
        for _, number, place in kept.frames:
            if not (0 <= number < len(payloads) and -1 <= place < len(payloads[number].items)):
                raise ValueError("no such item")
        return SceneItems(
            kept.scene_id,
            lambda: [_frame(*each, payloads) for each in kept.frames],
            frame_count=kept.frame_count,
            independent=kept.independent,
        )
    payload = payloads[kept.payload]
    span = (kept.start, kept.end)
    source = SceneSource(payload.file, kept.place, span, update=kept.update)
    payload.scenes.append(source)
    return SceneItems(
        kept.scene_id, source=source, frame_count=kept.frame_count, independent=kept.independent
    )


def _label_indexes(kept: _Kept, arrays: Arrays, payloads: Sequence[Payload]) -> list[LabelIndex]:
    sets = list(label_sets(payloads))
    if len(sets) != len(kept.labels):
        raise ValueError("other label sets")
    found: list[LabelIndex] = []
    entry = row = 0
    for (name, kind, spans), own in zip(sets, kept.labels, strict=True):
        offset = entry + len(found)
        rows = OwnedRows(
            own.names,
            arrays["owners"][entry : entry + own.entries],
            arrays["numbers"][entry : entry + own.entries],
            arrays["offsets"][offset : offset + own.entries + 1],
            arrays["rows"][row : row + own.rows],
        )
        rows.require_within([len(each) for each in spans])
        entry, row = entry + own.entries, row + own.rows
        index = LabelIndex(name, kind, spans, partial(_as_they_are, rows, set(own.class_names)))
        index.rows  # noqa: B018 - it is indexed
        found.append(index)
    return found


def _as_they_are(rows: OwnedRows, class_names: set[str]) -> tuple[OwnedRows, set[str]]:
    return rows, class_names
