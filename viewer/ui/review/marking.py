"""Marking a missing object: `N`, then a click on a point or a pixel."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QVBoxLayout, QWidget

from viewer.session.changes import Change, SceneClosed, SceneOpened
from viewer.session.marks_set import MARKS_ID
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_marks import PREFIX
from viewer.session.selection import LabelKey
from viewer.ui.plain_parts import wrapped_label

MARGIN_PX = 8
WIDTH_PX = 260


class MarkTool(QObject):
    """Clicks mark while it is active; one mark, then clicks select again."""

    active_changed = Signal(bool)

    def __init__(self, desk: ReviewDesk, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._desk, self._session = desk, desk.session
        self._viewport = viewport
        self.active = False
        self._class_name: str | None = None
        self.panel = MarkPanel(viewport)
        self.panel.hide()
        viewport.picked.connect(self._on_picked)  # type: ignore[attr-defined]
        viewport.installEventFilter(self)
        self._unsubscribe = self._session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening on both sides."""
        self._unsubscribe()
        self._viewport.removeEventFilter(self)
        self._viewport.picked.disconnect(self._on_picked)  # type: ignore[attr-defined]

    def toggle(self) -> None:
        """Start marking, or give up."""
        if not self.active and (reason := self._desk.read_only_reason) is not None:
            self._session.say(f"No mark: {reason}", is_problem=True)
            return
        self.active = not self.active
        if self.active:
            self.panel.show_classes(self._classes(), self._likely_class())
            self._place()
            self.panel.show()
            self.panel.raise_()
            self.panel.class_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._class_name = self.panel.class_name
            self.panel.hide()
            self._viewport.setFocus(Qt.FocusReason.OtherFocusReason)
        self.active_changed.emit(self.active)

    def _classes(self) -> list[str]:
        scene = self._session.scene
        return [] if scene is None else sorted(each.name for each in scene.class_map.entries)

    def _likely_class(self) -> str | None:
        """The class marked last, else that of the selected label, else the most frequent one."""
        if self._class_name is not None:
            return self._class_name
        return self._desk.editing.likely_class().removeprefix("missing ")

    # -- clicks ------------------------------------------------------------------------------

    def _on_picked(self, pick: Any) -> None:  # noqa: ANN401 - the view's pick or None
        if not self.active:
            return
        if pick is None:
            self._session.say("Nothing lies here: click a point, or a pixel of an image")
            return
        self._mark([float(part) for part in pick.position_world])

    def pick_on_image(
        self, sensor_id: str, u: float, v: float, position: tuple[float, float, float] | None
    ) -> None:
        """Take a click on an image: with the lidar point that is seen there, if there is one."""
        if self.active:
            self._mark(None if position is None else list(position), sensor_id, (u, v))

    def mark_at_pixel(self, sensor_id: str, pixel: tuple[float, float]) -> None:
        """Mark at a pixel at once, of the class that is likely; the inspector changes it."""
        if (reason := self._desk.read_only_reason) is not None:
            self._session.say(f"No mark: {reason}", is_problem=True)
            return
        name = self._likely_class()
        if name:
            self._select(self._desk.editing.mark_at_pixel(name, sensor_id, pixel))

    def _select(self, mark_id: str | None) -> None:
        content = self._session.content
        if mark_id is not None and content is not None:
            self._session.select(LabelKey(MARKS_ID, content.index, PREFIX + mark_id))

    def _mark(
        self,
        position: list[float] | None,
        sensor_id: str | None = None,
        pixel: tuple[float, float] | None = None,
    ) -> None:
        session, dataset_id = self._session, self._desk.dataset_id
        content, scene = session.content, session.scene
        name = self.panel.class_name
        if content is None or scene is None or dataset_id is None or not name:
            return
        self.toggle()
        mark_id = None
        if position is not None:
            editing = self._desk.editing
            mark_id = editing.mark_at_point(name, editing.standing(name, position))
        elif sensor_id is not None and pixel is not None:
            mark_id = self._desk.editing.mark_at_pixel(name, sensor_id, pixel)
        self._select(mark_id)

    # -- showing -----------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened | SceneClosed) and self.active:
            self.toggle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.active and watched is self._viewport and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        width = min(WIDTH_PX, self._viewport.width() - 2 * MARGIN_PX)
        column = self.panel.layout()
        height = 0 if column is None else column.heightForWidth(width)
        left = self._viewport.width() - width - MARGIN_PX
        self.panel.setGeometry(left, MARGIN_PX, width, height)


class MarkPanel(QFrame):
    """What is missing, and what to do next."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAccessibleName("Marking a missing object")
        self.setAutoFillBackground(True)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.class_box = QComboBox()
        self.class_box.setAccessibleName("Class of the missing object")
        prompt = wrapped_label(
            "Click where it is: a point, or a pixel of an image.", role="secondary"
        )
        heading = QLabel("Missing object")
        heading.setProperty("role", "heading")
        note = wrapped_label("Up and Down change the class, Esc gives up", role="caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        for widget in (heading, self.class_box, prompt, note):
            column.addWidget(widget)

    def show_classes(self, names: list[str], chosen: str | None) -> None:
        """Offer classes."""
        self.class_box.clear()
        self.class_box.addItems(names)
        place = self.class_box.findText(chosen or "")
        if place < 0 and chosen:
            self.class_box.addItem(chosen)
            place = self.class_box.count() - 1
        self.class_box.setCurrentIndex(max(place, 0))

    @property
    def class_name(self) -> str:
        """The class that is chosen."""
        return self.class_box.currentText()
