"""Poses over time."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from viewer.geometry.rotation import matrix_from_quaternion, normalized_quaternion, slerp
from viewer.geometry.transform import RigidTransform

OutsideRange = Literal["error", "clamp", "extrapolate"]


@dataclass(frozen=True, eq=False, slots=True)
class Trajectory:
    """`dst_from_src` at some instants; between them slerp and linear interpolation.

    Parameters
    ----------
    dst, src
        Coord frame ids.
    timestamps_ns
        (N,) int64, strictly increasing, N >= 1.
    rotations_wxyz
        (N, 4) quaternions.
    translations_m
        (N, 3).
    outside
        What holds before the first and after the last instant: the end pose ("clamp"), the
        motion of the last two ("extrapolate"), or nothing ("error").
    """

    dst: str
    src: str
    timestamps_ns: npt.NDArray[np.int64]
    rotations_wxyz: npt.NDArray[np.float64]
    translations_m: npt.NDArray[np.float64]
    outside: OutsideRange = "clamp"

    def __post_init__(self) -> None:
        name = f"{self.dst}_from_{self.src}"
        times = np.array(self.timestamps_ns, dtype=np.int64)
        rotations = np.array(self.rotations_wxyz, dtype=np.float64).reshape(-1, 4)
        translations = np.array(self.translations_m, dtype=np.float64).reshape(-1, 3)
        if times.ndim != 1 or not len(times) == len(rotations) == len(translations) > 0:
            raise ValueError(f"trajectory {name} needs as many times, rotations and translations")
        if (times[1:] <= times[:-1]).any():
            raise ValueError(f"trajectory {name} needs strictly increasing times")
        if not np.isfinite(translations).all():
            raise ValueError(f"trajectory {name} has a position that is not finite")
        try:
            rotations = normalized_quaternion(rotations)
        except ValueError as error:
            raise ValueError(f"trajectory {name}: {error}") from error
        for array, field in (
            (times, "timestamps_ns"),
            (rotations, "rotations_wxyz"),
            (translations, "translations_m"),
        ):
            array.flags.writeable = False
            object.__setattr__(self, field, array)

    def at(self, timestamp_ns: int) -> RigidTransform:
        """Return the pose at a time.

        Raises
        ------
        ValueError
            Outside the recorded range when `outside` is "error".
        """
        times = self.timestamps_ns
        if not times[0] <= timestamp_ns <= times[-1]:
            if self.outside == "error":
                raise ValueError(
                    f"{self.dst}_from_{self.src} is known from {times[0]} to {times[-1]} ns, "
                    f"not at {timestamp_ns}"
                )
            if self.outside == "clamp":
                timestamp_ns = int(min(max(timestamp_ns, times[0]), times[-1]))
        if len(times) == 1:
            return self._pose(self.rotations_wxyz[0], self.translations_m[0])
        after = int(np.clip(np.searchsorted(times, timestamp_ns, side="right"), 1, len(times) - 1))
        before = after - 1
        t = (timestamp_ns - int(times[before])) / (int(times[after]) - int(times[before]))
        return self._pose(
            slerp(self.rotations_wxyz[before], self.rotations_wxyz[after], t),
            (1 - t) * self.translations_m[before] + t * self.translations_m[after],
        )

    def _pose(
        self, wxyz: npt.NDArray[np.float64], translation: npt.NDArray[np.float64]
    ) -> RigidTransform:
        return RigidTransform(self.dst, self.src, matrix_from_quaternion(wxyz), translation)
