"""Coord frames that hang under each other, root `world`."""

from collections.abc import Iterable

from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform

ROOT = "world"
Edge = RigidTransform | Trajectory


class TransformTreeError(ValueError):
    """The coord frames do not form a tree, or one is unknown; the message names them."""


class TransformTree:
    """Static and moving edges `parent_from_child`; validated as a whole.

    Parameters
    ----------
    edges
        Each names its parent as `dst` and its child as `src`; any order.
    notes
        What was mended while reading, in words for people.

    Raises
    ------
    TransformTreeError
        On a cycle, a missing parent, or a coord frame with two parents.
    """

    def __init__(self, edges: Iterable[Edge] = (), notes: Iterable[str] = ()) -> None:
        self._edges: dict[str, Edge] = {}
        self.notes: tuple[str, ...] = tuple(notes)
        for edge in edges:
            self._insert(edge)
        self._validate()

    def add(self, edge: Edge) -> None:
        """Hang one more coord frame under one that is there already."""
        if edge.dst not in self:
            raise TransformTreeError(
                f"coord frame {edge.src!r} hangs under {edge.dst!r}, which does not exist"
            )
        self._insert(edge)

    def _insert(self, edge: Edge) -> None:
        if edge.src == ROOT:
            raise TransformTreeError(f"{ROOT!r} is the root and hangs under nothing")
        if edge.src in self._edges:
            raise TransformTreeError(f"coord frame {edge.src!r} has two parents")
        self._edges[edge.src] = edge

    def _validate(self) -> None:
        for coord_frame_id in self._edges:
            seen = [coord_frame_id]
            while seen[-1] != ROOT:
                edge = self._edges.get(seen[-1])
                if edge is None:
                    raise TransformTreeError(
                        f"coord frame {seen[-2]!r} hangs under {seen[-1]!r}, which does not exist"
                    )
                if edge.dst in seen:
                    chain = " under ".join(repr(name) for name in (*seen, edge.dst))
                    raise TransformTreeError(f"coord frames form a cycle: {chain}")
                seen.append(edge.dst)

    def __contains__(self, coord_frame_id: object) -> bool:
        return coord_frame_id == ROOT or coord_frame_id in self._edges

    @property
    def coord_frame_ids(self) -> tuple[str, ...]:
        """All coord frames, the root first."""
        return (ROOT, *self._edges)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges in the order of adding."""
        return tuple(self._edges.values())

    def parent_of(self, coord_frame_id: str) -> str | None:
        """Return the parent; None for the root."""
        self._require(coord_frame_id)
        return None if coord_frame_id == ROOT else self._edges[coord_frame_id].dst

    def transform(
        self, dst: str, src: str, at_ns: int | None = None, *, src_ns: int | None = None
    ) -> RigidTransform:
        """Return `dst_from_src`.

        Parameters
        ----------
        dst, src
            Coord frame ids.
        at_ns
            Time at which moving edges are read; may be None when none is crossed.
        src_ns
            Time of the `src` side where it differs: the chain then is
            `dst_from_world(at_ns) @ world_from_src(src_ns)`.
        """
        if dst == src and (src_ns is None or src_ns == at_ns):
            self._require(dst)
            return RigidTransform.identity(dst, src)
        world_from_src = self._world_from(src, at_ns if src_ns is None else src_ns)
        if dst == ROOT:
            return world_from_src
        return self._world_from(dst, at_ns).inverse() @ world_from_src

    def _require(self, coord_frame_id: str) -> None:
        if coord_frame_id not in self:
            known = ", ".join(repr(name) for name in self.coord_frame_ids)
            raise TransformTreeError(f"unknown coord frame {coord_frame_id!r}; there are {known}")

    def _world_from(self, coord_frame_id: str, at_ns: int | None) -> RigidTransform:
        self._require(coord_frame_id)
        pose = RigidTransform.identity(coord_frame_id, coord_frame_id)
        while pose.dst != ROOT:
            pose = self._resolve(self._edges[pose.dst], at_ns) @ pose
        return pose

    @staticmethod
    def _resolve(edge: Edge, at_ns: int | None) -> RigidTransform:
        if isinstance(edge, RigidTransform):
            return edge
        if at_ns is None:
            if len(edge.timestamps_ns) == 1:
                return edge.at(int(edge.timestamps_ns[0]))
            raise TransformTreeError(f"{edge.dst}_from_{edge.src} moves: a time is needed")
        return edge.at(at_ns)
