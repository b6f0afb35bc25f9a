"""Telling recordings by their first bytes; light enough to be asked of every path."""

from pathlib import Path
from typing import Final

ROSBAG1_MAGIC: Final = b"#ROSBAG V"
MCAP_MAGIC: Final = b"\x89MCAP0\r\n"
SQLITE_MAGIC: Final = b"SQLite format 3\0"
METADATA: Final = "metadata.yaml"
METADATA_KEY: Final = "rosbag2_bagfile_information"
SUFFIXES: Final = (".bag", ".mcap", ".db3")
_PROBED_BYTES = 4096


def container_of(path: Path) -> str | None:
    """Return ``rosbag1``, ``mcap`` or ``sqlite`` by a file's first bytes; None when it is none."""
    head = _head(path, 16)
    if head.startswith(ROSBAG1_MAGIC):
        return "rosbag1"
    if head.startswith(MCAP_MAGIC):
        return "mcap"
    return "sqlite" if head == SQLITE_MAGIC else None


def is_recording(path: Path) -> bool:
    """Say whether a file is a recording; of SQLite only where its name says so too."""
    kind = container_of(path)
    return kind in ("rosbag1", "mcap") or (kind == "sqlite" and path.suffix.lower() == ".db3")


def is_ros2_folder(folder: Path) -> bool:
    """Say whether a folder's metadata are those of a ROS 2 bag."""
    return METADATA_KEY.encode() in _head(folder / METADATA, _PROBED_BYTES)


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""
