"""Compiled search for the ground plane among the low points of cells."""

from typing import Final

import numpy as np

from viewer.geometry import lazy_numba as nb

FAILED: Final = -1
LOWEST: Final = 0
PLANE: Final = 1


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _plane_through(near, first, second, third, most_slope, least_area):  # type: ignore[no-untyped-def]
    """Slope in x and y and the height at the origin; flat is False where they are no ground."""
    ax = near[second, 0] - near[first, 0]
    ay = near[second, 1] - near[first, 1]
    az = near[second, 2] - near[first, 2]
    bx = near[third, 0] - near[first, 0]
    by = near[third, 1] - near[first, 1]
    bz = near[third, 2] - near[first, 2]
    area = ax * by - ay * bx
    if abs(area) <= least_area:
        return 0.0, 0.0, 0.0, False
    rise_x = (az * by - ay * bz) / area
    rise_y = (ax * bz - az * bx) / area
    if rise_x * rise_x + rise_y * rise_y > most_slope * most_slope:
        return 0.0, 0.0, 0.0, False
    height = near[first, 2] - rise_x * near[first, 0] - rise_y * near[first, 1]
    return rise_x, rise_y, height, True


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _refined(near, count, rise_x, rise_y, height, inlier):  # type: ignore[no-untyped-def]
    """Least squares over the points near the plane: slopes and height, or what was given."""
    total = 0
    mean_x = mean_y = mean_z = 0.0
    for row in range(count):
        if abs(near[row, 2] - rise_x * near[row, 0] - rise_y * near[row, 1] - height) <= inlier:
            total += 1
            mean_x += near[row, 0]
            mean_y += near[row, 1]
            mean_z += near[row, 2]
    if total < 3:
        return rise_x, rise_y, height
    mean_x /= total
    mean_y /= total
    mean_z /= total
    xx = xy = yy = xz = yz = 0.0
    for row in range(count):
        if abs(near[row, 2] - rise_x * near[row, 0] - rise_y * near[row, 1] - height) <= inlier:
            x = near[row, 0] - mean_x
            y = near[row, 1] - mean_y
            z = near[row, 2] - mean_z
            xx += x * x
            xy += x * y
            yy += y * y
            xz += x * z
            yz += y * z
    determinant = xx * yy - xy * xy
    if determinant <= 1e-9 * max(xx, yy) * max(xx, yy):
        return rise_x, rise_y, height
    slope_x = (xz * yy - yz * xy) / determinant
    slope_y = (yz * xx - xz * xy) / determinant
    return slope_x, slope_y, mean_z - slope_x * mean_x - slope_y * mean_y


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cells_near(cells, starts, low, tile, position, radius, near):  # type: ignore[no-untyped-def]
    """Write the cells within a radius to `near`, from the position; return how many."""
    found = 0
    across, along = starts.shape[0], starts.shape[1] - 1
    first_x = max(int(np.floor((position[0] - radius - low[0]) / tile)), 0)
    last_x = min(int(np.floor((position[0] + radius - low[0]) / tile)), across - 1)
    first_y = max(int(np.floor((position[1] - radius - low[1]) / tile)), 0)
    last_y = min(int(np.floor((position[1] + radius - low[1]) / tile)), along - 1)
    for tile_x in range(first_x, last_x + 1):
        if first_y > last_y:
            break
        for cell in range(starts[tile_x, first_y], starts[tile_x, last_y + 1]):
            x = cells[cell, 0] - position[0]
            y = cells[cell, 1] - position[1]
            if x * x + y * y <= radius * radius:
                near[found, 0] = x
                near[found, 1] = y
                near[found, 2] = cells[cell, 2] - position[2]
                found += 1
    return found


@nb.njit(cache=True, nogil=True, error_model="numpy")
def ground_under(  # type: ignore[no-untyped-def]
    cells, starts, low, tile, positions, radii, draws, least_cells, inlier, most_slope, least_area
):
    """(heights, methods, radii, cells within the radius, cells that agree) at each position.

    Parameters
    ----------
    cells
        (C, 3) low points, tile after tile.
    starts, low, tile
        Where each tile begins (rows of tiles along x, each along y), the grid's corner, a tile's
        side; see `tiled`.
    positions
        (N, 3).
    radii
        (N, R) radii to try, growing.
    draws
        (T, 3) numbers from 0 to 1 that choose three cells each.
    """
    count = len(positions)
    heights = np.full(count, np.nan)
    methods = np.full(count, FAILED, np.int8)
    used = np.zeros(count)
    totals = np.zeros(count, np.int64)
    agree = np.zeros(count, np.int64)
    near = np.empty((len(cells), 3))
    for row in range(count):
        found = 0
        for step in range(radii.shape[1]):
            used[row] = radii[row, step]
            found = _cells_near(cells, starts, low, tile, positions[row], used[row], near)
            if found >= least_cells:
                break
        totals[row] = found
        if found == 0:
            continue
        lowest = near[0, 2]
        for cell in range(found):
            lowest = min(lowest, near[cell, 2])
        heights[row] = positions[row, 2] + lowest
        methods[row] = LOWEST
        if found < least_cells:
            continue
        best = -3 * found
        best_x = best_y = best_height = 0.0
        for draw in range(len(draws)):
            rise_x, rise_y, height, flat = _plane_through(
                near, int(draws[draw, 0] * found), int(draws[draw, 1] * found),
                int(draws[draw, 2] * found), most_slope, least_area,
            )  # fmt: skip
            if not flat:
                continue
            score = 0
            for cell in range(found):
                above = near[cell, 2] - rise_x * near[cell, 0] - rise_y * near[cell, 1] - height
                if abs(above) <= inlier:
                    score += 1
                elif above < -2 * inlier:
                    score -= 2
            if score > best:
                best = score
                best_x, best_y, best_height = rise_x, rise_y, height
        if best > -3 * found:
            rise_x, rise_y, height = _refined(near, found, best_x, best_y, best_height, inlier)
            if rise_x * rise_x + rise_y * rise_y > most_slope * most_slope:
                height = best_height
            heights[row] = positions[row, 2] + height
            methods[row] = PLANE
            agree[row] = max(best, 0)
    return heights, methods, used, totals, agree
