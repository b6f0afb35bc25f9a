"""One pass over a large JSON table: where each row lies, and what some of its keys hold.

Nothing is decoded, so that gigabytes take seconds; of strings only a hash is kept. Files of many
megabytes are scanned from two places at once.
"""

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import MAX_ELEMENTS, JsonFile
from viewer.progress import Cancelled, report_progress

ROWS_AT_ONCE = 65_536
SPLIT_BYTES = 32 * 1024 * 1024
"""Files of this size and more are scanned by two threads."""
_BOUNDARY = re.compile(rb"\}\s*,\s*(?=\{)")
_LOOK_AHEAD_BYTES = 1 << 20
_NOWHERE = -1


@dataclass(frozen=True, eq=False, slots=True)
class TableScan:
    """Rows of a table in the order of the file."""

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]
    """(rows, keys) of a key's string value, 0 where it has none without escapes."""
    marks: npt.NDArray[np.uint8]
    """(rows, keys) first byte of a key's value, 0 where the key is missing."""
    damage: DamagedData | None = None
    """Set when the file ends before its last row; the rows before are there."""

    def __len__(self) -> int:
        return len(self.starts)


def scan_table(
    file: JsonFile, keys: Sequence[str], is_given_up: Callable[[], bool] = lambda: False
) -> TableScan:
    """Scan the array of rows that a file holds; reports to the job that runs here.

    Raises
    ------
    DamagedData
        When the file's top level is no array.
    Cancelled
        Soon after `is_given_up` says so.
    """
    begin = file.array_begin()
    names = _Names(keys)
    size = len(file.data)
    middle = _boundary(file, begin + (size - begin) // 2) if size >= SPLIT_BYTES else _NOWHERE
    if middle == _NOWHERE:
        return _scan(file, names, begin, _NOWHERE, is_given_up)[0]
    second: list[TableScan] = []

    def scan_second() -> None:
        try:
            second.append(_scan(file, names, middle, _NOWHERE, is_given_up)[0])
        except Cancelled:
            return

    thread = threading.Thread(target=scan_second, name="table scan", daemon=True)
    thread.start()
    try:
        first, at = _scan(file, names, begin, middle, is_given_up)
    finally:
        thread.join()
    if at != middle or not second:
        # The middle looked like the beginning of a row and was none, or both were given up.
        return first
    return _joined((first, second[0]))


def hashes_of(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Hash texts as a scan hashes string values."""
    pieces = [text.encode(errors="surrogatepass") for text in texts]
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    hashes = np.empty(len(pieces), dtype=np.uint64)
    from viewer.formats.json_row_kernels import hash_pieces

    hash_pieces(_readonly(b"".join(pieces)), offsets, hashes)
    return hashes


class _Names:
    def __init__(self, keys: Sequence[str]) -> None:
        pieces = [key.encode() for key in keys]
        self.count = len(pieces)
        self.data = _readonly(b"".join(pieces))
        self.offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
        np.cumsum([len(piece) for piece in pieces], out=self.offsets[1:])


def _readonly(data: bytes) -> npt.NDArray[np.uint8]:
    array = np.frombuffer(data, dtype=np.uint8)
    array.flags.writeable = False
    return array


def _boundary(file: JsonFile, near: int) -> int:
    """Return where a row seems to begin after a byte; the scan up to it tells whether one does."""
    found = _BOUNDARY.search(file.piece(near, near + _LOOK_AHEAD_BYTES))
    return near + found.end() if found else _NOWHERE


def _scan(
    file: JsonFile, names: _Names, position: int, stop: int, is_given_up: Callable[[], bool]
) -> tuple[TableScan, int]:
    from viewer.formats.json_row_kernels import CUT_OFF, MORE, scan_rows

    parts: list[TableScan] = []
    state, total = MORE, 0
    begin, last = position, stop if stop != _NOWHERE else len(file.data)
    told = f"Indexing {file.path.name}"
    capacity = int(min(ROWS_AT_ONCE, max(16, (len(file.data) - position) // 64)))
    while state == MORE:
        if is_given_up():
            raise Cancelled
        report_progress(position - begin, last - begin, told)
        starts, ends = np.empty((2, capacity), dtype=np.int64)
        hashes = np.zeros((capacity, names.count), dtype=np.uint64)
        marks = np.zeros((capacity, names.count), dtype=np.uint8)
        count, position, state = scan_rows(
            file.data, position, stop, names.data, names.offsets, starts, ends, hashes, marks
        )
        total += count
        parts.append(
            TableScan(
                starts[:count].copy(),
                ends[:count].copy(),
                hashes[:count].copy(),
                marks[:count].copy(),
            )
        )
        if total > MAX_ELEMENTS:
            problem = f"holds more than {MAX_ELEMENTS} rows; the rest is left out"
            return _joined(parts, DamagedData(file.path, f"byte {position}", problem)), position
    damage = None
    if state == CUT_OFF:
        problem = "the file ends before its last row"
        damage = DamagedData(file.path, f"byte {position}", problem)
    return _joined(parts, damage), position


def _joined(parts: Sequence[TableScan], damage: DamagedData | None = None) -> TableScan:
    return TableScan(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.marks for part in parts]),
        next((part.damage for part in parts if part.damage), damage),
    )
