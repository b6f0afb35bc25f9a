"""The lens of a 2D coord frame: Brown-Conrady or fisheye, with the numbers that belong to each.

A camera looks along the z of its coord frame, x right, y down. ``camera_matrix`` stacks on the
pose: p_cam = camera_matrix @ inverse(world_from_cam) @ p_world.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.json_numbers import is_number
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole

BROWN_CONRADY = "brown_conrady"
FISHEYE = "fisheye"
_OF_MODEL = {
    BROWN_CONRADY: ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2", "s1", "s2", "s3", "s4"),
    FISHEYE: ("k1", "k2", "k3", "k4", "skew"),
}
_COEFFICIENTS = (*_OF_MODEL[BROWN_CONRADY], "skew")


def read_lens(
    metadata: Mapping[str, Any],
    size_px: tuple[int, int],
    path: Path,
    place: str,
    problems: ProblemLog,
) -> CameraModel:
    """Return the lens for an image of this size; `DamagedData` when its numbers make none."""
    name = metadata.get("camera_model") or BROWN_CONRADY
    if name not in _OF_MODEL:
        known = " and ".join(_OF_MODEL)
        raise DamagedData(path, place, f"camera model {str(name)[:40]!r} is none of {known}")
    given: dict[str, float] = {}
    for key in ("fx", "fy", "cx", "cy", *_COEFFICIENTS):
        value = metadata.get(key)
        if value is None:
            continue
        if not is_number(value):
            raise DamagedData(path, f"{place}.{key}", f"{str(value)[:40]!r} is no finite number")
        given[key] = float(value)
    if "fx" not in given or "fy" not in given:
        raise DamagedData(path, place, "has no fx or no fy")
    if ("cx" in given) != ("cy" in given):
        problems.add(path, place, "has only one of cx and cy; the other is the image's middle")
    coefficients = {key: given[key] for key in _OF_MODEL[name] if given.get(key)}
    foreign = [key for key in _COEFFICIENTS if given.get(key) and key not in _OF_MODEL[name]]
    if foreign:
        problem = f"{', '.join(foreign)} have no meaning in a {name} lens and are not used"
        problems.add(path, place, problem)
    inner = {key: given[key] for key in ("fx", "fy", "cx", "cy") if key in given}
    numbers: dict[str, Any] = inner | coefficients
    width_px, height_px = size_px
    try:
        if name == FISHEYE:
            return Fisheye(width_px, height_px, **numbers)
        if coefficients:
            return BrownConrady(width_px, height_px, **numbers)
        return Pinhole(width_px, height_px, **numbers)
    except ValueError as error:
        raise DamagedData(path, place, str(error)) from None


def read_camera_matrix(
    metadata: Mapping[str, Any], path: Path, place: str, problems: ProblemLog
) -> npt.NDArray[np.float64] | None:
    """Return the (4, 4) matrix, row by row as given; None where there is none."""
    rows = metadata.get("camera_matrix")
    if rows is None:
        return None
    suits = isinstance(rows, list) and len(rows) == 4
    if not suits or not all(
        isinstance(row, list) and len(row) == 4 and all(map(is_number, row)) for row in rows
    ):
        raise DamagedData(path, f"{place}.camera_matrix", "is not 4 rows of 4 finite numbers")
    matrix = np.array(rows, dtype=np.float64)
    if _is_posed(metadata) and not np.array_equal(matrix, np.eye(4)):
        problem = (
            "has a camera_matrix and a pose; the matrix is applied after the inverse of the pose"
        )
        problems.add(path, place, problem)
    return matrix


def _is_posed(metadata: Mapping[str, Any]) -> bool:
    position = metadata.get("position") or {}
    orientation = metadata.get("orientation") or {}
    moved = any(position.values()) if isinstance(position, Mapping) else False
    turned = isinstance(orientation, Mapping) and any(
        value for key, value in orientation.items() if key != "w"
    )
    parent = metadata.get("parent_frame_id") or "world"
    return moved or turned or parent != "world"
