"""One file of annotations: where each lies, and which item each belongs to."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.growth import Deferred
from viewer.formats.json_fields import STRING, FieldTable, columns_of_objects
from viewer.formats.json_rows import JsonFile, RowDecoder
from viewer.formats.nucleus.schema import Annotation, AnnotationHead
from viewer.formats.problem_log import ProblemLog
from viewer.progress import report_progress

Places = npt.NDArray[np.int64]
ROWS_AT_ONCE = 65_536
KERNEL_BYTES = 1024 * 1024
"""Lists this long are worth compiled code, which takes a second to load when first used."""
SOME = 256
MAX_ROW_BYTES = 64 * 1024 * 1024
LINE_CHUNK_BYTES = 16 * 1024 * 1024
NEWLINE = 10
_ANNOTATION = RowDecoder(Annotation)
_HEADS = msgspec.json.Decoder(list[AnnotationHead])
_HEAD = RowDecoder(AnnotationHead)
_BELONGING = FieldTable({"reference_id": STRING, "label": STRING})


class AnnotationSpans:
    """Annotations that follow each other in one array or in the lines of a file.

    Parameters
    ----------
    file
        Holds them.
    first
        (starts, ends) of the first of them, or of all; bytes.
    place
        JSON path of the array; empty when each stands in a line of its own.
    update
        True when a later annotation of the same id overwrites an earlier one.
    find
        Finds (starts, ends) of all, when they are asked for.
    """

    def __init__(
        self,
        file: JsonFile,
        first: tuple[Places, Places],
        place: str,
        *,
        update: bool = False,
        find: Callable[[], tuple[Places, Places]] | None = None,
    ) -> None:
        self.file = file
        self.first = first
        self.update = update
        self.mask_urls: list[str] = []
        """Of its masks; filled by `belongings`."""
        self.array_place = place
        self._spans: Deferred[tuple[Places, Places]] = Deferred(
            lambda _: first if find is None else find()
        )

    @property
    def starts(self) -> Places:
        """(N,) bytes."""
        return self._spans.result()[0]

    @property
    def ends(self) -> Places:
        """(N,) bytes."""
        return self._spans.result()[1]

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, row: int) -> str:
        """Where an annotation stands, for people."""
        if self.array_place:
            return f"{self.array_place}[{row}]"
        before = self.file.piece(0, int(self.starts[row]))
        return f"line {before.count(10) + 1}"

    def belongings(
        self, problems: ProblemLog, id_of_item: Callable[[str], str]
    ) -> tuple[dict[str, Places], set[str]]:
        """Return the rows by reference id, and all labels; what does not fit is left out.

        `id_of_item` tells the reference id of an item by the platform's own number of it, for
        predictions that name nothing else.
        """
        self.mask_urls = []
        rows: dict[str, list[Places]] = {}
        labels: set[str] = set()
        compiled = len(self) and self.ends[-1] - self.starts[0] >= KERNEL_BYTES
        told = f"Indexing {self.file.path.name}"
        for first in range(0, len(self), ROWS_AT_ONCE):
            report_progress(first, len(self), told)
            last = min(first + ROWS_AT_ONCE, len(self))
            left = np.arange(first, last)
            if compiled:
                left = self._take_plain(left, rows, labels)
            for row, head in self._heads(left.tolist(), problems):
                number = head.dataset_item_id or ""
                owner = head.reference_id or id_of_item(number)
                if not owner:
                    problem = "names no item by reference_id or dataset_item_id; it is left out"
                    problems.add(self.file.path, self.place(row), problem)
                    continue
                rows.setdefault(owner, []).append(np.array([row]))
                labels.update(name for name in _names(head) if name)
                if head.mask_url:
                    self.mask_urls.append(head.mask_url)
        return {name: np.sort(np.concatenate(parts)) for name, parts in rows.items()}, labels

    def _take_plain(
        self, wanted: Places, rows: dict[str, list[Places]], labels: set[str]
    ) -> Places:
        """Note what compiled code can tell; return the rows that are left."""
        columns, plain = columns_of_objects(
            self.file.data, self.starts[wanted], self.ends[wanted], _BELONGING
        )
        plain &= (columns.spans[:, :, 0] >= 0).all(axis=1)
        taken = columns.select(plain)
        try:
            names, which = taken.groups(0)
            labels.update(name for name in taken.groups(1)[0] if name)
        except UnicodeDecodeError:
            return wanted
        order = np.argsort(which, kind="stable")
        edges = np.searchsorted(which[order], np.arange(len(names) + 1))
        own = wanted[plain][order]
        for number, name in enumerate(names):
            if name is not None:
                rows.setdefault(name, []).append(own[edges[number] : edges[number + 1]])
        return wanted[~plain]

    def some_labels(self) -> set[str]:
        """Return labels of the first rows, as far as they can be read."""
        labels: set[str] = set()
        starts, ends = self.first
        for start, end in zip(starts[:SOME].tolist(), ends[:SOME].tolist(), strict=True):
            try:
                labels.update(name for name in _names(_HEAD.one(self.file, start, end, "")) if name)
            except DamagedData:
                continue
        return labels

    def _heads(
        self, wanted: Sequence[int], problems: ProblemLog
    ) -> Iterator[tuple[int, AnnotationHead]]:
        heads = self._many(wanted)
        if heads is not None:
            yield from zip(wanted, heads, strict=True)
            return
        for row in wanted:
            try:
                yield row, _HEAD.one(self.file, *self._span(row), "")
            except DamagedData as damage:
                problem = f"{damage.problem}; it is left out"
                problems.add(damage.path, self.place(row), problem)

    def read(self, row: int) -> Annotation:
        """Decode an annotation; `DamagedData` when it does not fit."""
        try:
            return _ANNOTATION.one(self.file, *self._span(row), "")
        except DamagedData as damage:
            raise DamagedData(damage.path, self.place(row), damage.problem) from None

    def _span(self, row: int) -> tuple[int, int]:
        starts, ends = self._spans.result()
        return int(starts[row]), int(ends[row])

    def _many(self, wanted: Sequence[int]) -> list[AnnotationHead] | None:
        spans = [self._span(row) for row in wanted]
        if sum(end - start for start, end in spans) > MAX_ROW_BYTES:
            return None
        try:
            heads = _HEADS.decode(b"[" + b",".join(self.file.piece(*s) for s in spans) + b"]")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return heads if len(heads) == len(spans) else None


def _names(head: AnnotationHead) -> list[str | None]:
    return [head.label, *(head.labels or ()), *(each.label for each in head.annotations or ())]


def line_spans(file: JsonFile) -> tuple[Places, Places]:
    """Return the (starts, ends) of the lines that hold something."""
    size = len(file.data)
    begin = 3 if file.piece(0, 3) == b"\xef\xbb\xbf" else 0
    parts: list[tuple[Places, Places]] = []
    for at in range(0, size, LINE_CHUNK_BYTES):
        chunk = file.data[at : at + LINE_CHUNK_BYTES]
        ends = np.flatnonzero(chunk == NEWLINE).astype(np.int64) + at
        if at + LINE_CHUNK_BYTES >= size:
            ends = np.append(ends, size)
        if not len(ends):
            continue
        starts = np.concatenate([[begin], ends[:-1] + 1])
        begin = int(ends[-1]) + 1
        filled = ends - starts > 1
        parts.append((starts[filled], ends[filled]))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def array_spans(file: JsonFile, begin: int | None, problems: ProblemLog) -> tuple[Places, Places]:
    """Return the (starts, ends) of an array's elements; a cut-off end is noted."""
    starts: list[Places] = [np.empty(0, dtype=np.int64)]
    ends: list[Places] = [np.empty(0, dtype=np.int64)]
    try:
        for some_starts, some_ends in file.array_elements(begin):
            starts.append(some_starts)
            ends.append(some_ends)
    except DamagedData as damage:
        problems.add_damage(damage)
    return np.concatenate(starts), np.concatenate(ends)


def paths_of(spans: Sequence[AnnotationSpans]) -> tuple[Path, ...]:
    """Return the files of some spans, each once."""
    return tuple(dict.fromkeys(each.file.path for each in spans))
