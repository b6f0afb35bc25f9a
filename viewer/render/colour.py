"""What colour a point has: one rule for 3D and for images."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.render.camera_colours import colours_from_cameras
from viewer.render.class_colours import (
    UNCOLOURED_RGB,
    LegendRow,
    box_class_colours,
    point_class_colours,
)
from viewer.render.colour_maps import colour_table
from viewer.render.percentiles import percentiles
from viewer.render.value_base import SAMPLE_LIMIT, less_base, value_base
from viewer.scene.point_cloud import PointCloud
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.frame_poses import ego_from_sweep
from viewer.session.point_class_lookup import has_point_classes
from viewer.session.view_settings import PointStyle, ViewSettings

INTENSITY_FIELDS = ("intensity", "reflectance", "remission", "reflectivity", "i")
SOLID_RGB = (200, 205, 212)

_TITLES = {
    "solid": "Solid",
    "height": "Height",
    "distance": "Distance",
    "age": "Age",
    "class": "Class of the box",
    "point_class": "Point class",
    "cameras": "Cameras",
    "rgb": "Own colour",
}
_UNITS = {"height": "m", "distance": "m", "age": "s"}


@dataclass(frozen=True, slots=True)
class ColourMode:
    """One way to colour points: its id as in `PointStyle.colour_by`, and its title."""

    mode: str
    title: str


@dataclass(frozen=True, eq=False, slots=True)
class PointColouring:
    """Colour of every point of a sweep: either values on a colour map, or colours."""

    mode: str
    """Resolved mode: never ``auto``."""
    label: str
    unit: str
    values: npt.NDArray[np.float32] | None
    """(N,) in stored order and less `base`, to be mapped over `range`."""
    rgb: npt.NDArray[np.uint8] | None
    """(N, 3) in stored order."""
    range: tuple[float, float] | None
    """Ends of the colour range, not less `base`."""
    legend: tuple[LegendRow, ...] = ()
    """Classes that the colours stand for."""
    base: float = 0.0
    """Taken off `values`, for float32 to tell them apart: a large number for absolute times."""


def colour_modes(content: FrameContent) -> tuple[ColourMode, ...]:
    """Every mode that this frame offers, in menu order."""
    modes = ["solid", "height", "distance"]
    clouds = [sweep.cloud for sweep in content.sweeps]
    if any(packed_rgb(cloud) is not None for cloud in clouds[:1]):
        modes.append("rgb")
    classed = has_point_classes(content)
    modes += ["point_class"] if classed else []
    boxed = any(len(labels.cuboids) for labels in content.labels.values())
    modes += ["class"] if boxed or (content.scene.label_sets and not classed) else []
    modes += ["cameras"] if content.images else []
    modes += ["age"] if not content.scene.independent else []
    named = [ColourMode(mode, _TITLES[mode]) for mode in modes]
    fields = dict.fromkeys(name for cloud in clouds for name in cloud.scalar_fields)
    named += [ColourMode(name, name.capitalize()) for name in fields if name not in _TITLES]
    return tuple(named)


def resolve_mode(content: FrameContent, colour_by: str) -> str:
    """Mode that is really used: what ``auto`` stands for, height where a field is missing."""
    if not content.sweeps:
        return "solid"
    cloud = content.sweeps[0].cloud
    if colour_by == "auto":
        found = next((name for name in INTENSITY_FIELDS if name in cloud.scalar_fields), None)
        if found is None:
            found = next((n for n in cloud.scalar_fields if n.lower() in INTENSITY_FIELDS), None)
        if found is not None:
            return found
        return "rgb" if packed_rgb(cloud) is not None else "height"
    if colour_by in ("rgb", "rgba"):
        return "rgb" if packed_rgb(cloud) is not None else "height"
    if colour_by == "point_class" and not has_point_classes(content):
        return "height"
    if colour_by in _TITLES or any(colour_by in s.cloud.scalar_fields for s in content.sweeps):
        return colour_by
    return "height"


def colour_points(
    content: FrameContent, sweep: LoadedSweep, style: PointStyle, view: ViewSettings | None = None
) -> PointColouring:
    """Colour the points of one sweep. Slow modes (cameras, class) belong on a worker thread.

    The range covers the current sweeps of the frame, so that all sweeps share one legend.
    """
    mode = resolve_mode(content, style.colour_by)
    label, unit = _TITLES.get(mode, mode.capitalize()), _UNITS.get(mode, "")
    rgb: npt.NDArray[np.uint8] | None = None
    legend: tuple[LegendRow, ...] = ()
    if mode == "solid":
        rgb = np.broadcast_to(np.array(SOLID_RGB, np.uint8), (len(sweep.cloud), 3))
    elif mode == "rgb":
        rgb = packed_rgb(sweep.cloud)
        if rgb is None:
            rgb = np.broadcast_to(np.array(UNCOLOURED_RGB, np.uint8), (len(sweep.cloud), 3))
    elif mode == "class":
        rgb, legend = box_class_colours(content, sweep, view or ViewSettings())
    elif mode == "point_class":
        rgb, legend = point_class_colours(content, sweep, view or ViewSettings())
    elif mode == "cameras":
        rgb = colours_from_cameras(content, sweep, UNCOLOURED_RGB, view)
    if rgb is not None:
        return PointColouring(mode, label, unit, None, rgb, None, legend)
    base = frame_base(content, mode)
    values = point_values(content, sweep, mode, base=base)
    ends = colour_range(content, mode, style, base)
    return PointColouring(mode, label, unit, values, None, ends, base=base)


def point_rgb(colouring: PointColouring, colour_map: str) -> npt.NDArray[np.uint8]:
    """(N, 3) colours on screen."""
    if colouring.rgb is not None:
        return colouring.rgb
    if colouring.values is None or colouring.range is None:
        raise ValueError("a colouring holds either colours, or values with their range")
    low, high = (end - colouring.base for end in colouring.range)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (colouring.values - low) * np.float32(255.0 / max(high - low, 1e-12))
    place = np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255).astype(np.uint8)
    mapped: npt.NDArray[np.uint8] = colour_table(colour_map)[place]
    return mapped


def point_values(
    content: FrameContent,
    sweep: LoadedSweep,
    mode: str,
    rows: npt.NDArray[Any] | slice = slice(None),
    base: float = 0.0,
) -> npt.NDArray[np.float32]:
    """(N,) values of a mode that has numbers, those of a field less a base; NaN where it lacks."""
    cloud = sweep.cloud
    if mode in ("height", "distance"):
        ego_from_points = ego_from_sweep(content, sweep)
        xyz = cloud.xyz[rows]
        with np.errstate(invalid="ignore", over="ignore"):
            if mode == "height":
                height = xyz @ ego_from_points[2, :3] + ego_from_points[2, 3]
                return np.asarray(height, dtype=np.float32)
            moved = xyz @ ego_from_points[:3, :3].T + ego_from_points[:3, 3]
        away: npt.NDArray[np.float32] = np.linalg.norm(moved, axis=1).astype(np.float32)
        return away
    if mode == "age":
        age = np.float32(sweep_age_s(content, sweep))
        return np.full(len(cloud.xyz[rows]), age, dtype=np.float32)
    values = cloud.fields.get(mode)
    if values is None or values.ndim != 1:
        return np.full(len(cloud.xyz[rows]), np.nan, dtype=np.float32)
    return less_base(values[rows], base)


def frame_base(content: FrameContent, mode: str) -> float:
    """Return what is taken off a field's values in a frame: the same for all of its sweeps."""
    if mode in _TITLES:
        return 0.0
    columns = [sweep.cloud.fields.get(mode) for sweep in _current(content)]
    return value_base([each for each in columns if each is not None and each.ndim == 1])


def colour_range(
    content: FrameContent, mode: str, style: PointStyle, base: float | None = None
) -> tuple[float, float]:
    """Ends of the colour range: as set, else the 2nd to 98th percentile of the frame.

    `base` is that of the frame, where it is known.
    """
    if style.colour_range is not None:
        return style.colour_range
    if mode == "age":
        oldest = max((sweep_age_s(content, sweep) for sweep in content.sweeps), default=0.0)
        return 0.0, max(oldest, 1e-3)
    base = frame_base(content, mode) if base is None else base
    samples = []
    for sweep in _current(content):
        rows = slice(None, None, max(1, len(sweep.cloud) // SAMPLE_LIMIT))
        samples.append(point_values(content, sweep, mode, rows, base))
    together = np.concatenate(samples) if samples else np.empty(0, np.float32)
    low, high = robust_range(together)
    return base + low, base + high


def _current(content: FrameContent) -> list[LoadedSweep]:
    return [sweep for sweep in content.sweeps if sweep.frame_index == content.index]


def robust_range(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    """2nd and 98th percentile of the finite values; the extremes where these coincide."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return 0.0, 1.0
    low, high = percentiles(finite, (2, 98))
    if high <= low:
        low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low, low + 1.0)


def packed_rgb(cloud: PointCloud) -> npt.NDArray[np.uint8] | None:
    """(N, 3) colours that the cloud itself stores, None when it stores none.

    Understood: a packed ``rgb`` or ``rgba`` number (0xAARRGGBB, as an integer or as the bits of a
    float32), three or four columns of that name, or the fields ``red``, ``green``, ``blue``
    (8 or 16 bits, or floats up to 1).
    """
    by_name = {name.lower(): values for name, values in cloud.fields.items()}
    for name in ("rgb", "rgba"):
        values = by_name.get(name)
        if values is None:
            continue
        if values.ndim == 2 and values.shape[1] >= 3:
            return _to_bytes(values[:, :3])
        if values.ndim == 1 and values.dtype.itemsize == 4:
            bits: npt.NDArray[np.uint32] = np.ascontiguousarray(values).view(np.uint32)
            shifted = (bits[:, None] >> np.array([16, 8, 0], np.uint32)) & np.uint32(255)
            parts_rgb: npt.NDArray[np.uint8] = shifted.astype(np.uint8)
            return parts_rgb
    parts = [by_name.get(name) for name in ("red", "green", "blue")]
    if any(part is None or part.ndim != 1 for part in parts):
        return None
    return _to_bytes(np.column_stack([part for part in parts if part is not None]))


def _to_bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    top = float(values.max(initial=0))
    if np.issubdtype(values.dtype, np.floating):
        scale = 255 if top <= 1 else 1
        levels: npt.NDArray[Any] = (np.nan_to_num(values) * scale).clip(0, 255)
        return np.asarray(levels, dtype=np.uint8)
    return np.asarray(values // (257 if top > 255 else 1), dtype=np.uint8)


def sweep_age_s(content: FrameContent, sweep: LoadedSweep) -> float:
    """Seconds by which a sweep is older than the frame; frames where there is no time."""
    if sweep.timestamp_ns is None or content.timestamp_ns is None:
        return float(content.index - sweep.frame_index)
    if sweep.frame_index == content.index:
        return 0.0
    return max(0.0, (content.timestamp_ns - sweep.timestamp_ns) * 1e-9)
