"""What a finding shows in 3D besides boxes: the way of a track, and points to look at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False, slots=True)
class LitEvidence:
    """Lines and points over the shown frame; it goes with the frame. World, metres."""

    trail_m: npt.NDArray[np.float64] | None = None
    """(T, 3) centres of the track."""
    points_m: npt.NDArray[np.float64] | None = None
    """(P, 3)."""
