"""ROS 1 bags, format 2.0: the index is read by `rosbags`, messages by their place in the file."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.mapped_file import map_file
from viewer.formats.rosbag.messages import Raw
from viewer.formats.rosbag.storage import (
    PARSE_ERRORS,
    Channel,
    Chunk,
    ChunkReader,
    ChunkRows,
    cut,
    ros_type_name,
    unpacking_bytes,
    words_of,
)

_OP_MESSAGE, _OP_CONNECTION = b"\x02", b"\x07"


class Rosbag1File:
    """Implements `Storage`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: tuple[str, ...] = ()
        self._chunk_reader = ChunkReader(path, map_file(path))
        self._chunks: list[Chunk] = []
        self._chunk_rows: dict[int, int] = {}
        self._entries: dict[int, Sequence[tuple[Any, ...]]] = {}
        self._rows: dict[int, ChunkRows] = {}
        from rosbags.rosbag1 import Reader, ReaderError

        try:
            self.channels = self._read_index(Reader(path))
        except (*PARSE_ERRORS, ReaderError) as error:
            raise DamagedData(path, "index", words_of(error)) from None

    def _read_index(self, reader: Raw) -> tuple[Channel, ...]:
        from rosbags.rosbag1.reader import decompressors

        names = {unpack: name for name, unpack in decompressors.items()}
        with reader:
            for position, chunk in reader.chunks.items():
                self._chunk_rows[position] = len(self._chunks)
                name = names[chunk.decompressor]
                self._chunks.append(Chunk(chunk.datapos, chunk.datasize, 0, name))
            # Closing empties the reader's own table.
            self._entries = dict(reader.indexes)
            return tuple(
                Channel(
                    connection.id,
                    connection.topic,
                    ros_type_name(connection.msgtype),
                    "ros1",
                    str(connection.msgdef.data).encode(),
                )
                for connection in reader.connections
            )

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        return self._rows_of(channel_id).log_ns

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        rows = self._rows_of(channel_id)
        chunk = self._chunks[int(rows.chunk[row])]
        plain = self._chunk_reader.plain(chunk)
        offset = int(rows.offset[row])
        try:
            return _message_at(plain, offset)
        except (ValueError, struct.error) as error:
            place = f"byte {offset} of the chunk at byte {chunk.start}"
            raise DamagedData(self.path, place, words_of(error)) from None

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        rows = {each: self._rows_of(each) for each in channel_ids}
        return unpacking_bytes(rows, self._chunks, channel_ids)

    def close(self) -> None:
        self._chunk_reader.clear()

    def _rows_of(self, channel_id: int) -> ChunkRows:
        rows = self._rows.get(channel_id)
        if rows is None:
            number = self._chunk_rows
            entries = [(each[0], number[each[1]], each[2]) for each in self._entries[channel_id]]
            table = np.array(entries, dtype=np.int64).reshape(-1, 3)
            columns = np.ascontiguousarray(table.T)
            rows = ChunkRows(columns[0], columns[1], columns[2])
            self._rows[channel_id] = rows
        return rows


def _message_at(plain: memoryview, offset: int) -> memoryview:
    """Return the payload of the record at an offset; a connection may be told again before it."""
    while True:
        header, offset = _sized(plain, offset)
        data, offset = _sized(plain, offset)
        kind = _operation(header)
        if kind == _OP_MESSAGE:
            return data
        if kind != _OP_CONNECTION:
            raise ValueError("holds no message where the index says so")


def _sized(plain: memoryview, offset: int) -> tuple[memoryview, int]:
    (size,) = struct.unpack_from("<I", plain, offset)
    return cut(plain, offset + 4, size), offset + 4 + size


def _operation(header: memoryview) -> bytes:
    offset = 0
    while offset < len(header):
        field, offset = _sized(header, offset)
        if bytes(field[:3]) == b"op=":
            return bytes(field[3:])
    return b""
