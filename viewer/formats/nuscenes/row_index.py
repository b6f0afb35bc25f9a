"""Where the rows of a large table lie, by the row of another table that they belong to.

Built by one scan that decodes nothing; that of a large table is kept in the user's cache.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.cache.array_file import ArrayFile, Arrays
from viewer.formats.growth import GivenUp, is_large
from viewer.formats.json_rows import JsonFile, RowDecoder
from viewer.formats.json_scan import TableScan, hashes_of, scan_table
from viewer.formats.problem_log import ProblemLog

Row = TypeVar("Row")
VERSION = 2
_STRING = ord('"')
_TRUE = ord("t")
_UNKNOWN = -1
_MAX_TOLD = 200
_OWNED = {
    "starts": np.int64, "lengths": np.int32, "offsets": np.int64, "flags": np.bool_,
    "seconds": np.int32, "lost": np.int64,
}  # fmt: skip
_NAMED = {"hashes": np.uint64, "starts": np.int64, "lengths": np.int32}


class RowsByOwner:
    """Rows of a table grouped by owner, e.g. recordings by sample; of an owner as in the file."""

    def __init__(self, file: JsonFile | None, arrays: Arrays) -> None:
        self._file = file
        self.starts: npt.NDArray[np.int64] = arrays["starts"]
        self.lengths: npt.NDArray[np.int32] = arrays["lengths"]
        self.offsets: npt.NDArray[np.int64] = arrays["offsets"]
        """(owners + 1,) where each owner's rows begin."""
        self.flags: npt.NDArray[np.bool_] = arrays["flags"]
        """(rows,) whether the flag's key holds true."""
        self.seconds: npt.NDArray[np.int32] = arrays["seconds"]
        """(rows,) which of the second owners, -1 for none."""

    @classmethod
    def empty(cls, owner_count: int) -> "RowsByOwner":
        """No rows."""
        arrays: Arrays = {
            "starts": np.empty(0, dtype=np.int64),
            "lengths": np.empty(0, dtype=np.int32),
            "offsets": np.zeros(owner_count + 1, dtype=np.int64),
            "flags": np.empty(0, dtype=bool),
            "seconds": np.empty(0, dtype=np.int32),
        }
        return cls(None, arrays)

    def rows_of(self, first: int, last: int, *, flag: bool | None = None) -> list[int]:
        """Return the rows of the owners from `first` to before `last`."""
        begin, end = self.offsets[first], self.offsets[last]
        rows = np.arange(begin, end)
        if flag is not None:
            rows = rows[self.flags[begin:end] == flag]
        numbers: list[int] = rows.tolist()
        return numbers

    def decode(self, row: int, decoder: RowDecoder[Row]) -> Row:
        """Decode a row; `DamagedData` when it does not fit."""
        if self._file is None:
            raise IndexError(row)
        start = int(self.starts[row])
        return decoder.one(self._file, start, start + int(self.lengths[row]), f"byte {start}")


def index_by_owner(
    path: Path,
    sources: Sequence[Path],
    keys: tuple[str, str, str],
    owners: tuple[Sequence[str], Sequence[str]],
    problems: ProblemLog,
    is_given_up: GivenUp,
) -> RowsByOwner:
    """Index a table by owner.

    Parameters
    ----------
    path
        The table.
    sources
        Tables besides it that the index follows from.
    keys
        Names of the owner's token, of a flag, and of a second owner's token; the last two may be
        empty.
    owners
        Tokens of all owners, and of all second owners.
    problems
        Where to note rows of no known owner.
    is_given_up
        Says that nobody waits for the index any more; `Cancelled` follows.
    """
    file = JsonFile(path)
    store = None
    if is_large(size_bytes=len(file.data)):
        store = ArrayFile((path, *sources), f"nuscenes rows by {keys} {VERSION}", _OWNED)
        arrays = store.load()
        if arrays is not None:
            _note_lost(arrays, path, problems)
            return RowsByOwner(file, arrays)
    scan = scan_table(file, keys, is_given_up)
    if scan.damage is not None:
        problems.add_damage(scan.damage)
    arrays = _grouped(scan, file, keys, owners, problems)
    _note_lost(arrays, path, problems)
    if store is not None and scan.damage is None:
        store.save(arrays)
    return RowsByOwner(file, arrays)


def _grouped(
    scan: TableScan,
    file: JsonFile,
    keys: tuple[str, str, str],
    owners: tuple[Sequence[str], Sequence[str]],
    problems: ProblemLog,
) -> Arrays:
    owner = _matched(scan, file, 0, keys[0], owners[0], problems)
    second = np.full(len(scan), _UNKNOWN)
    if keys[2]:
        second = _matched(scan, file, 2, keys[2], owners[1], problems)
        owner[second < 0] = _UNKNOWN
    found = np.flatnonzero(owner >= 0)
    lost = np.flatnonzero(owner < 0)
    order = found[np.argsort(owner[found], kind="stable")]
    offsets = np.searchsorted(owner[order], np.arange(len(owners[0]) + 1))
    return {
        "starts": scan.starts[order],
        "lengths": _lengths(scan, order),
        "offsets": offsets.astype(np.int64),
        "flags": scan.marks[order, 1] == _TRUE,
        "seconds": second[order].astype(np.int32),
        "lost": np.array([len(lost), scan.starts[lost[0]] if len(lost) else 0], dtype=np.int64),
    }


def _lengths(scan: TableScan, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """(rows,) bytes; a row beyond 2 GiB is refused when it is decoded, as any of its size."""
    lengths = np.minimum(scan.ends[rows] - scan.starts[rows], np.iinfo(np.int32).max)
    shortened: npt.NDArray[np.int32] = lengths.astype(np.int32)
    return shortened


def _matched(
    scan: TableScan,
    file: JsonFile,
    column: int,
    key: str,
    tokens: Sequence[str],
    problems: ProblemLog,
) -> npt.NDArray[np.int64]:
    """(rows,) which of the tokens each row holds under a key, -1 for none."""
    if not len(tokens):
        return np.full(len(scan), _UNKNOWN, dtype=np.int64)
    known = hashes_of(tokens)
    order = np.argsort(known, kind="stable")
    wanted = scan.hashes[:, column]
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    matched = np.where(known[order[place]] == wanted, order[place], _UNKNOWN)
    matched[scan.marks[:, column] != _STRING] = _UNKNOWN
    # A string with escapes has no hash; one row of a kind that does not fit is told of.
    position = {token: number for number, token in enumerate(tokens)}
    decoder = RowDecoder(dict[str, object])
    odd = np.flatnonzero(wanted == 0)
    for row in odd[:_MAX_TOLD].tolist():
        start, end = int(scan.starts[row]), int(scan.ends[row])
        try:
            token = decoder.one(file, start, end, f"$[{row}]").get(key)
        except DamagedData as damage:
            problems.add(file.path, damage.place, f"{damage.problem}; it is left out")
            continue
        matched[row] = position.get(token, _UNKNOWN) if isinstance(token, str) else _UNKNOWN
    return matched


def _note_lost(arrays: Arrays, path: Path, problems: ProblemLog) -> None:
    count, first = arrays["lost"].tolist()
    if count:
        what = "belong to nothing in the other tables"
        problems.add(path, f"byte {first}", f"{count} rows {what}; they are left out")


class RowsByToken:
    """Rows of a table by their own token."""

    def __init__(self, file: JsonFile, arrays: Arrays) -> None:
        self._file = file
        self._hashes: npt.NDArray[np.uint64] = arrays["hashes"]
        """Ascending."""
        self._starts: npt.NDArray[np.int64] = arrays["starts"]
        self._lengths: npt.NDArray[np.int32] = arrays["lengths"]

    def decode(
        self, tokens: Sequence[str], decoder: RowDecoder[Row], problems: ProblemLog
    ) -> list[Row | None]:
        """Return the row of each token; None where there is none or it does not fit."""
        if not len(self._hashes):
            return [None] * len(tokens)
        wanted = hashes_of(tokens)
        place = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        rows: list[Row | None] = []
        for at, good in zip(place.tolist(), (self._hashes[place] == wanted).tolist(), strict=True):
            row = None
            if good:
                start = int(self._starts[at])
                end = start + int(self._lengths[at])
                try:
                    row = decoder.one(self._file, start, end, f"byte {start}")
                except DamagedData as damage:
                    problems.add(damage.path, damage.place, f"{damage.problem}; it is left out")
            rows.append(row)
        return rows


def index_by_token(path: Path, problems: ProblemLog, is_given_up: GivenUp) -> RowsByToken:
    """Index a table by its rows' own token."""
    file = JsonFile(path)
    store = None
    if is_large(size_bytes=len(file.data)):
        store = ArrayFile((path,), f"nuscenes rows by token {VERSION}", _NAMED)
        arrays = store.load()
        if arrays is not None:
            return RowsByToken(file, arrays)
    scan = scan_table(file, ("token",), is_given_up)
    if scan.damage is not None:
        problems.add_damage(scan.damage)
    order = np.argsort(scan.hashes[:, 0], kind="stable")
    arrays = {
        "hashes": scan.hashes[order, 0],
        "starts": scan.starts[order],
        "lengths": _lengths(scan, order),
    }
    if store is not None and scan.damage is None:
        store.save(arrays)
    return RowsByToken(file, arrays)
