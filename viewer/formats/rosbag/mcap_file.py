"""MCAP: the summary's index, or where a file has none a walk over its records.

Records are told apart and parsed by the `mcap` library; messages are read by their place.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.mapped_file import map_file
from viewer.formats.rosbag.containers import MCAP_MAGIC
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

_FOOTER_BYTES = 9 + 20 + len(MCAP_MAGIC)
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _MESSAGE_INDEX, _CHUNK_INDEX, _DATA_END, _FOOTER = (
    0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0F, 0x02,
)  # fmt: skip
_INDEX_ENTRY = np.dtype([("log_ns", "<u8"), ("offset", "<u8")])
_MESSAGE_HEAD = struct.Struct("<HIQQ")
_RECORD_HEAD = struct.Struct("<BQ")


class McapFile:
    """Implements `Storage`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = map_file(path)
        self._content = content.data
        self._chunk_reader = ChunkReader(path, content)
        self._chunks: list[Chunk] = []
        self._found: dict[int, list[npt.NDArray[np.int64]]] = {}
        self._schemas: dict[int, Any] = {}
        self._listed: dict[int, Any] = {}
        self._rows: dict[int, ChunkRows] = {}
        problems = []
        if bytes(self._content[: len(MCAP_MAGIC)]) != MCAP_MAGIC:
            raise DamagedData(path, "byte 0", "is no MCAP file")
        try:
            if not self._read_summary():
                problems.append("has no index; all of it was looked through")
                problems += self._walk()
        except PARSE_ERRORS as error:
            raise DamagedData(path, "index", words_of(error)) from None
        self.problems = tuple(problems)
        self.channels = tuple(self._channel(each) for each in self._listed.values())

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        return self._rows_of(channel_id).log_ns

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        rows = self._rows_of(channel_id)
        index, offset = int(rows.chunk[row]), int(rows.offset[row])
        place = f"byte {offset}"
        plain = self._content
        if index >= 0:
            chunk = self._chunks[index]
            plain = self._chunk_reader.plain(chunk)
            place += f" of the chunk at byte {chunk.start}"
        try:
            operation, size = _RECORD_HEAD.unpack_from(plain, offset)
            record = cut(plain, offset + _RECORD_HEAD.size, size)
            if operation != _MESSAGE or _MESSAGE_HEAD.unpack_from(record)[0] != channel_id:
                raise ValueError("holds no message of the channel where the index says so")
        except (ValueError, struct.error) as error:
            raise DamagedData(self.path, place, words_of(error)) from None
        return record[_MESSAGE_HEAD.size :]

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        rows = {each: self._rows_of(each) for each in channel_ids}
        return unpacking_bytes(rows, self._chunks, channel_ids)

    def close(self) -> None:
        self._chunk_reader.clear()

    def _channel(self, listed: Raw) -> Channel:
        schema = self._schemas.get(listed.schema_id)
        return Channel(
            listed.id,
            listed.topic,
            ros_type_name(schema.name) if schema else "",
            listed.message_encoding,
            schema.data if schema else b"",
        )

    def _rows_of(self, channel_id: int) -> ChunkRows:
        rows = self._rows.get(channel_id)
        if rows is None:
            pieces = self._found.get(channel_id, [])
            table = np.concatenate(pieces, axis=1) if pieces else np.empty((3, 0), np.int64)
            table = table[:, np.argsort(table[0], kind="stable")]
            rows = self._rows[channel_id] = ChunkRows(table[0], table[1], table[2])
        return rows

    def _read_summary(self) -> bool:
        """Read the index at the end; False when there is none, or one that lacks messages."""
        end = len(self._content) - _FOOTER_BYTES
        if end < len(MCAP_MAGIC) or bytes(self._content[-len(MCAP_MAGIC) :]) != MCAP_MAGIC:
            return False
        operation, _ = _RECORD_HEAD.unpack_from(self._content, end)
        (start,) = struct.unpack_from("<Q", self._content, end + _RECORD_HEAD.size)
        if operation != _FOOTER or not len(MCAP_MAGIC) <= start <= end:
            return False
        indexes = []
        for operation, record, _ in _records(self._content[start:end]):
            self._note_definition(operation, record)
            if operation == _CHUNK_INDEX:
                indexes.append(_parsed("ChunkIndex", record))
        complete = bool(indexes) and bool(self._listed) and all(map(self._note_chunk, indexes))
        if not complete:
            self._forget()
        return complete

    def _note_chunk(self, index: Raw) -> bool:
        """Keep a chunk and its message indexes; False when messages are there without an index."""
        if not index.message_index_offsets:
            return bool(index.message_end_time == 0 or index.uncompressed_size == 0)
        start = index.chunk_start_offset + _RECORD_HEAD.size + 32 + 8 + len(index.compression)
        chunk = Chunk(start, index.compressed_size, index.uncompressed_size, index.compression)
        for channel_id, offset in index.message_index_offsets.items():
            operation, size = _RECORD_HEAD.unpack_from(self._content, offset)
            record = cut(self._content, offset + _RECORD_HEAD.size, size)
            if operation != _MESSAGE_INDEX:
                raise ValueError(f"has no message index at byte {offset}")
            self._note_index(channel_id, record)
        self._chunks.append(chunk)
        return True

    def _note_index(self, channel_id: int, record: memoryview) -> None:
        stated, size = struct.unpack_from("<HI", record)
        if stated != channel_id:
            raise ValueError(f"has the index of channel {stated} where {channel_id} belongs")
        entries = np.frombuffer(cut(record, 6, size - size % _INDEX_ENTRY.itemsize), _INDEX_ENTRY)
        self._note_rows(channel_id, entries["log_ns"], len(self._chunks), entries["offset"])

    def _note_rows(
        self, channel_id: int, log_ns: npt.ArrayLike, chunk: int, offset: npt.ArrayLike
    ) -> None:
        times = np.asarray(log_ns, dtype=np.uint64).astype(np.int64)
        places = np.asarray(offset, dtype=np.uint64).astype(np.int64)
        table = np.stack([times, np.full(len(times), chunk, dtype=np.int64), places])
        self._found.setdefault(channel_id, []).append(table)

    def _note_definition(self, operation: int, record: memoryview) -> None:
        if operation == _SCHEMA:
            schema = _parsed("Schema", record)
            self._schemas[schema.id] = schema
        elif operation == _CHANNEL:
            channel = _parsed("Channel", record)
            self._listed[channel.id] = channel

    def _forget(self) -> None:
        self._chunks.clear()
        self._found.clear()
        self._schemas.clear()
        self._listed.clear()

    def _walk(self) -> list[str]:
        """Look through the whole file, up to where it was cut off."""
        start = len(MCAP_MAGIC)
        loose: dict[int, list[tuple[int, int]]] = {}
        problems = []
        try:
            for operation, record, offset in _records(self._content[start:]):
                if operation == _CHUNK:
                    self._walk_chunk(record, start + offset + _RECORD_HEAD.size)
                elif operation == _MESSAGE:
                    channel_id, _, log_ns, _ = _MESSAGE_HEAD.unpack_from(record)
                    loose.setdefault(channel_id, []).append((log_ns, start + offset))
                elif operation == _DATA_END:
                    break
                else:
                    self._note_definition(operation, record)
        except (*PARSE_ERRORS, DamagedData) as error:
            problems.append(f"is damaged, only what lies before is shown: {words_of(error)}")
        for channel_id, found in loose.items():
            times, offsets = zip(*found, strict=True)
            self._note_rows(channel_id, times, -1, offsets)
        return problems

    def _walk_chunk(self, record: memoryview, start: int) -> None:
        _, _, plain_bytes, _, name_bytes = struct.unpack_from("<QQQII", record)
        compression = str(cut(record, 32, name_bytes), "utf-8")
        (stored_bytes,) = struct.unpack_from("<Q", record, 32 + name_bytes)
        cut(record, 40 + name_bytes, stored_bytes)
        chunk = Chunk(start + 40 + name_bytes, stored_bytes, plain_bytes, compression)
        found: dict[int, list[tuple[int, int]]] = {}
        for operation, inner, offset in _records(self._chunk_reader.plain(chunk)):
            if operation == _MESSAGE:
                channel_id, _, log_ns, _ = _MESSAGE_HEAD.unpack_from(inner)
                found.setdefault(channel_id, []).append((log_ns, offset))
            else:
                self._note_definition(operation, inner)
        for channel_id, rows in found.items():
            times, offsets = zip(*rows, strict=True)
            self._note_rows(channel_id, times, len(self._chunks), offsets)
        self._chunks.append(chunk)


def _records(content: memoryview) -> Iterator[tuple[int, memoryview, int]]:
    """Yield the kind, body and place of each record; ValueError where one is cut off."""
    offset = 0
    while offset + _RECORD_HEAD.size <= len(content):
        operation, size = _RECORD_HEAD.unpack_from(content, offset)
        yield operation, cut(content, offset + _RECORD_HEAD.size, size), offset
        offset += _RECORD_HEAD.size + size


def _parsed(kind: str, record: memoryview) -> Raw:
    from mcap import records
    from mcap.data_stream import ReadDataStream
    from mcap.exceptions import McapError

    try:
        return getattr(records, kind).read(ReadDataStream(io.BytesIO(record)))
    except (McapError, struct.error) as error:
        raise ValueError(f"has a damaged record {kind}: {words_of(error)}") from None
