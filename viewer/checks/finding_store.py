"""Findings of many scenes in a file of their own: what a run remembers does not grow with them."""

import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import overload

from viewer.checks.finding import Finding
from viewer.checks.kept import pack_findings, unpack_findings


class FindingStore:
    """A nameless file that is gone with the last that reads of it."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as anybody reads
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._end = 0

    def put(self, findings: Sequence[Finding]) -> "StoredFindings":
        """Write findings down; they are read again whenever they are asked for."""
        packed = pack_findings(findings)
        with self._lock:
            start = self._end
            self._file.seek(start)
            self._file.write(packed)
            self._end += len(packed)
        return StoredFindings(self, start, len(packed), len(findings))

    def read(self, start: int, size: int) -> tuple[Finding, ...]:
        """Return what was put at a place."""
        with self._lock:
            self._file.seek(start)
            packed = self._file.read(size)
        return unpack_findings(packed)


class StoredFindings(Sequence[Finding]):
    """The findings of one scene; each walk over them reads them once."""

    def __init__(self, store: FindingStore, start: int, size: int, count: int) -> None:
        self._store, self._start, self._size, self._count = store, start, size, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._read())

    @overload
    def __getitem__(self, place: int) -> Finding: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...

    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        return self._read()[place]

    def _read(self) -> tuple[Finding, ...]:
        return self._store.read(self._start, self._size) if self._count else ()
