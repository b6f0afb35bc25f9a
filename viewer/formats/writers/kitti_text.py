"""KITTI's label and calibration text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.pinhole import Pinhole

Floats = npt.NDArray[np.float64]
DECIMALS = 2
_UNSET = (-1.0, -10.0, -1000.0)


@dataclass(frozen=True, slots=True)
class KittiLine:
    """One label to be written.

    `numbers` are 14: truncated, occluded, alpha, left, top, right, bottom, height, width, length,
    x, y, z, rotation_y.
    """

    label_id: str
    """Of the label that it came from; None-like ids are never equal to those KITTI gives."""
    class_name: str
    numbers: tuple[float, ...]
    score: float
    """NaN for none."""
    track_id: str | None = None

    def text(self) -> str:
        """The 15 columns of KITTI object, or 16 with a score."""
        words = [self.class_name, *map(number_text, self.numbers)]
        words[2] = whole_text(self.numbers[1])
        if not np.isnan(self.score):
            words.append(number_text(self.score))
        return " ".join(words)


def number_text(value: float) -> str:
    """Print a number with two decimals, with more where it has more; KITTI's unset marks bare.

    Examples
    --------
    >>> number_text(1.5), number_text(-0.0), number_text(0.8125), number_text(-1000.0)
    ('1.50', '0.00', '0.8125', '-1000')
    """
    if value in _UNSET:
        return str(int(value))
    short = f"{value:.{DECIMALS}f}"
    if float(short) != value:
        return np.format_float_positional(value, unique=True, trim="0")
    return short.removeprefix("-") if value == 0 else short


def whole_text(value: float) -> str:
    """Print a whole number without decimals."""
    return str(int(value)) if value == int(value) else number_text(value)


def row_number(label_id: str) -> int | None:
    """Line of the label file that a label id of KITTI names, counted from 0."""
    found = re.search(r":(\d{1,9})$", label_id)
    return int(found[1]) if found else None


def in_stored_order(lines: Sequence[KittiLine]) -> list[KittiLine]:
    """Sort by the lines that the labels came from, where all name one."""
    rows = [row_number(line.label_id) for line in lines]
    if any(row is None for row in rows) or len(set(rows)) < len(rows):
        return list(lines)
    return [
        line for _, line in sorted(zip(rows, lines, strict=True), key=lambda pair: pair[0] or 0)
    ]


def projection(lens: Pinhole, offset_m: Floats) -> Floats:
    """(3, 4) P = K [I | t]."""
    intrinsic = np.array([[lens.fx, 0.0, lens.cx], [0.0, lens.fy, lens.cy], [0.0, 0.0, 1.0]])
    return np.column_stack([intrinsic, intrinsic @ offset_m])


def calib_text(
    projections: Mapping[int, Floats],
    boxes_from_velo: Floats,
    velo_from_ego: Floats | None,
    *,
    tracking: bool,
) -> str:
    """Calibration of one frame or sequence, with 17 digits so that numbers come back the same.

    Parameters
    ----------
    projections
        (3, 4) by camera number; of 0 to 3 the missing ones are camera 0 with the lens of P2.
    boxes_from_velo, velo_from_ego
        (4, 4); boxes lie in rectified camera 0.
    tracking
        Spell the keys as the tracking files do.
    """
    default = projections[2] * np.array([1.0, 1.0, 1.0, 0.0])
    entries = {f"P{number}": projections.get(number, default) for number in range(4)}
    entries["R_rect" if tracking else "R0_rect"] = np.eye(3)
    entries["Tr_velo_cam" if tracking else "Tr_velo_to_cam"] = boxes_from_velo[:3]
    if velo_from_ego is not None:
        entries["Tr_imu_velo" if tracking else "Tr_imu_to_velo"] = velo_from_ego[:3]
    return "".join(
        f"{key}: {' '.join(f'{number:.16e}' for number in np.ravel(values))}\n"
        for key, values in entries.items()
    )
