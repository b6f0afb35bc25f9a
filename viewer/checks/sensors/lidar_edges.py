"""Where the lidar sees depth jump, over the strength of the edges of an image."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import image_time_ns
from viewer.formats.base import DamagedData
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.projection import project_points
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.metrics.objects import Floats
from viewer.scene.scene import Frame
from viewer.scene.sensors import RangeSensorKind, Rig

WIDTH_PX: Final = 640
"""Images are looked at about so wide; shifts are found in these pixels."""
REACH_PX: Final = 24
"""Farthest shift that is tried, either way."""
CELL_PX: Final = 2
NEIGHBOURS: Final = 4
"""Cells to either side in which what lies behind an edge is looked for."""
LEAST_STEP_M: Final = 0.8
LEAST_STEP_SHARE: Final = 0.1


@dataclass(frozen=True, eq=False, slots=True)
class EdgeCurve:
    """How well the lidar's edges meet those of one image."""

    met: Floats
    """(2 `REACH_PX` + 1,) mean strength of the image's edges that are met, by shift."""
    edges: int


@dataclass(frozen=True, eq=False, slots=True)
class EdgeView:
    """One image, and what the lidars of its frame measured."""

    camera_id: str
    model: CameraModel
    points_world: Floats
    """(P, 3) metres."""
    camera_from_world: Floats
    """(4, 4) at the time of the image."""
    camera_from_ego: Floats
    """(4, 4)."""
    strength: Floats
    """(H, W) of upright edges, 0..1."""

    def curve(self, camera_from_world: Floats | None = None) -> EdgeCurve:
        """Compare, with the camera's own pose or (4, 4) another."""
        matrix = self.camera_from_world if camera_from_world is None else camera_from_world
        seen = project_points(self.points_world, self.model, matrix)
        inside = seen.valid & self.model.in_image(seen.pixels)
        pixels, ranges = seen.pixels[inside], seen.range_m[inside]
        edges = pixels[depth_edges(pixels, ranges, self.model.width_px)]
        decoded_px = self.strength.shape[1]
        scaled = edges * (decoded_px / self.model.width_px)
        return EdgeCurve(_met(self.strength, scaled, decoded_px / WIDTH_PX), len(edges))


def spread_frames(scene: CheckedScene, most: int) -> list[Frame]:
    """Return frames with points and images, evenly over the scene."""
    frames = [frame for frame in scene.scene.frames if frame.sweeps and frame.images]
    places = np.linspace(0, len(frames) - 1, min(len(frames), most)).astype(np.int64)
    return [frames[place] for place in places.tolist()]


def frame_curves(scene: CheckedScene, frame: Frame) -> Mapping[str, tuple[EdgeCurve, int]]:
    """Compare every camera of a frame: its curve and the width of its images; kept with the scene.

    Decoding images is most of the work, and several ask.
    """
    key = f"edge_curves.{frame.index}"
    kept = scene.cache.get(key)
    if isinstance(kept, dict):
        return kept
    found = {
        view.camera_id: (view.curve(), view.model.width_px) for view in edge_views(scene, frame)
    }
    scene.cache[key] = found
    return found


def edge_views(scene: CheckedScene, frame: Frame) -> Iterator[EdgeView]:
    """Yield a view of each camera whose image, points and calibration can be used."""
    reader = scene.scene.reader
    try:
        rig = reader.read_rig(frame.index)
        points = _points(scene, frame, rig)
    except (DamagedData, TransformTreeError):
        return
    for image_ref in frame.images:
        camera = rig.cameras.get(image_ref.sensor_id)
        if camera is None or camera.model is None:
            continue
        time_ns = image_time_ns(frame, camera.sensor_id)
        try:
            matrix = rig.camera_from(camera, ROOT, time_ns, time_ns)
            from_ego = rig.camera_from(camera, rig.ego_coord_frame_id, time_ns, time_ns)
            image = reader.read_image(frame.index, camera.sensor_id, WIDTH_PX)
        except (DamagedData, TransformTreeError):
            continue
        strength = _edge_strength(image.pixels)
        yield EdgeView(camera.sensor_id, camera.model, points, matrix, from_ego, strength)


def _points(scene: CheckedScene, frame: Frame, rig: Rig) -> Floats:
    """(P, 3) of all lidars of a frame, world."""
    parts = [np.empty((0, 3))]
    for sweep in frame.sweeps:
        sensor = rig.lidars.get(sweep.sensor_id)
        if sensor is not None and sensor.kind != RangeSensorKind.LIDAR:
            continue
        cloud = scene.scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        time_ns = sweep.timestamp_ns or frame.timestamp_ns
        pose = rig.transforms.transform(ROOT, cloud.coord_frame_id, time_ns)
        parts.append(pose.apply(cloud.xyz[cloud.finite_mask()]))
    return np.concatenate(parts)


def depth_edges(pixels: Floats, ranges_m: Floats, width_px: int) -> npt.NDArray[np.bool_]:
    """(P,) True for points beside which, left or right in the image, all lies far behind."""
    if not len(pixels):
        return np.zeros(0, dtype=bool)
    cell = CELL_PX * width_px / WIDTH_PX
    column, row = (pixels[:, 0] / cell).astype(int), (pixels[:, 1] / (2 * cell)).astype(int)
    grid = np.full((row.max() + 1, column.max() + 1 + 2 * NEIGHBOURS), np.inf)
    np.minimum.at(grid, (row, column + NEIGHBOURS), ranges_m)
    step = np.maximum(LEAST_STEP_M, LEAST_STEP_SHARE * ranges_m)
    found = np.zeros(len(pixels), dtype=bool)
    in_front = grid[row, column + NEIGHBOURS] > ranges_m - 0.2
    for sign in (-1, 1):
        beside = [grid[row, column + NEIGHBOURS + sign * k] for k in range(1, NEIGHBOURS + 1)]
        nearest = np.min(beside, axis=0)
        found |= np.isfinite(nearest) & (nearest > ranges_m + step)
    return np.asarray(found & in_front)


def _edge_strength(bgra: npt.NDArray[np.uint8]) -> Floats:
    """(H, W) strength of upright edges, 0..1, the same in dark and bright parts of the image."""
    grey = bgra[:, :, :3].astype(np.float32) @ np.array([0.114, 0.587, 0.299], np.float32)
    across = np.abs(ndimage.gaussian_filter(grey, (1.0, 1.0), order=(0, 1)))
    usual = ndimage.uniform_filter(across, 41)
    strength: Floats = (across / (across + 2.0 * usual + 0.5)).astype(np.float64)
    return strength


def _met(strength: Floats, edges: Floats, step: float) -> Floats:
    height, width = strength.shape
    rows = np.clip(np.round(edges[:, 1]).astype(int), 0, height - 1)
    found = []
    for shift in range(-REACH_PX, REACH_PX + 1):
        columns = np.round(edges[:, 0] + shift * step).astype(int)
        inside = (columns >= 0) & (columns < width)
        found.append(float(strength[rows[inside], columns[inside]].mean()) if inside.any() else 0.0)
    return np.array(found)
