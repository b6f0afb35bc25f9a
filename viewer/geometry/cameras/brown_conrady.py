"""Brown-Conrady: rational radial, tangential and thin-prism distortion, as OpenCV has it."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Rays
from viewer.geometry.cameras.domain_kernels import radius_limit
from viewer.geometry.cameras.lens_kernels import BROWN_CONRADY, PackedLens, pack_values
from viewer.geometry.cameras.unproject_kernels import unproject_all

COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
"""In the order of OpenCV's distortion array."""


@dataclass(frozen=True)
class BrownConrady(CameraModel):
    """The lens of most calibrations.

    With x, y on the plane z = 1, r2 = x x + y y and the radial factor
    d = (1 + k1 r2 + k2 r4 + k3 r6) / (1 + k4 r2 + k5 r4 + k6 r6)::

        u = fx (x d + 2 p1 x y + p2 (r2 + 2 x x) + s1 r2 + s2 r4) + cx
        v = fy (y d + p1 (r2 + 2 y y) + 2 p2 x y + s3 r2 + s4 r4) + cy

    The domain ends at the first radius where, along any azimuth, the image folds back on itself
    (the Jacobian's determinant is no longer positive) or the denominator vanishes.

    Examples
    --------
    >>> camera = BrownConrady(1392, 512, fx=984.0, fy=981.0, k1=-0.37, k2=0.2, k3=-0.07)
    >>> camera.domain.kind
    'radius'
    """

    name: ClassVar[str] = "brown_conrady"

    fx: float = field(kw_only=True)
    fy: float = field(kw_only=True)
    cx: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    cy: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    k1: float = field(kw_only=True, default=0.0)
    k2: float = field(kw_only=True, default=0.0)
    k3: float = field(kw_only=True, default=0.0)
    k4: float = field(kw_only=True, default=0.0)
    k5: float = field(kw_only=True, default=0.0)
    k6: float = field(kw_only=True, default=0.0)
    p1: float = field(kw_only=True, default=0.0)
    p2: float = field(kw_only=True, default=0.0)
    s1: float = field(kw_only=True, default=0.0)
    s2: float = field(kw_only=True, default=0.0)
    s3: float = field(kw_only=True, default=0.0)
    s4: float = field(kw_only=True, default=0.0)

    def __post_init__(self) -> None:
        self._set_lens(self.cx, self.cy)

    def _pack(self) -> PackedLens:
        coefficients = self.opencv_coefficients()
        limit = radius_limit(coefficients)
        values = pack_values(self.fx, self.fy, self.cx, self.cy, 0.0, limit, coefficients)
        return PackedLens(BROWN_CONRADY, values)

    def opencv_coefficients(self) -> npt.NDArray[np.float64]:
        """(12,) k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4."""
        return np.array([getattr(self, name) for name in COEFFICIENTS])

    @property
    def domain(self) -> LensDomain:
        return LensDomain("radius", float(self.packed.values[5]))

    def unproject(self, pixels: npt.NDArray[np.floating[Any]]) -> Rays:
        return Rays(*unproject_all(self.packed, pixels))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (
            cls(1392, 512, fx=984.0, fy=981.0, cx=690.0, cy=233.2, k1=-0.372, k2=0.197,
                k3=-0.0723, p1=0.0018, p2=0.0006),
            cls(4096, 3072, fx=1956.0, fy=1955.0, cx=2046.0, cy=1564.0, k1=-0.3199, k2=-2.3283,
                k3=1.7689, k4=-0.4332, k5=-2.1052, k6=1.6538, p1=2e-5, p2=5e-5, s1=0.0012,
                s2=-0.0007, s3=-0.0009, s4=0.0005),
            cls(640, 400, fx=220.0, fy=220.0, k1=0.8, k2=0.05, k3=0.001, k4=1.1, k5=0.2, k6=0.01),
            cls(640, 480, fx=400.0, fy=400.0),
        )  # fmt: skip
