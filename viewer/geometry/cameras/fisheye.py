"""Fisheye (Kannala-Brandt): a polynomial in the angle to the optical axis, past 180 degrees."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Rays
from viewer.geometry.cameras.domain_kernels import theta_limit
from viewer.geometry.cameras.lens_kernels import FISHEYE, PackedLens, pack_values
from viewer.geometry.cameras.unproject_kernels import unproject_all


@dataclass(frozen=True)
class Fisheye(CameraModel):
    """Kannala-Brandt with theta = atan2(hypot(x, y), z), so that rays from behind keep their place.

    With theta_d = theta (1 + k1 theta2 + k2 theta4 + k3 theta6 + k4 theta8) and
    (x', y') = theta_d (x, y) / hypot(x, y)::

        u = fx (x' + skew y') + cx
        v = fy y' + cy

    `skew` is OpenCV's alpha; a skew in pixels is fx times as much. The domain ends at the first
    theta where theta_d stops growing, at most pi.

    Examples
    --------
    >>> camera = Fisheye(1000, 1000, fx=200.0, fy=200.0)
    >>> pixels, valid = camera.project(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    >>> pixels.round(3).tolist()
    [[814.159, 500.0], [500.0, 500.0]]
    """

    name: ClassVar[str] = "fisheye"

    fx: float = field(kw_only=True)
    fy: float = field(kw_only=True)
    cx: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    cy: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    k1: float = field(kw_only=True, default=0.0)
    k2: float = field(kw_only=True, default=0.0)
    k3: float = field(kw_only=True, default=0.0)
    k4: float = field(kw_only=True, default=0.0)
    skew: float = field(kw_only=True, default=0.0)

    def __post_init__(self) -> None:
        self._set_lens(self.cx, self.cy)

    def _pack(self) -> PackedLens:
        coefficients = np.array([self.k1, self.k2, self.k3, self.k4])
        limit = theta_limit(coefficients)
        values = pack_values(self.fx, self.fy, self.cx, self.cy, self.skew, limit, coefficients)
        return PackedLens(FISHEYE, values)

    @property
    def domain(self) -> LensDomain:
        return LensDomain("theta", float(self.packed.values[5]))

    def unproject(self, pixels: npt.NDArray[np.floating[Any]]) -> Rays:
        return Rays(*unproject_all(self.packed, pixels))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (
            cls(1280, 1080, fx=422.13, fy=421.1, cx=612.8, cy=545.1, k1=-0.0703, k2=0.00388,
                k3=-0.00333, k4=0.00056),
            cls(512, 512, fx=190.98, fy=190.97, cx=254.9, cy=256.9, k1=0.0035, k2=0.0007,
                k3=-0.0021, k4=0.0002, skew=0.002),
            cls(640, 640, fx=100.0, fy=100.0),
        )  # fmt: skip
