"""Where the parts of a large OpenLABEL file lie, kept in the cache until the file changes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.cache.kept_index import KeptIndex

VERSION = 1
_NO_TIME = np.iinfo(np.int64).min
_ARRAYS = {"starts": np.int64, "ends": np.int64, "times": np.int64}
Span = tuple[int, int]
"""First byte, and the byte after the last."""


class _Kept(msgspec.Struct, array_like=True):
    keys: list[str]
    static: dict[str, Span]
    counts: dict[str, int]
    size: int


class Parts(NamedTuple):
    """What is found in one pass over a file."""

    keys: list[str]
    """Of the frames, in their order."""
    spans: Sequence[Span]
    """Of each frame."""
    times_ns: Sequence[int | None]
    """Of each frame, as it tells it."""
    static: Mapping[str, Span]
    """Of what is the same in all frames, by key."""
    counts: Mapping[str, int]
    """Entries of what is counted and not shown, by key."""


class KeptParts:
    """The parts of one file; make it before the file is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._store: KeptIndex[_Kept] = KeptIndex(
            (path,), f"openlabel parts {VERSION}", _Kept, _ARRAYS
        )

    def load(self) -> Parts | None:
        """Return what is kept; None when there is nothing that fits."""
        found = self._store.load()
        if found is None:
            return None
        record, arrays = found
        starts, ends, times = (arrays[name] for name in _ARRAYS)
        spans: npt.NDArray[np.int64] = np.array([*record.static.values()]).reshape(-1, 2)
        count = (len(record.keys),)
        bounds = np.concatenate([starts, ends, spans.ravel()])
        if not starts.shape == ends.shape == times.shape == count or not _lie_within(
            bounds, record.size
        ):
            return None
        return Parts(
            record.keys,
            list(zip(starts.tolist(), ends.tolist(), strict=True)),
            [None if each == _NO_TIME else each for each in times.tolist()],
            record.static,
            record.counts,
        )

    def save(self, parts: Parts, size: int) -> None:
        """Keep the parts of a file of so many bytes."""
        times = [_NO_TIME if each is None else each for each in parts.times_ns]
        spans = np.array(parts.spans, dtype=np.int64).reshape(-1, 2)
        record = _Kept(parts.keys, dict(parts.static), dict(parts.counts), size)
        self._store.save(
            record,
            {
                "starts": spans[:, 0].copy(), "ends": spans[:, 1].copy(),
                "times": np.array(times, dtype=np.int64),
            },
        )  # fmt: skip


def span_of(part: msgspec.Raw, data: npt.NDArray[np.uint8]) -> Span:
    """Return where a part lies in the bytes that it was decoded from."""
    own = np.frombuffer(part, dtype=np.uint8)
    start = int(own.__array_interface__["data"][0] - data.__array_interface__["data"][0])
    return start, start + len(own)


def _lie_within(bounds: npt.NDArray[np.int64], size: int) -> bool:
    return not len(bounds) or (int(bounds.min()) >= 0 and int(bounds.max()) <= size)
