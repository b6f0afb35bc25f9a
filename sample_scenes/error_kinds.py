"""Kinds of label errors: how each one spoils labels, by how much, and where it is possible."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sample_scenes.labelling import LabelRow
from viewer.geometry.rotation import (
    matrix_from_quaternion,
    quaternion_from_matrix,
    quaternion_from_yaw,
    quaternion_multiply,
)

Floats = npt.NDArray[np.float64]
VEHICLES = ("car", "van", "truck", "passenger_car", "delivery_van", "bus")
OTHER_CLASS = {
    "car": "truck", "van": "truck", "truck": "car", "cyclist": "pedestrian",
    "pedestrian": "cyclist", "passenger_car": "bus", "delivery_van": "bus", "bus": "passenger_car",
    "motorcyclist": "adult", "bicyclist": "adult", "adult": "bicyclist", "child": "bicyclist",
    "barrel": "adult",
}  # fmt: skip
"""What a wrong class is."""
WELL_SEEN_POINTS = 20
MOVING_MPS = 2.0

Change = Callable[[LabelRow, int], LabelRow | None]
"""Spoils a track's label; the number counts the spoilt frames from 0. None removes the label."""


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error on labels that exist."""

    name: str
    unit: str
    frames: int
    """How many frames in a row it lasts; 0 for the rest of the track, -1 for all of it."""
    wants: Callable[[LabelRow], bool]
    """Whether it would be an error, and a visible one, on this label."""
    start: Callable[[LabelRow, np.random.Generator], tuple[Change, float]]
    """Draw its size; return what it does and the size in `unit`."""
    count: int = 1
    """How many are planted."""


def is_vehicle(row: LabelRow) -> bool:
    """A car, van or truck that many points fall on."""
    return row.class_name in VEHICLES and well_seen(row)


def well_seen(row: LabelRow) -> bool:
    """Many points fall on it."""
    return bool(row.attributes["num_points"] >= WELL_SEEN_POINTS)


def is_moving(row: LabelRow) -> bool:
    """It is well seen, and faster than a walk."""
    return well_seen(row) and float(np.linalg.norm(row.velocity_mps)) > MOVING_MPS


def is_parked(row: LabelRow) -> bool:
    """A well-seen parked vehicle."""
    return is_vehicle(row) and row.attributes["state"] == "parked"


def moved(row: LabelRow, own_axes: tuple[float, float, float]) -> LabelRow:
    """Shift a label along its own axes, metres."""
    shift = matrix_from_quaternion(np.array(row.orientation_wxyz)) @ np.array(own_axes)
    return replace(row, center=_rounded(np.array(row.center) + shift, 4))


def turned(row: LabelRow, yaw_rad: float) -> LabelRow:
    """Turn a label about its own z."""
    turn = quaternion_multiply(np.array(row.orientation_wxyz), quaternion_from_yaw(yaw_rad))
    return replace(row, orientation_wxyz=_rounded(turn, 6))


def rolled(row: LabelRow, roll_rad: float) -> LabelRow:
    """Turn a label about its own x."""
    half = roll_rad / 2
    turn = np.array([np.cos(half), np.sin(half), 0.0, 0.0])
    rotation = quaternion_multiply(np.array(row.orientation_wxyz), turn)
    return replace(row, orientation_wxyz=_rounded(rotation, 6))


def resized(row: LabelRow, factors: tuple[float, float, float]) -> LabelRow:
    """Scale a label about its centre."""
    return replace(row, size=_rounded(np.array(row.size) * factors, 3))


def _signed(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.choice((-1.0, 1.0)) * rng.uniform(low, high))


def _shift(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = _signed(rng, 0.6, 1.4)
    return lambda label, _: moved(label, (0.0, by, 0.0)), abs(by)


def _wrong_size(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    factor = float(rng.choice((rng.uniform(0.6, 0.72), rng.uniform(1.35, 1.6))))
    return lambda label, _: resized(label, (factor, factor, 1.0)), factor


def _loose(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    slack = float(rng.uniform(0.35, 0.6))

    def change(label: LabelRow, _: int) -> LabelRow:
        return replace(label, size=_rounded(np.array(label.size) + 2 * slack, 3))

    return change, slack


def _flip(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    return lambda label, _: turned(label, np.pi), 180.0


def _heading(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    angle = _signed(rng, 20.0, 40.0)
    return lambda label, _: turned(label, np.radians(angle)), abs(angle)


def _swap_sides(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    def change(label: LabelRow, _: int) -> LabelRow:
        length, width, height = label.size
        return replace(label, size=(width, length, height))

    return change, row.size[0] / row.size[1]


def _tilt(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    angle = _signed(rng, 12.0, 20.0)
    return lambda label, _: rolled(label, np.radians(angle)), abs(angle)


def _float(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = float(rng.uniform(0.5, 1.0))
    return lambda label, _: moved(label, (0.0, 0.0, by)), by


def _sink(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = float(rng.uniform(0.5, 0.9))
    return lambda label, _: moved(label, (0.0, 0.0, -by)), by


def _other_class(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    return lambda label, _: replace(label, class_name=OTHER_CLASS[label.class_name]), 1.0


def _unknown_class(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    return lambda label, _: replace(label, class_name="vehicel"), 1.0


def _missing(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    return lambda _label, _: None, 1.0


def _new_id(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    name = f"{row.class_name}-{int(rng.integers(60, 99))}"
    return lambda label, _: replace(label, track_id=name), 1.0


def _no_id(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    return lambda label, _: replace(label, track_id=None), 1.0


def _longer(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    factor = float(rng.uniform(1.15, 1.3))
    return lambda label, _: resized(label, (factor, 1.0, 1.0)), factor


def _jump(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = _signed(rng, 1.8, 3.0)
    return lambda label, _: moved(label, (by, 0.0, 0.0)), abs(by)


def _creep(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = _signed(rng, 0.08, 0.14)
    return lambda label, step: moved(label, (by * (step + 1), 0.0, 0.0)), abs(by) * 10


def _freeze(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    def change(label: LabelRow, _: int) -> LabelRow:
        return replace(label, center=row.center, orientation_wxyz=row.orientation_wxyz)

    return change, float(np.linalg.norm(row.velocity_mps))


def _away(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    by = float(rng.uniform(4.0, 5.0))
    return lambda label, _: moved(label, (0.0, 0.0, by)), by


def _says_parked(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    def change(label: LabelRow, _: int) -> LabelRow:
        return replace(label, attributes={**label.attributes, "state": "parked"})

    return change, float(np.linalg.norm(row.velocity_mps))


def _backwards(row: LabelRow, rng: np.random.Generator) -> tuple[Change, float]:
    def change(label: LabelRow, _: int) -> LabelRow:
        return replace(label, velocity_mps=_rounded(-np.array(label.velocity_mps), 3))

    return change, 2 * float(np.linalg.norm(row.velocity_mps))


ERROR_KINDS: tuple[ErrorKind, ...] = (
    ErrorKind("shifted", "m", 3, is_vehicle, _shift, 3),
    ErrorKind("wrong_size", "factor", 4, is_vehicle, _wrong_size, 3),
    ErrorKind("loose_box", "m", 3, well_seen, _loose, 2),
    ErrorKind("yaw_flip", "deg", 2, is_moving, _flip, 3),
    ErrorKind("heading_off", "deg", 3, is_vehicle, _heading, 3),
    ErrorKind("length_width_swapped", "ratio", 2, is_vehicle, _swap_sides, 2),
    ErrorKind("tilted", "deg", 2, is_vehicle, _tilt, 2),
    ErrorKind("floating", "m", 3, well_seen, _float, 3),
    ErrorKind("underground", "m", 3, well_seen, _sink, 3),
    ErrorKind("wrong_class", "labels", -1, well_seen, _other_class, 2),
    ErrorKind("class_change", "labels", 4, well_seen, _other_class, 2),
    ErrorKind("unknown_class", "labels", 2, well_seen, _unknown_class, 1),
    ErrorKind("missing_label", "labels", 3, well_seen, _missing, 4),
    ErrorKind("missing_track", "labels", -1, well_seen, _missing, 1),
    ErrorKind("id_switch", "tracks", 0, well_seen, _new_id, 3),
    ErrorKind("missing_id", "labels", 2, well_seen, _no_id, 1),
    ErrorKind("size_change", "factor", 6, is_vehicle, _longer, 3),
    ErrorKind("speed_jump", "m", 1, is_moving, _jump, 3),
    ErrorKind("static_moves", "m/s", 12, is_parked, _creep, 2),
    ErrorKind("frozen", "m/s", 4, is_moving, _freeze, 2),
    ErrorKind("empty_box", "m", 2, well_seen, _away, 2),
    ErrorKind("moving_marked_parked", "m/s", 5, is_moving, _says_parked, 2),
    ErrorKind("velocity_reversed", "m/s", 4, is_moving, _backwards, 2),
)


def rotation_wxyz(rotation: Floats) -> tuple[float, ...]:
    """Return a rotation matrix as it is written."""
    return _rounded(quaternion_from_matrix(rotation), 6)


def _rounded(values: Floats, digits: int) -> tuple[float, ...]:
    return tuple(np.round(values, digits).tolist())
