"""The usual mistakes in the pose of a camera."""

from collections.abc import Iterator
from itertools import permutations, product
from typing import Final

import numpy as np

from viewer.metrics.objects import Floats

AS_IS: Final = "as it is"
INVERSE: Final = "its inverse"
TRANSPOSED: Final = "its rotation transposed"
PLACE: Final = "its translation taken as that of the inverse"
VEHICLE_AXES: Final = "its axes taken as x forward, y left, z up"
OPENGL_AXES: Final = "its axes taken as x right, y up, z backward"
AXES: Final = "other axes"


def hypotheses(ego_from_camera: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield (N, 4, 4) poses by what is done with those given, these first."""
    rotation, place = ego_from_camera[:, :3, :3], ego_from_camera[:, :3, 3]
    yield AS_IS, ego_from_camera
    yield INVERSE, np.linalg.inv(ego_from_camera).astype(np.float64)
    yield TRANSPOSED, _poses(rotation.transpose(0, 2, 1), place)
    yield PLACE, _poses(rotation, -np.einsum("nij,nj->ni", rotation, place))
    for name, turn in AXIS_TURNS:
        yield name, _poses(rotation @ turn, place)


def _poses(rotation: Floats, place: Floats) -> Floats:
    poses = np.zeros((len(rotation), 4, 4))
    poses[:, :3, :3], poses[:, :3, 3], poses[:, 3, 3] = rotation, place, 1.0
    return poses


def _axis_turns() -> tuple[tuple[str, Floats], ...]:
    """Every way but the identity in which x, y and z can be mistaken for each other."""
    named: dict[tuple[tuple[int, ...], ...], str] = {
        # Columns: where right, down and forward lie among the axes as they were written.
        ((0, 0, 1), (-1, 0, 0), (0, -1, 0)): VEHICLE_AXES,
        ((1, 0, 0), (0, -1, 0), (0, 0, -1)): OPENGL_AXES,
    }
    found = []
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        turn = np.zeros((3, 3))
        turn[range(3), order] = signs
        if np.linalg.det(turn) > 0 and not np.array_equal(turn, np.eye(3)):
            key = tuple(tuple(int(value) for value in row) for row in turn)
            found.append((named.get(key, AXES), turn))
    return tuple(found)


AXIS_TURNS: Final = _axis_turns()


def number_name(name: str, unit: str) -> str:
    """Name a hypothesis among numbers of evidence."""
    words = {
        AS_IS: "as_is", INVERSE: "inverse", TRANSPOSED: "transposed", PLACE: "translation_inverted",
        VEHICLE_AXES: "vehicle_axes", OPENGL_AXES: "opengl_axes", AXES: "other_axes",
    }  # fmt: skip
    return f"{words[name]}_{unit}"
