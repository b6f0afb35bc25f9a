"""Named arrays that took long to derive from files, kept until one of the files changes."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

Arrays = dict[str, npt.NDArray[Any]]
MAX_FOLDER_BYTES = 2 << 30
"""Of the files here the oldest are deleted beyond this."""
_FINGERPRINT = "fingerprint"
_SUFFIX = ".index.npz"


def cache_folder() -> Path:
    """Return the user's cache folder; `SIGHTLINE_CACHE` names another."""
    named = os.environ.get("SIGHTLINE_CACHE")
    return Path(named) if named else user_cache_path("sightline", appauthor=False)


class ArrayFile:
    """The arrays derived from some files by one procedure.

    Parameters
    ----------
    sources
        The files; each counts with its resolved path, size and time of change.
    procedure
        What derives the arrays, with a number that grows when it changes.
    """

    def __init__(self, sources: Sequence[Path], procedure: str) -> None:
        facts = [procedure]
        for source in sources:
            facts.append(str(source.resolve()))
        name = hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()
        self.path = cache_folder() / f"{name}{_SUFFIX}"
        self._sources = tuple(sources)

    def load(self) -> Arrays | None:
        """Return the arrays; None when there are none, or none for the files as they are now."""
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if stored[_FINGERPRINT].tolist() != self._fingerprint():
                    return None
                arrays = {name: stored[name] for name in stored.files if name != _FINGERPRINT}
            os.utime(self.path)
        except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, MemoryError):
            return None
        return arrays

    def save(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep arrays; a cache that cannot be written is no error."""
        with suppress(OSError):
            fingerprint = np.array(self._fingerprint(), dtype=np.int64)
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

    def _fingerprint(self) -> list[int]:
        numbers: list[int] = []
        for source in self._sources:
            status = source.stat()
            numbers += [status.st_size, status.st_mtime_ns]
        return numbers


def _trim(folder: Path) -> None:
    files = [(path, path.stat()) for path in folder.glob(f"*{_SUFFIX}")]
    total = sum(status.st_size for _, status in files)
    for path, status in sorted(files, key=lambda each: each[1].st_mtime_ns):
        if total <= MAX_FOLDER_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
