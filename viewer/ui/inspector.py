"""The inspector: everything about the selected label, else the large camera, else the scene."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.session.box_facts import BoxFacts, CameraSight, box_facts, select_row
from viewer.session.camera_facts import camera_facts
from viewer.session.changes import (
    Change,
    LargeCameraChanged,
    ProblemsChanged,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    TracksRead,
    ViewChanged,
)
from viewer.session.facts import Fact, FactGroup, object_name, text_of
from viewer.session.flat_facts import track_groups
from viewer.session.frame_content import FrameContent
from viewer.session.marks_set import drawn_rgb
from viewer.session.point_counts import count_in_boxes
from viewer.session.scene_facts import scene_facts
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.session.view_settings import Solo
from viewer.ui.check_rows import Swatch
from viewer.ui.icons import icon
from viewer.ui.inspector_rows import FactRows, breakable
from viewer.ui.panel import Panel, clear_layout
from viewer.ui.plain_parts import wrapped_label

POINTS_JOB = "box-points"
COUNT_AT_ONCE = 300_000
"""Points up to which those in one box are counted without a job."""
ISOLATE_MARGIN_M = 0.5


class Inspector(Panel):
    """Shows facts, and acts on what they are about."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "inspector", parent)
        self._stale = True
        self._icon_names: dict[QToolButton, str] = {}
        self._title = ""
        self._counted: tuple[FrameContent, LabelKey, int] | None = None
        self._make_header()
        self._make_buttons()
        self.above_facts = QVBoxLayout()
        """Takes what others have to say of the selected label."""
        self.column.addLayout(self.above_facts)
        self.rows = FactRows(self.copy_all)
        self.column.addWidget(self.rows)
        self.camera_heading = QLabel("Seen by")
        self.camera_heading.setProperty("role", "heading")
        self.camera_heading.setContentsMargins(0, 10, 0, 0)
        self.column.addWidget(self.camera_heading)
        self.cameras = QWidget()
        self._camera_rows = QVBoxLayout(self.cameras)
        self._camera_rows.setContentsMargins(0, 0, 0, 0)
        self._camera_rows.setSpacing(0)
        self.column.addWidget(self.cameras)
        self._sights: tuple[CameraSight, ...] = ()
        self.refresh()

    def dispose(self) -> None:
        """Stop listening and counting."""
        self.session.jobs.cancel(POINTS_JOB)
        super().dispose()

    # -- parts -------------------------------------------------------------------------------

    def _make_header(self) -> None:
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._swatch_place = QHBoxLayout()
        row.addLayout(self._swatch_place)
        self.title_label = wrapped_label(role="title")
        self.title_label.setMinimumWidth(40)
        self.title_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.title_label.setTextFormat(Qt.TextFormat.PlainText)
        self.title_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.title_label, 1)
        self.copy_button = self._button("Copy everything", "copy", self.copy_all)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(header)
        self.note_label = wrapped_label(role="secondary")
        self.column.addWidget(self.note_label)

    def _make_buttons(self) -> None:
        self.previous_button = self._button(
            "Previous frame of the track", "previous", lambda: self._step_track(-1)
        )
        self.next_button = self._button(
            "Next frame of the track", "next", lambda: self._step_track(1)
        )
        self.focus_button = self._button(
            "Frame the selection (Z)", "frame", self.session.focus_selection
        )
        self.solo_button = self._button("Only this label", "eye", self._toggle_solo)
        self.solo_track_button = self._button("Only this track", "track", self._toggle_solo_track)
        self.isolate_button = self._button(
            "Only the points in this box", "points", self._toggle_isolate
        )
        for button in (self.solo_button, self.solo_track_button, self.isolate_button):
            button.setCheckable(True)
        self.button_row = QWidget()
        row = QHBoxLayout(self.button_row)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(2)
        for button in (
            self.previous_button, self.next_button, self.focus_button, self.solo_button,
            self.solo_track_button, self.isolate_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        self.column.addWidget(self.button_row)

    def _button(self, name: str, icon_name: str, run: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "flat")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(icon(icon_name))
        button.clicked.connect(lambda _checked=False: run())
        self._icon_names[button] = icon_name
        return button

    # -- session to widget -------------------------------------------------------------------

    def show_frame(self) -> None:
        """Follow the frame that is shown."""
        self.refresh()

    def on_change(self, change: Change) -> None:
        """Follow what else the facts are about."""
        match change:
            case (
                SelectionChanged() | SceneOpened() | SceneClosed()
                | TracksRead() | LargeCameraChanged() | ProblemsChanged()
            ):  # fmt: skip
                self.refresh()
            case ViewChanged(sections):
                if "time_offsets_ns" in sections:
                    self._counted = None
                    self.refresh()
                if "filters" in sections:
                    self._sync_buttons()
                if "dark" in sections:
                    for button, name in self._icon_names.items():
                        button.setIcon(icon(name))
            case _:
                pass

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show what there is; later, when the inspector is not visible."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        session = self.session
        if session.scene is None:
            self._show_header("Nothing open", "Open a scene to see what it holds")
            self._show_facts((), ())
        elif session.selection is not None:
            self._show_label(session.selection)
        elif session.large_camera is not None and session.content is not None:
            self._show_camera(session.content, session.large_camera)
        else:
            problems = session.problems()
            facts = scene_facts(
                session.scene, session.content, session.scene_tracks, problems, session.dataset
            )
            self._show_header(session.scene.scene_id, "Select a label for its numbers")
            self._show_facts(facts, ())
        self.button_row.setVisible(session.selection is not None)
        self.copy_button.setVisible(bool(self.rows.groups))
        self._sync_buttons()

    def _show_label(self, key: LabelKey) -> None:
        content, scene = self.session.content, self.session.scene
        facts = None if content is None else box_facts(content, key, self.session.view)
        if facts is None or content is None or scene is None:
            name = key.label_id if key.track_id is None else f"Track {key.track_id}"
            self._show_header(name, "Not labelled in this frame")
            self._show_facts(tuple(track_groups(self.session.scene_tracks, key)), ())
            return
        name = facts.class_name
        if key.track_id is not None:
            name = object_name(name, key.track_id)
        rgb = drawn_rgb(scene, key.label_set_id, facts.class_name)
        self._show_header(name, facts.set_title, rgb)
        groups = self._with_points(content, facts)
        groups += tuple(track_groups(self.session.scene_tracks, facts.key))
        self._show_facts(groups, facts.cameras)

    def _with_points(self, content: FrameContent, facts: BoxFacts) -> tuple[FactGroup, ...]:
        """Add the number of points inside, once it is known, to the facts of the box."""
        own_sweeps = any(sweep.frame_index == content.index for sweep in content.sweeps)
        if not own_sweeps or not any(group.title == "Box" for group in facts.groups):
            return facts.groups
        count = self._point_count(content, facts.key)
        text = "…" if count is None else f"{count:,}"
        points = Fact("Points inside", text, "Points of this frame in the box, faces included")
        return tuple(
            replace(group, facts=(*group.facts, points)) if group.title == "Box" else group
            for group in facts.groups
        )

    def _point_count(self, content: FrameContent, key: LabelKey) -> int | None:
        if self._counted is not None and self._counted[:2] == (content, key):
            return self._counted[2]
        labels, view = content.labels[key.label_set_id].cuboids, self.session.view
        row = labels.row_of(key.label_id)
        if row is None:
            return None
        label = select_row(labels, row)
        if sum(len(sweep.cloud) for sweep in content.sweeps) <= COUNT_AT_ONCE:
            count = int(count_in_boxes(content, label, view)[0])
            self._counted = (content, key, count)
            return count

        def show(count: int) -> None:
            self._counted = (content, key, count)
            self.refresh()

        self.session.jobs.start(
            POINTS_JOB,
            lambda _context: int(count_in_boxes(content, label, view)[0]),
            done=show,
            failed=lambda error: self.session.say(
                f"The points in the box cannot be counted: {error}", is_problem=True
            ),
            priority=5,
        )
        return None

    def _show_camera(self, content: FrameContent, sensor_id: str) -> None:
        self._show_header(sensor_id, "Camera")
        self._show_facts(camera_facts(content, sensor_id, self.session.view), ())

    def _show_header(
        self, title: str, note: str, colour: tuple[int, int, int] | None = None
    ) -> None:
        self._title = title
        self.title_label.setText(breakable(title))
        self.note_label.setText(note)
        self.note_label.setVisible(bool(note))
        clear_layout(self._swatch_place)
        if colour is not None:
            self._swatch_place.addWidget(Swatch(colour))

    def _show_facts(self, groups: tuple[FactGroup, ...], sights: tuple[CameraSight, ...]) -> None:
        self.rows.show_groups(groups)
        self.rows.setVisible(bool(groups))
        self.camera_heading.setVisible(bool(sights))
        self.cameras.setVisible(bool(sights))
        if sights == self._sights:
            return
        self._sights = sights
        clear_layout(self._camera_rows)
        for sight in sights:
            self._camera_rows.addWidget(self._camera_row(sight))

    def _camera_row(self, sight: CameraSight) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        show = QPushButton(sight.sensor_id)
        show.setProperty("role", "link")
        show.setAccessibleName(f"Show camera {sight.sensor_id} large")
        show.setToolTip(f"Show {sight.sensor_id} large")
        show.clicked.connect(lambda _checked=False: self.session.set_large_camera(sight.sensor_id))
        share = QLabel(f"{sight.share * 100:.0f} % in the image")
        share.setToolTip("Share of the box's surface that falls into the image, hidden or not")
        line.addWidget(show)
        line.addStretch(1)
        line.addWidget(share)
        return row

    def _sync_buttons(self) -> None:
        session = self.session
        key, filters = session.selection, session.view.filters
        tracks = session.scene_tracks
        track = tracks.of(key) if tracks is not None else None
        at = session.frame_index
        self.previous_button.setEnabled(track is not None and track.neighbour(at, -1) is not None)
        self.next_button.setEnabled(track is not None and track.neighbour(at, 1) is not None)
        self.solo_button.setChecked(filters.solo is Solo.LABEL)
        self.solo_track_button.setChecked(filters.solo is Solo.TRACK)
        self.solo_track_button.setEnabled(key is not None and key.track_id is not None)
        self.isolate_button.setChecked(filters.isolate_margin_m is not None)

    # -- widget to session -------------------------------------------------------------------

    def _step_track(self, step: int) -> None:
        session, tracks = self.session, self.session.scene_tracks
        track = tracks.of(session.selection) if tracks is not None else None
        key = track.neighbour(session.frame_index, step) if track is not None else None
        if key is not None:
            session.select(key)
            session.go_to_frame(key.frame_index)

    def _toggle_solo(self) -> None:
        self._set_solo(Solo.LABEL)

    def _toggle_solo_track(self) -> None:
        self._set_solo(Solo.TRACK)

    def _set_solo(self, solo: Solo) -> None:
        filters = self.session.view.filters
        wanted = Solo.OFF if filters.solo is solo else solo
        self.session.set_view(filters=replace(filters, solo=wanted))

    def _toggle_isolate(self) -> None:
        filters = self.session.view.filters
        margin = ISOLATE_MARGIN_M if filters.isolate_margin_m is None else None
        self.session.set_view(filters=replace(filters, isolate_margin_m=margin))

    def copy_all(self) -> None:
        """Put everything that is shown on the clipboard."""
        groups = self.rows.groups
        if self._sights:
            facts = tuple(
                Fact(sight.sensor_id, f"{sight.share * 100:.0f} % in the image")
                for sight in self._sights
            )
            groups = (*groups, FactGroup("Seen by", facts))
        QGuiApplication.clipboard().setText(text_of(self._title, groups))
        self.session.say(f"Copied the numbers of {self._title}")
