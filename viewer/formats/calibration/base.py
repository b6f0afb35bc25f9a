"""What a loose calibration file says of a camera, and the contract of its formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.rigid_matrix import checked_rotation
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.cameras.pinhole import Pinhole

MAX_CALIBRATION_BYTES = 16 * 1024 * 1024

PINHOLE_NAMES = frozenset({"pinhole", "perspective", "none", "no_distortion", ""})
BROWN_CONRADY_NAMES = frozenset(
    {
        "radtan", "radial_tangential", "plumb_bob", "brown", "brown_conrady", "opencv",
        "rational_polynomial", "rational", "thin_prism", "pinhole_radtan",
    }
)  # fmt: skip
FISHEYE_NAMES = frozenset(
    {
        "equidistant", "equi", "kannala_brandt", "kannala_brandt4", "kb4", "fisheye",
        "opencv_fisheye", "pinhole_equi",
    }
)  # fmt: skip
MEI_NAMES = frozenset({"mei", "omni", "omnidir", "omni_radtan"})
REFUSED_TITLES = {
    "ds": "double sphere",
    "double_sphere": "double sphere",
    "eucm": "extended unified camera model (EUCM)",
    "ucm": "unified camera model (UCM)",
    "ocam": "Scaramuzza OCam",
    "ocamcalib": "Scaramuzza OCam",
    "scaramuzza": "Scaramuzza OCam",
    "fov": "field of view (FOV)",
    "atan": "field of view (FOV)",
    "ftheta": "f-theta",
    "f_theta": "f-theta",
    "radial_poly": "radial polynomial (WoodScape)",
    "cylindrical": "cylindrical",
    "pinhole_fov": "field of view (FOV)",
}
"""Lens models that are known but not drawn, by the name that files use."""


class RefusedLens(Exception):
    """The lens model is not one that can be drawn; the message is for people."""


@dataclass(frozen=True, slots=True)
class LensDescription:
    """A lens as a file describes it; the image size may be unknown until an image is seen."""

    model_name: str
    """As the file spells it."""
    fx: float = 0.0
    fy: float = 0.0
    cx: float = 0.0
    cy: float = 0.0
    distortion: tuple[float, ...] = ()
    """OpenCV's order k1 k2 p1 p2 k3 ... for Brown-Conrady, k1..k4 for fisheye, k1 k2 p1 p2 for
    MEI."""
    width_px: int | None = None
    height_px: int | None = None
    xi: float = 0.0
    """Of MEI alone."""

    def lens(self, width_px: int, height_px: int) -> CameraModel:
        """Return the lens for an image of this size.

        Raises
        ------
        RefusedLens
            When the model is not one that we have, or the file is of another image size.
        """
        name = self.model_name.strip().lower().replace("-", "_").replace(" ", "_")
        known = name in PINHOLE_NAMES | BROWN_CONRADY_NAMES | FISHEYE_NAMES | MEI_NAMES
        if not known:
            title = REFUSED_TITLES.get(name)
            called = f"{title} ({self.model_name!r})" if title else repr(self.model_name)
            raise RefusedLens(f"the lens model {called} is not supported")
        stated = (self.width_px or width_px, self.height_px or height_px)
        if stated != (width_px, height_px):
            raise RefusedLens(
                f"the image is {width_px} x {height_px} pixels, its calibration is for"
                f" {stated[0]} x {stated[1]}"
            )
        if not (self.fx > 0 and self.fy > 0 and np.isfinite([*self._numbers()]).all()):
            raise RefusedLens("the calibration has no usable focal length")
        try:
            return self._build(name, width_px, height_px)
        except ValueError as error:
            raise RefusedLens(f"the calibration is not usable: {error}") from None

    def _numbers(self) -> tuple[float, ...]:
        return (self.fx, self.fy, self.cx, self.cy, self.xi, *self.distortion)

    def _build(self, name: str, width_px: int, height_px: int) -> CameraModel:
        center = {"fx": self.fx, "fy": self.fy, "cx": self.cx, "cy": self.cy}
        if name in FISHEYE_NAMES:
            return Fisheye(width_px, height_px, **center, **_named(self.distortion, _FISHEYE_ORDER))
        if name in MEI_NAMES:
            bent = _named(self.distortion, _MEI_ORDER)
            return Mei(width_px, height_px, **center, xi=self.xi, **bent)
        if not any(self.distortion):
            return Pinhole(width_px, height_px, **center)
        return BrownConrady(width_px, height_px, **center, **_named(self.distortion, _OPENCV_ORDER))


_OPENCV_ORDER = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4")
_FISHEYE_ORDER = ("k1", "k2", "k3", "k4")
_MEI_ORDER = ("k1", "k2", "p1", "p2")


def _named(values: Sequence[float], names: Sequence[str]) -> dict[str, float]:
    if any(values[len(names) :]):
        raise ValueError(f"{len(values)} distortion coefficients where at most {len(names)} fit")
    return dict(zip(names, values, strict=False))


@dataclass(frozen=True, eq=False, slots=True)
class CameraDescription:
    """One camera of a calibration file."""

    camera_id: str
    """Its name in the file; empty where the file describes one camera without naming it."""
    lens: LensDescription
    camera_from_parent: npt.NDArray[np.float64] | None = None
    """(4, 4), None where the file does not say."""
    parent: str = ""
    """What the pose refers to: ``lidar``, ``ego``, ``ground``, ``imu``."""


class CalibrationFormat(Protocol):
    """One shape of calibration file. A new one is one file listed in `catalog.py`."""

    name: ClassVar[str]
    """Stable identifier, e.g. ``kalibr``."""
    title: ClassVar[str]
    """For people."""
    suffixes: ClassVar[tuple[str, ...]]

    def recognises(self, document: object) -> bool:
        """Say whether a parsed document is of this shape. Must not raise."""
        ...

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        """Return the cameras. Raise `DamagedData` when a needed number is missing or wrong."""
        ...


def numbers_of(
    value: object, path: Path, place: str, *, count: int | None = None
) -> npt.NDArray[np.float64]:
    """Return a flat array of finite numbers from nested lists, numbers or text.

    OpenCV writes ``{rows, cols, data}``; its ``data`` is taken.
    """
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    flat: list[float] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(reversed(item))
            continue
        try:
            flat.append(float(item))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise DamagedData(path, place, "is not a list of numbers") from None
        if len(flat) > 4096:
            raise DamagedData(path, place, "is a longer list than any calibration has")
    if count is not None and len(flat) != count:
        raise DamagedData(path, place, f"has {len(flat)} numbers where {count} belong")
    numbers = np.array(flat, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise DamagedData(path, place, "holds a number that is not finite")
    return numbers


def pinhole_numbers(
    matrix: npt.NDArray[np.float64],
) -> tuple[float, float, float, float]:
    """Return fx fy cx cy of a flat (9,) camera matrix."""
    fx, _, cx, _, fy, cy = matrix[:6].tolist()
    return fx, fy, cx, cy


def image_size_of(value: object, path: Path, place: str) -> tuple[int, int]:
    """Return width and height from two numbers."""
    width, height = numbers_of(value, path, place, count=2).tolist()
    if not (1 <= width < 1 << 20 and 1 <= height < 1 << 20):
        raise DamagedData(path, place, f"an image of {width:g} x {height:g} pixels cannot be")
    return int(width), int(height)


def rigid_4x4(
    value: object, path: Path, place: str, *, inverted: bool = False
) -> npt.NDArray[np.float64]:
    """Return a (4, 4) rigid matrix from 12 or 16 row-major numbers, inverted on request."""
    flat = numbers_of(value, path, place)
    if len(flat) not in (12, 16):
        raise DamagedData(path, place, f"has {len(flat)} numbers where 12 or 16 belong")
    matrix = np.eye(4)
    matrix[:3] = flat[:12].reshape(3, 4)
    rotation = checked_rotation(matrix[:3, :3], path, place)
    matrix[:3, :3] = rotation
    if inverted:
        matrix[:3, 3] = -rotation.T @ matrix[:3, 3]
        matrix[:3, :3] = rotation.T.copy()
    return matrix
