"""Lidar points of one frame as they project into one image."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from viewer.geometry.projection import project_points
from viewer.render.class_colours import LegendRow, merged_legend
from viewer.render.colour import colour_points, point_rgb, robust_range
from viewer.render.colour_maps import colour_table
from viewer.render.isolation import isolated_box
from viewer.render.overlay_lens import ImageLens
from viewer.render.rasterizer import far_to_near
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.frame_poses import ego_from_sweep, sweep_ns, world_from_sweep
from viewer.session.selection import LabelKey
from viewer.session.view_settings import EGO_HALF_SIZE_M, ViewSettings

DEPTH_MODE = "depth"


@dataclass(frozen=True, eq=False, slots=True)
class ProjectedPoints:
    """Points that fall in the image, farthest first, so that nearer ones are drawn over them."""

    xy_px: npt.NDArray[np.float32]
    """(N, 2)."""
    depth_m: npt.NDArray[np.float32]
    """(N,) distance along the optical axis; from the lens where that is not positive."""
    sweep: npt.NDArray[np.int16]
    """(N,) place of the point's sweep in the frame's content."""
    row: npt.NDArray[np.int32]
    """(N,) row of the point in its cloud."""

    def __len__(self) -> int:
        return len(self.row)

    def nearest(self, u: float, v: float, tolerance_px: float) -> int | None:
        """Index of the point closest to a pixel; of several equally close ones the nearest."""
        if len(self) == 0:
            return None
        gap = np.hypot(self.xy_px[:, 0] - u, self.xy_px[:, 1] - v)
        closest = float(gap.min())
        if closest > tolerance_px:
            return None
        candidates = np.flatnonzero(gap <= closest + 0.5)
        return int(candidates[np.argmin(self.depth_m[candidates])])


def project_sweeps(
    lens: ImageLens,
    view: ViewSettings,
    at_most: int | None = None,
    selected: LabelKey | None = None,
) -> ProjectedPoints:
    """Project every point that the filters leave, current and older sweeps alike.

    `selected` is the label whose box may be isolated. With `at_most`, of clouds that hold more
    points together only every n-th.
    """
    sweeps = lens.content.sweeps
    count = sum(len(sweep.cloud) for sweep in sweeps)
    step = 1 if at_most is None else max(1, -(-count // at_most))
    box = isolated_box(lens.content, view, selected)
    parts = [
        _project_sweep(lens, view, place, sweep, step, box) for place, sweep in enumerate(sweeps)
    ]
    if not parts:
        empty = np.empty(0, dtype=np.float32)
        return ProjectedPoints(
            empty.reshape(0, 2), empty, empty.astype(np.int16), empty.astype(np.int32)
        )
    together = ProjectedPoints(
        np.concatenate([part.xy_px for part in parts]),
        np.concatenate([part.depth_m for part in parts]),
        np.concatenate([part.sweep for part in parts]),
        np.concatenate([part.row for part in parts]),
    )
    order = far_to_near(together.depth_m)
    return ProjectedPoints(
        together.xy_px[order], together.depth_m[order], together.sweep[order], together.row[order]
    )


def _project_sweep(
    lens: ImageLens,
    view: ViewSettings,
    place: int,
    sweep: LoadedSweep,
    step: int,
    box: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None,
) -> ProjectedPoints:
    camera_from_points = lens.camera_from(sweep.cloud.coord_frame_id, sweep_ns(sweep, view))
    projection = project_points(sweep.cloud.xyz[::step], lens.shown, camera_from_points)
    inside = projection.valid & lens.shown.in_image(projection.pixels)
    seen = np.flatnonzero(inside)
    seen = seen[_kept_by_filters(lens.content, sweep, view, seen * step)]
    if box is not None:
        seen = seen[_in_box(lens.content, sweep, view, seen * step, *box)]
    rows = seen * step
    depth = projection.depth_m[seen]
    depth = np.where(depth > 0, depth, projection.range_m[seen])
    return ProjectedPoints(
        projection.pixels[seen].astype(np.float32),
        depth.astype(np.float32),
        np.full(len(rows), place, dtype=np.int16),
        rows.astype(np.int32),
    )


def _kept_by_filters(
    content: FrameContent, sweep: LoadedSweep, view: ViewSettings, rows: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    filters = view.filters
    kept = np.ones(len(rows), dtype=bool)
    ranged = filters.max_range_m is not None or filters.min_range_m > 0
    if not (ranged or filters.height_band_m is not None or filters.hide_ego_points):
        return kept
    ego_from_points = ego_from_sweep(content, sweep, view)
    xyz_ego = sweep.cloud.xyz[rows] @ ego_from_points[:3, :3].T + ego_from_points[:3, 3]
    if ranged:
        range_m = np.hypot(xyz_ego[:, 0], xyz_ego[:, 1])
        kept &= range_m >= filters.min_range_m
        if filters.max_range_m is not None:
            kept &= range_m <= filters.max_range_m
    if filters.height_band_m is not None:
        low, high = filters.height_band_m
        kept &= (xyz_ego[:, 2] >= low) & (xyz_ego[:, 2] <= high)
    if filters.hide_ego_points:
        half_length, half_width = EGO_HALF_SIZE_M
        on_ego = (np.abs(xyz_ego[:, 0]) <= half_length) & (np.abs(xyz_ego[:, 1]) <= half_width)
        kept &= ~on_ego
    return kept


def _in_box(
    content: FrameContent,
    sweep: LoadedSweep,
    view: ViewSettings,
    rows: npt.NDArray[np.intp],
    world_from_box: npt.NDArray[np.float64],
    half_size_m: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    box_from_points = np.linalg.inv(world_from_box) @ world_from_sweep(content, sweep, view)
    xyz_box = sweep.cloud.xyz[rows] @ box_from_points[:3, :3].T + box_from_points[:3, 3]
    kept: npt.NDArray[np.bool_] = np.all(np.abs(xyz_box) <= half_size_m, axis=1)
    return kept


def projected_colours(
    points: ProjectedPoints, content: FrameContent, view: ViewSettings
) -> tuple[npt.NDArray[np.uint8], tuple[LegendRow, ...]]:
    """(N, 3) colour of each projected point, by depth or by any mode of the 3D view.

    Beside them the classes that the colours stand for, of those that are seen.
    """
    mode = view.images.points_colour_by
    if mode == DEPTH_MODE:
        log_depth = np.log(np.maximum(points.depth_m, 0.1))
        low, high = robust_range(log_depth)
        place = np.clip((high - log_depth) / (high - low) * 255, 0, 255).astype(np.uint8)
        near_is_bright: npt.NDArray[np.uint8] = colour_table(view.points.colour_map)[place]
        return near_is_bright, ()
    rgb = np.empty((len(points), 3), dtype=np.uint8)
    style = replace(view.points, colour_by=mode)
    legends = []
    for number, sweep in enumerate(content.sweeps):
        own = points.sweep == number
        if own.any():
            colouring = colour_points(content, sweep, style, view)
            rgb[own] = point_rgb(colouring, style.colour_map)[points.row[own]]
            legends.append(colouring.legend)
    legend = merged_legend(legends)
    if legend:
        packed = np.unique(rgb.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32))
        seen = set(packed.tolist())
        legend = tuple(row for row in legend if _packed(row) in seen)
    return rgb, legend


def _packed(row: LegendRow) -> int:
    red, green, blue = row.rgb
    return red << 16 | green << 8 | blue


def position_world(
    points: ProjectedPoints, index: int, content: FrameContent, view: ViewSettings
) -> tuple[float, float, float]:
    """World position of one projected point."""
    sweep = content.sweeps[int(points.sweep[index])]
    world_from_points = world_from_sweep(content, sweep, view)
    xyz = sweep.cloud.xyz[int(points.row[index])].astype(np.float64)
    x, y, z = world_from_points[:3, :3] @ xyz + world_from_points[:3, 3]
    return float(x), float(y), float(z)
