"""Pinhole: no distortion."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel, LensDomain, Rays
from viewer.geometry.cameras.lens_kernels import PINHOLE, PackedLens, pack_values


@dataclass(frozen=True)
class Pinhole(CameraModel):
    """u = fx x / z + cx, v = fy y / z + cy, for z > 0.

    Examples
    --------
    >>> camera = Pinhole(640, 480, fx=100.0, fy=100.0)
    >>> pixels, valid = camera.project(np.array([[1.0, 0.0, 2.0], [1.0, 0.0, -2.0]]))
    >>> pixels[0].tolist(), valid.tolist()
    ([370.0, 240.0], [True, False])
    """

    name: ClassVar[str] = "pinhole"

    fx: float = field(kw_only=True)
    fy: float = field(kw_only=True)
    cx: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    cy: float = field(kw_only=True, default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self._set_lens(self.cx, self.cy)

    def _pack(self) -> PackedLens:
        return PackedLens(PINHOLE, pack_values(self.fx, self.fy, self.cx, self.cy, 0.0, np.inf))

    @property
    def domain(self) -> LensDomain:
        return LensDomain("radius", float("inf"))

    def unproject(self, pixels: npt.NDArray[np.floating[Any]]) -> Rays:
        pixels = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
        valid = np.isfinite(pixels[:, 0]) & np.isfinite(pixels[:, 1])
        pixels = np.where(valid[:, None], pixels, np.nan)
        directions = np.ones((len(pixels), 3))
        directions[:, 0] = (pixels[:, 0] - self.cx) / self.fx
        directions[:, 1] = (pixels[:, 1] - self.cy) / self.fy
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        directions[~valid] = np.nan
        return Rays(directions, valid)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (
            cls(1242, 375, fx=721.5, fy=721.5, cx=609.6, cy=172.9),
            cls(64, 48, fx=10.0, fy=30.0),
        )
