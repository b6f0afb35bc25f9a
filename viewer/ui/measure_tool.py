"""The measuring tool.

What the window needs of it::

    tool = MeasureTool(session, viewport)     # viewport: picked, hovered, set_measurements(tuple)
    tool.toggle(); tool.active                # start or end; clicks measure while active
    tool.active_changed(bool)                 # the window takes selecting by click away
    tool.step_back() -> bool                  # Esc: drop what was begun, else end measuring
    tool.clear(); tool.dispose()
    tool.pick(Picked(position, label))        # a click from elsewhere, e.g. on an image

Its panel lies over the viewport's upper right corner while it is active.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from viewer.render.layers.base import Measurement as DrawnMeasurement
from viewer.session.changes import (
    Change,
    FrameShown,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.session.measure import CannotMeasure, MeasureKind, Measurement, Position, box_world
from viewer.session.measuring import Measuring, Picked
from viewer.session.selection import LabelKey
from viewer.session.session import Session

if TYPE_CHECKING:
    from viewer.ui.measure_panel import MeasurePanel

MARGIN_PX = 8


class MeasureView(Protocol):
    """What the tool needs of a 3D view, which is also a widget."""

    picked: Any
    """Signal with a pick (`position_world`, `label`) or None."""
    hovered: Any
    """Signal with a pick or None."""

    def set_measurements(self, measurements: tuple[DrawnMeasurement, ...]) -> None:
        """Draw measured lines with their texts."""
        ...


class MeasureTool(QObject):
    """Turns clicks into measurements, draws them in the view and lists them."""

    active_changed = Signal(bool)

    def __init__(self, session: Session, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._session = session
        self._widget = viewport
        self._view: MeasureView = viewport  # type: ignore[assignment]
        self._drawn: tuple[Measurement, ...] = ()
        self._frame_index = -1
        self.active = False
        self.measuring = Measuring()
        self._view.picked.connect(self._on_picked)
        self._view.hovered.connect(self._on_hovered)
        viewport.installEventFilter(self)
        self._unsubscribe = session.subscribe(self._on_change)

    @cached_property
    def panel(self) -> "MeasurePanel":
        """The controls over the viewport, made when they are first needed."""
        from viewer.ui.measure_panel import MeasurePanel

        panel = MeasurePanel(self._widget)
        panel.kind_chosen.connect(self._on_kind)
        panel.copy_wanted.connect(self.copy)
        panel.clear_wanted.connect(self.clear)
        panel.close_wanted.connect(self.toggle)
        panel.remove_wanted.connect(self._on_remove)
        panel.selected_wanted.connect(self.pick_selection)
        panel.hide()
        return panel

    def dispose(self) -> None:
        """Stop listening on both sides."""
        self._unsubscribe()
        self._widget.removeEventFilter(self)
        self._view.picked.disconnect(self._on_picked)
        self._view.hovered.disconnect(self._on_hovered)

    # -- commands ----------------------------------------------------------------------------

    def toggle(self) -> None:
        """Start measuring, or end it; what was measured stays in sight."""
        if not self.active and self._session.scene is None:
            return
        self.active = not self.active
        self.measuring.step_back()
        self._refresh()
        self.panel.setVisible(self.active)
        if self.active:
            self.panel.raise_()
        self.active_changed.emit(self.active)

    def step_back(self) -> bool:
        """Drop what was begun, else end measuring; False when not measuring."""
        if not self.active:
            return False
        if self.measuring.step_back():
            self._refresh()
        else:
            self.toggle()
        return True

    def clear(self) -> None:
        """Forget all measurements."""
        self.measuring.clear()
        self._refresh()

    def copy(self) -> None:
        """Put all measurements on the clipboard."""
        QGuiApplication.clipboard().setText(self.measuring.to_text())
        self._session.say("Copied the measurements")

    def pick(self, picked: Picked) -> None:
        """Take a click on a position, or on a label."""
        session = self._session
        if not self.active or session.content is None:
            return
        try:
            made = self.measuring.pick(session.content, session.view, picked)
        except CannotMeasure as error:
            self._refresh()
            self.panel.show_problem(str(error))
            return
        if made is not None:
            session.say(f"{made.subject}: {made.detail}")
        self._refresh()

    def pick_on_image(self, position: Position | None, label: LabelKey | None) -> None:
        """Take a click on a camera image: a lidar point seen there, or a label."""
        if not self.active:
            return
        if self.measuring.kind is MeasureKind.BOXES and label is not None:
            self._pick_box(label)
        elif position is not None:
            self.pick(Picked(position, label))
        else:
            self.panel.show_problem("No lidar point lies here; click a point or a box")

    def measure_from(self, pick: Any) -> None:  # noqa: ANN401 - the view's pick
        """Start measuring with this as the first end."""
        if not self.active:
            self.toggle()
        self.measuring.step_back()
        self.pick(_picked(pick))

    def pick_selection(self) -> None:
        """Take the selected label as if it was clicked, at the middle of its box."""
        if self._session.selection is not None:
            self._pick_box(self._session.selection)

    def _pick_box(self, key: LabelKey) -> None:
        content = self._session.content
        if content is None:
            return
        try:
            x, y, z = box_world(content, key).center.tolist()
        except CannotMeasure as error:
            self.panel.show_problem(str(error))
            return
        self.pick(Picked((x, y, z), key))

    # -- what happens ------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case SceneOpened() | SceneClosed():
                self.measuring.clear()
                if self.active and self._session.scene is None:
                    self.toggle()
                self._refresh()
            case FrameShown(content):
                if self.measuring.begun and content.index != self._frame_index:
                    self.measuring.leave_frame()
                self._refresh()
            case SelectionChanged() if self.active:
                self.panel.show_selection(possible=self._session.selection is not None)
                self._place_panel()
            case ViewChanged(sections) if "dark" in sections and "panel" in vars(self):
                self.panel.apply_icons()
            case _:
                pass

    def _on_picked(self, pick: Any) -> None:  # noqa: ANN401 - the view's pick or None
        if not self.active:
            return
        if pick is None:
            self.panel.show_problem("Nothing lies here; click a point or a box")
        else:
            self.pick(_picked(pick))

    def _on_hovered(self, pick: Any) -> None:  # noqa: ANN401 - the view's pick or None
        content = self._session.content
        if self.active and self.measuring.begun and content is not None:
            preview = self.measuring.preview(content, None if pick is None else _picked(pick))
            self._draw(preview)

    def _on_kind(self, kind: MeasureKind) -> None:
        self.measuring.set_kind(kind)
        self._refresh()

    def _on_remove(self, place: int) -> None:
        self.measuring.remove(place)
        self._refresh()

    # -- showing -----------------------------------------------------------------------------

    def _refresh(self) -> None:
        content = self._session.content
        self._frame_index = -1 if content is None else content.index
        if self.active:
            self.panel.show_prompt(self.measuring.kind, self.measuring.prompt)
            self.panel.show_selection(possible=self._session.selection is not None)
            self.panel.show_measurements(self.measuring.measurements)
            self._place_panel()
        self._draw(None)

    def _draw(self, preview: Measurement | None) -> None:
        """Draw what was measured on the shown frame, and what a click would add."""
        content = self._session.content
        drawn = () if content is None else self.measuring.of_frame(content.index)
        if preview is not None:
            drawn = (*drawn, preview)
        if drawn != self._drawn:
            self._drawn = drawn
            lines = (DrawnMeasurement(made.start, made.end, made.caption) for made in drawn)
            self._view.set_measurements(tuple(lines))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.active and watched is self._widget and event.type() == QEvent.Type.Resize:
            self._place_panel()
        return False

    def _place_panel(self) -> None:
        """Keep the panel in the upper right corner, as high as its content and the room allow."""
        room = self._widget.size()
        self.panel.adjustSize()
        height = min(self.panel.sizeHint().height(), room.height() - 2 * MARGIN_PX)
        width = min(self.panel.sizeHint().width(), room.width() - 2 * MARGIN_PX)
        self.panel.setGeometry(room.width() - width - MARGIN_PX, MARGIN_PX, width, height)


def _picked(pick: Any) -> Picked:  # noqa: ANN401 - the view's pick
    x, y, z = (float(part) for part in pick.position_world)
    return Picked((x, y, z), pick.label)
