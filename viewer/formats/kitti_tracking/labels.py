"""Label text of a sequence: frame, track, then the columns of KITTI object.

That makes 17 columns, or 18 with a score. The box is KITTI object's: middle of the bottom face,
height, width, length, rotation about the camera's y axis, in rectified camera 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.kitti_object.labels import KittiRow, frame_labels, parse_row
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.scene.labels import FrameLabels

COLUMN_COUNT = 17
MAX_FRAME = 999_999
"""Frames have six digits; a larger number is damage."""


@dataclass(frozen=True, eq=False, slots=True)
class SequenceLabels:
    """The lines of one label file by frame."""

    path: Path
    rows: Mapping[int, Sequence[KittiRow]]
    tracks: Mapping[int, str | None]
    """By line, counted from 0; None for DontCare, whose track is -1."""

    @property
    def last_frame(self) -> int:
        """Highest frame with a label, -1 when there is none."""
        return max(self.rows, default=-1)

    @property
    def is_scored(self) -> bool:
        """True when the lines carry a score: predictions."""
        return any(row.score == row.score for rows in self.rows.values() for row in rows)

    def class_names(self) -> list[str]:
        """Classes that occur, sorted."""
        return sorted({row.class_name for rows in self.rows.values() for row in rows})

    def labels(
        self,
        frame: int,
        problems: ProblemLog,
        *,
        box_coord_frame_id: str | None,
        timestamp_ns: int,
    ) -> FrameLabels:
        """Return the labels of a frame; without a coord frame only the 2D boxes."""
        found = frame_labels(
            self.rows.get(frame, ()),
            self.path,
            problems,
            box_coord_frame_id=box_coord_frame_id,
            sensor_id="image_02",
        )
        cuboids, boxes = found.cuboids, found.boxes_2d
        return FrameLabels(
            replace(
                cuboids, track_ids=self._tracks_of(cuboids.label_ids), timestamp_ns=timestamp_ns
            ),
            replace(boxes, track_ids=self._tracks_of(boxes.label_ids)),
        )

    def _tracks_of(self, label_ids: Sequence[str]) -> tuple[str | None, ...]:
        """A label id ends in its line."""
        return tuple(self.tracks[int(label_id.rpartition(":")[2])] for label_id in label_ids)


def read_sequence_labels(path: Path, problems: ProblemLog) -> SequenceLabels:
    """Read a file; a bad line is noted and left out."""
    rows: dict[int, list[KittiRow]] = {}
    tracks: dict[int, str | None] = {}
    for line, text in enumerate(read_text(path).split("\n")):
        words = text.split()
        if not words:
            continue
        try:
            frame, track = _head(words, path, f"line {line + 1}")
            row = parse_row(line, words[2:], path)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        rows.setdefault(frame, []).append(row)
        tracks[line] = track
    return SequenceLabels(path, rows, tracks)


def _head(words: Sequence[str], path: Path, place: str) -> tuple[int, str | None]:
    """Frame and track of a line."""
    if len(words) not in (COLUMN_COUNT, COLUMN_COUNT + 1):
        problem = f"has {len(words)} columns where 17 belong, or 18 with a score; it is left out"
        raise DamagedData(path, place, problem)
    if not (words[0].isascii() and words[0].isdigit() and int(words[0][:9]) <= MAX_FRAME):
        raise DamagedData(path, place, f"{words[0][:40]!r} is no frame number; it is left out")
    return int(words[0][:9]), None if words[1].startswith("-") else words[1][:40]
