"""One COCO file: its images and categories decoded, its annotations known by their bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.cache.array_file import Arrays
from viewer.formats.cache.kept_index import KeptIndex
from viewer.formats.growth import is_large
from viewer.formats.json_fields import NUMBER, FieldTable, columns_of_objects
from viewer.formats.json_rows import MAX_DAMAGED_ROWS, TOO_DAMAGED, JsonFile, RowDecoder
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap, Skeleton
from viewer.scene.scene import Problem

Places = npt.NDArray[np.int64]
MAX_IMAGES = 4_000_000
MAX_EXACT = 2**53
MAX_FACT_BYTES = 1 << 20
"""A fact about a file that is larger is none that a person reads."""
MAX_FACTS = 1000
VERSION = 1
_LISTS = ("images", "annotations", "categories")
_PLACES = ("starts", "ends", "order", "frames")


class ImageRow(msgspec.Struct):
    """An image; width and height are 0 where the file tells none."""

    id: int | str
    file_name: str
    width: int | None = 0
    height: int | None = 0


class CategoryRow(msgspec.Struct):
    """A class; bones count keypoints from 1."""

    id: int
    name: str
    supercategory: str | None = None
    keypoints: list[str] | None = None
    skeleton: list[tuple[int, int]] | None = None

    def as_skeleton(self) -> Skeleton | None:
        """Return the keypoints and the bones between them, None for a class without."""
        if not self.keypoints:
            return None
        count = len(self.keypoints)
        bones = [(a - 1, b - 1) for a, b in self.skeleton or () if 1 <= a <= count >= b >= 1]
        return Skeleton(tuple(self.keypoints), tuple(bones))


class _Owner(msgspec.Struct):
    image_id: int | str


class _Head(msgspec.Struct, array_like=True):
    """What is kept of a file besides its annotations."""

    images: list[ImageRow]
    categories: list[CategoryRow]
    fact_spans: dict[str, tuple[int, int]]
    begin: int | None
    problems: list[tuple[str, str, str]]


class _Index(msgspec.Struct, array_like=True):
    """What was found wrong with annotations."""

    problems: list[tuple[str, str, str]]


class AnnotationFile:
    """A file of images, categories and annotations, or with a list at its top of results only.

    Raises
    ------
    DamagedData
        When the top level is neither, or has no images where it should.
    """

    def __init__(self, path: Path, problems: ProblemLog) -> None:
        self.path = path
        self._problems = problems
        self.json = JsonFile(path)
        self.images: list[ImageRow] = []
        self.categories: dict[int, CategoryRow] = {}
        self.is_results = self.json.opens_with(b"[")
        self._begin: int | None = None
        self._fact_spans: dict[str, tuple[int, int]] = {}
        self._image_spans = np.empty((0, 2), dtype=np.int64)
        self._any_row = RowDecoder[dict[str, Any]](dict)
        self.is_large = is_large(size_bytes=len(self.json.data))
        if not self.is_results:
            self._read_or_recall_head()

    def facts(self) -> dict[str, Any]:
        """Return what the file tells besides its lists: ``info``, ``licenses``, anything."""
        decoder = RowDecoder[Any](Any)
        found: dict[str, Any] = {}
        for key, (start, end) in self._fact_spans.items():
            try:
                found[key] = decoder.one(self.json, start, end, f"$.{key}")
            except DamagedData as damage:
                self._problems.add_damage(damage)
        return found

    def _read_or_recall_head(self) -> None:
        store = None
        if self.is_large:
            name = f"coco images {VERSION}"
            store = KeptIndex((self.path,), name, _Head, {"image_spans": np.int64})
            kept = store.load()
            if kept is not None and self._recall_head(*kept):
                return
        with self._noting() as found:
            self._read_head()
        if store is not None:
            head = _Head(
                self.images, list(self.categories.values()), self._fact_spans, self._begin, found
            )
            store.save(head, {"image_spans": self._image_spans})

    def _recall_head(self, head: _Head, arrays: Arrays) -> bool:
        spans, size = arrays["image_spans"], len(self.json.data)
        if spans.shape != (len(head.images), 2) or not _lie_within(spans[:, 0], spans[:, 1], size):
            return False
        self.images, self._image_spans = head.images, spans
        self.categories = {row.id: row for row in head.categories}
        self._fact_spans, self._begin = head.fact_spans, head.begin
        for each in head.problems:
            self._problems.add_problem(Problem(*each))
        return True

    @contextmanager
    def _noting(self) -> Iterator[list[tuple[str, str, str]]]:
        """Collect what is found wrong in the block, and note it after it."""
        outer, self._problems = self._problems, ProblemLog()
        found: list[tuple[str, str, str]] = []
        try:
            yield found
        finally:
            noted, self._problems = self._problems.snapshot(), outer
            for each in noted:
                found.append((each.source, each.place, each.message))
                outer.add_problem(each)

    def _read_head(self) -> None:
        places: dict[str, int] = {}
        try:
            for key, start, end in self.json.object_entries():
                places[key] = start
                room = len(self._fact_spans) < MAX_FACTS
                if key not in _LISTS and end - start <= MAX_FACT_BYTES and room:
                    self._fact_spans[key] = start, end
        except DamagedData as damage:
            self._problems.add_damage(damage)
        if "images" not in places:
            raise DamagedData(self.path, "$.images", "is missing")
        spans: list[tuple[int, int]] = []
        for span, row in self._rows("images", places["images"], ImageRow):
            self.images.append(row)
            spans.append(span)
        self._image_spans = np.array(spans, dtype=np.int64).reshape(-1, 2)
        if "categories" in places:
            rows = self._rows("categories", places["categories"], CategoryRow)
            self.categories = {row.id: row for _, row in rows}
        self._begin = places.get("annotations")

    def _rows(self, key: str, begin: int, row: type[Any]) -> Iterator[tuple[tuple[int, int], Any]]:
        """Yield ((start, end), row) of a list; a row that does not fit is noted and left out."""
        decoder = RowDecoder[Any](row)
        index = 0
        try:
            for starts, ends in self.json.array_elements(begin):
                many = decoder.many(self.json, starts, ends)
                for offset, (start, end) in enumerate(
                    zip(starts.tolist(), ends.tolist(), strict=True)
                ):
                    place = f"$.{key}[{index + offset}]"
                    try:
                        yield (
                            (start, end),
                            many[offset]
                            if many is not None
                            else decoder.one(self.json, start, end, place),
                        )
                    except DamagedData as damage:
                        text = f"{damage.problem}; it is left out"
                        self._problems.add(self.path, damage.place, text)
                index += len(starts)
                if index > MAX_IMAGES:
                    raise DamagedData(self.path, f"$.{key}", f"has more than {MAX_IMAGES} rows")
        except DamagedData as damage:
            self._problems.add_damage(damage)

    def image_extras(self, number: int) -> dict[str, Any]:
        """Return what the file says of an image besides its id, name and size."""
        start, end = self._image_spans[number].tolist()
        row = self._any_row.one(self.json, start, end, f"image {self.images[number].id}")
        return {key: value for key, value in row.items() if key not in ImageRow.__struct_fields__}

    def index(
        self, numbers: dict[int | str, int], images_path: Path | None = None
    ) -> "AnnotationIndex":
        """Find every annotation and its image; `numbers` has the frame of each image id.

        `images_path` is the file of the images, where the index of a large file may be kept.
        """
        if not self.is_large or images_path is None:
            return AnnotationIndex(*self._index(numbers))
        sources = tuple(dict.fromkeys((self.path, images_path)))
        store = KeptIndex(
            sources, f"coco annotations {VERSION}", _Index, dict.fromkeys(_PLACES, np.int64)
        )
        kept = store.load()
        if kept is not None and self._fits(*(kept[1][name] for name in _PLACES)):
            for each in kept[0].problems:
                self._problems.add_problem(Problem(*each))
            return AnnotationIndex(*(kept[1][name] for name in _PLACES))
        with self._noting() as found:
            places = self._index(numbers)
        store.save(_Index(found), dict(zip(_PLACES, places, strict=True)))
        return AnnotationIndex(*places)

    def _fits(self, starts: Places, ends: Places, order: Places, frames: Places) -> bool:
        return (
            starts.shape == ends.shape
            and order.shape == frames.shape
            and all(each.ndim == 1 for each in (starts, order))
            and _lie_within(starts, ends, len(self.json.data))
            and bool(((order >= 0) & (order < len(starts))).all())
            and bool((np.diff(frames) >= 0).all())
        )

    def _index(self, numbers: dict[int | str, int]) -> tuple[Places, Places, Places, Places]:
        parts: list[tuple[Places, Places]] = []
        if self.is_results or self._begin is not None:
            try:
                parts += self.json.array_elements(self._begin)
            except DamagedData as damage:
                self._problems.add_damage(damage)
        empty = np.empty(0, dtype=np.int64)
        starts = np.concatenate([empty, *(part[0] for part in parts)])
        ends = np.concatenate([empty, *(part[1] for part in parts)])
        frames = self._frames_of(starts, ends, numbers)
        unknown = int(np.count_nonzero(frames < 0))
        if unknown:
            first = int(np.flatnonzero(frames < 0)[0])
            text = f"{unknown} annotations name no known image, first row {first}; left out"
            self._problems.add(self.path, "", text)
        order = np.argsort(frames, kind="stable")[unknown:]
        return starts, ends, order, frames[order]

    def _frames_of(self, starts: Places, ends: Places, numbers: dict[int | str, int]) -> Places:
        frames = np.full(len(starts), -1, dtype=np.int64)
        if not len(starts):
            return frames
        plain_ids = all(isinstance(each, int) and abs(each) < MAX_EXACT for each in numbers)
        open_rows = np.ones(len(starts), dtype=bool)
        if plain_ids and numbers:
            columns, plain = columns_of_objects(
                self.json.data, starts, ends, FieldTable({"image_id": NUMBER})
            )
            owners = columns.numbers[:, 0]
            ids = np.array(list(numbers), dtype=np.float64)
            own = np.array(list(numbers.values()), dtype=np.int64)
            sorting = np.argsort(ids)
            spot = np.minimum(np.searchsorted(ids, owners, sorter=sorting), len(ids) - 1)
            found = plain & (ids[sorting[spot]] == owners)
            frames[found] = own[sorting[spot[found]]]
            open_rows = ~(plain & np.isfinite(owners))
        decoder = RowDecoder(_Owner)
        damaged = 0
        for row in map(int, np.flatnonzero(open_rows)):
            place = self.place(row)
            if damaged == MAX_DAMAGED_ROWS:
                self._problems.add(self.path, place, TOO_DAMAGED)
                break
            try:
                owner = decoder.one(self.json, int(starts[row]), int(ends[row]), place)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                damaged += 1
                continue
            frames[row] = numbers.get(owner.image_id, -1)
        return frames

    def place(self, row: int) -> str:
        """Return the JSON path of an annotation."""
        return f"$[{row}]" if self.is_results else f"$.annotations[{row}]"


class AnnotationIndex:
    """Bytes of every annotation, in the order of frames."""

    def __init__(self, starts: Places, ends: Places, order: Places, frames: Places) -> None:
        self._starts = starts
        self._ends = ends
        self._order = order
        self._frames = frames

    def __len__(self) -> int:
        return len(self._order)

    def rows(self, frame_index: int) -> Iterator[tuple[int, int, int]]:
        """Yield (row, start, end) of a frame's annotations, as they stand in the file."""
        first, last = np.searchsorted(self._frames, [frame_index, frame_index + 1]).tolist()
        for row in self._order[first:last].tolist():
            yield row, int(self._starts[row]), int(self._ends[row])


def _lie_within(starts: Places, ends: Places, size: int) -> bool:
    return bool(((starts >= 0) & (starts <= ends) & (ends <= size)).all())


def class_map_of(files: "list[AnnotationFile]") -> ClassMap:
    """Return the classes of some files, each name once."""
    entries: dict[str, ClassEntry] = {}
    for file in files:
        for row in file.categories.values():
            colour = PALETTE[len(entries) % len(PALETTE)]
            parent = row.supercategory if row.supercategory != row.name else None
            entry = ClassEntry(
                row.name, colour, row.id, parent=parent or None, skeleton=row.as_skeleton()
            )
            entries.setdefault(row.name, entry)
    return ClassMap(tuple(entries.values()))
