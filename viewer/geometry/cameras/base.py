"""The contract of every camera model: rays to pixels and back, inside the lens's domain."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.lens_kernels import PackedLens, project_all

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Projection(NamedTuple):
    """Where rays meet the image."""

    pixels: Array
    """(N, 2) x right, y down; the centre of the top-left pixel is (0, 0). NaN where not valid."""
    valid: Mask
    """(N,) False outside the lens's domain. Image bounds are not checked."""


class Rays(NamedTuple):
    """Where pixels look."""

    directions: Array
    """(N, 3) unit vectors in the camera (x right, y down, z forward). NaN where not valid."""
    valid: Mask
    """(N,) False where no ray inside the domain reaches the pixel."""


@dataclass(frozen=True, slots=True)
class LensDomain:
    """Cone of rays about the optical axis for which the lens model holds."""

    kind: Literal["radius", "theta"]
    """What `limit` bounds: the normalised radius hypot(x, y) / z, or the angle to the axis."""
    limit: float
    """Rays strictly below it are inside; inf (radius) or pi (theta) where nothing bounds them."""

    @property
    def angle_rad(self) -> float:
        """Half opening angle of the cone."""
        return self.limit if self.kind == "theta" else float(np.arctan(self.limit))


@dataclass(frozen=True)
class CameraModel(ABC):
    """Lens and image size of a recorded camera; where it stands is not part of it.

    Members are frozen dataclasses: `width_px`, `height_px`, then the lens's own numbers, all
    keyword only. `cx` and `cy` default to the middle of the image (width / 2, height / 2).
    """

    name: ClassVar[str]
    """As written in files and shown to people."""

    width_px: int
    height_px: int

    def _set_lens(self, cx: float | None, cy: float | None) -> None:
        """Fill in the image centre and check all numbers; once, at the start."""
        object.__setattr__(self, "cx", self.width_px / 2 if cx is None else cx)
        object.__setattr__(self, "cy", self.height_px / 2 if cy is None else cy)
        for name in ("width_px", "height_px"):
            size = getattr(self, name)
            if size != int(size) or not 0 < size < 2**31:
                raise ValueError(f"{self.name}: {name} must be a positive whole number, not {size}")
            object.__setattr__(self, name, int(size))
        for name in self.parameter_names():
            value = float(getattr(self, name))
            if not np.isfinite(value):
                raise ValueError(f"{self.name}: {name} is not finite")
            if name in ("fx", "fy") and value <= 0:
                raise ValueError(f"{self.name}: {name} must be positive, not {value}")
            object.__setattr__(self, name, value)

    @abstractmethod
    def _pack(self) -> PackedLens:
        """Find the domain and lay the numbers out for the kernels."""

    @classmethod
    @abstractmethod
    def examples(cls) -> tuple[Self, ...]:
        """Some usual and some hard members, which the contract test runs."""

    @abstractmethod
    def unproject(self, pixels: npt.NDArray[np.floating[Any]]) -> Rays:
        """(N, 2) pixels to unit rays; a pixel that the domain does not reach is not valid."""

    @property
    @abstractmethod
    def domain(self) -> LensDomain:
        """Rays for which the model holds, found from the coefficients."""

    @property
    def packed(self) -> PackedLens:
        """The lens as compiled kernels take it; its domain is found when first asked for."""
        packed: PackedLens | None = self.__dict__.get("_packed")
        if packed is None:
            packed = self._pack()
            packed.values.flags.writeable = False
            object.__setattr__(self, "_packed", packed)
        return packed

    def project(self, points_cam: npt.NDArray[np.floating[Any]]) -> Projection:
        """(N, 3) points in the camera, metres, to pixels; only inside the domain."""
        pixels, _, _, valid = project_all(self.packed, points_cam, None, with_depth=False)
        return Projection(pixels, valid)

    def in_image(self, pixels: npt.NDArray[np.floating[Any]]) -> Mask:
        """(N,) True where 0 <= u < width and 0 <= v < height; False for NaN."""
        u, v = pixels[:, 0], pixels[:, 1]
        inside: Mask = (u >= 0) & (u < self.width_px) & (v >= 0) & (v < self.height_px)
        return inside

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Names of the lens's numbers, in the order of the constructor."""
        skipped = ("width_px", "height_px")
        return tuple(f.name for f in fields(cls) if f.init and f.name not in skipped)

    def parameters(self) -> dict[str, float]:
        """Return all lens numbers by name; `type(model)(width, height, **parameters)` is equal."""
        return {name: getattr(self, name) for name in self.parameter_names()}
