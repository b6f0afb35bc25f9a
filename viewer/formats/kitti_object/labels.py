"""KITTI label text: 15 columns, or 16 with a score, to cuboids and 2D boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.kitti_object.boxes import cuboids_from_kitti
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import parse_numbers, read_text
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

MAX_LABEL_BYTES = 16 * 1024 * 1024
COLUMN_COUNT = 15
CLASS_NAMES = (
    "Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc", "DontCare",
)  # fmt: skip
DONT_CARE = "DontCare"


@dataclass(frozen=True, eq=False, slots=True)
class KittiRow:
    """One line of a label file.

    `numbers` is (14,): truncated, occluded, alpha, left, top, right, bottom, height, width,
    length, x, y, z, rotation_y.
    """

    row: int
    """Line of the file, counted from 0."""
    class_name: str
    numbers: npt.NDArray[np.float64]
    score: float
    """NaN where the line has 15 columns."""

    @property
    def has_box_2d(self) -> bool:
        """True when the image box has an area."""
        left, top, right, bottom = self.numbers[3:7]
        return bool(right > left and bottom > top)

    @property
    def has_cuboid(self) -> bool:
        """True when the size is one that a body can have; DontCare rows have -1."""
        return self.class_name != DONT_CARE and bool((self.numbers[7:10] > 0.0).all())

    @property
    def attributes(self) -> dict[str, Any]:
        """The numbers that a cuboid does not carry, as they stand in the file."""
        truncated, occluded, alpha = self.numbers[:3].tolist()
        return {
            "truncated": truncated,
            "occluded": int(occluded) if occluded == int(occluded) else occluded,
            "alpha": alpha,
            "bbox": self.numbers[3:7].tolist(),
            "rotation_y": float(self.numbers[13]),
        }


def read_rows(path: Path, problems: ProblemLog) -> list[KittiRow]:
    """Read a label file; a bad line is noted and left out."""
    rows = []
    text = read_text(path, max_bytes=MAX_LABEL_BYTES)
    for row, line in enumerate(text.split("\n")):
        words = line.split()
        if not words:
            continue
        try:
            rows.append(parse_row(row, words, path))
        except DamagedData as damage:
            problems.add_damage(damage)
    return rows


def parse_row(row: int, words: Sequence[str], path: Path) -> KittiRow:
    """Parse the words of a line, counted from 0; `DamagedData` when they are no label."""
    place = f"line {row + 1}"
    if len(words) not in (COLUMN_COUNT, COLUMN_COUNT + 1):
        problem = f"has {len(words)} columns where 15 belong, or 16 with a score; it is left out"
        raise DamagedData(path, place, problem)
    numbers = parse_numbers(words[1:], path, place)
    score = float(numbers[14]) if len(numbers) == COLUMN_COUNT else float("nan")
    return KittiRow(row, words[0], numbers[:14], score)


def frame_labels(
    rows: Sequence[KittiRow],
    path: Path,
    problems: ProblemLog,
    *,
    box_coord_frame_id: str | None,
    sensor_id: str = "image_2",
) -> FrameLabels:
    """Turn rows into labels; the cuboid and the 2D box of a row share one `label_id`.

    With `box_coord_frame_id` None the boxes cannot be placed and only the 2D boxes are given.
    """
    boxes = [row for row in rows if row.has_cuboid] if box_coord_frame_id else []
    for row in rows:
        if row.class_name != DONT_CARE and not row.has_cuboid:
            place = f"line {row.row + 1}"
            problems.add(path, place, "has a size that is not positive; only its 2D box is shown")
    flat = [row for row in rows if row.has_box_2d]
    return FrameLabels(
        _cuboid_labels(boxes, path.stem, box_coord_frame_id or "world"),
        BoxLabels2D(
            boxes_px=np.array([row.numbers[3:7] for row in flat]).reshape(-1, 4),
            sensor_ids=(sensor_id,) * len(flat),
            label_ids=tuple(f"{path.stem}:{row.row}" for row in flat),
            class_names=tuple(row.class_name for row in flat),
            track_ids=(None,) * len(flat),
            scores=np.array([row.score for row in flat], dtype=np.float64),
            attributes=tuple(row.attributes for row in flat),
        ),
    )


def _cuboid_labels(rows: Sequence[KittiRow], stem: str, coord_frame_id: str) -> CuboidLabels:
    numbers = np.array([row.numbers for row in rows]).reshape(-1, 14)
    return CuboidLabels(
        cuboids=cuboids_from_kitti(
            numbers[:, 7:10], numbers[:, 10:13], numbers[:, 13], coord_frame_id
        ),
        label_ids=tuple(f"{stem}:{row.row}" for row in rows),
        class_names=tuple(row.class_name for row in rows),
        track_ids=(None,) * len(rows),
        scores=np.array([row.score for row in rows], dtype=np.float64),
        attributes=tuple(row.attributes for row in rows),
    )
