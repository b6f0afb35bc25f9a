"""Picking in the 3D view: which label, which point, where in the world."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from viewer.render.eye import Eye
from viewer.render.layers.base import Canvas, Shown
from viewer.render.layers.cuboids import CuboidsLayer
from viewer.render.layers.points import PointsLayer
from viewer.render.picking import (
    POINT_TOLERANCE_PX,
    blocks_near_ray,
    nearest_point,
    picked_box,
    small_box_near,
)
from viewer.session.selection import LabelKey

_PICK_FAR_M = 1e7


@dataclass(frozen=True, eq=False, slots=True)
class Pick:
    """What lies under a pixel; a label's pick also carries the point there, if there is one."""

    kind: Literal["label", "point"]
    position_world: npt.NDArray[np.float64]
    """(3,) of the point, else where the line of sight meets the box."""
    label: LabelKey | None = None
    point_index: int | None = None
    """Row in the stored cloud of sweep `sweep_index`."""
    sweep_index: int | None = None
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Fields of the point."""


def pick(
    shown: Shown,
    eye: Eye,
    canvas: Canvas,
    points: PointsLayer,
    cuboids: CuboidsLayer,
    at_px: tuple[float, float],
) -> Pick | None:
    """Find the label and the point under a pixel position."""
    point = pick_point(shown, eye, canvas, points, at_px)
    found = pick_label(shown, eye, cuboids, at_px)
    if found is None:
        return point
    label, position = found
    if point is None:
        return Pick("label", position, label)
    return Pick(
        "label", point.position_world, label, point.point_index, point.sweep_index, point.values
    )


def pick_label(
    shown: Shown, eye: Eye, layer: CuboidsLayer, at_px: tuple[float, float]
) -> tuple[LabelKey, npt.NDArray[np.float64]] | None:
    """The label that a click means, and where the line of sight meets it."""
    origin, direction = eye.ray(*at_px)
    best: tuple[float, LabelKey, npt.NDArray[np.float64]] | None = None
    for drawn in layer.drawn:
        place = picked_box(drawn.cuboids, origin, direction)
        if place is None:
            pixels, depth = eye.project(drawn.cuboids.center)
            radii = np.linalg.norm(drawn.cuboids.size, axis=1) / 2
            scale = eye.metres_per_px / eye.current.distance_m
            per_px = eye.metres_per_px if eye.current.parallel else np.maximum(depth, 1e-6) * scale
            place = small_box_near(np.nan_to_num(pixels, nan=-1e9), radii / per_px, at_px)
        if place is None:
            continue
        center = drawn.cuboids.center[place]
        along = float((center - origin) @ direction)
        size = float(drawn.cuboids.size[place].prod())
        # Two sets often hold the same object: the one in front by more than its size wins.
        rank = along + 0.01 * size
        if best is None or rank < best[0]:
            best = rank, drawn.key(place, shown.content.index), origin + along * direction
    return (best[1], best[2]) if best is not None else None


def pick_point(
    shown: Shown, eye: Eye, canvas: Canvas, layer: PointsLayer, at_px: tuple[float, float]
) -> Pick | None:
    """The drawn point under a pixel position that is nearest to the eye."""
    if not shown.view.layers.points:
        return None
    x, y = at_px
    at_ndc = 2.0 * x / canvas.width_px - 1.0, 1.0 - 2.0 * y / canvas.height_px
    reach_px = (POINT_TOLERANCE_PX + 0.5 * shown.view.points.size_px) * canvas.pixel_ratio
    reach_ndc = 2.0 * reach_px / canvas.width_px, 2.0 * reach_px / canvas.height_px
    clip_from_world = eye.clip_from_world(0.01, _PICK_FAR_M)
    clip_from_world[2, :3] = eye.forward
    clip_from_world[2, 3] = -float(eye.forward @ eye.position)
    spread_m = eye.current.distance_m if eye.current.parallel else 0.0
    best: tuple[float, int, int, npt.NDArray[np.float32]] | None = None
    origin, direction = eye.ray(x, y)
    # The corner of the square in reach is sqrt(2) away; some slack covers the rim of the picture.
    reach_m = 2.0 * reach_px * eye.metres_per_px
    slope = 0.0 if eye.current.parallel else reach_m / eye.current.distance_m
    for drawn, limits in zip(layer.drawn, layer.limits, strict=True):
        points_from_world = np.linalg.inv(drawn.world_from_points)
        start = points_from_world[:3, :3] @ origin + points_from_world[:3, 3]
        heading = points_from_world[:3, :3] @ direction
        clip = clip_from_world @ drawn.world_from_points
        box = np.eye(4) if limits.box_from_points is None else limits.box_from_points
        for slab in drawn.cloud.slabs:
            blocks = blocks_near_ray(slab, start, heading, reach_m, slope)
            index, score = nearest_point(
                slab, blocks, clip, at_ndc, reach_ndc, spread_m, limits.ego_from_points,
                limits.numbers(), box, limits.box_half_m,
            )  # fmt: skip
            if index >= 0 and (best is None or score < best[0]):
                best = score, drawn.sweep_index, slab.stored_row(index), slab.xyz[index]
    if best is None:
        return None
    _, sweep_index, row, xyz = best
    matrix = layer.drawn[sweep_index].world_from_points
    position = matrix[:3, :3] @ xyz.astype(np.float64) + matrix[:3, 3]
    cloud = shown.content.sweeps[sweep_index].cloud
    values = {name: values[row] for name, values in cloud.fields.items()}
    return Pick("point", position, None, row, sweep_index, MappingProxyType(values))
