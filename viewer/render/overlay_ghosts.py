"""Ghosts of one image as they project: dotted lines and what became of each, for captions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.geometry.projection import outline_boxes_px, project_cuboids
from viewer.render.mask_outline import MaskArea
from viewer.render.overlay_drawing import DOTS_PX, cased, draw_dots
from viewer.render.overlay_flat import outline_lines, placed_dots
from viewer.render.overlay_labels import BOX_EDGE_COUNT
from viewer.render.overlay_lens import ImageLens
from viewer.render.rasterizer import DrawingBuilder, Polylines, Rgb
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import Became, FlatGhost, FrameGhosts, ghost_rgb

WIDTH_PX = 1.5
_NO_LINES = Polylines(np.empty((0, 4)), np.empty((0, 2)))


@dataclass(frozen=True, eq=False, slots=True)
class ProjectedGhost:
    """One ghost in pixels of the shown image."""

    class_name: str
    became: Became
    lines: Polylines
    dots: Polylines
    outline_px: npt.NDArray[np.float64]
    """(4,) left, top, right, bottom."""

    @property
    def rgb(self) -> Rgb:
        """Colour of what became of it; images are as dark as dark grounds."""
        return ghost_rgb(self.became, dark=True)


def project_ghosts(
    ghosts: FrameGhosts, content: FrameContent, sensor_id: str, lens: ImageLens | None
) -> tuple[ProjectedGhost, ...]:
    """Ghosts that reach into an image, also where its own 2D labels are not shown."""
    found = list(_cuboids(ghosts, lens)) if lens is not None and len(ghosts.cuboids) else []
    for each in ghosts.flat:
        if each.sensor_id == sensor_id:
            found += _flat(each, content, lens)
    return tuple(found)


def draw_ghosts(builder: DrawingBuilder, ghosts: Sequence[ProjectedGhost]) -> None:
    """Draw ghosts, dotted."""
    for ghost in ghosts:
        cased(builder, builder.add_lines(ghost.lines), ghost.rgb, WIDTH_PX, 1.0, DOTS_PX)
        draw_dots(builder, ghost.dots, ghost.rgb, hollow=True)


def _cuboids(ghosts: FrameGhosts, lens: ImageLens) -> Iterator[ProjectedGhost]:
    camera_from_world = lens.camera_from("world", ghosts.at_ns)
    curves = project_cuboids(ghosts.cuboids, lens.shown, camera_from_world)
    drawn = curves.inside & (curves.edge < BOX_EDGE_COUNT)
    lines, curve_of_line = Polylines.from_curves(curves.points_px, curves.offsets)
    owner = np.where(drawn[curve_of_line], curves.owner[curve_of_line], -1)
    outlines = outline_boxes_px(curves, len(ghosts.cuboids))
    for row, (name, became) in enumerate(zip(ghosts.class_names, ghosts.became, strict=True)):
        own = np.flatnonzero(owner == row)
        if len(own):
            part = Polylines(lines.segments[own], lines.along[own])
            yield ProjectedGhost(name, became, part, _NO_LINES, outlines[row])


def _flat(
    ghost: FlatGhost, content: FrameContent, lens: ImageLens | None
) -> Iterator[ProjectedGhost]:
    lines, dots = outline_lines(ghost.outlines, lens), _NO_LINES
    if ghost.dots_px is not None:
        dots = placed_dots(ghost.dots_px, lens)
    if ghost.runs is not None:
        lines = _mask_lines(ghost, content, lens)
    ends = np.concatenate([lines.segments, dots.segments]).reshape(-1, 2)
    if len(ends):
        outline = np.concatenate([ends.min(axis=0), ends.max(axis=0)])
        yield ProjectedGhost(ghost.class_name, ghost.became, lines, dots, outline)


def _mask_lines(ghost: FlatGhost, content: FrameContent, lens: ImageLens | None) -> Polylines:
    image, runs = content.images.get(ghost.sensor_id), ghost.runs
    if image is None or runs is None or not runs.width_px or not runs.height_px:
        return _NO_LINES
    scale = image.full_width_px / runs.width_px, image.full_height_px / runs.height_px
    bent = lens is not None and lens.shown is not lens.stored
    area = MaskArea(runs, scale, lens.shown_polyline if bent and lens is not None else None)
    return _dotted(area.lines)


def _dotted(lines: Polylines) -> Polylines:
    """Edges of pixels that dots run along: where an edge is says how far along it begins."""
    if not len(lines):
        return lines
    places = lines.segments.reshape(-1, 2, 2).sum(axis=2)
    starts = places[:, 0] - places.min()
    return Polylines(
        lines.segments, np.column_stack([starts, np.full(len(starts), np.ptp(places))])
    )
