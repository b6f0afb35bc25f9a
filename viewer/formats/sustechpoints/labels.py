"""SUSTechPOINTS label JSON to cuboids.

A file is a list of boxes, or an object with the list under ``objs``. ``psr.position`` is the middle
of the body, ``psr.scale`` length, width, height along its own x (front), y (left), z (up), and
``psr.rotation`` radians about x, y, z: rotation = Rx @ Ry @ Rz, as the editor's three.js turns it.
All lie in the lidar's coord frame; ``obj_id`` names the track.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.label_rows import CuboidRows, load_json, numbers_at, text_at
from viewer.formats.problem_log import ProblemLog
from viewer.scene.labels import CuboidLabels

_XYZ = ("x", "y", "z")
PLACED = frozenset({"psr", "obj_type", "obj_id"})


def read_boxes(path: Path) -> tuple[list[Any], str]:
    """Return the list of boxes and its JSON path; `DamagedData` when there is none."""
    document = load_json(path)
    place = "$"
    if isinstance(document, Mapping):
        document, place = document.get("objs"), "$.objs"
    if not isinstance(document, list):
        raise DamagedData(path, place, "is not a list of boxes")
    return document, place


def read_cuboids(
    path: Path, problems: ProblemLog, *, coord_frame_id: str, timestamp_ns: int | None
) -> CuboidLabels:
    """Read a label file; a box that is damaged is noted and left out."""
    boxes, place = read_boxes(path)
    rows = CuboidRows(coord_frame_id)
    for index, box in enumerate(boxes):
        try:
            _add_box(rows, box, index, path, f"{place}[{index}]")
        except DamagedData as damage:
            problems.add_damage(damage)
    return rows.build(timestamp_ns)


def _add_box(rows: CuboidRows, box: object, index: int, path: Path, place: str) -> None:
    psr = box.get("psr") if isinstance(box, Mapping) else None
    if not isinstance(box, Mapping) or not isinstance(psr, Mapping):
        raise DamagedData(path, place, "has no psr; it is left out")
    angles = numbers_at(psr.get("rotation"), _XYZ, path, f"{place}.psr.rotation")
    track = box.get("obj_id")
    rows.add(
        f"{path.stem}:{index}",
        text_at(box, "obj_type", path, place),
        center_m=numbers_at(psr.get("position"), _XYZ, path, f"{place}.psr.position"),
        size_m=numbers_at(psr.get("scale"), _XYZ, path, f"{place}.psr.scale"),
        rotation=rotation_from_euler(angles, "xyz"),
        track_id=str(track) if isinstance(track, str | int) and str(track) else None,
        attributes={key: value for key, value in box.items() if key not in PLACED},
        path=path,
        place=place,
    )
