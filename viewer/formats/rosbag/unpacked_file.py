"""Recordings that were compressed as whole files: unpacked into a temporary folder."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.rosbag.storage import Storage, words_of

SUFFIX: Final = ".zstd"
KEPT_FREE_BYTES: Final = 1 << 30
"""So much of the disk stays free."""
_STEP_BYTES: Final = 1 << 24


class Temporary:
    """A storage whose file goes with it."""

    def __init__(self, storage: Storage, folder: tempfile.TemporaryDirectory[str]) -> None:
        self._storage = storage
        self._folder = folder
        self.path = storage.path
        self.channels = storage.channels
        self.problems = storage.problems

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        return self._storage.log_times(channel_id)

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        return self._storage.read(channel_id, row, max_bytes)

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        return self._storage.unpacking_bytes(channel_ids)

    def close(self) -> None:
        self._storage.close()
        self._folder.cleanup()


def unpack(path: Path) -> tuple[Path, tempfile.TemporaryDirectory[str]]:
    """Return the unpacked file and the folder that holds it until it is cleaned up.

    Raises
    ------
    DamagedData
        When the file is damaged or the disk too small.
    """
    import zstandard

    folder = tempfile.TemporaryDirectory(prefix="sightline-", ignore_cleanup_errors=True)
    target = Path(folder.name) / path.name.removesuffix(SUFFIX)
    try:
        with (
            path.open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as reader,
            target.open("wb") as plain,
        ):
            while piece := reader.read(_STEP_BYTES):
                if shutil.disk_usage(folder.name).free < KEPT_FREE_BYTES + len(piece):
                    told = "is compressed as a whole file, and the disk has no room to unpack it"
                    raise DamagedData(path, "", told)
                plain.write(piece)
    except (zstandard.ZstdError, OSError) as error:
        folder.cleanup()
        raise DamagedData(path, "", f"cannot be unpacked: {words_of(error)}") from None
    except DamagedData:
        folder.cleanup()
        raise
    return target, folder
