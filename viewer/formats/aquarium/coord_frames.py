"""Coord frames of a frame: poses in their parents, root ``world``.

By our choice, where the format is silent: position and orientation are the pose of the coord frame
in its parent (parent_from_child); orientations are Hamilton quaternions and are normalised;
metres; right-handed. What is left out of a pose is the identity, and the parent is ``world``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from viewer.formats.aquarium.schema import ROOT, CoordFrameRecord
from viewer.formats.base import DamagedData
from viewer.formats.json_lines import RowPlace
from viewer.formats.json_numbers import is_number
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree

NORM_SLACK = 1e-3
_POSED = ("WORLD", "IMAGE_PROJECTION")
_POSITION = ("x", "y", "z")
_ORIENTATION = ("w", "x", "y", "z")


def build_tree(
    records: Sequence[CoordFrameRecord], row: RowPlace, problems: ProblemLog
) -> TransformTree:
    """Return the tree of the coord frames with a pose; those that make no sense are noted."""
    edges: dict[str, RigidTransform] = {}
    notes: list[str] = []
    for index, record in enumerate(records):
        name = record.coordinate_frame_id
        place = f"{row.place}, $.coordinate_frames[{index}]"
        if record.coordinate_frame_type.upper() not in _POSED:
            continue
        metadata = record.coordinate_frame_metadata or {}
        if name == ROOT:
            if metadata.get("position") or metadata.get("orientation"):
                problems.add(row.path, place, f"{ROOT!r} is the root; its pose is not used")
            continue
        try:
            edges[name] = _edge(name, metadata, row, place, notes)
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; it is left out")
    _drop_unrooted(edges, row, problems)
    for note in notes:
        problems.add(row.path, f"{row.place}, $.coordinate_frames", note)
    return TransformTree(edges.values(), notes)


def _edge(
    name: str, metadata: Mapping[str, Any], row: RowPlace, place: str, notes: list[str]
) -> RigidTransform:
    parent = metadata.get("parent_frame_id")
    if parent is None:
        parent = ROOT
    if not isinstance(parent, str):
        raise DamagedData(row.path, place, f"the parent of {name!r} is no name")
    position = _numbers(metadata.get("position"), _POSITION, (0.0, 0.0, 0.0), name, row, place)
    wxyz = _numbers(
        metadata.get("orientation"), _ORIENTATION, (1.0, 0.0, 0.0, 0.0), name, row, place
    )
    norm = math.hypot(*wxyz)
    if abs(norm - 1.0) > NORM_SLACK:
        notes.append(f"orientation of {name!r} was normalised (norm {norm:.4g})")
    try:
        return RigidTransform.from_quaternion(parent, name, wxyz, position)
    except ValueError as error:
        raise DamagedData(row.path, place, f"coord frame {name!r}: {error}") from None


def _numbers(
    value: object,
    keys: tuple[str, ...],
    default: tuple[float, ...],
    name: str,
    row: RowPlace,
    place: str,
) -> tuple[float, ...]:
    if value is None:
        return default
    if not isinstance(value, Mapping):
        raise DamagedData(row.path, place, f"coord frame {name!r} has a pose that is no object")
    numbers = tuple(value.get(key) for key in keys)
    if not all(is_number(number) for number in numbers):
        needs = ", ".join(keys)
        raise DamagedData(row.path, place, f"coord frame {name!r} needs finite {needs} in its pose")
    return tuple(float(number) for number in numbers if number is not None)


def _drop_unrooted(edges: dict[str, RigidTransform], row: RowPlace, problems: ProblemLog) -> None:
    """Take out coord frames whose chain of parents does not end at the root."""
    rooted = {ROOT}
    for name in list(edges):
        chain = [name]
        while chain[-1] not in rooted:
            edge = edges.get(chain[-1])
            if edge is None or edge.dst in chain:
                break
            chain.append(edge.dst)
        if chain[-1] in rooted:
            rooted.update(chain)
    for name in [name for name in edges if name not in rooted]:
        parent = edges[name].dst
        fate = "does not exist" if parent not in edges else "does not lead to the root"
        problem = f"coord frame {name!r} hangs under {parent!r}, which {fate}; it is left out"
        problems.add(row.path, f"{row.place}, $.coordinate_frames", problem)
    for name in [name for name in edges if name not in rooted]:
        del edges[name]
