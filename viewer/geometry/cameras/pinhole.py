"""Lens without distortion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Projection, Rays, fill_center


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinhole(CameraModel):
    """u = fx x/z + cx, v = fy y/z + cy; only z > 0."""

    name: ClassVar[str] = "pinhole"

    fx: float
    fy: float
    cx: float = None  # type: ignore[assignment]  # filled in from the image size
    cy: float = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        fill_center(self)

    @property
    def domain(self) -> LensDomain:
        """Everything in front."""
        return LensDomain("radius", np.inf)

    def project(self, points_cam: npt.NDArray[np.floating]) -> Projection:
        """(N, 3) points in the camera's coord frame to pixels."""
        from viewer.geometry.cameras.kernels import project_pinhole

        return Projection(*project_pinhole(points_cam, self.fx, self.fy, self.cx, self.cy))

    def unproject(self, pixels: npt.NDArray[np.floating]) -> Rays:
        """(N, 2) pixels to viewing rays."""
        rays = np.ones((len(pixels), 3))
        rays[:, 0] = (pixels[:, 0] - self.cx) / self.fx
        rays[:, 1] = (pixels[:, 1] - self.cy) / self.fy
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        valid: npt.NDArray[np.bool_] = np.asarray(np.isfinite(rays).all(axis=1))
        return Rays(rays, valid)

    @classmethod
    def examples(cls) -> Sequence[Self]:
        """A surround camera's and a centred one."""
        return [
            cls(1600, 900, fx=1266.4, fy=1266.4, cx=816.3, cy=491.5),
            cls(640, 400, fx=350.0, fy=350.0),
        ]
