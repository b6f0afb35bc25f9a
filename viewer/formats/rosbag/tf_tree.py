"""From tf messages to the coord frames of a rig."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.formats.rosbag.messages import TransformMessage, usable_poses
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, Edge, TransformTree

WORLD_NAMES: Final = ("map", "odom")
"""What may stand for the world, the better first; else the root above the lidar does."""
EGO_NAMES: Final = ("base_link", "base_footprint", "ego_vehicle", "ego", "vehicle", "base")
TF_WORLD: Final = "world (tf)"
"""A coord frame called like our root that hangs under another."""


@dataclass(frozen=True, eq=False, slots=True)
class TfTree:
    """Coord frames of a recording, hung under the root."""

    tree: TransformTree
    ego_coord_frame_id: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class _Edges:
    by_child: dict[str, Edge]
    problems: list[str]

    def ancestors(self, name: str) -> list[str]:
        """Names from a coord frame up to its root, itself first; a cycle is cut."""
        chain = [name]
        while chain[-1] in self.by_child:
            parent = self.by_child[chain[-1]].dst
            if parent in chain:
                self.problems.append(f"the transforms of {chain[-1]!r} and {parent!r} form a cycle")
                del self.by_child[chain[-1]]
                break
            chain.append(parent)
        return chain


def build_tf_tree(
    moving: Iterable[TransformMessage],
    static: Iterable[TransformMessage],
    sensor_frame_ids: Sequence[str],
) -> TfTree:
    """Hang the coord frames of tf under the root.

    Parameters
    ----------
    moving, static
        Messages of ``/tf`` and of ``/tf_static``; of a static transform the last one holds.
    sensor_frame_ids
        Where the sensors measure, the main one first; coord frames that tf does not join with the
        main one are left out, and those that tf does not know at all hang under the root when
        there is nothing else.
    """
    edges = _Edges({}, [])
    _note(edges, static, still=True)
    _note(edges, moving, still=False)
    main = sensor_frame_ids[0] if sensor_frame_ids else ""
    for name in list(edges.by_child):
        edges.ancestors(name)
    chain = edges.ancestors(main)
    world = next((name for name in WORLD_NAMES if name in chain), chain[-1])
    edges.by_child.pop(world, None)
    kept = [edge for child, edge in edges.by_child.items() if edges.ancestors(child)[-1] == world]
    left_out = len(edges.by_child) - len(kept)
    if left_out:
        edges.problems.append(
            f"{left_out} coord frames are joined with {main!r} by no transform and are left out"
        )
    tree = TransformTree([*_root_edge(world), *(_renamed(edge, world) for edge in kept)])
    return TfTree(tree, _ego(tree, main, chain), tuple(edges.problems))


def _note(edges: _Edges, messages: Iterable[TransformMessage], *, still: bool) -> None:
    """Add each child's edge; of several parents the one that is told most often holds."""
    by_child: dict[str, dict[str, list[TransformMessage]]] = defaultdict(lambda: defaultdict(list))
    for message in messages:
        parent, child = message.header.frame_id, message.child_frame_id
        if parent and child and parent != child:
            by_child[child][parent].append(message)
    for child, by_parent in by_child.items():
        counts = Counter({parent: len(told) for parent, told in by_parent.items()})
        parent = counts.most_common(1)[0][0]
        if len(counts) > 1:
            others = ", ".join(repr(name) for name in counts if name != parent)
            edges.problems.append(f"{child!r} hangs under {parent!r} and {others}; the first holds")
        edge = _edge(parent, child, by_parent[parent], still=still)
        if edge is None:
            edges.problems.append(f"the transform {parent!r} from {child!r} is no pose; left out")
        elif still or child not in edges.by_child or isinstance(edge, Trajectory):
            edges.by_child[child] = edge


def _edge(
    parent: str, child: str, messages: Sequence[TransformMessage], *, still: bool
) -> Edge | None:
    """Return a pose, or a trajectory where it changes; None when nothing usable was told."""
    times = np.array([each.header.stamp_ns for each in messages], dtype=np.int64)
    positions = np.array([each.pose.position for each in messages], dtype=np.float64)
    rotations = np.array([each.pose.rotation_wxyz for each in messages], dtype=np.float64)
    usable = usable_poses(positions, rotations)
    if not usable.any():
        return None
    times, positions, rotations = times[usable], positions[usable], rotations[usable]
    changes = np.any(positions != positions[0]) or np.any(rotations != rotations[0])
    if still or not changes:
        return RigidTransform(parent, child, matrix_from_quaternion(rotations[-1]), positions[-1])
    # The last of equal times holds: a stable sort of the reversed rows lets unique find it first.
    times, positions, rotations = times[::-1], positions[::-1], rotations[::-1]
    times, first = np.unique(times, return_index=True)
    return Trajectory(parent, child, times, rotations[first], positions[first])


def _root_edge(world: str) -> list[Edge]:
    return [] if world in (ROOT, "") else [RigidTransform.identity(ROOT, world)]


def _renamed(edge: Edge, world: str) -> Edge:
    """Keep a tf frame called like our root apart from it, unless it is the root."""
    if world == ROOT or ROOT not in (edge.dst, edge.src):
        return edge
    dst, src = (TF_WORLD if name == ROOT else name for name in (edge.dst, edge.src))
    if isinstance(edge, RigidTransform):
        return RigidTransform(dst, src, edge.rotation, edge.translation)
    return Trajectory(dst, src, edge.timestamps_ns, edge.rotations_wxyz, edge.translations_m)


def _ego(tree: TransformTree, main: str, chain: Sequence[str]) -> str:
    for name in EGO_NAMES:
        if name in tree:
            return name
    moved = {edge.src for edge in tree.edges if isinstance(edge, Trajectory)}
    found = next((name for name in chain if name in moved and name in tree), None)
    if found is not None:
        return found
    return main if main in tree else ROOT
