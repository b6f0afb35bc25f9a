"""Between the session and the 3D view: changes go in, clicks and hovers come out."""

from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtGui import QImage

from viewer.geometry.cuboids import Cuboid
from viewer.session.changes import (
    Change,
    FocusRequested,
    FrameShown,
    HoverChanged,
    PointerMoved,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.session.findings_lit import LitEvidence
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.session import Session
from viewer.session.view_settings import ViewSettings

POINTED_IN_3D = "3d"
_DRAWN_SECTIONS = frozenset({"points", "layers", "filters", "follow", "dark", "time_offsets_ns"})


class Viewport(Protocol):
    """What the window needs of a 3D view; tests use one without graphics."""

    picked: Any
    double_clicked: Any
    hovered: Any
    range_dragged: Any
    context_requested: Any
    painted: Any
    view: Any
    """Holds the eye and knows what draws: `render.scene_view.SceneView`."""

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame."""
        ...

    def clear(self) -> None:
        """Show nothing."""
        ...

    def show_view(self, view: ViewSettings, sections: frozenset[str]) -> None:
        """Follow changed settings."""
        ...

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Show what is selected and what is previewed."""
        ...

    def show_pointed(self, position_world: Any) -> None:  # noqa: ANN401 - anything like an array
        """Mark a position, or with None nothing."""
        ...

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the labels are compared with."""
        ...

    def show_evidence(self, lit: LitEvidence | None) -> None:
        """Show what a finding lights up."""
        ...

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored."""
        ...

    def go_to_preset(self, name: str) -> None:
        """Ease to a preset of the eye."""
        ...

    def go_to_camera(self, sensor_id: str) -> None:
        """Ease to where a recorded camera is."""
        ...

    def focus_selection(self) -> None:
        """Ease to the selected object."""
        ...

    def focus_box(self, box: Cuboid) -> None:
        """Ease to a box in world that is no label."""
        ...

    def go_to_numbers(self, numbers: tuple[float, ...]) -> None:
        """Go where a link says."""
        ...

    def picture(self) -> QImage:
        """What is drawn."""
        ...

    def dispose(self) -> None:
        """Let go of everything."""
        ...


class ViewportController:
    """Keeps one 3D view in step with the session."""

    def __init__(self, session: Session, viewport: Viewport) -> None:
        self._session = session
        self._viewport = viewport
        self.pending_eye: tuple[float, ...] | None = None
        """Where the eye goes once the next frame is shown."""
        self.clicks_select = True
        """False while clicks belong to a tool."""
        viewport.picked.connect(self._on_picked)
        viewport.double_clicked.connect(self._on_double_clicked)
        viewport.hovered.connect(self._on_hovered)
        viewport.range_dragged.connect(self._on_range_dragged)
        self._marked = False
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening on both sides."""
        self._unsubscribe()
        self._viewport.picked.disconnect(self._on_picked)
        self._viewport.double_clicked.disconnect(self._on_double_clicked)
        self._viewport.hovered.disconnect(self._on_hovered)
        self._viewport.range_dragged.disconnect(self._on_range_dragged)

    def set_eye(self, preset: str) -> None:
        """Go to a preset; `camera` is the large camera, or the first."""
        if preset != "camera":
            self._viewport.go_to_preset(preset)
            return
        scene = self._session.scene
        sensor_id = self._session.large_camera
        if scene is not None and sensor_id is None and scene.camera_ids:
            sensor_id = scene.camera_ids[0]
        if sensor_id is None:
            self._session.say("This scene has no camera", is_problem=True)
        else:
            self._viewport.go_to_camera(sensor_id)

    def frame_selection(self) -> None:
        """Bring the selection into view; everything when nothing is selected."""
        if self._session.selection is not None:
            self._viewport.focus_selection()
        else:
            self._viewport.go_to_preset("auto")

    def _on_picked(self, pick: Any) -> None:  # noqa: ANN401 - Pick or None through a signal
        if self.clicks_select:
            self._session.select(None if pick is None else pick.label)

    def _on_double_clicked(self, pick: Any) -> None:  # noqa: ANN401
        if pick is not None and pick.label is not None and self.clicks_select:
            self._session.select(pick.label)
            self._session.focus_selection()

    def _on_hovered(self, pick: Any) -> None:  # noqa: ANN401
        if pick is None:
            self._session.hover(None)
            self._session.point_at(None)
            return
        self._session.hover(pick.label)
        x, y, z = (float(part) for part in pick.position_world)
        point = None
        if pick.sweep_index is not None and pick.point_index is not None:
            point = pick.sweep_index, pick.point_index
        self._session.point_at(PointedPosition((x, y, z), POINTED_IN_3D, point))

    def _on_range_dragged(self, ends: tuple[float, float] | None) -> None:
        points = self._session.view.points
        self._session.set_view(points=replace(points, colour_range=ends))

    def _on_change(self, change: Change) -> None:
        session, viewport = self._session, self._viewport
        if isinstance(change, FrameShown):
            viewport.show_frame(change.content, session.view)
            viewport.show_selection(session.selection, session.hovered)
            if self.pending_eye is not None:
                numbers, self.pending_eye = self.pending_eye, None
                try:
                    viewport.go_to_numbers(numbers)
                except ValueError:
                    session.say("The view in the link cannot be used", is_problem=True)
        elif isinstance(change, ViewChanged):
            if change.sections & _DRAWN_SECTIONS:
                viewport.show_view(session.view, change.sections)
        elif isinstance(change, SelectionChanged | HoverChanged):
            viewport.show_selection(session.selection, session.hovered)
        elif isinstance(change, PointerMoved):
            self._mark_pointed()
        elif isinstance(change, FocusRequested):
            viewport.focus_selection()
        elif isinstance(change, SceneClosed) or (
            isinstance(change, SceneOpened)
            and session.scene is not None
            and not session.scene.frames
        ):
            viewport.clear()

    def _mark_pointed(self) -> None:
        """Mark what is pointed at in an image; in 3D the pointer itself is the mark."""
        pointed = self._session.pointed
        from_image = pointed is not None and pointed.source != POINTED_IN_3D
        if from_image and pointed is not None:
            self._viewport.show_pointed(pointed.position)
        elif self._marked:
            self._viewport.show_pointed(None)
        self._marked = from_image
