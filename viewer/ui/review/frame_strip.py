"""A strip of the object's frames in time: one small picture each."""

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer.scene.scene import Scene
from viewer.session.marks_set import is_marks
from viewer.session.review_crops import Crop, load_crops
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.session.tracks import TrackExtent
from viewer.ui.review.crop_painting import Rgb, paint_crop
from viewer.ui.review.verdict_style import paint_glyph
from viewer.ui.theme import CAPTION_PX, palette, ui_font

STRIP_JOB = "review-strip"
ASPECT = 1.35
GAP_PX = 4
CAPTION_HEIGHT_PX = 14
KEPT_CROPS = 240
AT_ONCE = 3
"""Pictures that are made before the strip is painted again."""
_CropKey = tuple[Scene, LabelKey, int]


class FrameStrip(QWidget):
    """Shows the frames around the present one; a click goes to one.

    Parameters
    ----------
    state_of
        State of the verdict that holds for a label, None where there is none.
    """

    def __init__(
        self,
        session: Session,
        state_of: Callable[[LabelKey], str | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._state_of = state_of
        self._keys: tuple[LabelKey, ...] = ()
        self._present: LabelKey | None = None
        self._note = ""
        self._colour: Rgb = (150, 150, 150)
        self._crops: OrderedDict[_CropKey, Crop] = OrderedDict()
        self.setAccessibleName("Frames of the object")
        self.setMinimumHeight(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """Size below the 3D view."""
        return QSize(600, 92)

    def dispose(self) -> None:
        """Stop reading and let go of the pictures."""
        self._session.jobs.cancel(STRIP_JOB)
        self._crops.clear()

    # -- what is shown -----------------------------------------------------------------------

    @property
    def keys(self) -> tuple[LabelKey, ...]:
        """Labels whose pictures stand in the strip."""
        return self._keys

    def show_object(self, key: LabelKey | None, colour: Rgb) -> None:
        """Show the frames around a label."""
        self._present, self._colour = key, colour
        self._arrange()

    def forget(self) -> None:
        """Make the pictures anew: labels were edited."""
        self._crops.clear()
        self._arrange()

    def refresh(self) -> None:
        """Paint the states of verdicts anew."""
        self.update()

    @property
    def _cell_px(self) -> tuple[int, int]:
        height = max(self.height() - CAPTION_HEIGHT_PX - 2, 24)
        return round(height * ASPECT), height

    def _arrange(self) -> None:
        key, scene = self._present, self._session.scene
        self._note = ""
        if key is None or scene is None:
            self._keys = ()
            self._note = "Select a label to see its frames"
            self._session.jobs.cancel(STRIP_JOB)
            self.update()
            return
        count = max(1, (self.width() + GAP_PX) // (self._cell_px[0] + GAP_PX))
        tracks = self._session.scene_tracks
        track = tracks.of(key) if tracks is not None else None
        self._keys = (key,) if track is None else _around(track, key, count)
        if track is None:
            self._note = _note_of(key)
        self._load()
        self.update()

    def _load(self) -> None:
        scene, present = self._session.scene, self._present
        if scene is None or present is None or not self.isVisible():
            return
        width_px = round(self._cell_px[0] * self.devicePixelRatioF())
        missing = [key for key in self._keys if (scene, key, width_px) not in self._crops]
        missing.sort(key=lambda key: abs(key.frame_index - present.frame_index))
        if not missing:
            self._session.jobs.cancel(STRIP_JOB)
            return
        view, wanted = self._session.view, missing[:AT_ONCE]
        edits = self._session.edit_labels

        def keep(crops: list[Crop]) -> None:
            for crop in crops:
                self._crops[scene, crop.key, width_px] = crop
            while len(self._crops) > KEPT_CROPS:
                self._crops.popitem(last=False)
            self.update()
            if self._session.scene is scene:
                self._load()

        self._session.jobs.start(
            STRIP_JOB,
            lambda context: load_crops(context, scene, wanted, view, ASPECT, width_px, edits),
            done=keep,
            failed=lambda _error: None,
            priority=25,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- where things are --------------------------------------------------------------------

    def cell(self, place: int) -> QRectF:
        """Rectangle of a picture."""
        width, height = self._cell_px
        all_px = len(self._keys) * (width + GAP_PX) - GAP_PX
        left = max(0, (self.width() - all_px) // 2)
        return QRectF(left + place * (width + GAP_PX), 0, width, height)

    def key_at(self, position: QPointF) -> LabelKey | None:
        """Label whose picture lies at a position."""
        places = (i for i in range(len(self._keys)) if self.cell(i).contains(position))
        place = next(places, None)
        return None if place is None else self._keys[place]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        if key is not None and event.button() == Qt.MouseButton.LeftButton:
            self._session.select(key)
            self._session.go_to_frame(key.frame_index)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            key = self.key_at(QPointF(event.pos()))
            text = "" if key is None else self._tip(key)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _tip(self, key: LabelKey) -> str:
        scene = self._session.scene
        state = self._state_of(key)
        decided = f", {state.replace('_', ' ')}" if state else ""
        crop = self._crop_of(key)
        camera = f"\n{crop.sensor_id}" if crop is not None and crop.sensor_id else ""
        count = len(scene.frames) if scene is not None else 0
        return f"Frame {key.frame_index + 1} of {count}{decided}{camera}"

    def _crop_of(self, key: LabelKey) -> Crop | None:
        width_px = round(self._cell_px[0] * self.devicePixelRatioF())
        scene = self._session.scene
        return None if scene is None else self._crops.get((scene, key, width_px))

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = palette()
        painter.fillRect(self.rect(), colours.colour("panel"))
        painter.setFont(ui_font(CAPTION_PX))
        for place, key in enumerate(self._keys):
            self._paint_cell(painter, self.cell(place), key)
        if self._note:
            painter.setPen(colours.colour("secondary"))
            right = self.cell(len(self._keys) - 1).right() + 12 if self._keys else 12.0
            area = QRectF(right, 0, self.width() - right - 8, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._note)
        painter.end()

    def _paint_cell(self, painter: QPainter, rect: QRectF, key: LabelKey) -> None:
        colours = palette()
        present = self._present is not None and key.frame_index == self._present.frame_index
        crop = self._crop_of(key)
        if crop is None:
            painter.fillRect(rect, colours.colour("scene"))
        else:
            paint_crop(painter, rect, crop, self._colour, line_px=1.1)
        if present:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        state = self._state_of(key)
        below = QRectF(rect.left(), rect.bottom() + 1, rect.width(), CAPTION_HEIGHT_PX)
        painter.setPen(colours.colour("text" if present else "secondary"))
        painter.drawText(
            below.adjusted(0, 0, 0, 0),
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
            str(key.frame_index + 1),
        )
        if state is not None:
            paint_glyph(painter, QRectF(below.left() + 2, below.top() + 1, 12, 12), state)


def _around(track: TrackExtent, key: LabelKey, count: int) -> tuple[LabelKey, ...]:
    """The frames of a track around a label, at most `count`, in the order of time."""
    frames = track.frames
    place = min(range(len(frames)), key=lambda i: abs(frames[i] - key.frame_index))
    first = max(0, min(place - count // 2, len(frames) - count))
    chosen = frames[first : first + count]
    keys = (track.key_at(frame) for frame in chosen)
    return tuple(found for found in keys if found is not None)


def _note_of(key: LabelKey) -> str:
    """Why only one frame of an object is shown."""
    if is_marks(key.label_set_id):
        return "A mark stands in its own frame"
    return "This label belongs to no track" if key.track_id is None else ""
