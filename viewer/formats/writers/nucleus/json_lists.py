"""JSON objects with long lists, written row by row."""

from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec


class JsonList:
    """A file ``{"update": false, NAME: [row, row, ...]}``, made when its first row comes.

    Parameters
    ----------
    path
        Where; None counts the rows and writes nothing.
    name
        Key of the list.
    """

    def __init__(self, path: Path | None, name: str) -> None:
        self._path = path
        self._name = name
        self._file: IO[bytes] | None = None
        self._more: dict[str, list[bytes]] = {}
        self._count = 0

    def add(self, row: dict[str, Any]) -> None:
        """Append a row."""
        if self._path is not None:
            data = msgspec.json.encode(row)
            file = self._opened(self._path)
            if self._count:
                file.write(b",\n")
            file.write(data)
        self._count += 1

    def add_beside(self, name: str, row: dict[str, Any]) -> None:
        """Append a row to a short list under another key, kept until the end."""
        if self._path is not None:
            self._opened(self._path)
            self._more.setdefault(name, []).append(msgspec.json.encode(row))

    def _opened(self, path: Path) -> IO[bytes]:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
            self._file.write(f'{{"update": false, "{self._name}": [\n'.encode())
        return self._file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.write(b"\n]")
            for name, rows in self._more.items():
                self._file.write(f', "{name}": [\n'.encode() + b",\n".join(rows) + b"\n]")
            self._file.write(b"}\n")
            self._file.close()
