"""What the 3D view wants made from a loaded frame on a worker thread."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.render.colour import PointColouring, colour_points
from viewer.render.convert import packed_colour
from viewer.render.point_slabs import Slab, SlabbedCloud, slab_cloud_once
from viewer.render.trails import Trail, build_trails
from viewer.session.frame_content import FrameContent
from viewer.session.frame_store import Preparer
from viewer.session.view_settings import ViewSettings

POINTS_KEY = "points_3d"
TRAILS_KEY = "trails"
SLOW_MODES = ("class", "cameras")
CLASS_MODES = ("class", "point_class")
_SHADER_MODES = ("solid", "height", "distance")
"""The shader computes these by itself."""
QUICK_POINTS = 300_000
"""More points than this are not coloured while a person waits."""


@dataclass(frozen=True, eq=False, slots=True)
class PreparedPoints:
    """Slabs and colours of every sweep of a frame, in the order of `FrameContent.sweeps`."""

    clouds: tuple[SlabbedCloud, ...]
    colourings: tuple[PointColouring, ...]
    colour_key: tuple[Any, ...]
    """Settings that the colours hold for, from `colour_key`."""
    values: tuple[tuple[npt.NDArray[np.float32], ...], ...]
    """For each sweep and each of its slabs, what the shader takes."""


def colour_key(view: ViewSettings) -> tuple[Any, ...]:
    """The settings on which colours depend; map and range are left to the shader."""
    style = view.points
    depends: tuple[Any, ...] = ()
    if style.colour_by in CLASS_MODES:
        depends = (view.filters, view.layers.predictions)
    if style.colour_by in SLOW_MODES:
        depends = (*depends, tuple(sorted(view.time_offsets_ns.items())))
    return style.colour_by, depends


def prepared_for(view: ViewSettings) -> tuple[Any, ...]:
    """For `Session(prepared_for=...)`: what makes a frame's preparation out of date."""
    points = view.points
    loaded = points.sweep_count, points.earlier_sweeps, view.images.overlays
    return *loaded, colour_key(view), view.layers.trails


def prepare_points(content: FrameContent, view: ViewSettings) -> PreparedPoints:
    """Cut and colour the points of a frame. Runs on any thread."""
    clouds = tuple(slab_cloud_once(sweep.cloud) for sweep in content.sweeps)
    colourings = colour_sweeps(content, view)
    values = tuple(
        tuple(slab_values(slab, colouring) for slab in cloud.slabs)
        for cloud, colouring in zip(clouds, colourings, strict=True)
    )
    return PreparedPoints(clouds, colourings, colour_key(view), values)


def slab_values(slab: Slab, colouring: PointColouring) -> npt.NDArray[np.float32]:
    """(n,) what the shader takes for the points of a slab: a value, or a packed colour."""
    if colouring.mode in _SHADER_MODES:
        return np.zeros(len(slab.xyz), np.float32)
    if colouring.rgb is not None:
        return packed_colour(np.asarray(slab.pick(colouring.rgb)))
    values: npt.NDArray[np.float32] = slab.pick(np.asarray(colouring.values))
    return np.ascontiguousarray(values, dtype=np.float32)


def worth_waiting(content: FrameContent, view: ViewSettings) -> bool:
    """True when colouring on the owner's thread would keep a person waiting."""
    count = sum(len(sweep.cloud) for sweep in content.sweeps)
    return view.points.colour_by in SLOW_MODES or count > QUICK_POINTS


def colour_sweeps(content: FrameContent, view: ViewSettings) -> tuple[PointColouring, ...]:
    """Colour every sweep of a frame, with the automatic range. Runs on any thread."""
    style = replace(view.points, colour_range=None)
    return tuple(colour_points(content, sweep, style, view) for sweep in content.sweeps)


def prepare_trails(content: FrameContent, view: ViewSettings) -> tuple[Trail, ...] | None:
    """Trails of the frame's tracks; None while trails are off."""
    if not view.layers.trails:
        return None
    sets = tuple(label_set.label_set_id for label_set in content.scene.label_sets)
    return build_trails(content.scene, content.index, sets)


PREPARERS: Mapping[str, Preparer] = MappingProxyType(
    {POINTS_KEY: prepare_points, TRAILS_KEY: prepare_trails}
)
"""For `Session(preparers=..., prepared_for=prepared_for)`; else the view prepares by itself."""
