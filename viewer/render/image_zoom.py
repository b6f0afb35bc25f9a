"""Zoom and pan of one image in a view: where the image lies, without Qt."""

from viewer.render.rasterizer import Placement

MOST_PIXELS_PER_PIXEL = 64.0


class ImageZoom:
    """Keeps the placement of an image of `image_size` in a view of `view_size` device pixels.

    Fitted until it is zoomed. An image larger than the view always covers it; a smaller one is
    centred.
    """

    def __init__(self) -> None:
        self._image_size = (16, 9)
        self._view_size = (1, 1)
        self._zoomed: Placement | None = None

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height of the stored image."""
        return self._image_size

    @property
    def is_fitted(self) -> bool:
        """True while the whole image is shown."""
        return self._zoomed is None

    @property
    def fitted(self) -> Placement:
        """Placement that shows the whole image."""
        return Placement.fit(self._image_size, self._view_size)

    @property
    def placement(self) -> Placement:
        """Where the image lies now."""
        return self._zoomed if self._zoomed is not None else self.fitted

    def fit(self) -> None:
        """Show the whole image."""
        self._zoomed = None

    def set_image_size(self, size: tuple[int, int]) -> None:
        """Take another image; one of another size is fitted."""
        if size != self._image_size:
            self._image_size = size
            self._zoomed = None

    def set_view_size(self, size: tuple[int, int]) -> None:
        """Follow the view; a zoomed image keeps the pixel in the middle."""
        old, self._view_size = self._view_size, size
        if self._zoomed is not None:
            left = self._zoomed.left_px + (size[0] - old[0]) / 2
            top = self._zoomed.top_px + (size[1] - old[1]) / 2
            self._settle(Placement(self._zoomed.scale, left, top))

    def zoom_at(self, x: float, y: float, factor: float) -> None:
        """Scale about a device pixel, between fitted and 64 device pixels a pixel."""
        start = self.placement
        most = max(MOST_PIXELS_PER_PIXEL, self.fitted.scale)
        scale = min(start.scale * factor, most)
        grow = scale / start.scale
        self._settle(
            Placement(scale, x - (x - start.left_px) * grow, y - (y - start.top_px) * grow)
        )

    def pan_from(self, start: Placement, dx: float, dy: float) -> None:
        """Move by some device pixels from an earlier placement; a fitted image stays."""
        if self._zoomed is not None:
            self._settle(Placement(start.scale, start.left_px + dx, start.top_px + dy))

    def _settle(self, wanted: Placement) -> None:
        if wanted.scale <= self.fitted.scale * 1.001:
            self._zoomed = None
            return
        edges = []
        for length, room, edge in zip(
            self._image_size, self._view_size, (wanted.left_px, wanted.top_px), strict=True
        ):
            slack = room - length * wanted.scale
            edges.append(slack / 2 if slack >= 0 else min(0.0, max(slack, edge)))
        self._zoomed = Placement(wanted.scale, edges[0], edges[1])
