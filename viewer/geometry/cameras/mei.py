"""MEI, the unified omnidirectional camera: a sphere, a shifted pinhole, then Brown-Conrady."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Rays
from viewer.geometry.cameras.domain_kernels import radius_limit
from viewer.geometry.cameras.lens_kernels import MEI, PackedLens, pack_values
from viewer.geometry.cameras.unproject_kernels import unproject_all


@dataclass(frozen=True)
class Mei(CameraModel):
    """The model of Mei and Rives (2007), as OpenCV's `omnidir` and CamOdoCal have it.

    A point is put on the unit sphere and seen from `xi` behind the middle: with n = |(x, y, z)|,
    a = x / (z + xi n), b = y / (z + xi n), r2 = a a + b b, d = 1 + k1 r2 + k2 r4::

        a' = a d + 2 p1 a b + p2 (r2 + 2 a a)
        b' = b d + p1 (r2 + 2 b b) + 2 p2 a b
        u = fx (a' + skew b') + cx
        v = fy b' + cy

    `skew` is a share of fx; a skew in pixels is fx times as much. The domain ends where a ray no
    longer moves outwards (cos theta = -xi, for xi > 1 at -1 / xi) or the distortion folds back.

    Examples
    --------
    >>> camera = Mei(1000, 1000, fx=200.0, fy=200.0, xi=1.0)
    >>> pixels, valid = camera.project(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    >>> pixels.round(3).tolist()
    [[700.0, 500.0], [500.0, 500.0]]
    """

    name: ClassVar[str] = "mei"

    fx: float = field(kw_only=True)
    fy: float = field(kw_only=True)
    cx: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    cy: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    xi: float = field(kw_only=True, default=1.0)
    k1: float = field(kw_only=True, default=0.0)
    k2: float = field(kw_only=True, default=0.0)
    p1: float = field(kw_only=True, default=0.0)
    p2: float = field(kw_only=True, default=0.0)
    skew: float = field(kw_only=True, default=0.0)

    def __post_init__(self) -> None:
        self._set_lens(self.cx, self.cy)
        if self.xi <= -1:
            raise ValueError(f"{self.name}: xi must be above -1, not {self.xi}")

    def _pack(self) -> PackedLens:
        coefficients = np.zeros(12)
        coefficients[:4] = self.k1, self.k2, self.p1, self.p2
        radius = radius_limit(coefficients)
        if self.xi > 1:
            radius = min(radius, 1 / np.sqrt((self.xi - 1) * (self.xi + 1)))
        theta = _theta_of(radius, self.xi)
        values = pack_values(self.fx, self.fy, self.cx, self.cy, self.skew, theta, coefficients)
        values[11:13] = self.xi, radius
        return PackedLens(MEI, values)

    @property
    def domain(self) -> LensDomain:
        return LensDomain("theta", float(self.packed.values[5]))

    def unproject(self, pixels: npt.NDArray[np.floating[Any]]) -> Rays:
        return Rays(*unproject_all(self.packed, pixels))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (
            cls(1400, 1400, fx=1336.3, fy=1335.8, cx=716.9, cy=705.8, xi=2.2134, k1=0.0168,
                k2=1.6549, p1=0.00042, p2=0.00042),
            cls(1280, 960, fx=640.0, fy=639.0, cx=644.1, cy=478.2, xi=0.87, k1=-0.21, k2=0.03,
                p1=-0.0008, p2=0.0011, skew=0.003),
            cls(640, 640, fx=150.0, fy=150.0, xi=1.0),
            cls(640, 480, fx=400.0, fy=410.0, xi=0.0, k1=-0.1, k2=0.02),
        )  # fmt: skip


def _theta_of(radius: float, xi: float) -> float:
    """Angle to the axis of the ray that meets the plane at this radius."""
    if radius == np.inf:
        return float(np.arccos(-xi))
    r2 = radius * radius
    root = np.sqrt(max(1 + (1 - xi * xi) * r2, 0.0))
    return float(np.arctan2((xi + root) * radius, root - xi * r2))
