"""Cuts large clouds into slabs, so that any number of slabs is a fair sample of the cloud."""

from dataclasses import dataclass
from typing import Any
from weakref import ref

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.lazy_numba import deferred
from viewer.scene.point_cloud import PointCloud

SLAB_POINTS = 400_000
BLOCK_POINTS = 256
_SEED = 20240229
_FAR_FROM_ZERO_M = 5_000.0


@dataclass(frozen=True, eq=False, slots=True)
class Slab:
    """Some points of a cloud."""

    xyz: npt.NDArray[np.float32]
    """(n, 3) finite, from the cloud's `offset`."""
    rows: npt.NDArray[np.int64] | None
    """(n,) rows in the stored cloud; None for all of them in order."""
    blocks: npt.NDArray[np.float32]
    """(B, 4) centre and radius of a sphere around each `BLOCK_POINTS` consecutive points."""

    def pick(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values of these points, from values of the stored cloud."""
        return values if self.rows is None else values[self.rows]

    def stored_row(self, index: int) -> int:
        """Row in the stored cloud of a point of this slab."""
        return index if self.rows is None else int(self.rows[index])


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class SlabbedCloud:
    """A cloud ready to draw: without broken rows, near zero, in slabs."""

    slabs: tuple[Slab, ...]
    offset: npt.NDArray[np.float64]
    """(3,) in the cloud's coord frame: where the slabs' coordinates start."""
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    """(3,) corners of the slabs' points, from `offset`."""

    @property
    def point_count(self) -> int:
        """Finite points."""
        return sum(len(slab.xyz) for slab in self.slabs)


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _morton_codes(
    xyz: npt.NDArray[np.float32], low: npt.NDArray[np.float32], scale: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint32]:
    """Interleave ten bits of each coordinate."""
    codes = np.empty(len(xyz), np.uint32)
    for i in range(len(xyz)):
        code = np.uint32(0)
        for axis in range(3):
            v = np.uint32(min(1023.0, max(0.0, (xyz[i, axis] - low[axis]) * scale[axis])))
            v = (v | (v << np.uint32(16))) & np.uint32(0x030000FF)
            v = (v | (v << np.uint32(8))) & np.uint32(0x0300F00F)
            v = (v | (v << np.uint32(4))) & np.uint32(0x030C30C3)
            v = (v | (v << np.uint32(2))) & np.uint32(0x09249249)
            code |= v << np.uint32(axis)
        codes[i] = code
    return codes


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _bounds(xyz: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    low = np.full(3, np.inf)
    high = np.full(3, -np.inf)
    for i in range(len(xyz)):
        for axis in range(3):
            value = xyz[i, axis]
            if np.isfinite(value):
                low[axis] = min(low[axis], value)
                high[axis] = max(high[axis], value)
    return low, high


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _block_spheres(xyz: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    count = (len(xyz) + size - 1) // size
    spheres = np.empty((count, 4), np.float32)
    for block in range(count):
        part = xyz[block * size : (block + 1) * size]
        square = 0.0
        for axis in range(3):
            low, high = part[0, axis], part[0, axis]
            for i in range(len(part)):
                low = min(low, part[i, axis])
                high = max(high, part[i, axis])
            spheres[block, axis] = 0.5 * (low + high)
            square += (0.5 * (high - low)) ** 2
        spheres[block, 3] = 1.0001 * np.sqrt(square) + 1e-5
    return spheres


def _slab(xyz: npt.NDArray[np.float32], rows: npt.NDArray[np.int64] | None) -> Slab:
    return Slab(xyz, rows, (_plain_spheres if deferred() else _block_spheres)(xyz, BLOCK_POINTS))


def _plain_spheres(xyz: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    """As `_block_spheres`, for a first picture that comes before the kernels."""
    starts = np.arange(0, len(xyz), size)
    low, high = np.minimum.reduceat(xyz, starts), np.maximum.reduceat(xyz, starts)
    radius = 0.5 * np.linalg.norm((high - low).astype(np.float64), axis=1)
    spheres = np.column_stack([0.5 * (low + high), 1.0001 * radius + 1e-5])
    return spheres.astype(np.float32)


def _cloud_bounds(cloud: PointCloud) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Corners of the finite coordinates; infinite where there are none."""
    if not len(cloud):
        return np.full(3, np.inf), np.full(3, -np.inf)
    if not deferred():
        bounds: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] = _bounds(cloud.xyz)
        return bounds
    if cloud.finite_count == len(cloud):
        ends = cloud.xyz.min(axis=0), cloud.xyz.max(axis=0)
    else:
        sound = np.isfinite(cloud.xyz)
        ends = (
            np.where(sound, cloud.xyz, np.inf).min(axis=0),
            np.where(sound, cloud.xyz, -np.inf).max(axis=0),
        )
    return ends[0].astype(np.float64), ends[1].astype(np.float64)


_known: dict[int, tuple["ref[npt.NDArray[Any]]", "ref[SlabbedCloud]"]] = {}


def slab_cloud_once(cloud: PointCloud) -> SlabbedCloud:
    """`slab_cloud`, or what it gave for the same points while that is still in use."""
    known = _known.get(id(cloud.xyz))
    if known is not None and known[0]() is cloud.xyz:
        slabbed = known[1]()
        if slabbed is not None:
            return slabbed
    slabbed = slab_cloud(cloud)
    for key in [key for key, kept in tuple(_known.items()) if kept[1]() is None]:
        _known.pop(key, None)
    _known[id(cloud.xyz)] = ref(cloud.xyz), ref(slabbed)
    return slabbed


def slab_cloud(cloud: PointCloud, slab_points: int = SLAB_POINTS) -> SlabbedCloud:
    """Prepare a cloud for drawing; large ones are shuffled (seeded) and sorted slab by slab.

    A clean float32 cloud of up to one slab and a half is used as it is, without a copy.
    """
    low, high = _cloud_bounds(cloud)
    if not np.isfinite(low).all() or cloud.finite_count == 0:
        return SlabbedCloud((), np.zeros(3), np.zeros(3), np.zeros(3))
    offset = np.zeros(3)
    if max(np.abs(low).max(), np.abs(high).max()) > _FAR_FROM_ZERO_M:
        offset = np.round(0.5 * (low + high))
    complete = cloud.finite_count == len(cloud)
    if complete and len(cloud) <= slab_points * 3 // 2:
        slabs: tuple[Slab, ...] = (_slab(_near_zero(cloud.xyz, offset), None),)
    else:
        slabs = _shuffled_slabs(cloud, offset, slab_points)
    return SlabbedCloud(slabs, offset, low - offset, high - offset)


def _near_zero(xyz: npt.NDArray[Any], offset: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    if offset.any():
        xyz = xyz.astype(np.float64) - offset
    return np.ascontiguousarray(xyz, dtype=np.float32)


def _shuffled_slabs(
    cloud: PointCloud, offset: npt.NDArray[np.float64], slab_points: int
) -> tuple[Slab, ...]:
    rows = np.flatnonzero(cloud.finite_mask())
    if len(rows) <= slab_points * 3 // 2:
        return (_slab(_near_zero(cloud.xyz[rows], offset), rows),)
    np.random.default_rng(_SEED).shuffle(rows)
    slabs = []
    for part in np.array_split(rows, round(len(rows) / slab_points)):
        part.sort()
        xyz = _near_zero(cloud.xyz[part], offset)
        low, high = xyz.min(axis=0), xyz.max(axis=0)
        scale = (1023.0 / np.maximum(high - low, 1e-6)).astype(np.float32)
        order = np.argsort(_morton_codes(xyz, low, scale), kind="stable")
        slabs.append(_slab(np.ascontiguousarray(xyz[order]), part[order]))
    return tuple(slabs)
