"""What a recording's container offers, and chunks that are decompressed within bounds."""

import bz2
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.frame_cache import FrameCache

MAX_CHUNK_BYTES: Final = 1 << 30
"""No chunk is decompressed beyond this."""
CHUNK_CACHE_BYTES: Final = 128 << 20
_USUAL_RATIO: Final = 2
_BZ2_SLOWNESS: Final = 10
PARSE_ERRORS: Final = (
    ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, OSError,
    MemoryError, EOFError, RuntimeError, RecursionError, struct.error,
)  # fmt: skip
"""What parsers of damaged containers and messages are known to raise."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One stream of messages of one type in one container."""

    channel_id: int
    topic: str
    type_name: str
    """``package/Type`` for ROS, ``foxglove.PointCloud`` and the like as they are."""
    encoding: str
    """How messages are encoded: ``cdr``, ``ros1``, ``json``, ``protobuf`` or another word."""
    schema: bytes = b""
    """What the container says of the type."""


class Storage(Protocol):
    """One container file. Messages are known by their place; payloads are read when asked for."""

    path: Path
    channels: tuple[Channel, ...]
    problems: tuple[str, ...]
    """What was found wrong on opening, in words for people."""

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        """(N,) times at which a channel's messages were recorded, ns, in stored order."""
        ...

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        """Return a message, or at least its first `max_bytes`. Raise `DamagedData`."""
        ...

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        """Return how many bytes seeing each message of some channels decompresses.

        Slow compressions weigh more.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a run of messages lies in the file."""

    start: int
    """First byte of what may be compressed."""
    stored_bytes: int
    plain_bytes: int
    """Size when decompressed; 0 where only decompressing tells."""
    compression: str


class ChunkReader:
    """Decompressed chunks of a mapped file; every method may run on any thread."""

    def __init__(self, path: Path, content: npt.NDArray[np.uint8]) -> None:
        self._path = path
        self._content = content.data
        self._kept: FrameCache[int, memoryview] = FrameCache(CHUNK_CACHE_BYTES)
        self._lock = threading.Lock()

    def plain(self, chunk: Chunk) -> memoryview:
        """Return a chunk's records. Raise `DamagedData`."""
        place = f"byte {chunk.start}"
        stored = self._content[chunk.start : chunk.start + chunk.stored_bytes]
        if len(stored) != chunk.stored_bytes:
            raise DamagedData(self._path, place, "the file ends within this chunk")
        if chunk.compression in ("", "none"):
            return stored
        with self._lock:
            # One thread decompresses; the others that want the same chunk find it done.
            plain = self._kept.get(chunk.start)
            if plain is None:
                try:
                    data = decompress(stored, chunk.compression, chunk.plain_bytes)
                except PARSE_ERRORS as error:
                    raise DamagedData(self._path, place, _reason(error)) from None
                plain = memoryview(data)
                self._kept.put(chunk.start, plain, len(plain))
        return plain

    def clear(self) -> None:
        """Forget the chunks."""
        self._kept.clear()


def decompress(stored: memoryview | bytes, compression: str, plain_bytes: int = 0) -> bytes:
    """Return what was compressed; ValueError when it is damaged or larger than announced.

    `plain_bytes` is the announced size, 0 when there is none.
    """
    limit = plain_bytes or MAX_CHUNK_BYTES
    if limit > MAX_CHUNK_BYTES:
        raise ValueError(f"announces {plain_bytes} bytes in one piece, too many to be read")
    if compression == "bz2":
        data = bz2.BZ2Decompressor().decompress(stored, limit + 1)
    elif compression == "lz4":
        import lz4.frame

        data = lz4.frame.LZ4FrameDecompressor().decompress(bytes(stored), limit + 1)
    elif compression == "zstd":
        data = _unpack_zstd(stored, limit)
    else:
        raise ValueError(f"is compressed by {compression[:40]!r}, which is not known")
    if len(data) > limit or (plain_bytes and len(data) != plain_bytes):
        raise ValueError(f"holds other than the {limit} bytes that are announced")
    return bytes(data)


def _unpack_zstd(stored: memoryview | bytes, limit: int) -> bytes:
    """Decompress step by step: a frame's own announcement would be believed at once."""
    import zstandard

    pieces = []
    total = 0
    try:
        with zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True) as reader:
            while total <= limit and (piece := reader.read(1 << 22)):
                pieces.append(piece)
                total += len(piece)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    return b"".join(pieces)


class ZstdMessages:
    """A container whose messages are each compressed by themselves."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.path = storage.path
        self.channels = storage.channels
        self.problems = storage.problems

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        return self._storage.log_times(channel_id)

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        stored = self._storage.read(channel_id, row)
        try:
            return memoryview(decompress(stored, "zstd"))
        except PARSE_ERRORS as error:
            place = f"channel {channel_id}, message {row + 1}"
            raise DamagedData(self.path, place, _reason(error)) from None

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        # The whole file is an upper bound, and telling it costs nothing.
        return self.path.stat().st_size if channel_ids else 0

    def close(self) -> None:
        self._storage.close()


def ros_type_name(name: str) -> str:
    """Return a type's name without the folder that ROS 2 puts into it.

    Examples
    --------
    >>> ros_type_name("sensor_msgs/msg/Image"), ros_type_name("foxglove.PointCloud")
    ('sensor_msgs/Image', 'foxglove.PointCloud')
    """
    return name.replace("/msg/", "/", 1)


@dataclass(frozen=True, eq=False, slots=True)
class ChunkRows:
    """Where each message of a channel lies: columns of equal length."""

    log_ns: npt.NDArray[np.int64]
    chunk: npt.NDArray[np.int64]
    """Row of the chunk in the container's list; -1 for a message outside chunks."""
    offset: npt.NDArray[np.int64]
    """First byte of the message's record in the decompressed chunk."""


def unpacking_bytes(
    rows: Mapping[int, ChunkRows], chunks: list[Chunk], channel_ids: frozenset[int]
) -> int:
    """Return what unpacking the compressed chunks that hold messages of the channels costs."""
    wanted: set[int] = set()
    for channel_id in channel_ids:
        if channel_id in rows:
            wanted.update(np.unique(rows[channel_id].chunk).tolist())
    return sum(_unpacking_cost(chunks[index]) for index in wanted if index >= 0)


def _unpacking_cost(chunk: Chunk) -> int:
    """Bytes when unpacked, guessed where only unpacking tells; of bz2 more, as it is slow."""
    if chunk.compression in ("", "none"):
        return 0
    plain_bytes = chunk.plain_bytes or _USUAL_RATIO * chunk.stored_bytes
    return plain_bytes * (_BZ2_SLOWNESS if chunk.compression == "bz2" else 1)


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())[:160]
    return f"cannot be unpacked: {text or type(error).__name__}"


def cut(data: memoryview, start: int, size: int) -> memoryview:
    """Return `size` bytes from `start` on; ValueError when they are not all there."""
    if start < 0 or size < 0 or start + size > len(data):
        raise ValueError(f"announces {size} bytes where {max(0, len(data) - start)} are left")
    return data[start : start + size]


def words_of(error: BaseException) -> str:
    """Return an error of a library as a few words on one line."""
    text: Any = error.args[0] if error.args else ""
    return " ".join(str(text).split())[:160] or type(error).__name__
