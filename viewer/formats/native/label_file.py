"""One label file: a line of JSON a frame, found again by frame key."""

import threading
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.native.json_file import decode
from viewer.formats.native.labels import labels_from_line
from viewer.formats.native.schema import LabelLine, LabelLineKey
from viewer.scene.labels import CuboidLabels, FrameLabels

MAX_LINE_BYTES = 64 * 1024 * 1024


class LabelFile:
    """Reads frames from a label file; where its lines start is found on first use.

    Every method may run on any thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int]] | None = None

    def read(self, frame_key: str) -> FrameLabels:
        """Return the labels of a frame, none when the file has no line for it."""
        place = self._index().get(frame_key)
        if place is None:
            return FrameLabels(CuboidLabels.empty("world"))
        line_number, start = place
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                data = file.readline(MAX_LINE_BYTES)
        except OSError as error:
            raise self._unreadable(error) from None
        where = f"line {line_number}"
        return labels_from_line(decode(data, LabelLine, self.path, where), self.path, where)

    def frame_keys(self) -> tuple[str, ...]:
        """Keys of the frames that have a line."""
        return tuple(self._index())

    def _index(self) -> dict[str, tuple[int, int]]:
        with self._lock:
            if self._places is None:
                self._places = self._find_lines()
            return self._places

    def _find_lines(self) -> dict[str, tuple[int, int]]:
        places: dict[str, tuple[int, int]] = {}
        start = 0
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), 1):
                    if line.strip():
                        self._note_line(places, line, number, start)
                    start += len(line)
        except OSError as error:
            raise self._unreadable(error) from None
        return places

    def _note_line(
        self, places: dict[str, tuple[int, int]], line: bytes, number: int, start: int
    ) -> None:
        where = f"line {number}"
        if len(line) >= MAX_LINE_BYTES:
            raise DamagedData(self.path, where, f"is longer than {MAX_LINE_BYTES} bytes")
        key = decode(line, LabelLineKey, self.path, where).frame
        if key in places:
            raise DamagedData(self.path, where, f"frame {key!r} stood in line {places[key][0]}")
        places[key] = (number, start)

    def _unreadable(self, error: OSError) -> DamagedData:
        if isinstance(error, FileNotFoundError):
            return DamagedData(self.path, "", "the file is missing")
        return DamagedData(self.path, "", f"cannot be read: {error.strerror or error}")
