"""The contract of a camera model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Projection(NamedTuple):
    """Result of projecting N points; rows line up with the input."""

    pixels: Array
    """(N, 2) x right, y down; the top-left pixel's centre is (0, 0). NaN where not `valid`."""
    valid: npt.NDArray[np.bool_]
    """(N,) True where the ray lies in the lens's domain. Image bounds are not checked."""


class Rays(NamedTuple):
    """Result of unprojecting N pixels; rows line up with the input."""

    directions: Array
    """(N, 3) unit vectors in the camera's coord frame. NaN where not `valid`."""
    valid: npt.NDArray[np.bool_]
    """(N,) True where the pixel sees anything: the domain reaches it."""


@dataclass(frozen=True, slots=True)
class LensDomain:
    """The rays that a lens maps one to one; nothing outside it is ever drawn."""

    kind: Literal["radius", "theta"]
    """Whether `limit` is a normalised radius (tan of the angle off axis), or the angle itself."""
    limit: float
    """Exclusive; inf for a lens without a fold, at most pi for `theta`."""

    @property
    def half_angle_rad(self) -> float:
        """Largest angle off the optical axis."""
        return self.limit if self.kind == "theta" else float(np.arctan(self.limit))


@dataclass(frozen=True, slots=True)
class CameraModel(ABC):
    """Intrinsics of one lens model.

    A new model is one file: a frozen dataclass whose fields are its parameters, plus `domain`,
    `project`, `unproject` and `examples`. List it in `catalog.py`; the contract tests then
    cover it.

    Camera coord frame: x right, y down, z forward, metres.
    """

    name: ClassVar[str]
    """Stable identifier written to files."""

    width_px: int
    height_px: int

    @property
    @abstractmethod
    def domain(self) -> LensDomain:
        """The rays that the lens maps one to one, found from the coefficients."""

    @abstractmethod
    def project(self, points_cam: npt.NDArray[np.floating]) -> Projection:
        """(N, 3) points in the camera's coord frame to pixels."""

    @abstractmethod
    def unproject(self, pixels: npt.NDArray[np.floating]) -> Rays:
        """(N, 2) pixels to viewing rays."""

    @classmethod
    @abstractmethod
    def examples(cls) -> Sequence[Self]:
        """Plausible calibrations that the contract tests run on."""

    def in_image(self, pixels: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
        """(N,) True where 0 <= u < width and 0 <= v < height; False for NaN."""
        u, v = pixels[:, 0], pixels[:, 1]
        inside: npt.NDArray[np.bool_] = (
            (u >= 0) & (u < self.width_px) & (v >= 0) & (v < self.height_px)
        )
        return inside

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Parameter names in order, e.g. ``("fx", "fy", "cx", "cy")``."""
        return tuple(f.name for f in fields(cls) if f.name not in ("width_px", "height_px"))

    def parameters(self) -> dict[str, float]:
        """Parameters by name; centres that were left out are filled in."""
        return {name: float(getattr(self, name)) for name in self.parameter_names()}


def fill_center(camera: CameraModel) -> None:
    """Give cx and cy their default, the middle of the image, and check size and focal length."""
    for name, length in (("cx", camera.width_px), ("cy", camera.height_px)):
        if getattr(camera, name) is None:
            object.__setattr__(camera, name, length / 2)
    if camera.width_px <= 0 or camera.height_px <= 0:
        raise ValueError(f"an image of {camera.width_px} x {camera.height_px} px has no pixels")
    for name, value in camera.parameters().items():
        if not np.isfinite(value):
            raise ValueError(f"{name} of the {camera.name} lens is not finite")
        if name in ("fx", "fy") and value == 0:
            raise ValueError(f"{name} of the {camera.name} lens is zero")
