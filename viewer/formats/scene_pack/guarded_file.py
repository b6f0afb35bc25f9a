"""HDF5 files of unknown origin: read-only, nothing that leaves the file, sizes checked first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_DEFLATE_RATIO = 1100
"""Deflate never shrinks by more than 1032 to 1."""
MAX_OPEN_ARRAYS = 512
MAX_CHUNK_BYTES = 256 * 1024 * 1024

hdf5_lock = threading.RLock()
"""The library is not made for several threads; every call in this package holds this."""


@contextmanager
def _as_damage(path: Path, place: str) -> Iterator[None]:
    """Turn what h5py raises on a bad file into `DamagedData`."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        first_line = str(error).split("\n", 1)[0].strip("'\"")
        raise DamagedData(path, place, f"cannot be read: {first_line}") from None


class GuardedFile:
    """Arrays of an HDF5 file by path."""

    def __init__(self, path: Path) -> None:
        import h5py

        self.path = path
        with hdf5_lock, _as_damage(path, ""):
            self._size_bytes = path.stat().st_size
            self._checked: dict[str, Any] = {}
            self._file: Any = h5py.File(path, "r", locking=False)

    def close(self) -> None:
        """Let go of the file; reading afterwards raises `DamagedData`."""
        with hdf5_lock:
            self._checked.clear()
            self._file.close()

    def text_attribute(self, name: str) -> str | None:
        """Return a short text attribute of the root; None when there is none."""
        import h5py

        with hdf5_lock, _as_damage(self.path, f"attribute {name}"):
            if not h5py.h5a.exists(self._file.id, name.encode()):
                return None
            attribute = h5py.h5a.open(self._file.id, name.encode())
            dtype = attribute.dtype
            if dtype.kind != "S" or attribute.shape != () or dtype.itemsize > 256:
                return None
            value = np.zeros((), dtype=dtype)
            attribute.read(value)
            return bytes(value).rstrip(b"\0").decode("ascii", "replace")

    def size_bytes(self, place: str) -> int:
        """Return how large an array is once read."""
        with hdf5_lock, _as_damage(self.path, place):
            dataset = self._dataset(place)
            return int(prod(dataset.shape) * dataset.dtype.itemsize)

    def read(
        self, place: str, start: int = 0, stop: int | None = None, *, max_bytes: int | None = None
    ) -> npt.NDArray[Any]:
        """Return the rows of an array."""
        with hdf5_lock, _as_damage(self.path, place):
            dataset = self._dataset(place)
            if max_bytes is not None and prod(dataset.shape) * dataset.dtype.itemsize > max_bytes:
                raise ValueError(f"is larger than {max_bytes} bytes")
            rows: npt.NDArray[Any] = dataset[start:stop]
            return rows

    def _dataset(self, place: str) -> Any:  # noqa: ANN401
        """Walk hard links only, and check the storage before anything is allocated."""
        import h5py

        if place in self._checked:
            return self._checked[place]
        node = self._file
        if not node:
            raise ValueError("the file is closed")
        for name in place.split("/"):
            if not isinstance(node, h5py.Group):
                raise ValueError("has an array where a group belongs")
            link = node.get(name, getlink=True)
            if link is None:
                raise ValueError("is missing")
            if not isinstance(link, h5py.HardLink):
                raise ValueError("is a link; links are not followed")
            node = node[name]
        if not isinstance(node, h5py.Dataset):
            raise ValueError("is not an array")
        self._check_storage(node)
        if len(self._checked) >= MAX_OPEN_ARRAYS:
            self._checked.clear()
        self._checked[place] = node
        return node

    def _check_storage(self, dataset: Any) -> None:  # noqa: ANN401
        import h5py

        if dataset.dtype.kind not in "biuf" or dataset.dtype.subdtype is not None:
            raise ValueError("is not an array of plain numbers")
        plist = dataset.id.get_create_plist()
        if plist.get_external_count() or plist.get_layout() == h5py.h5d.VIRTUAL:
            raise ValueError("keeps its values in another file")
        allowed = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
        filters = {plist.get_filter(index)[0] for index in range(plist.get_nfilters())}
        if filters - allowed:
            raise ValueError("is compressed by a plug-in")
        claimed = prod(dataset.shape) * dataset.dtype.itemsize
        stored = dataset.id.get_storage_size()
        ratio = MAX_DEFLATE_RATIO if h5py.h5z.FILTER_DEFLATE in filters else 1
        if stored > self._size_bytes or claimed > stored * ratio:
            raise ValueError(f"claims {claimed} bytes, the file holds {stored} for it")
        if plist.get_layout() == h5py.h5d.CHUNKED:
            chunk_bytes = prod(dataset.chunks) * dataset.dtype.itemsize
            if chunk_bytes > MAX_CHUNK_BYTES:
                raise ValueError(f"has chunks of {chunk_bytes} bytes")
