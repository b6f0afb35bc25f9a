"""How far objects are from the vehicle."""

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import EvaluatedObjects, Floats


def ranges_m(objects: EvaluatedObjects) -> Floats:
    """(N,) distance in space from the vehicle to each box's middle; NaN where either is unknown."""
    if not len(objects):
        return np.empty(0)
    away = objects.centers_m - objects.frames.ego_positions_m[objects.frame_rows]
    distances: Floats = np.linalg.norm(away, axis=1)
    return distances


def within_range(
    objects: EvaluatedObjects, limit_m: float, side: str, lacks: list[str]
) -> npt.NDArray[np.bool_]:
    """(N,) True where a box lies nearer than the limit, or the vehicle's place is unknown."""
    distances = ranges_m(objects)
    boxes = np.isfinite(objects.centers_m).all(axis=1)
    unknown = np.isnan(distances) & boxes
    if unknown.any():
        lacks.append(
            f"{unknown.sum()} {side} lie in frames whose vehicle has no known place: "
            "they count whatever their range."
        )
    near: npt.NDArray[np.bool_] = (distances < limit_m) | unknown
    return near
