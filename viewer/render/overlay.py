"""What is drawn over one camera image: a display list without Qt, in pixels of the shown image."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.projection import project_points
from viewer.render.class_colours import LegendRow
from viewer.render.mask_outline import encloses
from viewer.render.overlay_captions import Caption, captions_of, ghost_captions
from viewer.render.overlay_drawing import add_labels
from viewer.render.overlay_flat import flat_labels
from viewer.render.overlay_ghosts import ProjectedGhost, draw_ghosts, project_ghosts
from viewer.render.overlay_labels import ProjectedLabel, project_labels
from viewer.render.overlay_lens import ImageLens, find_lens
from viewer.render.overlay_points import (
    ProjectedPoints,
    position_world,
    project_sweeps,
    projected_colours,
)
from viewer.render.rasterizer import Drawing, DrawingBuilder
from viewer.session.flat_labels import shows_flat_labels
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pin
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import Solo, ViewSettings

_MOST_POINTED = 1_000_000
"""Points among which the one under the pointer is sought while points are not drawn."""
_NOTHING = DrawingBuilder().build()


@dataclass(frozen=True, eq=False)
class Overlay:
    """Everything drawn over one image, and what lies under a pixel of it."""

    content: FrameContent
    sensor_id: str
    view: ViewSettings
    lens: ImageLens | None
    refusal: str | None
    """Why nothing can be drawn, in words for people; the image is still shown."""
    labels: tuple[ProjectedLabel, ...] = ()
    """Farthest first."""
    drawing: Drawing = _NOTHING
    captions: tuple[Caption, ...] = ()
    points: ProjectedPoints | None = None
    """Points to draw; None when they are off."""
    points_rgb: npt.NDArray[np.uint8] | None = None
    points_legend: tuple[LegendRow, ...] = ()
    """Classes that the points' colours stand for."""
    selected: int | None = None
    """Place of the selected label in `labels`."""
    hovered: int | None = None
    solo_of: LabelKey | None = None
    """The selection that the projection depends on, see `overlay_inputs`."""
    ghosts: tuple[ProjectedGhost, ...] = ()
    """What the labels are compared with."""
    _lazy_points: list[ProjectedPoints] = field(default_factory=list)

    def with_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> "Overlay":
        """The same labels with another selection and preview; itself where nothing changes."""
        chosen, previewed = self.place_of(selected), self.place_of(hovered)
        if (chosen, previewed) == (self.selected, self.hovered):
            return self
        return self.styled(chosen, previewed)

    def styled(self, chosen: int | None, previewed: int | None) -> "Overlay":
        """Drawing and captions with these places of `labels` marked."""
        captions = captions_of(
            self.labels, selected=chosen, hovered=previewed, shown=self.view.images.captions
        )
        if self.view.images.captions:
            captions += ghost_captions(self.ghosts)
        builder = DrawingBuilder()
        add_labels(builder, self.labels, selected=chosen, hovered=previewed)
        draw_ghosts(builder, self.ghosts)
        drawing = builder.build()
        return replace(self, drawing=drawing, captions=captions, selected=chosen, hovered=previewed)

    def with_ghosts(self, ghosts: FrameGhosts | None) -> "Overlay":
        """The same labels over what they are compared with; itself where nothing changes."""
        if ghosts is None:
            if not self.ghosts:
                return self
            return replace(self, ghosts=()).styled(self.selected, self.hovered)
        found = project_ghosts(ghosts, self.content, self.sensor_id, self.lens)
        if not found and not self.ghosts:
            return self
        return replace(self, ghosts=found).styled(self.selected, self.hovered)

    def place_of(self, key: LabelKey | None) -> int | None:
        """Place in `labels` of a label, or of its track when the key is of another frame."""
        if key is None:
            return None
        for place, label in enumerate(self.labels):
            if label.key == key or _same_track(label.key, key):
                return place
        return None

    def mark_px(self, pointed: PointedPosition | None) -> tuple[float, float] | None:
        """Pixel of a position that is pointed at in another view, None where it is not seen."""
        if pointed is None or self.lens is None or pointed.source == self.sensor_id:
            return None
        camera_from_world = self.lens.camera_from("world", self.lens.image_ns)
        position = np.array([pointed.position], dtype=np.float64)
        projection = project_points(position, self.lens.shown, camera_from_world)
        if not (projection.valid & self.lens.shown.in_image(projection.pixels))[0]:
            return None
        return float(projection.pixels[0, 0]), float(projection.pixels[0, 1])

    def pin_px(self, pin: Pin) -> tuple[float, float] | None:
        """Pixel of the shown image at which an issue is anchored; None where it is not seen."""
        if pin.pixel is not None:
            if pin.sensor_id != self.sensor_id:
                return None
            pixel = np.array([pin.pixel], dtype=np.float64)
            shown = pixel if self.lens is None else self.lens.shown_polyline(pixel)
            return (float(shown[0, 0]), float(shown[0, 1])) if np.isfinite(shown).all() else None
        if pin.position is None:
            return None
        return self.mark_px(PointedPosition(pin.position, ""))

    def stored_px(self, u: float, v: float) -> tuple[float, float] | None:
        """Pixel of the stored image under one of the shown image."""
        if self.lens is None:
            return u, v
        pixel = self.lens.stored_pixels(np.array([[u, v]]))[0]
        return (float(pixel[0]), float(pixel[1])) if np.isfinite(pixel).all() else None

    def hit(self, u: float, v: float, tolerance_px: float = 4.0) -> LabelKey | None:
        """Label under a pixel: by the nearest line, else by its area.

        Of labels whose lines are about as near, and of areas, the smallest wins.
        """
        near = [label for label in self.labels if _reaches(label, u, v, tolerance_px)]
        distances = [_line_distance(label, u, v) for label in near]
        reach = min(min(distances, default=np.inf) + 0.3 * tolerance_px, tolerance_px)
        on_line = [label for label, d in zip(near, distances, strict=True) if d <= reach]
        if not on_line:
            on_line = [label for label in near if self._holds(label, u, v)]
        best = min(on_line, key=lambda label: label.size_px, default=None)
        return best.key if best is not None else None

    def _holds(self, label: ProjectedLabel, u: float, v: float) -> bool:
        """Whether a pixel lies in the area of a label that has one."""
        if label.area is not None:
            return label.area.contains(u, v)
        if label.is_closed:
            return encloses(label.visible.segments, u, v)
        if self.lens is None or label.cuboids is None:
            return False
        return contains(label.silhouette(self.lens), u, v)

    def point_near(
        self, u: float, v: float, tolerance_px: float = 12.0
    ) -> tuple[float, float, float] | None:
        """World position of the lidar point that projects closest to a pixel, if any is near."""
        found = self.pointed_near(u, v, tolerance_px)
        return None if found is None else found.position

    def pointed_near(
        self, u: float, v: float, tolerance_px: float = 12.0
    ) -> PointedPosition | None:
        """The lidar point that projects closest to a pixel, if any is near."""
        if self.lens is None or not self.content.sweeps:
            return None
        points = self.points
        if points is None:
            if not self._lazy_points:
                self._lazy_points.append(
                    project_sweeps(self.lens, self.view, _MOST_POINTED, self.solo_of)
                )
            points = self._lazy_points[0]
        index = points.nearest(u, v, tolerance_px)
        if index is None:
            return None
        position = position_world(points, index, self.content, self.view)
        point = int(points.sweep[index]), int(points.row[index])
        return PointedPosition(position, self.sensor_id, point)


def build_overlay(
    content: FrameContent,
    sensor_id: str,
    view: ViewSettings,
    *,
    selected: LabelKey | None = None,
    hovered: LabelKey | None = None,
) -> Overlay:
    """Project what the view shows into one image, at the image's own time. Runs on any thread."""
    flat = shows_flat_labels(content, view)
    points: ProjectedPoints | None = None
    labels: tuple[ProjectedLabel, ...] = ()
    try:
        found = find_lens(content, sensor_id, view)
        lens = None if isinstance(found, str) else found
        refusal = found if isinstance(found, str) else None
        if lens is not None:
            labels = tuple(project_labels(lens, view, selected))
            points = project_sweeps(lens, view, selected=selected) if view.images.points else None
        labels += tuple(flat_labels(content, sensor_id, lens, view, only_marks=not flat))
    except ValueError as error:
        return Overlay(content, sensor_id, view, None, f"No overlay: {error}")
    if refusal is not None and not content.scene.lidar_ids:
        # Where nothing was measured in 3D, nobody misses a lens.
        refusal = None
    rgb: npt.NDArray[np.uint8] | None = None
    legend: tuple[LegendRow, ...] = ()
    if points is not None:
        rgb, legend = projected_colours(points, content, view)
    solo_of = _singled_out(view, selected)
    overlay = Overlay(
        content, sensor_id, view, lens, refusal, labels, points=points, points_rgb=rgb,
        solo_of=solo_of, points_legend=legend,
    )  # fmt: skip
    return overlay.styled(overlay.place_of(selected), overlay.place_of(hovered))


def overlay_inputs(
    view: ViewSettings, sensor_id: str, selected: LabelKey | None
) -> tuple[Any, ...]:
    """What of the settings an overlay's projection depends on: equal inputs, equal overlay."""
    colours = (view.points.colour_map, view.points.colour_range) if view.images.points else None
    solo = _singled_out(view, selected)
    offsets = tuple(sorted(view.time_offsets_ns.items()))
    return sensor_id, view.images, view.filters, view.layers.predictions, colours, offsets, solo


def _singled_out(view: ViewSettings, selected: LabelKey | None) -> LabelKey | None:
    """Return the selection where labels or points are narrowed down to it."""
    filters = view.filters
    narrowed = filters.solo is not Solo.OFF or filters.isolate_margin_m is not None
    return selected if narrowed else None


def _same_track(a: LabelKey, b: LabelKey) -> bool:
    return (
        a.frame_index != b.frame_index
        and a.label_set_id == b.label_set_id
        and a.track_id is not None
        and a.track_id == b.track_id
    )


def _reaches(label: ProjectedLabel, u: float, v: float, tolerance_px: float) -> bool:
    left, top, right, bottom = label.outline_px
    return bool(
        left - tolerance_px <= u <= right + tolerance_px
        and top - tolerance_px <= v <= bottom + tolerance_px
    )


def _line_distance(label: ProjectedLabel, u: float, v: float) -> float:
    """Distance of a pixel from the drawn lines of a label."""
    parts = (label.visible, label.hidden, label.dots, label.rings)
    segments = np.concatenate([part.segments for part in parts])
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    offset = np.array([u, v]) - start
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    t = np.clip((offset * along).sum(axis=1) / square, 0.0, 1.0)
    return float(np.hypot(*(offset - t[:, None] * along).T).min(initial=np.inf))


def contains(polygon: npt.NDArray[np.float64], u: float, v: float) -> bool:
    """Whether a pixel lies in a polygon (N, 2), by counting crossings; False when it is empty."""
    if len(polygon) < 3:
        return False
    x0, y0 = polygon.T
    x1, y1 = np.roll(polygon, -1, axis=0).T
    crosses = (y0 > v) != (y1 > v)
    slope = (x1 - x0)[crosses] / (y1 - y0)[crosses]
    at_x = x0[crosses] + (v - y0[crosses]) * slope
    return bool((at_x > u).sum() % 2)
