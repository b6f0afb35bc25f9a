"""Colours points from the cameras' images: through the real lens, not through walls."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.projection import project_points
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.frame_poses import camera_from_world, sweep_ns
from viewer.session.view_settings import ViewSettings

_CELLS_ACROSS = 160
"""Columns of the coarse depth grid: a cell is wider than the gap between two lidar rays."""
_SLACK = 1.08
_SLACK_M = 0.5
"""A point is hidden when it lies this much beyond the nearest one of its cell."""


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _paint(
    pixels: npt.NDArray[np.float64],
    range_m: npt.NDArray[np.float64],
    usable: npt.NDArray[np.bool_],
    image: npt.NDArray[np.uint8],
    scale: float,
    cell_px: float,
    nearest_m: npt.NDArray[np.float32],
    rgb: npt.NDArray[np.uint8],
) -> None:
    """Write into `rgb` the colour of every point that this camera sees nearest."""
    height, width = image.shape[0], image.shape[1]
    columns = int(width / scale / cell_px) + 2
    rows = int(height / scale / cell_px) + 2
    depth = np.full((rows, columns), np.inf, dtype=np.float32)
    count = pixels.shape[0]
    for i in range(count):
        if usable[i]:
            row, column = int(pixels[i, 1] / cell_px), int(pixels[i, 0] / cell_px)
            if 0 <= row < rows and 0 <= column < columns:
                depth[row, column] = min(depth[row, column], range_m[i])
    for i in range(count):
        if not usable[i] or range_m[i] >= nearest_m[i]:
            continue
        row, column = int(pixels[i, 1] / cell_px), int(pixels[i, 0] / cell_px)
        if row < 0 or row >= rows or column < 0 or column >= columns:
            continue
        if range_m[i] > depth[row, column] * _SLACK + _SLACK_M:
            continue
        x = int(min(width - 1.0, max(0.0, (pixels[i, 0] + 0.5) * scale)))
        y = int(min(height - 1.0, max(0.0, (pixels[i, 1] + 0.5) * scale)))
        nearest_m[i] = range_m[i]
        rgb[i, 0], rgb[i, 1], rgb[i, 2] = image[y, x, 2], image[y, x, 1], image[y, x, 0]


def colours_from_cameras(
    content: FrameContent,
    sweep: LoadedSweep,
    unseen_rgb: tuple[int, int, int],
    view: ViewSettings | None = None,
) -> npt.NDArray[np.uint8]:
    """(N, 3) colour of the pixel that each point projects to; the nearest camera wins.

    Occlusion is judged among the points themselves on a coarse grid of each image. Points that
    no camera sees get `unseen_rgb`. Runs on any thread.
    """
    cloud = sweep.cloud
    rgb = np.empty((len(cloud), 3), np.uint8)
    rgb[:] = unseen_rgb
    nearest_m = np.full(len(cloud), np.inf, np.float32)
    world_from_points = content.world_from(cloud.coord_frame_id, sweep_ns(sweep, view))
    for sensor_id, image in content.images.items():
        camera = content.rig.cameras.get(sensor_id)
        if camera is None or camera.model is None:
            continue
        camera_from_points: npt.NDArray[Any] = (
            camera_from_world(content, camera, view) @ world_from_points
        )
        projection = project_points(cloud.xyz, camera.model, camera_from_points)
        usable = projection.valid & camera.model.in_image(projection.pixels)
        _paint(
            projection.pixels,
            projection.range_m,
            usable,
            image.pixels,
            float(image.scale),
            max(2.0, camera.model.width_px / _CELLS_ACROSS),
            nearest_m,
            rgb,
        )
    return rgb
