"""Files below the target that is written."""

from collections.abc import Callable
from pathlib import Path

import msgspec

Write = Callable[[str, bytes], None]
"""Takes a path relative to the target, and the file."""


def write_file(root: Path | None, name: str, content: bytes | str) -> None:
    """Write a file below a folder, text as UTF-8; nothing for None."""
    if root is None:
        return
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def file_writer(root: Path | None) -> Write:
    """Return what writes files below a folder; nothing for None."""

    def write(name: str, data: bytes) -> None:
        write_file(root, name, data)

    return write


def json_file(document: object) -> bytes:
    """Return JSON that a person can read."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1)
