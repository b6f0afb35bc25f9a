"""Named arrays that took long to derive from files, kept until one of the files changes."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

Arrays = dict[str, npt.NDArray[Any]]
MAX_FOLDER_BYTES = 2 << 30
"""Of the files here the oldest are deleted beyond this."""
SETTLED_NS = 50_000_000
"""How long ago the sources must have changed."""
_FINGERPRINT = "fingerprint"
_SUFFIX = ".index.npz"


def cache_folder() -> Path:
    """Return the user's cache folder; `SIGHTLINE_CACHE` names another."""
    named = os.environ.get("SIGHTLINE_CACHE")
    return Path(named) if named else user_cache_path("sightline", appauthor=False)


class ArrayFile:
    """The arrays derived from some files and folders by one procedure.

    Make it before the sources are read: what changes afterwards makes its arrays count as old.

    Parameters
    ----------
    sources
        Each counts with its resolved path, size and time of change; of a folder this is when an
        entry came, went or was renamed.
    procedure
        What derives the arrays, with a number that grows when it changes.
    expected
        Type of each array; stored ones that differ count as missing. Without it any are taken.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        procedure: str,
        expected: Mapping[str, npt.DTypeLike] | None = None,
    ) -> None:
        facts = [procedure]
        for source in sources:
            facts.append(str(source.resolve()))
        name = hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()
        self.path = cache_folder() / f"{name}{_SUFFIX}"
        self._expected = None if expected is None else {n: np.dtype(t) for n, t in expected.items()}
        self._sources = tuple(sources)
        self._fingerprint, self._is_settled = self._look()

    def load(self) -> Arrays | None:
        """Return the arrays; None when there are none, or none for the files as they are now."""
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if self._fingerprint is None or stored[_FINGERPRINT].tolist() != self._fingerprint:
                    return None
                arrays = {name: stored[name] for name in stored.files if name != _FINGERPRINT}
            if self._expected not in (None, {name: each.dtype for name, each in arrays.items()}):
                return None
            os.utime(self.path)
        except Exception:  # noqa: BLE001 - a damaged archive raises whatever its parts raise
            return None
        return arrays

    def save(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep arrays; a cache that cannot be written is no error.

        Of a source that has only just changed nothing is kept: the clock of a disk is coarse, and
        one more change could go unseen.
        """
        if self._fingerprint is None or not self._is_settled:
            return
        with suppress(OSError):
            fingerprint = np.array(self._fingerprint, dtype=np.int64)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft, name = tempfile.mkstemp(suffix=".draft", dir=self.path.parent)
            try:
                with os.fdopen(draft, "wb") as file:
                    np.savez(file, allow_pickle=False, **{_FINGERPRINT: fingerprint, **arrays})
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _trim(self.path.parent)

    def _look(self) -> tuple[list[int] | None, bool]:
        """Return size and time of change of each source, and whether all changed long ago."""
        numbers: list[int] = []
        newest_ns = 0
        try:
            for source in self._sources:
                status = source.stat()
                numbers += [status.st_size, status.st_mtime_ns]
                newest_ns = max(newest_ns, status.st_mtime_ns)
        except OSError:
            return None, False
        return numbers, time.time_ns() - newest_ns >= SETTLED_NS


def _trim(folder: Path) -> None:
    files = [(path, path.stat()) for path in folder.glob(f"*{_SUFFIX}")]
    total = sum(status.st_size for _, status in files)
    for path, status in sorted(files, key=lambda each: each[1].st_mtime_ns):
        if total <= MAX_FOLDER_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
