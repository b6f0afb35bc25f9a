"""A recording: one container file, or a ROS 2 folder of several, as topics in order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import is_file, is_there
from viewer.formats.native.paths import resolve_inside
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rosbag.containers import METADATA, METADATA_KEY, container_of
from viewer.formats.rosbag.mcap_file import McapFile
from viewer.formats.rosbag.rosbag1_file import Rosbag1File
from viewer.formats.rosbag.sqlite_file import SqliteFile
from viewer.formats.rosbag.storage import Channel, Storage, ZstdMessages
from viewer.formats.rosbag.unpacked_file import SUFFIX, Temporary, unpack
from viewer.formats.text_file import read_text

MAX_METADATA_BYTES: Final = 4 << 20
MAX_FILES: Final = 4096


@dataclass(frozen=True, eq=False)
class Topic:
    """All messages of one topic, in the order in which they were recorded."""

    name: str
    type_name: str
    storages: tuple[Storage, ...]
    channels: tuple[Channel, ...]
    log_ns: npt.NDArray[np.int64]
    """(N,) times of recording."""
    piece: npt.NDArray[np.int64]
    """(N,) row of `storages` and `channels` that holds the message."""
    row: npt.NDArray[np.int64]
    """(N,) the message's row in its channel."""

    def __len__(self) -> int:
        return len(self.log_ns)

    def read(self, index: int, max_bytes: int | None = None) -> tuple[Channel, memoryview]:
        """Return a message's channel and payload, or its first bytes. Raise `DamagedData`."""
        piece = int(self.piece[index])
        channel = self.channels[piece]
        row = int(self.row[index])
        return channel, self.storages[piece].read(channel.channel_id, row, max_bytes)

    def source(self, index: int) -> str:
        """Say where a message lies, for people."""
        path = self.storages[int(self.piece[index])].path
        return f"{path}, {self.place(index)}"

    def place(self, index: int) -> str:
        """Say which message it is, for people."""
        return f"{self.name}, message {index + 1}"

    @property
    def path(self) -> Path:
        """The file that holds the first message."""
        return self.storages[int(self.piece[0]) if len(self.piece) else 0].path


@dataclass(frozen=True, eq=False)
class Bag:
    """The containers of one recording and its topics by name."""

    path: Path
    storages: tuple[Storage, ...]
    topics: tuple[tuple[str, str], ...]
    """Name and type of every topic, in stored order."""

    def topic(self, name: str, type_name: str) -> Topic:
        """Gather a topic's messages from all files."""
        storages: list[Storage] = []
        channels: list[Channel] = []
        times, pieces, rows = [], [], []
        for storage in self.storages:
            for channel in storage.channels:
                if (channel.topic, channel.type_name) != (name, type_name):
                    continue
                log_ns = storage.log_times(channel.channel_id)
                pieces.append(np.full(len(log_ns), len(storages), dtype=np.int64))
                rows.append(np.arange(len(log_ns), dtype=np.int64))
                times.append(log_ns)
                storages.append(storage)
                channels.append(channel)
        order = np.argsort(np.concatenate(times), kind="stable")
        return Topic(
            name,
            type_name,
            tuple(storages),
            tuple(channels),
            np.concatenate(times)[order],
            np.concatenate(pieces)[order],
            np.concatenate(rows)[order],
        )

    def unpacking_bytes(self, topics: Sequence[Topic]) -> int:
        """Return what `Storage.unpacking_bytes` sums up to for some topics."""
        wanted: dict[int, set[int]] = {}
        for topic in topics:
            for storage, channel in zip(topic.storages, topic.channels, strict=True):
                wanted.setdefault(self.storages.index(storage), set()).add(channel.channel_id)
        return sum(
            self.storages[index].unpacking_bytes(frozenset(numbers))
            for index, numbers in wanted.items()
        )

    def close(self) -> None:
        """Let go of the files."""
        for storage in self.storages:
            storage.close()


def open_bag(path: Path, problems: ProblemLog) -> Bag:
    """Open a file or a ROS 2 folder; indexes only.

    Raises
    ------
    DamagedData
        When no file of it can be used.
    """
    files, zstd_messages = _files_of(path) if path.is_dir() else ([path], False)
    storages: list[Storage] = []
    damages = []
    for file in files:
        try:
            storage = _open_packed(file) if file.suffix == SUFFIX else _open_file(file)
            storages.append(ZstdMessages(storage) if zstd_messages else storage)
        except DamagedData as damage:
            damages.append(damage)
    if not storages:
        raise damages[0] if damages else DamagedData(path, "", "names no file that holds messages")
    for each in damages:
        problems.add_damage(each)
    for storage in storages:
        for text in storage.problems:
            problems.add(storage.path, "", text)
    topics = dict.fromkeys(
        (channel.topic, channel.type_name) for storage in storages for channel in storage.channels
    )
    return Bag(path, tuple(storages), tuple(topics))


def _open_packed(path: Path) -> Storage:
    """Open a file that was compressed as a whole; people know it by its own name."""
    if not is_file(path):
        raise DamagedData(path, "", "the file is missing")
    plain, folder = unpack(path)
    try:
        storage = _open_file(plain)
    except DamagedData as damage:
        folder.cleanup()
        raise DamagedData(path, damage.place, damage.problem) from None
    storage.path = path
    return Temporary(storage, folder)


def _open_file(path: Path) -> Storage:
    if not is_file(path):
        raise DamagedData(path, "", "the file is missing")
    kind = container_of(path)
    if kind == "rosbag1":
        return Rosbag1File(path)
    if kind == "mcap":
        return McapFile(path)
    if kind == "sqlite":
        return SqliteFile(path)
    raise DamagedData(path, "byte 0", "is neither a ROS bag, nor MCAP, nor SQLite")


def _files_of(folder: Path) -> tuple[list[Path], bool]:
    """Return the files of a ROS 2 folder, and whether each message is compressed by itself."""
    from viewer.formats.yaml_text import load_yaml

    path = folder / METADATA
    text = read_text(path, max_bytes=MAX_METADATA_BYTES)
    document = load_yaml(text, path)
    facts: Any = document.get(METADATA_KEY) if isinstance(document, dict) else None
    if not isinstance(facts, dict):
        raise DamagedData(path, METADATA_KEY, "is missing")
    names = facts.get("relative_file_paths")
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise DamagedData(path, f"{METADATA_KEY}.relative_file_paths", "is no list of files")
    stated = facts.get("compression_mode")
    mode = stated.upper() if isinstance(stated, str) else ""
    whole = mode == "FILE"
    files = []
    for index, name in enumerate(names[:MAX_FILES]):
        place = f"{METADATA_KEY}.relative_file_paths[{index}]"
        inside = _inside(folder, name, path, place)
        if whole and not is_there(inside) and is_file(inside.with_suffix("")):
            # Someone unpacked it by hand.
            inside = inside.with_suffix("")
        files.append(inside)
    return files, mode == "MESSAGE"


def _inside(folder: Path, name: str, path: Path, place: str) -> Path:
    # The first releases of ROS 2 wrote the folder's own name before each file.
    within = name.split("/", 1)
    if len(within) == 2 and within[0] == folder.name and not is_there(folder / name):
        name = within[1]
    return resolve_inside(folder, name, path, place)
