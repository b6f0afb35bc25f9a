"""The smooth path of something that is seen again and again, whatever a few of its places say."""

import numpy as np
import numpy.typing as npt

from viewer.geometry.smooth_path_kernels import fit_places

Floats = npt.NDArray[np.float64]

REACH = 6
"""Places before and after that the path is told from."""
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
        REACH, STRAIGHT, STEPS, NEAR_M, STILL_M, STILL_SHARE,
    )  # fmt: skip
