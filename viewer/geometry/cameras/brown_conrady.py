"""Lens with radial, tangential and thin-prism distortion, as OpenCV's full 12-parameter model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Projection, Rays, fill_center


@lru_cache(maxsize=4096)
def _radius_limit(coefficients: tuple[float, ...]) -> float:
    from viewer.geometry.cameras.kernels import brown_conrady_limit

    return float(brown_conrady_limit(np.array(coefficients)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BrownConrady(CameraModel):
    """Rational radial factor, tangential and thin-prism terms.

    With x = X/Z, y = Y/Z, r2 = x^2 + y^2 and
    q = (1 + k1 r2 + k2 r2^2 + k3 r2^3) / (1 + k4 r2 + k5 r2^2 + k6 r2^3)::

        x' = x q + 2 p1 x y + p2 (r2 + 2 x^2) + s1 r2 + s2 r2^2
        y' = y q + p1 (r2 + 2 y^2) + 2 p2 x y + s3 r2 + s4 r2^2
        u = fx x' + cx, v = fy y' + cy; only Z > 0

    Source: D. C. Brown, "Decentering distortion of lenses" (1966), in the form of OpenCV's
    calib3d documentation. We differ in one thing: rays beyond the first fold of the map are not
    valid, where the plain formula would throw them back into the image.
    """

    name: ClassVar[str] = "brown_conrady"

    fx: float
    fy: float
    cx: float = None  # type: ignore[assignment]  # filled in from the image size
    cy: float = None  # type: ignore[assignment]
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    s1: float = 0.0
    s2: float = 0.0
    s3: float = 0.0
    s4: float = 0.0

    def __post_init__(self) -> None:
        fill_center(self)

    @classmethod
    def from_opencv(
        cls,
        width_px: int,
        height_px: int,
        matrix: npt.ArrayLike,
        coefficients: Sequence[float],
    ) -> Self:
        """Make from a (3, 3) camera matrix and 0, 4, 5, 8 or 12 coefficients in OpenCV's order."""
        k = np.asarray(matrix, dtype=np.float64)
        names = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
        if len(coefficients) not in (0, 4, 5, 8, 12):
            raise ValueError(f"0, 4, 5, 8 or 12 coefficients make sense, not {len(coefficients)}")
        lens = dict(zip(names, map(float, coefficients), strict=False))
        return cls(width_px, height_px, fx=k[0, 0], fy=k[1, 1], cx=k[0, 2], cy=k[1, 2], **lens)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """All 12 in OpenCV's order: k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4."""
        return (
            self.k1, self.k2, self.p1, self.p2, self.k3, self.k4, self.k5, self.k6,
            self.s1, self.s2, self.s3, self.s4,
        )  # fmt: skip

    @property
    def domain(self) -> LensDomain:
        """Disc up to the first fold of the map along any azimuth."""
        return LensDomain("radius", _radius_limit(self.coefficients))

    def project(self, points_cam: npt.NDArray[np.floating]) -> Projection:
        """(N, 3) points in the camera's coord frame to pixels."""
        from viewer.geometry.cameras.kernels import project_brown_conrady

        d = np.array(self.coefficients)
        limit = self.domain.limit
        return Projection(
            *project_brown_conrady(points_cam, self.fx, self.fy, self.cx, self.cy, d, limit)
        )

    def unproject(self, pixels: npt.NDArray[np.floating]) -> Rays:
        """(N, 2) pixels to viewing rays."""
        from viewer.geometry.cameras.kernels import unproject_brown_conrady

        d = np.array(self.coefficients)
        limit = self.domain.limit
        return Rays(
            *unproject_brown_conrady(
                np.asarray(pixels, np.float64), self.fx, self.fy, self.cx, self.cy, d, limit
            )
        )

    @classmethod
    def examples(cls) -> Sequence[Self]:
        """A KITTI raw camera, a rational lens of a depth camera, a lens with all terms."""
        return [
            cls(
                1392, 512, fx=959.79, fy=956.93, cx=696.02, cy=224.18,
                k1=-0.3691, k2=0.1969, p1=0.00135, p2=0.00057, k3=-0.0677,
            ),
            cls(
                1024, 1024, fx=504.9, fy=504.9, cx=515.3, cy=513.2,
                k1=1.8, k2=1.2, k3=0.05, k4=2.1, k5=1.7, k6=0.25, p1=1e-4, p2=-5e-5,
            ),
            cls(
                640, 400, fx=300.0, fy=300.0, k1=-0.2, k2=0.04, k3=-0.003, k4=0.02,
                p1=0.002, p2=-0.001, s1=0.003, s2=-0.0005, s3=-0.002, s4=0.0004,
            ),
        ]  # fmt: skip
