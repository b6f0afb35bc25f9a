"""Triangle meshes that carry what the shading needs: material, colour, texture position, normal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rgb = tuple[float, float, float]
SMOOTH_COS = 0.75


class Material(IntEnum):
    """How a surface looks, and how it answers a laser."""

    MATTE = 0
    GROUND = 1
    FACADE = 2
    GLASS = 3
    PAINT = 4
    FOLIAGE = 5
    LIGHT = 6
    TILES = 7
    REFLECTOR = 8


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with one material and colour a face, a texture position and normal a corner."""

    vertices: Floats
    """(V, 3) metres."""
    faces: npt.NDArray[np.int64]
    """(F, 3) indices, counter-clockwise from outside."""
    materials: npt.NDArray[np.uint8]
    colours: npt.NDArray[np.float32]
    """(F, 3) linear red green blue, 0..1."""
    uv: npt.NDArray[np.float32]
    """(F, 3, 2) metres on the surface; road coordinates on the ground."""
    normals: npt.NDArray[np.float32]
    """(F, 3, 3) unit, one a corner."""

    @classmethod
    def of(
        cls,
        vertices: npt.ArrayLike,
        faces: npt.ArrayLike,
        colour: Rgb,
        material: Material = Material.MATTE,
        uv: npt.NDArray[np.float32] | None = None,
    ) -> Mesh:
        """Make flat-shaded faces of one colour and material."""
        points = np.asarray(vertices, dtype=np.float64)
        triangles = np.asarray(faces, dtype=np.int64).reshape(-1, 3)
        count = len(triangles)
        return cls(
            points,
            triangles,
            np.full(count, material, dtype=np.uint8),
            np.tile(np.asarray(colour, dtype=np.float32), (count, 1)),
            np.zeros((count, 3, 2), dtype=np.float32) if uv is None else uv,
            np.repeat(face_normals(points, triangles)[:, None], 3, axis=1).astype(np.float32),
        )

    def moved(
        self, rotation: Floats | None = None, translation: Sequence[float] = (0, 0, 0)
    ) -> Mesh:
        """Rotate, then shift."""
        turn = np.eye(3) if rotation is None else rotation
        return Mesh(
            self.vertices @ turn.T + np.asarray(translation, dtype=np.float64),
            self.faces,
            self.materials,
            self.colours,
            self.uv,
            (self.normals @ turn.T.astype(np.float32)).astype(np.float32),
        )

    def fitted(self, size: Sequence[float]) -> Mesh:
        """Stretch each axis so that the mesh touches all six faces of a box around the origin."""
        low, high = self.vertices.min(axis=0), self.vertices.max(axis=0)
        scale = np.asarray(size, dtype=np.float64) / (high - low)
        normals = self.normals / scale.astype(np.float32)
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        return Mesh(
            (self.vertices - (low + high) / 2) * scale,
            self.faces,
            self.materials,
            self.colours,
            self.uv,
            normals.astype(np.float32),
        )

    def mirrored(self) -> Mesh:
        """Swap left and right."""
        flip = np.array([1.0, -1.0, 1.0])
        return Mesh(
            self.vertices * flip,
            self.faces[:, ::-1],
            self.materials,
            self.colours,
            self.uv[:, ::-1],
            (self.normals[:, ::-1] * flip).astype(np.float32),
        )

    def smoothed(self) -> Mesh:
        """Round the shading across edges that bend little."""
        flat = face_normals(self.vertices, self.faces)
        corner_keys = [
            [tuple(row) for row in triangle]
            for triangle in np.round(self.vertices[self.faces], 5).tolist()
        ]
        faces_at: defaultdict[tuple[float, ...], list[int]] = defaultdict(list)
        for face, keys in enumerate(corner_keys):
            for key in keys:
                faces_at[key].append(face)
        normals = np.empty((len(self.faces), 3, 3))
        for face, keys in enumerate(corner_keys):
            for corner, key in enumerate(keys):
                around = flat[faces_at[key]]
                normals[face, corner] = around[around @ flat[face] > SMOOTH_COS].sum(axis=0)
        lengths = np.linalg.norm(normals, axis=2, keepdims=True)
        normals = np.where(lengths > 1e-9, normals / np.maximum(lengths, 1e-9), flat[:, None])
        return Mesh(
            self.vertices,
            self.faces,
            self.materials,
            self.colours,
            self.uv,
            normals.astype(np.float32),
        )


def join(meshes: Iterable[Mesh]) -> Mesh:
    """Return one mesh that holds all."""
    parts = list(meshes)
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.materials for part in parts]),
        np.concatenate([part.colours for part in parts]),
        np.concatenate([part.uv for part in parts]),
        np.concatenate([part.normals for part in parts]),
    )


def face_normals(vertices: Floats, faces: npt.NDArray[np.int64]) -> Floats:
    """Return the (F, 3) unit normals of triangles; zero for those without area."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Floats = normals / np.where(lengths > 0, lengths, 1.0)
    return unit


def box(
    low: Sequence[float], high: Sequence[float], colour: Rgb, material: Material = Material.MATTE
) -> Mesh:
    """Upright box between two corners; every side has its own texture position in metres."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    corners = np.array(
        [[x, y, z] for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)], dtype=np.float64
    )
    quads = [(4, 6, 7, 5), (2, 0, 1, 3), (6, 2, 3, 7), (0, 4, 5, 1), (1, 5, 7, 3), (0, 2, 6, 4)]
    triangles, uv = [], []
    for a, b, c, d in quads:
        width = np.linalg.norm(corners[b] - corners[a])
        height = np.linalg.norm(corners[d] - corners[a])
        triangles += [(a, b, c), (a, c, d)]
        uv += [
            [(0, 0), (width, 0), (width, height)],
            [(0, 0), (width, height), (0, height)],
        ]
    return Mesh.of(corners, triangles, colour, material, np.array(uv, dtype=np.float32))


def tube(
    start: Sequence[float],
    end: Sequence[float],
    radii: tuple[float, float],
    colour: Rgb,
    material: Material = Material.MATTE,
    sides: int = 10,
) -> Mesh:
    """Closed cone frustum between two points."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    axis = (b - a) / np.linalg.norm(b - a)
    side = np.cross(axis, (0, 0, 1) if abs(axis[2]) < 0.9 else (1, 0, 0))
    side = side / np.linalg.norm(side)
    up = np.cross(axis, side)
    angles = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * up
    vertices = np.concatenate([a + ring * radii[0], b + ring * radii[1], [a], [b]])
    faces = []
    for i in range(sides):
        j = (i + 1) % sides
        faces += [
            (i, j, sides + j),
            (i, sides + j, sides + i),
            (2 * sides, j, i),
            (2 * sides + 1, sides + i, sides + j),
        ]
    return Mesh.of(vertices, faces, colour, material)


def wheel(center: Sequence[float], radius: float, width: float, outer_sign: int, rim: Rgb) -> Mesh:
    """Tyre and rim; the axle lies along y and the rim faces `outer_sign` * y."""
    x, y, z = center
    half = width / 2
    tyre = tube((x, y - half, z), (x, y + half, z), (radius, radius), (0.02, 0.02, 0.022), sides=24)
    face = y + outer_sign * half
    disc = tube(
        (x, face - outer_sign * 0.02, z),
        (x, face, z),
        (radius * 0.64, radius * 0.6),
        rim,
        Material.PAINT,
        sides=24,
    )
    return join([tyre.moved(translation=(0, -outer_sign * 0.004, 0)), disc])


def ring(center: Sequence[float], radius: float, thickness: float, colour: Rgb) -> Mesh:
    """Thin bicycle tyre in the x-z plane."""
    angles = np.arange(25) * 2 * np.pi / 24
    path = np.asarray(center) + radius * np.stack(
        [np.cos(angles), np.zeros(25), np.sin(angles)], axis=1
    )
    return join(
        tube(path[i].tolist(), path[i + 1].tolist(), (thickness, thickness), colour, sides=6)
        for i in range(24)
    )


def sphere(
    center: Sequence[float],
    radii: Sequence[float],
    colour: Rgb,
    material: Material = Material.MATTE,
    *,
    detail: int = 8,
    bumps: float = 0.0,
    seed: int = 0,
) -> Mesh:
    """Ellipsoid; `bumps` pushes its vertices in and out by up to that share of the radius."""
    rows, columns = detail, 2 * detail
    polar = np.linspace(0, np.pi, rows + 1)[:, None]
    around = np.arange(columns)[None] * 2 * np.pi / columns
    unit = np.stack(
        [
            np.sin(polar) * np.cos(around),
            np.sin(polar) * np.sin(around),
            np.cos(polar) * np.ones_like(around),
        ],
        axis=-1,
    )
    shove = 1 + bumps * np.random.default_rng(seed).uniform(-1, 1, size=(rows + 1, columns, 1))
    shove[0], shove[-1] = shove[0, 0], shove[-1, 0]
    vertices = (unit * shove * np.asarray(radii) + np.asarray(center)).reshape(-1, 3)
    faces = []
    for i in range(rows):
        for j in range(columns):
            k = (j + 1) % columns
            a, b = i * columns + j, i * columns + k
            c, d = a + columns, b + columns
            faces += (
                [(a, c, d)] if i == 0 else [(a, c, d), (a, d, b)] if i < rows - 1 else [(a, c, b)]
            )
    mesh = Mesh.of(vertices, faces, colour, material)
    outward = (unit / np.asarray(radii)).reshape(-1, 3)
    outward = outward / np.linalg.norm(outward, axis=1, keepdims=True)
    return replace(mesh, normals=outward[mesh.faces].astype(np.float32))


def loft(
    sections: Floats, colours: npt.NDArray[np.float32], materials: npt.NDArray[np.uint8]
) -> Mesh:
    """Skin over closed outlines, first to last, with both ends capped.

    Parameters
    ----------
    sections
        (S, P, 3): P points around each outline, counter-clockwise seen from beyond the last.
    colours, materials
        (S - 1, P, 3) and (S - 1, P): one a patch; the caps take those of the first point.
    """
    count, points = sections.shape[:2]
    hubs = sections[[0, -1]].mean(axis=1)
    faces, rows = [], []
    for s in range(count - 1):
        for p in range(points):
            a, b = s * points + p, s * points + (p + 1) % points
            faces += [(a, b, b + points), (a, b + points, a + points)]
            rows += [(s, p), (s, p)]
    for hub, s in enumerate((0, count - 1)):
        for p in range(points):
            a, b = s * points + p, s * points + (p + 1) % points
            faces.append((count * points + hub, a, b) if hub else (count * points + hub, b, a))
            rows.append((min(s, count - 2), 1))
    picked = np.array(rows)
    mesh = Mesh.of(np.concatenate([sections.reshape(-1, 3), hubs]), faces, (0, 0, 0))
    return replace(
        mesh,
        colours=colours[picked[:, 0], picked[:, 1]],
        materials=materials[picked[:, 0], picked[:, 1]],
    )
