"""OpenLABEL coordinate systems and the transforms of a frame, as edges parent_from_child.

``pose_wrt_parent`` is parent from child; a frame's ``transform_src_to_dst`` is dst from src: a
row-major 4x4 matrix, a quaternion x y z w with a translation, or Euler angles in the order of
their ``sequence`` (ZYX unless told: Rz @ Ry @ Rx). A system without a parent lies in the world.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.euler_angles import rotation_from_euler
from viewer.formats.openlabel.document import mapping_of, require_list
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import checked_rotation
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT


def read_transform(value: object, dst: str, src: str, path: Path, place: str) -> RigidTransform:
    """Return `dst_from_src`; `DamagedData` when it is not a rotation and a translation."""
    given = mapping_of(value)
    if "matrix4x4" in given:
        numbers = require_list(given["matrix4x4"], path, f"{place}.matrix4x4", (16,))
        matrix = np.array(numbers).reshape(4, 4)
        rotation = checked_rotation(matrix[:3, :3], path, f"{place}.matrix4x4")
        return RigidTransform(dst, src, rotation, matrix[:3, 3])
    shift = np.array(require_list(given.get("translation"), path, f"{place}.translation", (3,)))
    if "quaternion" in given:
        x, y, z, w = require_list(given["quaternion"], path, f"{place}.quaternion", (4,))
        try:
            rotation = matrix_from_quaternion([w, x, y, z])
        except ValueError as error:
            raise DamagedData(path, f"{place}.quaternion", str(error)) from None
        return RigidTransform(dst, src, rotation, shift)
    angles = require_list(given.get("euler_angles"), path, f"{place}.euler_angles", (3,))
    sequence = given.get("sequence", "ZYX")
    if not isinstance(sequence, str) or len(sequence) != 3 or set(sequence.lower()) - set("xyz"):
        raise DamagedData(path, f"{place}.sequence", "is not three of the axes X, Y and Z")
    return RigidTransform(dst, src, rotation_from_euler(angles, sequence.lower()), shift)


class CoordSystems:
    """The coordinate systems of one file: who hangs under whom, and how."""

    def __init__(
        self, systems: Mapping[str, Mapping[str, Any]], path: Path, problems: ProblemLog
    ) -> None:
        self._path = path
        self._problems = problems
        self.names = tuple(systems)
        self._parents: dict[str, str] = {}
        self._poses: dict[str, RigidTransform] = {}
        for name, system in systems.items():
            self._add(name, system)
        for name in systems:
            self._cut_cycle(name)

    def edges(self, transforms: object, place: str) -> list[RigidTransform]:
        """Return parent_from_child of every system, with the transforms of one frame."""
        parents, poses = dict(self._parents), dict(self._poses)
        for key, item in mapping_of(transforms).items():
            try:
                self._place(mapping_of(item), f"{place}.{key}", parents, poses)
            except DamagedData as damage:
                self._problems.add_damage(damage)
        return [
            self._edge(name, parents[name] or ROOT, poses.get(name))
            for name in self.names
            if name != ROOT
        ]

    def _add(self, name: str, system: Mapping[str, Any]) -> None:
        place = f"$.openlabel.coordinate_systems.{name}"
        parent = system.get("parent") or ""
        if name == ROOT or parent not in self.names:
            if parent:
                told = "the world hangs under nothing" if name == ROOT else "is not declared"
                self._problems.add(self._path, f"{place}.parent", f"{parent!r}: {told}")
            parent = ""
        self._parents[name] = parent
        pose = system.get("pose_wrt_parent")
        if parent and pose is not None:
            try:
                self._poses[name] = read_transform(
                    pose, parent, name, self._path, f"{place}.pose_wrt_parent"
                )
            except DamagedData as damage:
                self._problems.add_damage(damage)

    def _cut_cycle(self, name: str) -> None:
        if _hangs_under(self._parents, name, self._parents[name]):
            place = f"$.openlabel.coordinate_systems.{name}.parent"
            self._problems.add(self._path, place, "hangs under itself; it is put in the world")
            self._parents[name] = ""
            self._poses.pop(name, None)

    def _place(
        self,
        item: Mapping[str, Any],
        place: str,
        parents: dict[str, str],
        poses: dict[str, RigidTransform],
    ) -> None:
        """Hang the child of a transform under its parent, whichever of the two is which."""
        src, dst = item.get("src"), item.get("dst")
        names = isinstance(src, str) and isinstance(dst, str)
        if not names or src not in parents or dst not in parents or src == dst:
            raise DamagedData(self._path, place, "does not join two declared coordinate systems")
        key = "transform_src_to_dst"
        dst_from_src = read_transform(item.get(key), dst, src, self._path, f"{place}.{key}")
        if parents[src] == dst or (parents[dst] != src and parents[src] == "" and src != ROOT):
            child, pose = src, dst_from_src
        elif dst != ROOT and parents[dst] in (src, ""):
            child, pose = dst, dst_from_src.inverse()
        else:
            raise DamagedData(self._path, place, "neither of the two is the other's parent")
        if parents[child] != pose.dst and _hangs_under(parents, child, pose.dst):
            raise DamagedData(self._path, place, "would make a coordinate system its own parent")
        parents[child], poses[child] = pose.dst, pose

    def _edge(self, name: str, parent: str, pose: RigidTransform | None) -> RigidTransform:
        if pose is not None:
            return pose
        if parent != ROOT or self._parents[name]:
            place = f"$.openlabel.coordinate_systems.{name}"
            told = f"nothing usable says where it is in {parent!r}; it is drawn at its origin"
            self._problems.add(self._path, place, told)
        return RigidTransform.identity(parent, name)


def _hangs_under(parents: Mapping[str, str], name: str, start: str) -> bool:
    """Say whether the way up from `start` passes `name`."""
    seen = set()
    while start and start not in seen:
        if start == name:
            return True
        seen.add(start)
        start = parents.get(start, "")
    return False
