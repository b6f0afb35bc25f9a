"""The filled outline of a box in an image, cut at the lens's domain."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.box_view import half_axes_in_camera, seen_faces
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cuboids import CORNER_SIGNS, FACES, Cuboid, Cuboids
from viewer.geometry.curve_kernels import EDGE_OF_DOMAIN_RAD, REAR_AXIS_RAD, trace_arc
from viewer.geometry.curves import drawn_cone_rad
from viewer.geometry.transform import RigidTransform, matrix_of

Array = npt.NDArray[np.float64]

_RIM_STEP_RAD: Final = np.deg2rad(1.0)


@dataclass(slots=True)
class _Run:
    """A part of the outline inside the domain; azimuths of its ends where the domain cuts it."""

    pixels: list[Array]
    enters_rad: float | None
    leaves_rad: float | None


def silhouette_polygon(
    cuboid: Cuboid | Cuboids,
    camera: CameraModel,
    camera_from_cuboid: RigidTransform | Array,
    *,
    tolerance_px: float = 0.25,
) -> Array:
    """(P, 2) closed outline, in pixels, of what one cuboid covers; (0, 2) when it is not seen.

    The rays to a convex box fill a convex cone, whose border is made of the edges between a seen
    and an unseen face. Where the lens's domain (or the image and a wide margin around it) cuts
    that border, the outline runs on along the rim. Fill with the even-odd rule: where a box
    behind a fisheye surrounds its rim, the outline is a ring. It may reach out of the image.
    """
    boxes = _one(cuboid)
    matrix = matrix_of(camera_from_cuboid)
    cone_rad = drawn_cone_rad(camera, float(max(camera.width_px, camera.height_px)))
    cone_rad = min(cone_rad - EDGE_OF_DOMAIN_RAD, np.pi - REAR_AXIS_RAD)
    seen = seen_faces(boxes, matrix)[0]
    rim = _rim(camera, cone_rad, 0.0, 2 * np.pi)
    if not seen.any():
        return rim
    axes, centers = half_axes_in_camera(boxes, matrix)
    corners = centers[0] + CORNER_SIGNS @ axes[0].T
    loop = _outline_corners(seen)
    if np.linalg.det(matrix[:3, :3]) < 0:
        loop = loop[::-1]
    runs = _runs(camera, corners[loop], cone_rad, tolerance_px)
    if not runs:
        return rim if _hits(corners, axes[0], centers[0], 1.0) else np.empty((0, 2))
    if runs[0].enters_rad is None:
        outline = np.concatenate(runs[0].pixels)
        if _hits(corners, axes[0], centers[0], -1.0):
            return np.concatenate([outline, outline[:1], rim, rim[:1]])
        return outline
    return _joined_along_rim(camera, cone_rad, runs)


def _one(cuboid: Cuboid | Cuboids) -> Cuboids:
    if isinstance(cuboid, Cuboids):
        if len(cuboid) != 1:
            raise ValueError(f"one cuboid is needed, not {len(cuboid)}")
        return cuboid
    return Cuboids(cuboid.center, cuboid.size, cuboid.rotation, cuboid.coord_frame_id)


def _outline_corners(seen: npt.NDArray[np.bool_]) -> list[int]:
    """Corners along the closed border of the seen faces: the sides that no two of them share."""
    faces = FACES[seen].tolist()
    sides = {side for face in faces for side in zip(face, face[1:] + face[:1], strict=True)}
    following = dict(side for side in sides if side[::-1] not in sides)
    loop = [next(iter(following))]
    while following[loop[-1]] != loop[0]:
        loop.append(following[loop[-1]])
    return loop


def _runs(camera: CameraModel, loop: Array, cone_rad: float, tolerance_px: float) -> list[_Run]:
    """Parts of the closed loop (n, 3) inside the cone, in order; one uncut run when all is."""
    runs: list[_Run] = []
    lens = camera.packed
    for start, end in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        for arc in trace_arc(lens.kind, lens.values, start, end, cone_rad, tolerance_px):
            pixels, (begin, finish), (cut_begin, cut_finish) = arc
            enters = float(np.arctan2(begin[1], begin[0])) if cut_begin else None
            leaves = float(np.arctan2(finish[1], finish[0])) if cut_finish else None
            if runs and runs[-1].leaves_rad is None and enters is None:
                runs[-1].pixels.append(pixels[1:])
                runs[-1].leaves_rad = leaves
            else:
                runs.append(_Run([pixels], enters, leaves))
    if len(runs) > 1 and runs[0].enters_rad is None and runs[-1].leaves_rad is None:
        last = runs.pop()
        runs[0].pixels = last.pixels + runs[0].pixels
        runs[0].enters_rad = last.enters_rad
    return runs


def _joined_along_rim(camera: CameraModel, cone_rad: float, runs: list[_Run]) -> Array:
    """Close runs along the rim: from where one leaves, backwards in azimuth to the next entry."""
    left = list(runs)
    outline: list[Array] = []
    first = run = left.pop(0)
    while True:
        outline.extend(run.pixels)
        leaves = run.leaves_rad or 0.0
        candidates = [*left, first]
        way = [(leaves - (other.enters_rad or 0.0)) % (2 * np.pi) for other in candidates]
        nearest = int(np.argmin(way))
        outline.append(_rim(camera, cone_rad, leaves, leaves - way[nearest]))
        run = candidates[nearest]
        if run is first:
            if not left:
                break
            outline.append(first.pixels[0][:1])
            first = run = left.pop(0)
        else:
            left.remove(run)
    return np.concatenate(outline)


def _rim(camera: CameraModel, cone_rad: float, begin_rad: float, end_rad: float) -> Array:
    """(n, 2) pixels along the edge of the cone from one azimuth to another."""
    steps = int(np.ceil(abs(end_rad - begin_rad) / _RIM_STEP_RAD)) + 1
    azimuth = np.linspace(begin_rad, end_rad, max(steps, 2))
    sine = np.sin(cone_rad)
    rays = np.stack(
        [sine * np.cos(azimuth), sine * np.sin(azimuth), np.full_like(azimuth, np.cos(cone_rad))],
        axis=1,
    )
    pixels, valid = camera.project(rays)
    return pixels[valid]


def _hits(corners: Array, half_axes: Array, center: Array, direction_z: float) -> bool:
    """Whether the ray along the optical axis (or against it) meets the box."""
    ahead = corners[:, 2] * direction_z
    if ahead.max() <= 0:
        return False
    # Slabs in the box's own coordinates, where it is the cube of half size 1.
    inverse = np.linalg.pinv(half_axes)
    origin = -inverse @ center
    step = inverse @ np.array([0.0, 0.0, direction_z])
    low, high = 0.0, np.inf
    for axis in range(3):
        if abs(step[axis]) < 1e-300:
            if abs(origin[axis]) > 1:
                return False
            continue
        a, b = sorted(((-1 - origin[axis]) / step[axis], (1 - origin[axis]) / step[axis]))
        low, high = max(low, a), min(high, b)
    return low <= high
