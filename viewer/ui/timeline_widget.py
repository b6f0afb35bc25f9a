"""The timeline: transport on top, frames, cameras and tracks below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Scene
from viewer.session.changes import (
    Change,
    DatasetGrown,
    FrameRequested,
    FrameShown,
    HoverChanged,
    PlaybackChanged,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    TracksRead,
    ViewChanged,
)
from viewer.session.growing import JOB as INDEX_JOB
from viewer.session.growing import labels_follow
from viewer.session.playback import SPEEDS, frame_times_s, has_times
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.session.tracks import TrackExtent, TrackName
from viewer.session.view_settings import ViewSettings
from viewer.ui.icons import icon
from viewer.ui.theme import ui_font
from viewer.ui.timeline_tracks import CameraTicks, TrackArea

PATIENCE_MS = 200
"""While scrubbing, how long a frame may load before a newer one is asked for instead."""
ZOOM_STEP = 1.6


class TimelineWidget(QWidget):
    """Steps, plays and scrubs through the frames, and shows where the tracks are."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self._session = session
        self._times_s: Sequence[float] = ()
        self._is_timed = False
        self._wanted: int | None = None
        self._asked = QElapsedTimer()
        self._scrub_timer = QTimer(self)
        self._scrub_timer.setInterval(15)
        self._scrub_timer.timeout.connect(self._scrub_on)
        self._icon_names: dict[QToolButton, str] = {}
        self.area = TrackArea()
        self._make_transport()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(self.area, 1)
        self.area.frame_wanted.connect(self._on_frame_wanted)
        self.area.track_clicked.connect(self._on_track_clicked)
        self.area.track_hovered.connect(self._on_track_hovered)
        self.area.zoom_changed.connect(self._sync_buttons)
        self._unsubscribe = session.subscribe(self._on_change)
        self._show_scene()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()
        self._scrub_timer.stop()

    # -- parts -------------------------------------------------------------------------------

    def _make_transport(self) -> None:
        session = self._session
        self.transport = QWidget()
        row = QHBoxLayout(self.transport)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(2)
        self.first_button = self._button("First frame", "Home", "first", self._go_first)
        self.previous_button = self._button(
            "Previous frame", "Left", "previous", lambda: session.step(-1)
        )
        self.play_button = self._button("Play", "Space", "play", self._toggle_play)
        self.next_button = self._button("Next frame", "Right", "next", lambda: session.step(1))
        self.last_button = self._button("Last frame", "End", "last", self._go_last)
        self.loop_button = self._button("Loop", "", "loop", self._toggle_loop)
        self.loop_button.setCheckable(True)
        self.speed_box = QComboBox()
        self.speed_box.setAccessibleName("Play speed")
        self.speed_box.setToolTip("Play speed")
        for speed in SPEEDS:
            self.speed_box.addItem(f"{speed:g}×", speed)
        self.speed_box.activated.connect(self._on_speed_activated)
        self.time_label = QLabel()
        self.time_label.setFont(ui_font())
        self.time_label.setAccessibleName("Time")
        self.time_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.zoom_out_button = self._button("Zoom out", "", "zoom_out", self._zoom_out)
        self.zoom_in_button = self._button("Zoom in", "", "zoom_in", self._zoom_in)
        self.fit_button = self._button("Show all frames", "", "fit", self.area.fit)
        transport = (
            self.first_button, self.previous_button, self.play_button, self.next_button,
            self.last_button, self.speed_box, self.loop_button,
        )  # fmt: skip
        for widget in transport:
            row.addWidget(widget)
        row.addSpacing(12)
        row.addWidget(self.time_label)
        row.addStretch(1)
        for button in (self.zoom_out_button, self.zoom_in_button, self.fit_button):
            row.addWidget(button)
        self.transport.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _button(self, name: str, key: str, icon_name: str, run: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "flat")
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({key})" if key else name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(icon(icon_name))
        button.clicked.connect(lambda _checked=False: run())
        self._icon_names[button] = icon_name
        return button

    # -- session to widget -------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case SceneOpened() | SceneClosed():
                self._show_scene()
            case FrameRequested() | FrameShown():
                self._show_frame()
            case TracksRead():
                self._show_tracks()
            case DatasetGrown():
                self._show_growth()
            case SelectionChanged() | HoverChanged():
                self._show_selection()
            case PlaybackChanged():
                self._show_playback()
            case ViewChanged(sections):
                if "dark" in sections:
                    self._apply_icons()
                if sections & {"filters", "layers"}:
                    self._show_tracks()
                if "time_offsets_ns" in sections:
                    self._show_cameras()
            case _:
                pass

    def _show_scene(self) -> None:
        scene = self._session.scene
        self._wanted = None
        self._scrub_timer.stop()
        if scene is None:
            self._times_s = ()
            self.area.show_scene((), self.area.class_map, independent=False)
        else:
            self._times_s = frame_times_s(scene)
            self._is_timed = has_times(scene)
            self.area.show_scene(self._times_s, scene.class_map, independent=not self._is_timed)
            self._session.read_tracks()
        self._show_cameras()
        self._show_tracks()
        self._show_frame()
        self._show_playback()

    def _show_growth(self) -> None:
        scene = self._session.scene
        if scene is not None and len(self._times_s) != len(scene.frames):
            self._show_scene()
        else:
            self._show_tracks()

    def _show_cameras(self) -> None:
        scene = self._session.scene
        ticks = camera_ticks(scene, self._times_s, self._session.view) if scene else ()
        self.area.show_cameras(ticks)

    def _show_tracks(self) -> None:
        scene, tracks = self._session.scene, self._session.scene_tracks
        shown: tuple[TrackExtent, ...] = ()
        if scene is not None and tracks is not None:
            hidden = _hidden_sets(scene, self._session.view)
            classes = self._session.view.filters.hidden_classes
            shown = tuple(
                extent for extent in tracks.extents
                if extent.label_set_id not in hidden and extent.class_name not in classes
            )  # fmt: skip
        self.area.show_tracks(shown, self._empty_note())
        self._show_selection()

    def _empty_note(self) -> str:
        scene, tracks = self._session.scene, self._session.scene_tracks
        if scene is None:
            return ""
        if len(scene.frames) == 1:
            return "This scene is a single frame: there is nothing to follow"
        if scene.independent:
            return "The frames are independent: no object is followed from one to the next"
        if not scene.label_sets:
            return "This scene has no labels"
        is_indexing = any(job.key == INDEX_JOB for job in self._session.jobs.statuses)
        if tracks is None and (is_indexing or labels_follow(self._session.dataset, scene)):
            return "Tracks are shown here when their labels are indexed"
        if tracks is None:
            return "Reading tracks…"
        if tracks.extents:
            return "The filters hide every track"
        return "No label of this scene has a track"

    def _show_selection(self) -> None:
        selected, hovered = self._session.selection, self._session.hovered
        self.area.show_selection(_track_name(selected), _track_name(hovered))

    def _show_frame(self) -> None:
        session = self._session
        content = session.content
        shown = -1 if content is None else content.index
        self.area.show_frame(session.frame_index, shown)
        self.time_label.setText(self._time_text())
        self._sync_buttons()

    def _time_text(self) -> str:
        scene, index = self._session.scene, self._session.frame_index
        if scene is None or not 0 <= index < len(scene.frames):
            return ""
        count = len(scene.frames)
        place = f"frame {str(index + 1).rjust(len(str(count)), FIGURE_SPACE)}/{count}"
        if not self._is_timed:
            return f"{place}  {scene.frames[index].key}"
        width = len(f"{self._times_s[-1]:.1f}")
        return f"{f'{self._times_s[index]:.1f}'.rjust(width, FIGURE_SPACE)} s  {place}"

    def _show_playback(self) -> None:
        playback = self._session.playback
        name = "Pause" if playback.playing else "Play"
        self.play_button.setAccessibleName(name)
        self.play_button.setToolTip(f"{name} (Space)")
        self._icon_names[self.play_button] = name.lower()
        self.play_button.setIcon(icon(name.lower()))
        with QSignalBlocker(self.loop_button):
            self.loop_button.setChecked(playback.loop)
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - playback.speed))
        with QSignalBlocker(self.speed_box):
            self.speed_box.setCurrentIndex(nearest)

    def _sync_buttons(self) -> None:
        scene, index = self._session.scene, self._session.frame_index
        count = len(scene.frames) if scene is not None else 0
        for button in (self.first_button, self.previous_button):
            button.setEnabled(count > 0 and index > 0)
        for button in (self.next_button, self.last_button):
            button.setEnabled(index < count - 1)
        for widget in (self.play_button, self.loop_button, self.speed_box):
            widget.setEnabled(count > 1)
        self.zoom_in_button.setEnabled(count > 2)
        self.zoom_out_button.setEnabled(self.area.scale.is_zoomed)
        self.fit_button.setEnabled(self.area.scale.is_zoomed)

    def _apply_icons(self) -> None:
        for button, name in self._icon_names.items():
            button.setIcon(icon(name))
        self.area.viewport().update()

    # -- widget to session -------------------------------------------------------------------

    def _go_first(self) -> None:
        self._session.go_to_frame(0)

    def _go_last(self) -> None:
        self._session.go_to_frame(len(self._times_s) - 1)

    def _toggle_play(self) -> None:
        self._session.play(playing=not self._session.playback.playing)

    def _toggle_loop(self) -> None:
        self._session.set_playback(loop=self.loop_button.isChecked())

    def _on_speed_activated(self, place: int) -> None:
        self._session.set_playback(speed=self.speed_box.itemData(place))

    def _zoom_in(self) -> None:
        self.area.zoom(ZOOM_STEP)

    def _zoom_out(self) -> None:
        self.area.zoom(1 / ZOOM_STEP)

    def _on_frame_wanted(self, frame_index: int) -> None:
        if frame_index >= 0:
            self._wanted = frame_index
            self._scrub_on()

    def _scrub_on(self) -> None:
        """Ask for the newest wanted frame, once the one asked for is shown or takes too long."""
        session = self._session
        if self._wanted is None or self._wanted == session.frame_index:
            self._wanted = None
            self._scrub_timer.stop()
            return
        loading = session.content is None or session.content.index != session.frame_index
        if loading and self._asked.isValid() and self._asked.elapsed() < PATIENCE_MS:
            self._scrub_timer.start()
            return
        wanted, self._wanted = self._wanted, None
        self._scrub_timer.stop()
        self._asked.restart()
        session.go_to_frame(wanted)

    def _on_track_clicked(self, track: TrackExtent, frame_index: int) -> None:
        """Select the track at the frame; by its name, where it is nearest to the shown frame."""
        session = self._session
        aimed = session.frame_index if frame_index < 0 else frame_index
        nearest = min(track.frames, key=lambda frame: abs(frame - aimed))
        key = track.key_at(nearest)
        session.select(key)
        session.go_to_frame(nearest)

    def _on_track_hovered(self, track: TrackExtent | None) -> None:
        if track is None:
            self._session.hover(None)
            return
        key = track.key_at(self._session.frame_index)
        first = LabelKey(track.label_set_id, track.frames[0], track.label_ids[0], track.track_id)
        self._session.hover(key or first)


FIGURE_SPACE = "\N{FIGURE SPACE}"


def camera_ticks(
    scene: Scene, times_s: Sequence[float], view: ViewSettings
) -> tuple[CameraTicks, ...]:
    """When each camera's images were taken, its offset added."""
    ticks: list[CameraTicks] = []
    for sensor_id in scene.camera_ids:
        offset_s = view.time_offsets_ns.get(sensor_id, 0) / 1e9
        taken: list[float | None] = []
        for frame, time_s in zip(scene.frames, times_s, strict=True):
            image = next((ref for ref in frame.images if ref.sensor_id == sensor_id), None)
            if image is None:
                taken.append(None)
            elif image.timestamp_ns is None or frame.timestamp_ns is None:
                taken.append(time_s + offset_s)
            else:
                taken.append(time_s + (image.timestamp_ns - frame.timestamp_ns) / 1e9 + offset_s)
        if any(time_s is not None for time_s in taken):
            ticks.append(CameraTicks(sensor_id, tuple(taken), offset_s))
    return tuple(ticks)


def _hidden_sets(scene: Scene, view: ViewSettings) -> frozenset[str]:
    hidden = view.filters.hidden_label_sets
    if view.layers.predictions:
        return hidden
    guesses = (s for s in scene.label_sets if s.kind is LabelSetKind.PREDICTIONS)
    return hidden | {label_set.label_set_id for label_set in guesses}


def _track_name(key: LabelKey | None) -> TrackName | None:
    if key is None or key.track_id is None:
        return None
    return key.label_set_id, key.track_id
