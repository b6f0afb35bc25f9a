"""The painted part of the timeline: ruler, camera ticks, playhead, tracks as bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from viewer.scene.class_map import ClassMap
from viewer.session.facts import object_name
from viewer.session.tracks import TrackExtent, TrackName
from viewer.ui.theme import CAPTION_PX, palette, ui_font
from viewer.ui.timeline_scale import (
    TimeScale,
    frame_step_s,
    nearest_frame,
    tick_step_s,
    time_text,
)

RULER_PX = 20
ROW_PX = 16
CAMERA_PX = 4
GUTTER_PX = 112
CLICK_PX = 4
ZOOM_STEP = 1.25


@dataclass(frozen=True, slots=True)
class CameraTicks:
    """When one camera's images were taken, in seconds on the timeline."""

    sensor_id: str
    times_s: tuple[float | None, ...]
    """By frame; None where the frame has no image of it."""
    offset_s: float = 0.0
    """Added by hand; included in `times_s`."""


class TrackArea(QAbstractScrollArea):
    """Shows frames, cameras and tracks; tells what the pointer asks for, and changes nothing."""

    frame_wanted = Signal(int)
    """A frame was pointed at while scrubbing."""
    track_clicked = Signal(object, int)
    """A `TrackExtent` and the frame at which it was clicked; -1 for its name."""
    track_hovered = Signal(object)
    """The `TrackExtent` under the pointer, or None."""
    zoom_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trackArea")
        self.setAccessibleName("Frames and tracks")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(ROW_PX)
        self._times_s: Sequence[float] = ()
        self._step_s = 1.0
        self._independent = False
        self.class_map = ClassMap()
        self._cameras: tuple[CameraTicks, ...] = ()
        self._tracks: tuple[TrackExtent, ...] = ()
        self._selected: TrackName | None = None
        self._hovered: TrackName | None = None
        self.decorate: Callable[[QPainter, int, TrackExtent], None] | None = None
        """Paints over the bars of a row, e.g. what was decided."""
        self.annotate: Callable[[QPainter, int, TrackExtent], None] | None = None
        """Paints over that, e.g. what checks found."""
        self.annotate_ruler: Callable[[QPainter, Callable[[int], QRectF]], None] | None = None
        """Paints at frames under the ruler."""
        self.note = ""
        self.wanted_frame = -1
        self.shown_frame = -1
        self._press: QPoint | None = None
        self._pressed_bar: TrackExtent | None = None
        self._scrubbing = False
        self._pan_from: QPoint | None = None
        self.scale = TimeScale.of_frames((), GUTTER_PX, 100.0)

    # -- what is shown -----------------------------------------------------------------------

    def show_scene(
        self, times_s: Sequence[float], class_map: ClassMap, *, independent: bool
    ) -> None:
        """Show the frames of a scene, all of them."""
        self._times_s = times_s
        self._step_s = frame_step_s(times_s)
        self.class_map = class_map
        self._independent = independent
        self._tracks, self._selected, self._hovered = (), None, None
        self.wanted_frame = self.shown_frame = -1
        self.fit()

    def show_cameras(self, cameras: tuple[CameraTicks, ...]) -> None:
        """Show when images were taken."""
        self._cameras = cameras
        self._layout_rows()

    def show_tracks(self, tracks: tuple[TrackExtent, ...], note: str = "") -> None:
        """Show bars in this order; `note` stands there when there are none."""
        self._tracks = tracks
        self.note = note
        self._layout_rows()

    def show_selection(self, selected: TrackName | None, hovered: TrackName | None) -> None:
        """Mark the selected and the previewed track; the selected one is also pinned on top."""
        if (selected, hovered) != (self._selected, self._hovered):
            self._selected, self._hovered = selected, hovered
            self._layout_rows()

    def show_frame(self, wanted: int, shown: int) -> None:
        """Put the playhead on the wanted frame; a fainter line stays on the one shown."""
        self.wanted_frame, self.shown_frame = wanted, shown
        if self._times_s and 0 <= wanted < len(self._times_s) and not self._scrubbing:
            moved = self.scale.showing(self._times_s[wanted])
            if moved != self.scale and self.scale.is_zoomed:
                self.scale = moved
        self.viewport().update()

    @property
    def rows(self) -> tuple[TrackExtent, ...]:
        """Tracks from the top: the selected one first, then all others in order."""
        pinned = tuple(track for track in self._tracks if track.name == self._selected)
        return pinned + tuple(track for track in self._tracks if track.name != self._selected)

    # -- zoom --------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all frames."""
        self.scale = TimeScale.of_frames(self._times_s, GUTTER_PX, self._plot_width())
        self._layout_rows()
        self.zoom_changed.emit()

    def zoom(self, factor: float, x_px: float | None = None) -> None:
        """Zoom about a place, by default about the playhead."""
        if x_px is None:
            known = 0 <= self.wanted_frame < len(self._times_s)
            time_s = self._times_s[self.wanted_frame] if known else 0.0
            middle = self.scale.left_px + self.scale.width_px / 2
            playhead = self.scale.x_of(time_s)
            inside = GUTTER_PX <= playhead <= GUTTER_PX + self.scale.width_px
            x_px = playhead if known and inside else middle
        self.scale = self.scale.zoomed(factor, x_px)
        self.viewport().update()
        self.zoom_changed.emit()

    def _plot_width(self) -> float:
        return float(max(self.viewport().width() - GUTTER_PX - 8, 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scale = self.scale.resized(GUTTER_PX, self._plot_width())
        self._layout_rows()

    def _layout_rows(self) -> None:
        room = self.viewport().height() - self._rows_top()
        bar = self.verticalScrollBar()
        bar.setPageStep(max(room, ROW_PX))
        bar.setRange(0, max(0, len(self._tracks) * ROW_PX + 4 - room))
        self.viewport().update()

    def _rows_top(self) -> int:
        cameras = len(self._cameras) * CAMERA_PX
        return RULER_PX + (cameras + 6 if cameras else 2)

    # -- where things are --------------------------------------------------------------------

    def bar_rect(self, row: int, run: tuple[int, int]) -> QRectF:
        """Place of one stretch of frames of a row."""
        half = self._step_s / 2
        left = self.scale.x_of(self._times_s[run[0]] - half)
        right = self.scale.x_of(self._times_s[run[1]] + half)
        top = self._rows_top() + row * ROW_PX - self.verticalScrollBar().value()
        return QRectF(left, top + 3, max(right - left, 2.0), ROW_PX - 6)

    def frame_x(self, frame_index: int) -> float:
        """Place of a frame."""
        return self.scale.x_of(self._times_s[frame_index])

    def frame_at(self, x_px: float) -> int:
        """Nearest frame to a place; -1 when there is none."""
        return nearest_frame(self._times_s, self.scale.time_of(x_px))

    def track_at(self, position: QPointF) -> TrackExtent | None:
        """Track whose row is at a place."""
        if position.y() < self._rows_top():
            return None
        offset = position.y() - self._rows_top() + self.verticalScrollBar().value()
        row = int(offset // ROW_PX)
        rows = self.rows
        return rows[row] if 0 <= row < len(rows) else None

    def bar_at(self, position: QPointF) -> TrackExtent | None:
        """Track whose bar is at a place."""
        track = self.track_at(position)
        if track is None or position.x() < GUTTER_PX:
            return None
        row = self.rows.index(track)
        rects = (self.bar_rect(row, run) for run in track.runs)
        return track if any(r.adjusted(-1, -3, 1, 3).contains(position) for r in rects) else None

    # -- pointer -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._times_s:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            place = event.position()
            self._press = place.toPoint()
            if place.x() < GUTTER_PX and place.y() >= self._rows_top():
                track = self.track_at(place)
                if track is not None:
                    self.track_clicked.emit(track, -1)
                return
            self._pressed_bar = self.bar_at(place)
            if self._pressed_bar is None:
                self._scrubbing = True
                self.frame_wanted.emit(self.frame_at(place.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._pan_from is not None:
            self.scale = self.scale.panned(place.x() - self._pan_from.x())
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - round(place.y() - self._pan_from.y()))
            self._pan_from = place.toPoint()
            self.viewport().update()
            return
        if self._press is not None and not self._scrubbing:
            moved = abs(place.x() - self._press.x()) > CLICK_PX
            self._scrubbing = moved and self._press.x() >= GUTTER_PX
        if self._scrubbing:
            self.frame_wanted.emit(self.frame_at(place.x()))
        elif self._press is None:
            self.track_hovered.emit(self.bar_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = None
            self.viewport().unsetCursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            bar, scrubbed = self._pressed_bar, self._scrubbing
            self._press, self._pressed_bar, self._scrubbing = None, None, False
            if bar is not None and not scrubbed:
                self.track_clicked.emit(bar, self.frame_at(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        over_names = event.position().x() < GUTTER_PX
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or over_names:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - (turn.y() or turn.x()) * ROW_PX * 2 // 120)
        elif turn.x() and not turn.y():
            self.scale = self.scale.panned(turn.x() / 2)
            self.viewport().update()
        elif turn.y():
            self.zoom(ZOOM_STEP ** (turn.y() / 120), event.position().x())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.tip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        if event.type() == QEvent.Type.Leave and self._hovered is not None:
            self.track_hovered.emit(None)
        return super().viewportEvent(event)

    def tip_at(self, position: QPointF) -> str:
        """What lies at a place, in words."""
        track = self.track_at(position)
        if track is not None:
            first, last = track.frames[0] + 1, track.frames[-1] + 1
            missing = track.frames[-1] - track.frames[0] + 1 - len(track)
            shown = sum(end - begin + 1 for begin, end in track.interpolated)
            gaps = f", missing in {missing} between" if missing else ""
            gaps += f", {shown} of them interpolated" if shown else ""
            return (
                f"{object_name(track.class_name, track.track_id)} ({track.label_set_id})\n"
                f"{len(track)} frames, {first} to {last}{gaps}"
            )
        camera = int((position.y() - RULER_PX - 2) // CAMERA_PX)
        if position.y() >= RULER_PX and 0 <= camera < len(self._cameras):
            return self._camera_tip(self._cameras[camera], position.x())
        if position.x() >= GUTTER_PX and self._times_s:
            frame = self.frame_at(position.x())
            return f"Frame {frame + 1}" + (
                "" if self._independent else f", {self._times_s[frame]:.2f} s"
            )
        return ""

    def _camera_tip(self, camera: CameraTicks, x_px: float) -> str:
        frame = self.frame_at(x_px)
        time_s = camera.times_s[frame] if 0 <= frame < len(camera.times_s) else None
        if time_s is None:
            return f"{camera.sensor_id}: no image in frame {frame + 1}"
        text = f"{camera.sensor_id}: {(time_s - self._times_s[frame]) * 1e3:+.1f} ms to the frame"
        if camera.offset_s:
            text += f", {camera.offset_s * 1e3:+.1f} ms of it set by hand"
        return text

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(ui_font(CAPTION_PX))
        painter.fillRect(self.viewport().rect(), palette().colour("panel"))
        if not self._times_s:
            return
        self._paint_rows(painter)
        painter.fillRect(QRectF(0, 0, self.viewport().width(), self._rows_top()),
                         palette().colour("panel"))  # fmt: skip
        self._paint_ruler(painter)
        self._paint_cameras(painter)
        self._paint_ruler_ticks(painter)
        self._paint_playhead(painter)
        self._paint_note(painter)

    def _paint_ruler(self, painter: QPainter) -> None:
        colours = palette()
        width = self.viewport().width()
        painter.setPen(colours.colour("line"))
        painter.drawLine(0, RULER_PX - 1, width, RULER_PX - 1)
        metrics = QFontMetricsF(painter.font())
        step = tick_step_s(self.scale.px_per_s)
        for tick in self._ruler_ticks():
            x = self.scale.x_of(tick[0])
            painter.setPen(colours.colour("line"))
            painter.drawLine(QPointF(x, RULER_PX - 6), QPointF(x, RULER_PX - 1))
            text = tick[1] or time_text(tick[0], step)
            room = metrics.horizontalAdvance(text)
            left = min(max(x - room / 2, GUTTER_PX), width - room - 2)
            painter.setPen(colours.colour("secondary"))
            painter.drawText(QPointF(left, RULER_PX - 8), text)

    def _ruler_ticks(self) -> list[tuple[float, str]]:
        """Times and texts: seconds, or the numbers of independent frames."""
        if not self._independent:
            return [(tick, "") for tick in self.scale.ticks_s() if tick >= 0]
        each = max(1, round(tick_step_s(self.scale.px_per_s) / self._step_s))
        numbers = [1, *range(each, len(self._times_s) + 1, each)] if each > 1 else range(
            1, len(self._times_s) + 1
        )  # fmt: skip
        placed = ((self._times_s[number - 1], str(number)) for number in numbers)
        return [t for t in placed if self.scale.start_s <= t[0] <= self.scale.end_s]

    def _paint_cameras(self, painter: QPainter) -> None:
        if not self._cameras:
            return
        colours = palette()
        metrics = QFontMetricsF(painter.font())
        text = f"{len(self._cameras)} cameras" if len(self._cameras) > 1 else (
            self._cameras[0].sensor_id
        )  # fmt: skip
        painter.setPen(colours.colour("secondary"))
        height = len(self._cameras) * CAMERA_PX
        if height >= 10:
            middle = RULER_PX + 2 + height / 2
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, GUTTER_PX - 20)
            painter.drawText(QPointF(8, middle + metrics.ascent() / 2 - 1), shown)
        painter.save()
        painter.setClipRect(QRectF(GUTTER_PX, 0, self.scale.width_px + 8, self._rows_top()))
        for row, camera in enumerate(self._cameras):
            y = RULER_PX + 3 + row * CAMERA_PX
            painter.setPen(colours.colour("warning" if camera.offset_s else "secondary"))
            for time_s in camera.times_s:
                if time_s is not None and self.scale.start_s <= time_s <= self.scale.end_s:
                    x = self.scale.x_of(time_s)
                    painter.drawLine(QPointF(x, y), QPointF(x, y + CAMERA_PX - 2))
        painter.restore()

    def _paint_ruler_ticks(self, painter: QPainter) -> None:
        if self.annotate_ruler is None:
            return
        painter.save()
        painter.setClipRect(QRectF(GUTTER_PX, 0, self.scale.width_px + 8, RULER_PX))
        self.annotate_ruler(painter, self._under_ruler)
        painter.restore()

    def _under_ruler(self, frame_index: int) -> QRectF:
        return QRectF(self.frame_x(frame_index) - 1, RULER_PX - 7, 2, 6)

    def _paint_rows(self, painter: QPainter) -> None:
        top, height = self._rows_top(), self.viewport().height()
        rows = self.rows
        if not rows:
            return
        first = self.verticalScrollBar().value() // ROW_PX
        last = min(len(rows), first + (height - top) // ROW_PX + 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(first, last):
            self._paint_row(painter, row, rows[row])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_note(self, painter: QPainter) -> None:
        """Say why there are no rows, over the playhead so that it strikes no letter out."""
        if self.rows or not self.note:
            return
        metrics, baseline = painter.fontMetrics(), self._rows_top() + 16
        width = metrics.horizontalAdvance(self.note)
        painter.fillRect(
            QRectF(GUTTER_PX - 4, baseline - metrics.ascent() - 2, width + 8, metrics.height() + 4),
            palette().colour("panel"),
        )
        painter.setPen(palette().colour("secondary"))
        painter.drawText(QPointF(GUTTER_PX, baseline), self.note)

    def _paint_row(self, painter: QPainter, row: int, track: TrackExtent) -> None:
        colours = palette()
        y = self._rows_top() + row * ROW_PX - self.verticalScrollBar().value()
        selected, hovered = track.name == self._selected, track.name == self._hovered
        line = QRectF(0, y, self.viewport().width(), ROW_PX)
        if selected or hovered:
            painter.fillRect(line, colours.colour("selected" if selected else "hover"))
        colour = QColor(*self.class_map.colour(track.class_name))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(8, y + 4, 8, 8), 2, 2)
        metrics = QFontMetricsF(painter.font())
        painter.setPen(colours.colour("text" if selected or hovered else "secondary"))
        name = metrics.elidedText(
            object_name(track.class_name, track.track_id),
            Qt.TextElideMode.ElideMiddle,
            GUTTER_PX - 28,
        )
        painter.drawText(QPointF(20, y + ROW_PX / 2 + metrics.ascent() / 2 - 1.5), name)
        painter.save()
        painter.setClipRect(QRectF(GUTTER_PX, 0, self.viewport().width(), self.viewport().height()))
        if not selected and not hovered:
            colour.setAlphaF(0.75)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for run in track.interpolated:
            # Shown, though nobody labelled it: a thin line joins what is labelled.
            rect = self.bar_rect(row, run)
            painter.drawRect(QRectF(rect.left(), rect.center().y() - 1, rect.width(), 2))
        for run in track.runs:
            painter.drawRoundedRect(self.bar_rect(row, run), 2, 2)
        if self.decorate is not None:
            self.decorate(painter, row, track)
        if self.annotate is not None:
            self.annotate(painter, row, track)
        painter.restore()

    def _paint_playhead(self, painter: QPainter) -> None:
        colours = palette()
        height = self.viewport().height()
        if self.shown_frame != self.wanted_frame and 0 <= self.shown_frame < len(self._times_s):
            x = self.frame_x(self.shown_frame)
            if x >= GUTTER_PX - 1:
                painter.setPen(colours.colour("disabled"))
                painter.drawLine(QPointF(x, RULER_PX - 1), QPointF(x, height))
        if not 0 <= self.wanted_frame < len(self._times_s):
            return
        x = self.frame_x(self.wanted_frame)
        if x < GUTTER_PX - 1:
            return
        painter.setPen(colours.colour("accent"))
        painter.drawLine(QPointF(x, RULER_PX - 8), QPointF(x, height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("accent"))
        top = RULER_PX - 8.0
        head = [QPointF(x - 5, top), QPointF(x + 5.5, top), QPointF(x + 0.5, RULER_PX - 1.0)]
        painter.drawPolygon(QPolygonF(head))
