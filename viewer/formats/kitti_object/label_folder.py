"""Folders of KITTI label text by themselves, read whole into columns.

A folder of ``NNNNNN.txt`` has one file a frame (KITTI object, 15 columns or 16 with a score); one
of ``NNNN.txt`` one file a sequence (KITTI tracking, two columns more in front: frame and track).
Neither calibration nor images are needed: everything stays in rectified camera 0, every number as
it stands in the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem, in_natural_order
from viewer.formats.kitti_object.labels import COLUMN_COUNT, DONT_CARE, MAX_LABEL_BYTES
from viewer.formats.kitti_object.plain_rows import PlainRows, plain_rows
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import MAX_TEXT_BYTES, parse_numbers, read_text
from viewer.progress import report_progress
from viewer.scene.scene import Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SEQUENCE_DIGITS = 4
TRACKING_COLUMNS = 2
MAX_FRAME = 999_999
NUMBERS = 14
"""Truncated, occluded, alpha, left, top, right, bottom, height, width, length, x, y, z,
rotation_y."""
SEQUENCE_MAP = "evaluate_tracking.seqmap"
DATA_FOLDER = "data"
LABEL_FOLDERS = ("label_2", "label_02")


@dataclass(frozen=True, eq=False, slots=True)
class KittiTable:
    """N rows of a folder, file after file, in the order of the text."""

    path: Path
    is_tracking: bool
    scene_ids: tuple[str, ...]
    """One for the whole folder, or one for each sequence."""
    frame_scenes: Ints
    """(F,) row of `scene_ids`, ascending."""
    frame_keys: tuple[str, ...]
    """(F,) file stem, or the frame's number in six digits."""
    frame_rows: Ints
    """(N,) row of `frame_keys`, ascending."""
    files: tuple[Path, ...]
    file_rows: Ints
    """(N,) row of `files`."""
    lines: Ints
    """(N,) line in its file, counted from 0."""
    class_names: tuple[str, ...]
    """(N,) as in the text."""
    track_ids: tuple[str | None, ...]
    """(N,) None outside tracking, and for the track -1."""
    numbers: Floats
    """(N, 14) as `NUMBERS` names them."""
    scores: Floats
    """(N,) NaN where a line has none."""
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def has_cuboid(self) -> npt.NDArray[np.bool_]:
        """(N,) True where the size is one that a body can have; DontCare never is."""
        cared = np.array([name != DONT_CARE for name in self.class_names], dtype=bool)
        found: npt.NDArray[np.bool_] = cared & (self.numbers[:, 7:10] > 0.0).all(axis=1)
        return found

    def has_box_2d(self) -> npt.NDArray[np.bool_]:
        """(N,) False where the image box only says that there is none: all 0 or all -1."""
        box = self.numbers[:, 3:7]
        found: npt.NDArray[np.bool_] = ~((box == 0.0).all(axis=1) | (box == -1.0).all(axis=1))
        return found


def label_folder_of(path: Path, *, of_split: bool = True) -> Path | None:
    """Return the folder of label text that a path is or directly holds; None for anything else.

    That is the folder itself or its ``data``; with `of_split` its ``label_2`` or ``label_02`` as
    well. In each the first file with words must begin as a KITTI row does.
    """
    if not path.is_dir():
        return None
    below = LABEL_FOLDERS if of_split else ()
    inner = (path, path / DATA_FOLDER, *(path / name for name in below))
    return next((folder for folder in inner if _looks_like_labels(folder)), None)


def _looks_like_labels(folder: Path) -> bool:
    files = files_by_stem(folder, (".txt",))
    for stem in files:
        try:
            words = read_text(files[stem]).lstrip().split("\n", 1)[0].split()
        except DamagedData:
            continue
        if words:
            skipped = TRACKING_COLUMNS if _is_sequence(stem) else 0
            return len(words) - skipped in (COLUMN_COUNT, COLUMN_COUNT + 1)
    return False


def _is_sequence(stem: str) -> bool:
    return len(stem) == SEQUENCE_DIGITS and stem.isascii() and stem.isdigit()


def read_label_folder(path: Path, sequences: Sequence[str] | None = None) -> KittiTable:
    """Read all label files of a folder; bad lines are told of and left out.

    Parameters
    ----------
    sequences
        Of a tracking folder, the sequences to read; None for all. A map of sequences
        (``evaluate_tracking.seqmap*``) beside the files or one folder above gives their length;
        without one a sequence ends with its last label.

    Raises
    ------
    DamagedData
        When there is no label file, or none of a sequence that was asked for.
    """
    files = files_by_stem(path, (".txt",))
    stems = list(files)
    if not stems:
        raise DamagedData(path, "", "holds no label file")
    tracking = all(_is_sequence(stem) for stem in stems)
    if tracking and sequences is not None:
        missing = [name for name in sequences if name not in files]
        if missing:
            raise DamagedData(path, "", f"has no sequence {', '.join(missing)}")
        stems = in_natural_order(list(dict.fromkeys(sequences)))
    rows = _Rows(tracking)
    texts: list[str] = []
    for done, stem in enumerate(stems):
        report_progress(done, len(stems), f"Reading {path.name}")
        texts.append(rows.read_file(files[stem]))
    rows.add_all(texts)
    return rows.table(path, stems)


class _Rows:
    """Lines of all files, numbers still as words."""

    def __init__(self, tracking: bool) -> None:
        self._tracking = tracking
        self._problems = ProblemLog()
        self._files: list[Path] = []
        self._counts: list[int] = []
        self._lines: list[int] = []
        self._names: list[str] = []
        self._frames: list[int] = []
        self._tracks: list[str | None] = []
        self._numbers: list[Floats] = []
        self._scores: list[float] = []

    def read_file(self, path: Path) -> str:
        """Return the text of the next file; one that cannot be read is noted and has none."""
        self._files.append(path)
        try:
            return read_text(path, max_bytes=MAX_TEXT_BYTES if self._tracking else MAX_LABEL_BYTES)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return ""

    def add_all(self, texts: Sequence[str]) -> None:
        """Parse the files: at once where every line is in order, else line by line."""
        heads = TRACKING_COLUMNS if self._tracking else 0
        columns = heads + COLUMN_COUNT
        found = plain_rows(texts, (columns, columns + 1), heads)
        if found is not None and self._add_plain(found):
            return
        for path, text in zip(self._files, texts, strict=True):
            before = len(self._lines)
            self._add_lines(path, list(self._split(text.split("\n"))))
            self._counts.append(len(self._lines) - before)

    def _add_plain(self, found: PlainRows) -> bool:
        count = len(found.class_names)
        if found.heads is None:
            self._frames, self._tracks = [0] * count, [None] * count
        else:
            frames, tracks = found.heads
            if frames.min(initial=0) < 0 or frames.max(initial=0) > MAX_FRAME:
                return False
            self._frames = frames.tolist()
            self._tracks = [None if word.startswith("-") else word[:40] for word in tracks]
        self._counts = found.line_counts.tolist()
        self._lines = [line for lines in self._counts for line in range(lines)]
        self._names = found.class_names
        self._numbers = [found.numbers[:, :NUMBERS]]
        scores = found.numbers[:, NUMBERS:]
        self._scores = scores[:, 0].tolist() if scores.shape[1] else [np.nan] * count
        return True

    @staticmethod
    def _split(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        for line, text in enumerate(lines):
            words = text.split()
            if words:
                yield line, words

    def _add_lines(self, path: Path, lines: Sequence[tuple[int, list[str]]]) -> None:
        first = TRACKING_COLUMNS if self._tracking else 0
        columns = first + COLUMN_COUNT
        kept: list[list[float]] = []
        for line, words in lines:
            try:
                if len(words) not in (columns, columns + 1):
                    problem = (
                        f"has {len(words)} columns where {columns} belong,"
                        f" or {columns + 1} with a score; it is left out"
                    )
                    raise DamagedData(path, f"line {line + 1}", problem)
                frame, track = self._head(words, path, line) if first else (0, None)
                kept.append(_numbers(words[first + 1 :], path, line))
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            self._lines.append(line)
            self._names.append(words[first])
            self._frames.append(frame)
            self._tracks.append(track)
        if kept:
            self._numbers.append(np.array([row[:NUMBERS] for row in kept]))
            self._scores += [row[NUMBERS] if len(row) > NUMBERS else np.nan for row in kept]

    @staticmethod
    def _head(words: Sequence[str], path: Path, line: int) -> tuple[int, str | None]:
        word = words[0]
        if not (word.isascii() and word.isdigit() and int(word[:9]) <= MAX_FRAME):
            problem = f"{word[:40]!r} is no frame number; it is left out"
            raise DamagedData(path, f"line {line + 1}", problem)
        return int(word[:9]), None if words[1].startswith("-") else words[1][:40]

    def table(self, path: Path, stems: Sequence[str]) -> KittiTable:
        """Put everything into columns, rows by frame and else in the order of the text."""
        file_rows = np.repeat(np.arange(len(self._files)), self._counts)
        if self._tracking:
            scene_ids = tuple(stems)
            scenes, keys, frame_rows = self._sequence_frames(path, stems, file_rows)
        else:
            scene_ids = (path.parent.name if path.name == DATA_FOLDER else path.name,)
            scenes = np.zeros(len(stems), dtype=np.int64)
            keys, frame_rows = tuple(stems), file_rows
        order = np.argsort(frame_rows, kind="stable")
        numbers = np.concatenate(self._numbers) if self._numbers else np.empty((0, NUMBERS))
        return KittiTable(
            path,
            self._tracking,
            scene_ids,
            scenes,
            keys,
            frame_rows[order],
            tuple(self._files),
            file_rows[order],
            np.array(self._lines, dtype=np.int64)[order],
            tuple(self._names[row] for row in order.tolist()),
            tuple(self._tracks[row] for row in order.tolist()),
            numbers[order],
            np.array(self._scores, dtype=np.float64)[order],
            self._problems.snapshot(),
        )

    def _sequence_frames(
        self, path: Path, stems: Sequence[str], file_rows: Ints
    ) -> tuple[Ints, tuple[str, ...], Ints]:
        lengths = sequence_lengths(path)
        frames = np.array(self._frames, dtype=np.int64)
        counts = np.zeros(len(stems), dtype=np.int64)
        np.maximum.at(counts, file_rows, frames + 1)
        counts = np.maximum(counts, [lengths.get(stem, 0) for stem in stems])
        starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
        keys = tuple(f"{number:06d}" for count in counts.tolist() for number in range(count))
        return np.repeat(np.arange(len(stems)), counts), keys, starts[file_rows] + frames


def _numbers(words: Sequence[str], path: Path, line: int) -> list[float]:
    """Parse words; ever so many are plain, others get the patient way and its message."""
    try:
        numbers = list(map(float, words))
    except ValueError:
        numbers = parse_numbers(words, path, f"line {line + 1}").tolist()
    # A sum is not finite when one of its parts is not.
    if not abs(sum(numbers)) < np.inf:
        numbers = parse_numbers(words, path, f"line {line + 1}").tolist()
    return numbers


def sequence_lengths(path: Path) -> dict[str, int]:
    """Return the number of frames by sequence, from a map beside the labels; empty without one."""
    for folder in (path, path.parent):
        for file in sorted(folder.glob(f"{SEQUENCE_MAP}*")):
            rows = [line.split() for line in read_text(file).splitlines()]
            return {
                row[0]: min(int(row[3][:9]), MAX_FRAME + 1)
                for row in rows
                if len(row) == 4 and row[3].isascii() and row[3].isdigit()
            }
    return {}
