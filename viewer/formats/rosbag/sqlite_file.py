"""The SQLite files of ROS 2 bags: times come from the table, payloads when asked for."""

import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.rosbag.storage import Channel, ros_type_name, words_of

MAX_CHANNELS = 65_536


class SqliteFile:
    """Implements `Storage`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._rows: dict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}
        # Immutable: nothing is locked, and no side files are made beside the data.
        place = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(place, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise DamagedData(path, "", f"cannot be opened: {words_of(error)}") from None
        try:
            self.channels = self._read_channels()
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            self._connection.close()
            raise DamagedData(path, "table topics", words_of(error)) from None

    def _read_channels(self) -> tuple[Channel, ...]:
        rows = self._connection.execute(
            "SELECT id, name, type, serialization_format FROM topics ORDER BY id LIMIT ?",
            (MAX_CHANNELS,),
        ).fetchall()
        schemas = self._schemas()
        return tuple(
            Channel(
                int(number),
                str(topic),
                ros_type_name(str(kind)),
                str(encoding),
                schemas.get(str(kind), b""),
            )
            for number, topic, kind, encoding in rows
        )

    def _schemas(self) -> dict[str, bytes]:
        """Return the definitions of types by name; older files have none."""
        try:
            rows = self._connection.execute(
                "SELECT topic_type, encoded_message_definition FROM message_definitions LIMIT ?",
                (MAX_CHANNELS,),
            ).fetchall()
        except sqlite3.OperationalError:
            return {}
        return {str(name): str(text).encode("utf-8", "replace") for name, text in rows}

    def log_times(self, channel_id: int) -> npt.NDArray[np.int64]:
        return self._rows_of(channel_id)[0]

    def read(self, channel_id: int, row: int, max_bytes: int | None = None) -> memoryview:
        message_id = int(self._rows_of(channel_id)[1][row])
        place = f"message {message_id}"
        try:
            with (
                self._lock,
                self._connection.blobopen("messages", "data", message_id, readonly=True) as blob,
            ):
                return memoryview(blob.read(-1 if max_bytes is None else max_bytes))
        except (sqlite3.Error, ValueError, TypeError, MemoryError, OverflowError) as error:
            raise DamagedData(self.path, place, f"cannot be read: {words_of(error)}") from None

    def unpacking_bytes(self, channel_ids: frozenset[int]) -> int:
        return 0

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _rows_of(self, channel_id: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        with self._lock:
            if not self._rows:
                self._rows = self._read_rows()
        empty = np.empty(0, dtype=np.int64)
        return self._rows.get(channel_id, (empty, empty))

    def _read_rows(self) -> dict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Read times and ids of all messages in one pass; payloads are stepped over."""
        query = "SELECT topic_id, timestamp, id FROM messages"
        try:
            rows = self._connection.execute(query).fetchall()
            table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            raise DamagedData(self.path, "table messages", words_of(error)) from None
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        numbers, starts = np.unique(table[:, 0], return_index=True)
        pieces = np.split(table, starts[1:])
        return {
            int(number): (piece[:, 1].copy(), piece[:, 2].copy())
            for number, piece in zip(numbers, pieces, strict=True)
            if len(piece)
        }
