"""An index of files, kept in the user's cache until one of the files changes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.cache.array_file import ArrayFile, Arrays

Record = TypeVar("Record")
_RECORD = "record"


class KeptIndex(Generic[Record]):
    """A record, and large arrays beside it, derived from files and folders by one procedure.

    Make it before the sources are read. Whatever else stands in the cache counts as missing.

    Parameters
    ----------
    sources, procedure
        As of `ArrayFile`.
    record
        Type of the record; what can be stored of it is what msgspec can.
    arrays
        Type of each array.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        procedure: str,
        record: type[Record],
        arrays: Mapping[str, npt.DTypeLike] | None = None,
    ) -> None:
        self._file = ArrayFile(sources, procedure, {**(arrays or {}), _RECORD: np.uint8})
        self._decoder = msgspec.msgpack.Decoder(record)

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self._file.path

    def load(self) -> tuple[Record, Arrays] | None:
        """Return what is kept; None when there is nothing, or nothing for the files as they are."""
        arrays = self._file.load()
        if arrays is None:
            return None
        try:
            record = self._decoder.decode(arrays.pop(_RECORD).tobytes())
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        return record, arrays

    def save(self, record: Record, arrays: Mapping[str, npt.NDArray[np.generic]] = {}) -> None:
        """Keep it; a cache that cannot be written is no error."""
        packed = np.frombuffer(msgspec.msgpack.encode(record), dtype=np.uint8)
        self._file.save({**arrays, _RECORD: packed})
