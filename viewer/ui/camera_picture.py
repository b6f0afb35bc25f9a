"""What a camera pane shows: the newest overlay and image of its camera, and their picture."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPainter

from viewer.geometry import lazy_numba
from viewer.progress import JobContext
from viewer.render.image_zoom import ImageZoom
from viewer.render.overlay import Overlay, build_overlay, overlay_inputs
from viewer.render.overlay_flat import shown_image
from viewer.render.overlay_prepare import (
    PREPARED,
    PaneRaster,
    PreparedPane,
    raster_pane,
    shown_size,
)
from viewer.render.painter import PaneText, paint_mark, paint_pane, paint_pin, pane_text
from viewer.render.rasterizer import Buffer
from viewer.scene.images import Image
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pin, Pins
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import ViewSettings

Built = tuple[Overlay, Image | None]
RunJob = Callable[[str, Callable[[JobContext], Built], Callable[[Built], None]], None]
"""Runs the second argument, by key the newest only, and calls the third on the UI thread."""


class CameraPicture:
    """Keeps one camera's overlay, image and drawn picture in step with frame, view and selection.

    Parameters
    ----------
    name
        The pane's name: pictures that were prepared for it are found by it.
    run_job
        Runs the projection of labels and points off the UI thread.
    changed
        Called when something must be painted anew.
    """

    def __init__(self, name: str, run_job: RunJob, changed: Callable[[], None]) -> None:
        self.name = name
        self.sensor_id: str | None = None
        self.content: FrameContent | None = None
        self.view = ViewSettings()
        self.overlay: Overlay | None = None
        self.zoom = ImageZoom()
        self._run_job = run_job
        self._changed = changed
        self._selected: LabelKey | None = None
        self._hovered: LabelKey | None = None
        self._pointed: PointedPosition | None = None
        self._mark_px: tuple[float, float] | None = None
        self._ghosts: FrameGhosts | None = None
        self._pins: Pins = ()
        self._image: Image | None = None
        self._text = PaneText()
        self._raster: PaneRaster | None = None
        self._drawn: Buffer | None = None
        self._size_px = (1, 1)
        self._unit_px = 1.0

    # -- what to show ------------------------------------------------------------------------

    def set_camera(self, sensor_id: str | None) -> None:
        """Show another camera, fitted."""
        self.sensor_id = sensor_id
        self.zoom.fit()
        self._forget()
        if self.content is not None:
            self.show_frame(self.content, self.view)

    def clear(self) -> None:
        """Show nothing."""
        self.content = None
        self._text = PaneText()
        self._forget()

    def _forget(self) -> None:
        self.overlay = self._image = self._raster = self._drawn = self._mark_px = None
        self._changed()

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame; at once where it was prepared, else when its overlay is built."""
        if content is not self.content:
            self._ghosts, self._pins = None, ()
        self.content, self.view = content, view
        if self.sensor_id is None:
            return
        prepared = self._prepared(content, self.sensor_id)
        if prepared is None:
            self._rebuild()
        else:
            fits = self.zoom.is_fitted and self._fits(prepared)
            self._adopt(prepared.overlay, prepared.image, prepared if fits else None)

    def show_view(self, view: ViewSettings) -> None:
        """Settings changed: project again where they matter, else only draw again."""
        before, self.view = self.view, view
        if self.content is None or self.sensor_id is None:
            return
        if self.overlay is None or self._wanted(self.sensor_id) != _inputs(self.overlay):
            self._rebuild()
        elif before.tone(self.sensor_id) != view.tone(self.sensor_id) or before.dark != view.dark:
            self.redraw()

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Mark the selected and the hovered label."""
        self._selected, self._hovered = selected, hovered
        if self.overlay is None or self.sensor_id is None:
            return
        if self._wanted(self.sensor_id) != _inputs(self.overlay):
            self._rebuild()
            return
        styled = self.overlay.with_selection(selected, hovered)
        if styled is not self.overlay:
            self.overlay = styled
            self._drawn = None
            self._changed()

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with, dotted."""
        self._ghosts = ghosts
        if self.overlay is None:
            return
        styled = self.overlay.with_ghosts(ghosts)
        if styled is not self.overlay:
            self.overlay = styled
            self._drawn = None
            self._changed()

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored."""
        if pins != self._pins:
            self._pins = pins
            self._changed()

    def placed_pins(self) -> list[tuple[Pin, tuple[float, float]]]:
        """Pins with their pixels of the shown image."""
        overlay = self.overlay
        if overlay is None:
            return []
        found = ((pin, overlay.pin_px(pin)) for pin in self._pins)
        return [(pin, pixel) for pin, pixel in found if pixel is not None]

    def show_pointed(self, pointed: PointedPosition | None) -> None:
        """Mark the position that is pointed at in another view."""
        self._pointed = pointed
        mark = self.overlay.mark_px(pointed) if self.overlay is not None else None
        if mark != self._mark_px:
            self._mark_px = mark
            self._changed()

    def _wanted(self, sensor_id: str) -> tuple[Any, ...]:
        return overlay_inputs(self.view, sensor_id, self._selected)

    def _prepared(self, content: FrameContent, sensor_id: str) -> PreparedPane | None:
        """Find a prepared pane of this camera that was built for these settings, if any."""
        panes: dict[str, PreparedPane] = content.prepared.get(PREPARED, {})
        found = panes.get(self.name)
        if found is None or found.overlay.sensor_id != sensor_id:
            same = (pane for pane in panes.values() if pane.overlay.sensor_id == sensor_id)
            found = next(same, None)
        if found is None or _inputs(found.overlay) != self._wanted(sensor_id):
            return None
        return found

    def _fits(self, prepared: PreparedPane) -> bool:
        height, width = prepared.raster.pixels.shape[:2]
        return (
            (width, height) == self._size_px
            and prepared.raster.unit_px == self._unit_px
            and prepared.tone == self.view.tone(prepared.overlay.sensor_id)
            and prepared.overlay.view.dark == self.view.dark
        )

    def _rebuild(self) -> None:
        content, view, sensor_id = self.content, self.view, self.sensor_id
        selected, hovered = self._selected, self._hovered
        if content is None or sensor_id is None or lazy_numba.deferred():
            return

        def build(_context: JobContext) -> Built:
            overlay = build_overlay(content, sensor_id, view, selected=selected, hovered=hovered)
            return overlay, shown_image(content, sensor_id, view)

        def show(built: Built) -> None:
            if built[0].content is self.content and built[0].sensor_id == self.sensor_id:
                self._adopt(*built, None)

        self._run_job(f"overlay-{self.name}", build, show)

    def _adopt(self, overlay: Overlay, image: Image | None, prepared: PreparedPane | None) -> None:
        overlay = overlay.with_ghosts(self._ghosts)
        self.overlay = overlay.with_selection(self._selected, self._hovered)
        self._image = image
        self.zoom.set_image_size(shown_size(overlay, image))
        self._raster = prepared.raster if prepared is not None else None
        unmarked = prepared is not None and self.overlay is prepared.overlay
        self._drawn = prepared.picture if prepared is not None and unmarked else None
        self._text = pane_text(overlay.content, overlay)
        self._mark_px = self.overlay.mark_px(self._pointed)
        self._changed()

    # -- drawing -----------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw image and labels again at the next painting."""
        self._raster = self._drawn = None
        self._changed()

    def set_size(self, size_px: tuple[int, int], unit_px: float) -> None:
        """Follow the pane: device pixels, and device pixels per logical pixel."""
        if (size_px, unit_px) != (self._size_px, self._unit_px):
            self._size_px, self._unit_px = size_px, unit_px
            self.zoom.set_view_size(size_px)
            self.redraw()

    def covers(self, u: float, v: float) -> bool:
        """Whether a pixel lies on the image."""
        width, height = self.zoom.image_size
        return self.overlay is not None and -0.5 <= u < width - 0.5 and -0.5 <= v < height - 0.5

    def paint(self, painter: QPainter) -> None:
        """Paint the picture and its texts at the painter's origin; nothing while there is none."""
        overlay, placement, unit_px = self.overlay, self.zoom.placement, self._unit_px
        if overlay is None:
            return
        if self._raster is None:
            tone = self.view.tone(overlay.sensor_id)
            self._raster = raster_pane(
                self._image, tone, overlay, placement, self._size_px, unit_px, dark=self.view.dark
            )
            self._drawn = None
        if self._drawn is None:
            self._drawn = self._raster.with_labels(overlay)
        paint_pane(painter, self._drawn, overlay, placement, unit_px, self._text)
        for _, pixel in self.placed_pins():
            paint_pin(painter, pixel, placement, unit_px)
        if self._mark_px is not None:
            paint_mark(painter, self._mark_px, placement, unit_px)


def _inputs(overlay: Overlay) -> tuple[Any, ...]:
    return overlay_inputs(overlay.view, overlay.sensor_id, overlay.solo_of)
