"""Fisheye lens: image radius as a polynomial of the angle off axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Projection, Rays, fill_center


@lru_cache(maxsize=4096)
def _angle_limit(coefficients: tuple[float, ...]) -> float:
    from viewer.geometry.cameras.kernels import fisheye_limit

    return float(fisheye_limit(np.array(coefficients)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fisheye(CameraModel):
    """Kannala-Brandt: t = atan2(r, Z), t' = t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8).

    u = fx (x' + skew y') + cx, v = fy y' + cy with (x', y') = t' (X, Y) / r. `skew` is OpenCV's
    alpha, without unit. Angles of 90 degrees and more are fine; the optical axis is finite.

    Source: J. Kannala and S. Brandt, "A generic camera model and calibration method for
    conventional, wide-angle, and fish-eye lenses" (2006), the radial part. OpenCV computes
    t = atan(r / Z) and so mirrors what lies beyond 90 degrees; we do not.
    """

    name: ClassVar[str] = "fisheye"

    fx: float
    fy: float
    cx: float = None  # type: ignore[assignment]  # filled in from the image size
    cy: float = None  # type: ignore[assignment]
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    skew: float = 0.0

    def __post_init__(self) -> None:
        fill_center(self)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Polynomial coefficients k1..k4."""
        return self.k1, self.k2, self.k3, self.k4

    @property
    def domain(self) -> LensDomain:
        """Angles up to which the image radius grows, at most pi."""
        return LensDomain("theta", _angle_limit(self.coefficients))

    def project(self, points_cam: npt.NDArray[np.floating]) -> Projection:
        """(N, 3) points in the camera's coord frame to pixels."""
        from viewer.geometry.cameras.kernels import project_fisheye

        k = np.array(self.coefficients)
        return Projection(
            *project_fisheye(
                points_cam, self.fx, self.fy, self.cx, self.cy, self.skew, k, self.domain.limit
            )
        )

    def unproject(self, pixels: npt.NDArray[np.floating]) -> Rays:
        """(N, 2) pixels to viewing rays."""
        from viewer.geometry.cameras.kernels import unproject_fisheye

        k = np.array(self.coefficients)
        limit = self.domain.limit
        lens = self.fx, self.fy, self.cx, self.cy, self.skew
        return Rays(*unproject_fisheye(np.asarray(pixels, np.float64), *lens, k, limit))

    @classmethod
    def examples(cls) -> Sequence[Self]:
        """A parking camera, a plain equidistant one beyond 180 degrees, one with skew."""
        return [
            cls(
                1280, 1080, fx=422.13, fy=421.1, cx=612.83, cy=545.06,
                k1=-0.0703, k2=0.003875, k3=-0.00333, k4=0.000564,
            ),
            cls(640, 400, fx=150.0, fy=150.0),
            cls(512, 512, fx=190.9, fy=190.9, cx=254.9, cy=256.9, k1=0.0034, k2=0.0007,
                k3=-0.002, k4=0.0002, skew=0.002),
        ]  # fmt: skip
