"""All cameras side by side, and one of them large."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QStyle, QWidget

from viewer.progress import JobContext
from viewer.render.image_mosaic import Cell, mosaic_cells
from viewer.render.overlay_prepare import OverlayPreparer, PaneRequest
from viewer.session.changes import (
    Change,
    DatasetGrown,
    FrameRequested,
    FrameShown,
    HoverChanged,
    LargeCameraChanged,
    PointerMoved,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.camera_pane import CameraPane
from viewer.ui.camera_picture import Built

GAP_PX = 2
SMALLEST_PANE_PX = (120, 72)
"""Below this the panes scroll instead of shrinking."""
_LARGE_SHARE = 0.76
"""Most of the width that the large pane takes."""
_LARGE = "large"
_SETTLE_MS = 120
_COVERED = 0.8
"""A mosaic shall leave less than a fifth of its room empty."""
_SCROLLED_PX = 132
"""Height of a row of panes that scrolls."""


def fitting_height(aspects: list[float], width_px: int, most_px: int) -> int:
    """Height, up to `most_px`, at which the images cover a mosaic of this width.

    Of the heights at which they cover `_COVERED` of it, the one with the largest images; where
    none does, the largest images. Panes that would be too small get the height at which they
    scroll instead.
    """
    found: list[tuple[bool, float, int]] = []
    for columns in range(1, len(aspects) + 1):
        pane_width = (width_px - GAP_PX * (columns - 1)) / columns
        rows = [aspects[first : first + columns] for first in range(0, len(aspects), columns)]
        row_heights = [pane_width / min(row) for row in rows]
        full = math.ceil(sum(row_heights)) + GAP_PX * (len(rows) - 1)
        scale = min(1.0, most_px / full)
        if scale * min(row_heights) < SMALLEST_PANE_PX[1]:
            continue
        images = sum(pane_width**2 / aspect for aspect in aspects) * scale**2
        height = min(full, most_px)
        found.append((images >= _COVERED * width_px * height, images, height))
    return max(found)[2] if found else min(most_px, _SCROLLED_PX)


@dataclass(frozen=True, slots=True)
class StripLayout:
    """Where panes lie, in logical pixels."""

    large: Cell | None
    small_area: Cell
    small: list[Cell]
    """Relative to the content of the scrolled area."""
    content_size: tuple[int, int]
    """Size of what is scrolled inside `small_area`."""


def strip_layout(
    aspects: list[float],
    size_px: tuple[int, int],
    large_aspect: float | None,
    scroll_bar_px: int = 0,
) -> StripLayout:
    """Share `size_px` between small panes and, where an aspect is given, a large one at the left.

    Small panes that would be smaller than `SMALLEST_PANE_PX` overflow and are scrolled.
    """
    width, height = size_px
    if large_aspect is None:
        return _small_layout(None, aspects, (0, 0, width, height), scroll_bar_px)
    if len(aspects) < 2:
        return StripLayout((0, 0, width, height), (width, 0, 0, height), [], (0, 0))
    widest = round(height * large_aspect)
    large_width = max(1, min(widest, round(width * _LARGE_SHARE)))
    cells = mosaic_cells(aspects, (max(1, width - large_width - GAP_PX), height), GAP_PX)
    unused = min(cell[0] for cell in cells) * 2
    large_width = max(large_width, min(widest, large_width + unused))
    left = large_width + GAP_PX
    area = (left, 0, max(width - left, 1), height)
    return _small_layout((0, 0, large_width, height), aspects, area, scroll_bar_px)


def _small_layout(
    large: Cell | None, aspects: list[float], area: Cell, scroll_bar_px: int
) -> StripLayout:
    cells = mosaic_cells(aspects, area[2:], GAP_PX)
    narrowest = min((cell[2] for cell in cells), default=SMALLEST_PANE_PX[0])
    lowest = min((cell[3] for cell in cells), default=SMALLEST_PANE_PX[1])
    if narrowest >= SMALLEST_PANE_PX[0] or lowest >= SMALLEST_PANE_PX[1]:
        return StripLayout(large, area, cells, area[2:])
    return StripLayout(large, area, *_scrolled(aspects, area[2:], scroll_bar_px))


def _scrolled(
    aspects: list[float], size_px: tuple[int, int], scroll_bar_px: int
) -> tuple[list[Cell], tuple[int, int]]:
    """One row that scrolls sideways where the area is wide, one column where it is tall."""
    cells: list[Cell] = []
    width, height = size_px
    along = 0
    if width >= height:
        cell_height = max(height - scroll_bar_px, 1)
        for aspect in aspects:
            cells.append((along, 0, max(1, round(cell_height * aspect)), cell_height))
            along += cells[-1][2] + GAP_PX
        return cells, (along - GAP_PX, cell_height)
    cell_width = max(width - scroll_bar_px, 1)
    for aspect in aspects:
        cells.append((0, along, cell_width, max(1, round(cell_width / aspect))))
        along += cells[-1][3] + GAP_PX
    return cells, (cell_width, along - GAP_PX)


def _stored(pane: CameraPane, u: float, v: float) -> tuple[float, float] | None:
    """Pixel of the stored image under one of a pane's; None where it has none."""
    return None if pane.overlay is None else pane.overlay.stored_px(u, v)


class CameraStrip(QWidget):
    """A mosaic of every camera; with a large camera, that one beside the others.

    A click on an image that hits no label makes it large, a double click asks to fill the window.

    Parameters
    ----------
    session
        What is shown; panes point, hover and select through it.
    preparer
        Learns which panes are on screen; the same object must prepare the session's frames.
    """

    fitting_changed = Signal()
    """Other cameras, or images of another shape: `fitting_height` gives another answer."""
    pixel_clicked = Signal(str, float, float, object)
    """Likewise: sensor_id, the pixel of the stored image, and the world position there or None."""
    measured = Signal(object, object)
    """A click while clicks do not select: the world position there or None, the label or None."""
    menu_requested = Signal(QPoint, str, float, float, object)
    """A right click: where on the screen, sensor_id, pixel of the stored image, label or None."""
    pin_clicked = Signal(str)
    """Id of the issue whose pin was clicked."""
    fill_requested = Signal(str)
    """sensor_id: a double click asks that this camera fills the central area, or gives it back."""

    def __init__(
        self, session: Session, preparer: OverlayPreparer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._preparer = preparer
        self._panes: dict[str, CameraPane] = {}
        self._ghosts: FrameGhosts | None = None
        self._pins: Pins = ()
        self._selection_waits = False
        self.pixel_pointed: tuple[str, float, float] | None = None
        """sensor_id and pixel of the stored image under the pointer."""
        self.clicks_select = True
        """False while clicks belong to a tool."""
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self._area.setWidget(self._content)
        self._large = self._new_pane(_LARGE, self)
        self._large.hide()
        self._clicked = ""
        self._click_age = QElapsedTimer()
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self._announce_sizes)
        self.setAccessibleName("Cameras")
        self.setMinimumHeight(SMALLEST_PANE_PX[1])
        self._unsubscribe = session.subscribe(self._on_change)
        if session.scene is not None:
            self._make_panes()
            self._show_content()

    def dispose(self) -> None:
        """Stop listening to the session."""
        self._unsubscribe()
        self._settled.stop()

    @property
    def panes(self) -> dict[str, CameraPane]:
        """The small panes by sensor_id, in order."""
        return dict(self._panes)

    @property
    def large_pane(self) -> CameraPane:
        """The pane that shows the large camera; hidden in the mosaic."""
        return self._large

    def fitting_height(self, most_px: int) -> int:
        """Height, up to `most_px`, that the mosaic fills at the present width."""
        aspects = [pane.aspect for pane in self._panes.values()]
        return fitting_height(aspects, self.width(), most_px)

    def sizeHint(self) -> QSize:
        """Return a common size for layouts."""
        return QSize(900, 220)

    # -- panes -------------------------------------------------------------------------------

    def _new_pane(self, name: str, parent: QWidget) -> CameraPane:
        pane = CameraPane(name, self._run_job, parent)
        pane.pointed.connect(lambda _sensor_id, u, v: self._point(pane, u, v))
        pane.left.connect(self._leave)
        pane.hovered.connect(self._session.hover)
        pane.picked.connect(lambda key: self._pick(pane, key))
        pane.activated.connect(self._activate)
        pane.zoomed.connect(self._settle)
        pane.pin_clicked.connect(self.pin_clicked)
        pane.menu_requested.connect(lambda *asked: self._ask_menu(pane, *asked))
        return pane

    def _run_job(
        self, key: str, job: Callable[[JobContext], Built], done: Callable[[Built], None]
    ) -> None:
        def failed(error: Exception) -> None:
            self._session.say(f"The overlay could not be drawn: {error}", is_problem=True)

        self._session.jobs.start(key, job, done=done, failed=failed, priority=2)

    def _make_panes(self) -> None:
        for pane in self._panes.values():
            pane.hide()
            pane.deleteLater()
        self._panes = {}
        scene = self._session.scene
        for sensor_id in scene.camera_ids if scene is not None else ():
            pane = self._new_pane(sensor_id, self._content)
            pane.set_camera(sensor_id)
            pane.show()
            self._panes[sensor_id] = pane
        self._arrange()
        self.fitting_changed.emit()

    def _arrange(self) -> None:
        large = self._session.large_camera if self._session.large_camera in self._panes else None
        self._large.set_camera(large)
        aspects = [pane.aspect for pane in self._panes.values()]
        large_aspect = self._panes[large].aspect if large is not None else None
        bar_px = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        layout = strip_layout(aspects, (self.width(), self.height()), large_aspect, bar_px)
        self._area.setGeometry(*layout.small_area)
        self._content.resize(*layout.content_size)
        along, across = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        wide = layout.content_size[0] > layout.small_area[2]
        self._area.setHorizontalScrollBarPolicy(along if wide else across)
        self._area.setVerticalScrollBarPolicy(across if wide else along)
        for pane, cell in zip(self._panes.values(), layout.small, strict=False):
            pane.setGeometry(*cell)
        for sensor_id, pane in self._panes.items():
            pane.set_framed(framed=sensor_id == large)
        self._large.setVisible(layout.large is not None)
        if layout.large is not None:
            self._large.setGeometry(*layout.large)
        self._settle()

    def _settle(self) -> None:
        if not self._settled.isActive():
            self._settled.start()

    def _shown_panes(self) -> list[CameraPane]:
        panes = [*self._panes.values()]
        return [self._large, *panes] if self._large.isVisibleTo(self) else panes

    def _announce_sizes(self) -> None:
        """Tell the preparer and the session how large images are shown."""
        requests: dict[str, PaneRequest] = {}
        widest = 1.0
        for pane in self._shown_panes():
            request = pane.request
            if request is not None and pane.isVisible():
                requests[pane.name] = request
                widest = max(widest, pane.shown_width_px)
        self._preparer.requests = requests
        if requests:
            self._session.want_image_width(round(widest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new size."""
        super().resizeEvent(event)
        self._arrange()

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with; it goes with the frame."""
        self._ghosts = ghosts
        for pane in self._shown_panes():
            pane.show_ghosts(ghosts)

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored; they go with the frame."""
        self._pins = pins
        for pane in self._shown_panes():
            pane.show_pins(pins)

    # -- session -> panes --------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case SceneOpened():
                self._make_panes()
            case DatasetGrown():
                scene = self._session.scene
                if scene is not None and tuple(self._panes) != scene.camera_ids:
                    self._make_panes()
            case SceneClosed():
                self._make_panes()
                self._large.clear()
            case FrameRequested():
                for pane in self._shown_panes():
                    pane.set_loading(loading=True)
            case FrameShown():
                self._ghosts, self._pins = None, ()
                self._show_content()
            case SelectionChanged() | HoverChanged():
                self._show_selection()
            case PointerMoved():
                for pane in self._shown_panes():
                    pane.show_pointed(self._session.pointed)
            case ViewChanged():
                for pane in self._shown_panes():
                    pane.show_view(self._session.view)
            case LargeCameraChanged():
                self._arrange()
                if self._large.isVisibleTo(self):
                    self._show_on(self._large)
            case _:
                pass

    def _show_selection(self) -> None:
        """Mark the selected and the hovered label; while nobody looks, once someone does."""
        self._selection_waits = not self.isVisible()
        if self._selection_waits:
            return
        for pane in self._shown_panes():
            pane.show_selection(self._session.selection, self._session.hovered)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._selection_waits:
            self._show_selection()

    def _show_content(self) -> None:
        aspects = [pane.aspect for pane in self._panes.values()]
        for pane in self._shown_panes():
            self._show_on(pane)
        if aspects != [pane.aspect for pane in self._panes.values()]:
            self._arrange()
            self.fitting_changed.emit()

    def _show_on(self, pane: CameraPane) -> None:
        session = self._session
        pane.set_loading(loading=False)
        if session.content is not None:
            pane.show_selection(session.selection, session.hovered)
            pane.show_frame(session.content, session.view)
            pane.show_ghosts(self._ghosts)
            pane.show_pins(self._pins)
            pane.show_pointed(session.pointed)

    # -- panes -> session --------------------------------------------------------------------

    def _point(self, pane: CameraPane, u: float, v: float) -> None:
        pixel = _stored(pane, u, v)
        self.pixel_pointed = None if pixel is None else (pane.sensor_id or "", *pixel)
        self._session.point_at(pane.pointed_at(u, v))

    def _ask_menu(
        self, pane: CameraPane, place: QPoint, u: float, v: float, key: LabelKey | None
    ) -> None:
        pixel = _stored(pane, u, v)
        if pixel is not None:
            self.menu_requested.emit(place, pane.sensor_id or "", *pixel, key)

    def _leave(self, sensor_id: str) -> None:
        self.pixel_pointed = None
        pointed = self._session.pointed
        if pointed is not None and pointed.source == sensor_id:
            self._session.point_at(None)

    def _pick(self, pane: CameraPane, key: LabelKey | None) -> None:
        if not self.clicks_select:
            position = pane.position_at(*pane.clicked_px)
            self.measured.emit(position, key)
            pixel = _stored(pane, *pane.clicked_px)
            if pixel is not None:
                self.pixel_clicked.emit(pane.sensor_id or "", *pixel, position)
            return
        if key is None and pane is not self._large and pane.sensor_id is not None:
            self._clicked = pane.sensor_id
            self._click_age.start()
            self._session.set_large_camera(pane.sensor_id)
            return
        self._session.select(key)

    def _activate(self, sensor_id: str) -> None:
        if not self.clicks_select:
            return
        # The first click of a double click moved the panes: the second may hit another one.
        interval_ms = QApplication.doubleClickInterval()
        if self._click_age.isValid() and self._click_age.elapsed() <= interval_ms:
            sensor_id = self._clicked
        self._click_age.invalidate()
        self._session.set_large_camera(sensor_id)
        self.fill_requested.emit(sensor_id)
