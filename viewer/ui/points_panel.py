"""Points panel: colour, range, size and how many sweeps."""

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from viewer.render.colour import colour_modes, colour_range, resolve_mode
from viewer.render.colour_maps import COLOUR_MAPS, colour_table
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.session.changes import Change, SceneOpened, ViewChanged
from viewer.session.session import Session
from viewer.ui.actions.view import POINT_SIZES_PX
from viewer.ui.panel import (
    FIELD_WIDTH_PX,
    NumberSlider,
    Panel,
    ViewToggle,
    number_field,
    quietly,
    set_fields,
)

MAX_SWEEPS = 50
_WITHOUT_RANGE = frozenset({"solid", "class", "point_class", "cameras", "rgb"})
_SWATCH = QSize(36, 12)
_FARTHEST = 1e19
"""Beyond every 64-bit integer: fields may hold absolute times in nanoseconds."""


class PointsPanel(Panel):
    """How points look in 3D."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "points", parent)
        self._modes: tuple[tuple[str, str], ...] = ()
        self._colour_by = QComboBox()
        self._colour_map = QComboBox()
        self._colour_map.setIconSize(_SWATCH)
        for name in COLOUR_MAPS:
            self._colour_map.addItem(map_icon(name), name.capitalize(), name)
        self._auto_range = QCheckBox("Automatic range")
        self._auto_range.setToolTip("From the 2nd to the 98th percentile of the frame")
        self._low = number_field("Lower end of the range", -_FARTHEST, _FARTHEST, step=0.01)
        self._high = number_field("Upper end of the range", -_FARTHEST, _FARTHEST, step=0.01)
        self._size = NumberSlider("Point size", *POINT_SIZES_PX, step=0.5, unit="px")
        self._sweeps = NumberSlider("Sweeps shown together", 1, MAX_SWEEPS)
        self._earlier = ViewToggle(session, "points", "earlier_sweeps", "Earlier sweeps")
        self._earlier.setToolTip(
            "Add sweeps recorded between frames, which nobody labelled, in the frame's pose"
        )
        self._toggles = (
            ViewToggle(session, "points", "round_splats", "Round points"),
            ViewToggle(session, "points", "eye_dome_lighting", "Eye-dome lighting"),
        )
        self._build()
        self._connect()
        self._refresh()

    def _build(self) -> None:
        self.add_heading("Colour")
        self.add_field("Colour by", self._colour_by)
        self.add_field("Colour map", self._colour_map)
        self.column.addWidget(self._auto_range)
        for field in (self._low, self._high):
            field.setMinimumWidth(FIELD_WIDTH_PX)
            field.setMaximumWidth(16_777_215)
        self.add_row(self._low, self._high)
        self.add_heading("Shape")
        self.add_field("Size", self._size)
        for toggle in self._toggles:
            self.column.addWidget(toggle)
        self.add_heading("Time")
        self.add_field("Sweeps", self._sweeps)
        self.column.addWidget(self._earlier)

    def _connect(self) -> None:
        session = self.session
        self._colour_by.activated.connect(
            lambda _row: set_fields(
                session, "points", colour_by=self._colour_by.currentData(), colour_range=None
            )
        )
        self._colour_map.activated.connect(
            lambda _row: set_fields(session, "points", colour_map=self._colour_map.currentData())
        )
        self._auto_range.toggled.connect(self._on_auto_range)
        self._low.valueChanged.connect(lambda _value: self._on_range())
        self._high.valueChanged.connect(lambda _value: self._on_range())
        self._size.changed.connect(lambda value: set_fields(session, "points", size_px=value))
        self._sweeps.changed.connect(
            lambda value: set_fields(session, "points", sweep_count=round(value))
        )

    def show_frame(self) -> None:
        self._refresh()

    def on_change(self, change: Change) -> None:
        if isinstance(change, SceneOpened) or (
            isinstance(change, ViewChanged) and "points" in change.sections
        ):
            self._refresh()

    def _on_auto_range(self, automatic: bool) -> None:
        set_fields(self.session, "points", colour_range=None if automatic else self._range_now())

    def _on_range(self) -> None:
        low, high = self._low.value(), self._high.value()
        if low < high:
            set_fields(self.session, "points", colour_range=(low, high))

    def _range_now(self) -> tuple[float, float]:
        content, style = self.session.content, self.session.view.points
        if content is None:
            return 0.0, 1.0
        return colour_range(content, resolve_mode(content, style.colour_by), style)

    def _refresh(self) -> None:
        session, style = self.session, self.session.view.points
        content = session.content
        modes: tuple[tuple[str, str], ...] = (("auto", "Automatic"),)
        mode = style.colour_by
        if content is not None:
            modes += tuple((entry.mode, entry.title) for entry in colour_modes(content))
            mode = resolve_mode(content, style.colour_by)
        with quietly(self._colour_by, self._colour_map, self._auto_range, self._low, self._high):
            if modes != self._modes:
                self._modes = modes
                self._colour_by.clear()
                for value, title in modes:
                    self._colour_by.addItem(title, value)
            self._colour_by.setCurrentIndex(max(0, self._colour_by.findData(style.colour_by)))
            self._colour_map.setCurrentIndex(self._colour_map.findData(style.colour_map))
            self._auto_range.setChecked(style.colour_range is None)
            self._show_range(mode, has_range=mode not in _WITHOUT_RANGE and content is not None)
        self._size.set_value(style.size_px)
        self._sweeps.set_value(style.sweep_count)
        self._sweeps.setEnabled(session.scene is None or not session.scene.independent)
        scene = session.scene
        offered = scene is None or isinstance(scene.reader, EarlierSweeps)
        self._earlier.setVisible(offered and not (scene is not None and scene.independent))
        for toggle in (*self._toggles, self._earlier):
            toggle.refresh()

    def _show_range(self, mode: str, *, has_range: bool) -> None:
        fixed = self.session.view.points.colour_range is not None
        unit = " m" if mode in ("height", "distance") else " s" if mode == "age" else ""
        low, high = self._range_now() if has_range else (0.0, 1.0)
        places = _decimals(high - low)
        for field, value in ((self._low, low), (self._high, high)):
            field.setSuffix(unit)
            field.setDecimals(places)
            field.setValue(value)
            field.setEnabled(has_range and fixed)
        self._auto_range.setEnabled(has_range)
        self._colour_map.setEnabled(has_range or self.session.content is None)


def map_icon(name: str) -> QIcon:
    """A strip of a colour map."""
    table = colour_table(name)
    strip = bytearray()
    for place in range(_SWATCH.width()):
        strip += table[place * 255 // (_SWATCH.width() - 1)].tobytes()
    row = bytes(strip)
    image = QImage(
        row * _SWATCH.height(), _SWATCH.width(), _SWATCH.height(), len(row),
        QImage.Format.Format_RGB888,
    )  # fmt: skip
    return QIcon(QPixmap.fromImage(image.copy()))


def _decimals(span: float) -> int:
    """Decimals that tell about a hundred steps between both ends apart."""
    return 2 if span >= 0.1 or span <= 0 else min(9, 2 - math.floor(math.log10(span)))
