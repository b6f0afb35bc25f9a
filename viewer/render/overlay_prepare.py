"""Finished pictures of images with their overlays, made off the main thread."""

from collections.abc import Mapping
from dataclasses import dataclass

from viewer.geometry import lazy_numba
from viewer.render.image_resample import draw_image, image_clip, new_buffer
from viewer.render.image_tone import tone_table
from viewer.render.overlay import Overlay, build_overlay
from viewer.render.overlay_flat import shown_image
from viewer.render.rasterizer import Buffer, Clip, Placement, Rgb, splat_points
from viewer.scene.images import Image
from viewer.session.frame_content import FrameContent
from viewer.session.view_settings import ImageTone, ViewSettings

DARK_GROUND_RGB: Rgb = (16, 18, 22)
LIGHT_GROUND_RGB: Rgb = (255, 255, 255)
_POINT_ALPHA = 0.9
_FULL_WIDTH_FROM_PX = 480.0
_THINNEST = 0.7
"""In small panes lines are thinner, down to this share."""
_FULL_POINTS_FROM_PX = 1100.0
_SMALLEST_POINTS = 0.55
"""In small panes points are smaller, down to this share, so that the image shows between them."""


@dataclass(frozen=True, eq=False, slots=True)
class PaneRaster:
    """An image with points at one placement, before labels are drawn over it."""

    pixels: Buffer
    """(H, W, 4) BGRA, opaque."""
    placement: Placement
    clip: Clip
    """Where the image lies in the buffer."""
    unit_px: float
    """Buffer pixels per logical pixel."""

    def with_labels(self, overlay: Overlay) -> Buffer:
        """(H, W, 4) copy with labels drawn over it."""
        picture = self.pixels.copy()
        width_px = (self.clip[2] - self.clip[0]) / self.unit_px
        thin = min(1.0, max(_THINNEST, width_px / _FULL_WIDTH_FROM_PX))
        overlay.drawing.draw(picture, self.placement, self.clip, unit_px=self.unit_px * thin)
        return picture


@dataclass(frozen=True, eq=False, slots=True)
class PreparedPane:
    """Everything a camera pane needs to paint a frame at once."""

    overlay: Overlay
    image: Image | None
    """As shown: rectified where that is asked for."""
    tone: ImageTone
    raster: PaneRaster
    picture: Buffer
    """(H, W, 4) BGRA: image, points and labels, nothing selected."""


def raster_pane(
    image: Image | None,
    tone: ImageTone,
    overlay: Overlay,
    placement: Placement,
    size_px: tuple[int, int],
    unit_px: float,
    *,
    dark: bool = True,
) -> PaneRaster:
    """Draw an image and the overlay's points into a buffer of `size_px` (width, height)."""
    buffer = new_buffer(size_px, DARK_GROUND_RGB if dark else LIGHT_GROUND_RGB)
    clip = image_clip(shown_size(overlay, image), placement, buffer)
    if image is not None:
        draw_image(buffer, image.pixels, image.full_width_px, placement, clip, tone_table(tone))
    if overlay.points is not None and overlay.points_rgb is not None:
        width_px = (clip[2] - clip[0]) / unit_px
        small = min(1.0, max(_SMALLEST_POINTS, width_px / _FULL_POINTS_FROM_PX))
        radius = overlay.view.images.point_size_px * unit_px * small / 2
        splat_points(
            buffer, overlay.points.xy_px, overlay.points_rgb, placement, radius, _POINT_ALPHA, clip
        )
    return PaneRaster(buffer, placement, clip, unit_px)


def shown_size(overlay: Overlay, image: Image | None) -> tuple[int, int]:
    """Width and height of the stored image; the lens's where the image is missing."""
    if image is not None:
        return image.full_width_px, image.full_height_px
    if overlay.lens is not None:
        return overlay.lens.shown.width_px, overlay.lens.shown.height_px
    return 16, 9


@dataclass(frozen=True, slots=True)
class PaneRequest:
    """A pane that is shown: whose image, and its size."""

    sensor_id: str
    width_px: int
    """In device pixels."""
    height_px: int
    unit_px: float
    """Device pixels per logical pixel."""


def prepare_overlays(
    content: FrameContent, view: ViewSettings, requests: Mapping[str, PaneRequest]
) -> dict[str, PreparedPane]:
    """Project and draw every pane that is shown, fitted; by the pane's name in `requests`."""
    panes: dict[str, PreparedPane] = {}
    overlays: dict[str, tuple[Overlay, Image | None]] = {}
    for name, request in requests.items():
        sensor_id = request.sensor_id
        if sensor_id not in content.scene.camera_ids:
            continue
        if sensor_id not in overlays:
            overlays[sensor_id] = (
                build_overlay(content, sensor_id, view),
                shown_image(content, sensor_id, view),
            )
        overlay, image = overlays[sensor_id]
        tone = view.tone(sensor_id)
        size_px = request.width_px, request.height_px
        placement = Placement.fit(shown_size(overlay, image), size_px)
        raster = raster_pane(
            image, tone, overlay, placement, size_px, request.unit_px, dark=view.dark
        )
        panes[name] = PreparedPane(overlay, image, tone, raster, raster.with_labels(overlay))
    return panes


class OverlayPreparer:
    """Prepares the panes that are on screen; give it to the session under the name `PREPARED`.

    The user interface sets `requests`; worker threads read the mapping that is current.
    """

    def __init__(self) -> None:
        self.requests: Mapping[str, PaneRequest] = {}

    def __call__(self, content: FrameContent, view: ViewSettings) -> dict[str, PreparedPane]:
        """Run on a worker thread for every loaded frame."""
        if lazy_numba.deferred():
            return {}
        return prepare_overlays(content, view, self.requests)


PREPARED = "overlays"
