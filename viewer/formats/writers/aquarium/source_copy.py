"""Aquarium data as it is: rows byte by byte, with keys that nothing here knows."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from viewer.formats.aquarium.format import find_row_files
from viewer.formats.aquarium.frame_state import read_state
from viewer.formats.aquarium.merge import merged_labels
from viewer.formats.aquarium.reader import LABELS_ID, AquariumReader
from viewer.formats.base import DamagedData
from viewer.formats.data_urls import DataPlaces, UnmappedUrl
from viewer.formats.edited_reader import as_delivered
from viewer.formats.json_lines import RowPlace, read_rows
from viewer.formats.problem_log import ProblemLog
from viewer.formats.writers.aquarium.edited_rows import RowBytes
from viewer.formats.writers.base import WriteOptions
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.scene import Scene


class _Head(msgspec.Struct):
    task_id: str
    type: str | None = None
    inference_data: msgspec.Raw = msgspec.Raw()
    sensor_data: msgspec.Raw = msgspec.Raw()
    label_data: msgspec.Raw = msgspec.Raw()


_HEAD = msgspec.json.Decoder(_Head)


class SourceCopy:
    """Copies the rows of chosen frames, the files that they name, and the project files.

    Parameters
    ----------
    edited
        Rows that are written otherwise.
    """

    def __init__(
        self,
        root: Path,
        draft: Path | None,
        options: WriteOptions,
        losses: LossLog,
        edited: RowBytes | None = None,
    ) -> None:
        self._root = root
        self._edited = edited or {}
        self._draft = draft
        self._options = options
        self._losses = losses

    def run(self, readers: Sequence[AquariumReader], context: JobContext) -> None:
        """Copy the frames of some scenes of one dataset."""
        chosen = {entry.frame_id for reader in readers for entry in reader.entries}
        row_files = find_row_files(self._root)
        for path in context.track(row_files, "Writing Aquarium"):
            self._rows(path, chosen)
        self._plain_files(row_files)
        if not self._options.labels_only:
            for reader in readers:
                for index in context.track(range(len(reader.entries)), "Copying data"):
                    for url in self._urls(reader, index):
                        folder = reader.entries[index].state_rows[-1].path.parent
                        self._data(url, reader.places, folder)

    def _rows(self, path: Path, chosen: set[str]) -> None:
        """Copy the rows of a file; the whole file where all of them are wanted."""
        problems = ProblemLog()
        kept: list[bytes] = []
        changed: list[tuple[RowPlace, bytes]] = []
        left_out = 0
        for row, data in read_rows(path, problems):
            if self._wants(data, path, chosen):
                new = self._edited.get((str(path), row.offset))
                kept.append(data if new is None else new)
                if new is not None:
                    changed.append((row, new))
            else:
                left_out += 1
        for problem in problems.snapshot():
            self._losses.add_unreadable(problem)
        target = self._target(path)
        if target is None or not (kept or not left_out):
            return
        if left_out:
            target.write_bytes(b"".join(data.rstrip() + b"\n" for data in kept))
        elif changed:
            _copy_changed(path, target, changed)
        else:
            shutil.copyfile(path, target)

    def _wants(self, data: bytes, path: Path, chosen: set[str]) -> bool:
        try:
            head = _HEAD.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # What nobody can read is kept as it is.
            return True
        if head.task_id not in chosen:
            return False
        is_inference = (head.type or "").upper() == "INFERENCE" or len(head.inference_data) > 0
        wanted = self._options.label_set_id
        if is_inference:
            return wanted is None or wanted.rpartition("/")[2] == path.stem
        only_labels = len(head.label_data) > 0 and not len(head.sensor_data)
        return not only_labels or wanted in (None, LABELS_ID)

    def _plain_files(self, row_files: Iterable[Path]) -> None:
        """Copy the other JSON files of the folder: projects, issues, work queues."""
        taken = set(row_files)
        for path in sorted(self._root.glob("*.json")):
            target = self._target(path) if path not in taken and path.is_file() else None
            if target is not None:
                shutil.copyfile(path, target)

    def _urls(self, reader: AquariumReader, index: int) -> Iterable[str]:
        entry, problems = reader.entries[index], ProblemLog()
        if not entry.state_rows:
            return
        try:
            for sensor in read_state(entry, problems).sensors:
                yield from (url for key, url in sensor.data_urls.items() if url and key != "text")
            for rows in (entry.label_rows, *entry.inference_rows.values()):
                for record in merged_labels(rows, problems):
                    if isinstance(record.attributes.get("url"), str):
                        yield record.attributes["url"]
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())

    def _data(self, url: str, places: DataPlaces, folder: Path) -> None:
        try:
            path = places.find(url, folder)
        except UnmappedUrl as unmapped:
            self._losses.add(
                "data file", str(self._root), f"{unmapped.reason}; its address is kept"
            )
            return
        if not path.is_relative_to(self._root):
            why = "lies outside the dataset; its address is kept"
            self._losses.add("data file", str(self._root), why)
            return
        target = self._target(path)
        if target is None or target.exists():
            return
        try:
            shutil.copyfile(path, target)
        except OSError as error:
            why = f"cannot be read: {error.strerror or error}"
            self._losses.add("data file", str(path), why)

    def _target(self, path: Path) -> Path | None:
        if self._draft is None or not path.is_relative_to(self._root):
            return None
        target = self._draft / path.relative_to(self._root)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _copy_changed(path: Path, target: Path, changed: Sequence[tuple[RowPlace, bytes]]) -> None:
    """Copy a file with other bytes for some rows; what stands around them stays."""
    with path.open("rb") as source, target.open("wb") as file:
        for row, new in changed:
            file.write(source.read(row.offset - source.tell()))
            old = source.read(row.length)
            file.write(new + old[len(old.rstrip()) :])
        shutil.copyfileobj(source, file)


def reader_of(scene: Scene) -> AquariumReader | None:
    """Return the reader of a scene that comes from Aquarium."""
    reader = as_delivered(scene.reader)
    return reader if isinstance(reader, AquariumReader) else None
