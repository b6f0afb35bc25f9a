"""Images panel: what is drawn over camera images, their tone, and time offsets of sensors."""

from dataclasses import replace
from types import MappingProxyType

from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from viewer.render.colour import colour_modes
from viewer.session.changes import Change, LargeCameraChanged, SceneOpened, ViewChanged
from viewer.session.session import Session
from viewer.session.view_settings import ImageTone
from viewer.ui.actions.view import POINT_SIZES_PX
from viewer.ui.panel import (
    NumberSlider,
    Panel,
    ViewToggle,
    clear_layout,
    flat_button,
    named,
    quietly,
    set_fields,
)

_TOGGLES = (
    ("cuboids", "Cuboids"),
    ("captions", "Captions"),
    ("boxes_2d", "2D labels"),
    ("rectified", "Show rectified"),
    ("move_with_velocity", "Move with velocity"),
    ("overlays", "Image overlays"),
    ("points", "Points"),
)
OFFSET_LIMIT_MS = 500.0


class ImagesPanel(Panel):
    """How camera images and their overlays look."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "images", parent)
        self._toggles = [ViewToggle(session, "images", name, text) for name, text in _TOGGLES]
        self._toggles[4].setToolTip("Adds each object's own motion up to the time of the image")
        self._overlays = self._toggles[5]
        self._overlays.setToolTip("Pictures that the recording has over its images")
        self._opacity = NumberSlider("Opacity of image overlays", 0.0, 1.0, step=0.05)
        self._colour_by = QComboBox()
        self._size = NumberSlider("Size of points on images", *POINT_SIZES_PX, step=0.5, unit="px")
        self._camera = QComboBox()
        self._brightness = NumberSlider("Brightness", -1.0, 1.0, step=0.05)
        self._contrast = NumberSlider("Contrast", 0.0, 3.0, step=0.05)
        self._gamma = NumberSlider("Gamma", 0.2, 5.0, step=0.05)
        self._offset_rows = QVBoxLayout()
        self._offsets: dict[str, NumberSlider] = {}
        self._modes: tuple[tuple[str, str], ...] = ()
        self._build()
        self._connect()
        self._rebuild_sensors()
        self._refresh()

    def _build(self) -> None:
        self.add_heading("Drawn over images")
        for toggle in self._toggles:
            self.column.addWidget(toggle)
            if toggle is self._overlays:
                self.add_field("Opacity", self._opacity)
        self.add_field("Colour by", self._colour_by)
        self.add_field("Size", self._size)
        self.add_heading("Tone")
        self.add_field("Camera", self._camera)
        for text, slider in (
            ("Brightness", self._brightness), ("Contrast", self._contrast), ("Gamma", self._gamma),
        ):  # fmt: skip
            self.add_field(text, slider)
        self.add_row(
            flat_button("Apply to all", self._apply_to_all), flat_button("Reset", self._reset_tone),
            QWidget(),
        )  # fmt: skip
        self.add_heading("Time offsets")
        self._offset_rows.setSpacing(4)
        self.column.addLayout(self._offset_rows)

    def _connect(self) -> None:
        session = self.session
        self._colour_by.activated.connect(
            lambda _row: set_fields(
                session, "images", points_colour_by=self._colour_by.currentData()
            )
        )
        self._size.changed.connect(lambda value: set_fields(session, "images", point_size_px=value))
        self._opacity.changed.connect(
            lambda value: set_fields(session, "images", overlay_opacity=value)
        )
        self._camera.activated.connect(lambda _row: self._refresh_tone())
        self._brightness.changed.connect(lambda value: self._set_tone(brightness=value))
        self._contrast.changed.connect(lambda value: self._set_tone(contrast=value))
        self._gamma.changed.connect(lambda value: self._set_tone(gamma=value))

    def show_frame(self) -> None:
        self._refresh_modes()

    def on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened):
            self._rebuild_sensors()
            self._refresh()
        elif isinstance(change, LargeCameraChanged):
            row = self._camera.findText(self.session.large_camera or "")
            if row >= 0:
                self._camera.setCurrentIndex(row)
                self._refresh_tone()
        elif isinstance(change, ViewChanged) and change.sections & {
            "images", "tones", "time_offsets_ns",
        }:  # fmt: skip
            self._refresh()

    def _set_tone(self, **values: float) -> None:
        camera = self._camera.currentText()
        if camera:
            tone = replace(self.session.view.tone(camera), **values)
            self._store_tones({camera: tone})

    def _store_tones(self, changed: dict[str, ImageTone]) -> None:
        tones = {**self.session.view.tones, **changed}
        kept = {camera: tone for camera, tone in tones.items() if tone != ImageTone()}
        self.session.set_view(tones=MappingProxyType(kept))

    def _apply_to_all(self) -> None:
        if self.session.scene is not None:
            tone = self.session.view.tone(self._camera.currentText())
            self._store_tones(dict.fromkeys(self.session.scene.camera_ids, tone))

    def _reset_tone(self) -> None:
        self._store_tones({self._camera.currentText(): ImageTone()})

    def _set_offset(self, sensor_id: str, offset_ms: float) -> None:
        offsets = {**self.session.view.time_offsets_ns, sensor_id: round(offset_ms * 1e6)}
        kept = {sensor: offset for sensor, offset in offsets.items() if offset}
        self.session.set_view(time_offsets_ns=MappingProxyType(kept))

    def _rebuild_sensors(self) -> None:
        scene = self.session.scene
        with quietly(self._camera):
            self._camera.clear()
            if scene is not None:
                self._camera.addItems(list(scene.camera_ids))
        clear_layout(self._offset_rows)
        self._offsets = {}
        timed = scene is not None and any(frame.timestamp_ns is not None for frame in scene.frames)
        if scene is None or not timed:
            hint = QLabel(
                "The recording has no times." if scene is not None else "No scene is open."
            )
            hint.setProperty("role", "secondary")
            self._offset_rows.addWidget(hint)
            return
        for sensor_id in (*scene.lidar_ids, *scene.camera_ids):
            slider = NumberSlider(sensor_id, -OFFSET_LIMIT_MS, OFFSET_LIMIT_MS, unit="ms")
            slider.changed.connect(
                lambda value, sensor_id=sensor_id: self._set_offset(sensor_id, value)
            )
            self._offsets[sensor_id] = slider
            self._offset_rows.addWidget(named(sensor_id, slider))
            self._offset_rows.addWidget(slider)

    def _refresh(self) -> None:
        view = self.session.view
        for toggle in self._toggles:
            toggle.refresh()
        self._refresh_modes()
        self._size.set_value(view.images.point_size_px)
        for widget in (self._colour_by, self._size):
            widget.setEnabled(view.images.points)
        scene = self.session.scene
        has_overlays = scene is not None and scene.has_overlays
        self._overlays.setEnabled(has_overlays)
        self._opacity.set_value(view.images.overlay_opacity)
        self._opacity.setEnabled(has_overlays and view.images.overlays)
        self._refresh_tone()
        for sensor_id, slider in self._offsets.items():
            slider.set_value(view.time_offsets_ns.get(sensor_id, 0) / 1e6)

    def _refresh_modes(self) -> None:
        modes: tuple[tuple[str, str], ...] = (("depth", "Depth"),)
        if self.session.content is not None:
            modes += tuple((m.mode, m.title) for m in colour_modes(self.session.content))
        with quietly(self._colour_by):
            if modes != self._modes:
                self._modes = modes
                self._colour_by.clear()
                for value, title in modes:
                    self._colour_by.addItem(title, value)
            wanted = self.session.view.images.points_colour_by
            self._colour_by.setCurrentIndex(max(0, self._colour_by.findData(wanted)))

    def _refresh_tone(self) -> None:
        camera = self._camera.currentText()
        tone = self.session.view.tone(camera)
        self._brightness.set_value(tone.brightness)
        self._contrast.set_value(tone.contrast)
        self._gamma.set_value(tone.gamma)
        for widget in (self._camera, self._brightness, self._contrast, self._gamma):
            widget.setEnabled(bool(camera))
