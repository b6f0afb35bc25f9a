"""labelCloud label JSON to cuboids, in the point cloud's coord frame.

Centroid form: ``centroid`` is the middle of the body, ``dimensions`` length, width, height along
its own x (front), y, z, and ``rotations`` turn about x, y, z: rotation = Rz @ Ry @ Rx. They are
degrees, or radians where ``_classes.json`` names the format ``centroid_rel``. Vertices form: eight
corners, four of the bottom from (-x, -y) round by (-x, +y), (+x, +y), (+x, -y), then of the top.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.label_rows import CuboidRows, load_json, numbers_at, text_at
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import checked_rotation
from viewer.scene.labels import CuboidLabels

RELATIVE = "centroid_rel"
_XYZ = ("x", "y", "z")
_SIZES = ("length", "width", "height")
PLACED = frozenset({"name", "centroid", "dimensions", "rotations", "vertices"})


def read_cuboids(
    path: Path, problems: ProblemLog, *, coord_frame_id: str, in_radians: bool
) -> CuboidLabels:
    """Read a label file; an object that is damaged is noted and left out."""
    document = load_json(path)
    objects = document.get("objects") if isinstance(document, dict) else None
    if not isinstance(objects, list):
        raise DamagedData(path, "$.objects", "is not a list of objects")
    rows = CuboidRows(coord_frame_id)
    for index, item in enumerate(objects):
        place = f"$.objects[{index}]"
        try:
            if not isinstance(item, Mapping):
                raise DamagedData(path, place, "is not an object")
            if "vertices" in item:
                placed = _from_vertices(item["vertices"], path, f"{place}.vertices")
            else:
                placed = _from_centroid(item, path, place, in_radians=in_radians)
            rows.add(
                f"{path.stem}:{index}",
                text_at(item, "name", path, place),
                **placed,
                track_id=None,
                attributes={key: value for key, value in item.items() if key not in PLACED},
                path=path,
                place=place,
            )
        except DamagedData as damage:
            problems.add_damage(damage)
    return rows.build()


def _from_centroid(
    item: Mapping[str, Any], path: Path, place: str, *, in_radians: bool
) -> dict[str, Any]:
    angles = numbers_at(item.get("rotations"), _XYZ, path, f"{place}.rotations")
    if not in_radians:
        angles = tuple(math.radians(angle) for angle in angles)
    return {
        "center_m": numbers_at(item.get("centroid"), _XYZ, path, f"{place}.centroid"),
        "size_m": numbers_at(item.get("dimensions"), _SIZES, path, f"{place}.dimensions"),
        "rotation": rotation_from_euler(angles[::-1], "zyx"),
    }


def _from_vertices(value: object, path: Path, place: str) -> dict[str, Any]:
    if not isinstance(value, list) or len(value) != 8:
        raise DamagedData(path, place, "is not a list of eight corners")
    corners = np.array(
        [numbers_at(each, range(3), path, f"{place}[{index}]") for index, each in enumerate(value)]
    )
    edges = corners[[3, 1, 4]] - corners[0]
    with np.errstate(over="ignore"):
        sizes: npt.NDArray[np.float64] = np.linalg.norm(edges, axis=1)
    if not (sizes > 0).all() or not np.isfinite(sizes).all():
        raise DamagedData(path, place, "has no volume; it is left out")
    rotation = checked_rotation((edges / sizes[:, None]).T, path, place)
    return {
        "center_m": (corners[[0, 6]].mean(axis=0)).tolist(),
        "size_m": sizes.tolist(),
        "rotation": rotation,
    }
