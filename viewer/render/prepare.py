"""What the 3D view wants made from a loaded frame on a worker thread."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from viewer.render.colour import PointColouring, colour_points
from viewer.render.point_slabs import SlabbedCloud, slab_cloud_once
from viewer.render.trails import Trail, build_trails
from viewer.session.frame_content import FrameContent
from viewer.session.frame_store import Preparer
from viewer.session.view_settings import ViewSettings

POINTS_KEY = "points_3d"
TRAILS_KEY = "trails"


@dataclass(frozen=True, eq=False, slots=True)
class PreparedPoints:
    """Slabs and colours of every sweep of a frame, in the order of `FrameContent.sweeps`."""

    clouds: tuple[SlabbedCloud, ...]
    colourings: tuple[PointColouring, ...]
    colour_key: tuple[Any, ...]
    """Settings that the colours hold for, from `colour_key`."""


def colour_key(view: ViewSettings) -> tuple[Any, ...]:
    """The settings on which colours depend; map and range are left to the shader."""
    style, filters = view.points, view.filters
    depends: tuple[Any, ...] = ()
    if style.colour_by == "class":
        depends = (filters, view.layers.predictions)
    offsets = tuple(sorted(view.time_offsets_ns.items()))
    return style.colour_by, depends, offsets


def prepare_points(content: FrameContent, view: ViewSettings) -> PreparedPoints:
    """Cut and colour the points of a frame. Runs on any thread."""
    clouds = tuple(slab_cloud_once(sweep.cloud) for sweep in content.sweeps)
    return PreparedPoints(clouds, colour_sweeps(content, view), colour_key(view))


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
"""For `Session(preparers=...)`; without them the view prepares on its own thread."""
