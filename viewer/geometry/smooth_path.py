"""The smooth path of something that is seen again and again, whatever a few of its places say."""

import numpy as np
import numpy.typing as npt

from viewer.geometry.smooth_path_kernels import fit_places

Floats = npt.NDArray[np.float64]

REACH, LEAST_REACH = 6, 3
"""Places before and after that the path is told from, at most and at least."""
REACH_S = 0.8
"""The same in time: over much more no parabola follows what turns."""
STEPS = 15
NEAR_M = 0.02
STILL_M, STILL_SHARE = 0.15, 0.6
"""Where so many places lie so near their median, the object stands: no curve bends to the rest."""
STRAIGHT = 1.0
"""So many places speak against a bend: a few wrong ones make none."""


def smooth_path(times_s: Floats, points_m: Floats) -> tuple[Floats, Floats]:
    """Return where each place would lie on a parabola through its neighbours, itself left out.

    The parabola has the least sum of distances, not of their squares: it stays with the most places
    where up to a few others lie elsewhere (iteratively reweighted least squares).

    Parameters
    ----------
    times_s
        (T,) ascending, T > 1.
    points_m
        (T, 3).

    Returns
    -------
    places_m, velocities_mps
        (T, 3) each.

    Examples
    --------
    >>> times_s = np.arange(9) * 0.1
    >>> points_m = np.outer(times_s, [10.0, 0.0, 0.0])
    >>> points_m[4, 1] = 2.0
    >>> places_m, velocities_mps = smooth_path(times_s, points_m)
    >>> places_m[4].round(3) + 0.0, velocities_mps[4].round(3) + 0.0
    (array([4., 0., 0.]), array([10.,  0.,  0.]))
    """
    return fit_places(  # type: ignore[no-any-return]
        np.ascontiguousarray(times_s, dtype=np.float64),
        np.ascontiguousarray(points_m, dtype=np.float64),
        reach_of(times_s), STRAIGHT, STEPS, NEAR_M, STILL_M, STILL_SHARE,
    )  # fmt: skip


def reach_of(times_s: Floats) -> int:
    """Places before and after one that tell its path, by how often there are some.

    Examples
    --------
    >>> [reach_of(np.arange(9) / rate) for rate in (20, 10, 5, 2)]
    [6, 6, 4, 3]
    """
    step_s = float(np.median(np.diff(times_s)))
    return int(np.clip(round(REACH_S / step_s), LEAST_REACH, REACH)) if step_s > 0 else REACH
