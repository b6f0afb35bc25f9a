"""The Sensors panel: how well cameras and clocks of the open scene fit, frame by frame."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from viewer.checks.sensors.health import CameraHealth, ClockHealth, SceneHealth
from viewer.session.changes import Change, FrameRequested, FrameShown, SceneClosed, SceneOpened
from viewer.session.findings_changes import DoctorChanged, FindingsChange
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_doctor_text import (
    CAMERA_COLUMNS,
    CLOCK_COLUMNS,
    Axis,
    DetailRow,
    camera_chart,
    camera_lines,
    camera_rows,
    clock_chart,
    clock_lines,
    clock_rows,
    elsewhere,
    skipped_text,
)
from viewer.session.findings_list import TITLES
from viewer.ui.findings.frame_chart import FrameChart
from viewer.ui.findings.sensor_rows import FindingLine, SensorRows
from viewer.ui.findings.sensor_table import SensorModel, SensorTable
from viewer.ui.numbers import counted
from viewer.ui.panel import clear_layout, quietly
from viewer.ui.plain_parts import plain_label, scroll_down_alone
from viewer.ui.review.window import KeyedActions

MOST_LINES = 12
"""Of findings about no single sensor."""
_TEACHING = (
    "How well do cameras and clocks fit? 2D boxes are compared with the outlines of their cuboids, "
    "edges of the images with those of the lidar, times with those of the frames. Poses are tried "
    "inverted and with other axes."
)


class DoctorPanel(QScrollArea):
    """An overview, and a chart over the frames of the sensor that is chosen in it."""

    def __init__(self, desk: FindingsDesk, actions: KeyedActions) -> None:
        super().__init__()
        self.desk, self._actions = desk, actions
        self.setAccessibleName("Sensors panel")
        scroll_down_alone(self)
        self._behind = False
        self._make_top()
        self._make_empty()
        self._make_parts()
        self._lay_out()
        self.setFocusProxy(self.cameras)
        self._stop_listening = (
            desk.subscribe(self._hear), desk.session.subscribe(self._on_session)
        )  # fmt: skip
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        for stop in self._stop_listening:
            stop()

    # -- parts -------------------------------------------------------------------------------

    def _make_top(self) -> None:
        self.summary = QLabel()
        self.summary.setProperty("role", "caption")
        self.summary.setWordWrap(True)
        self.again = QPushButton("Measure again")
        self.again.setProperty("role", "chip")
        self.again.clicked.connect(lambda _checked=False: self._actions.run("doctor.measure"))
        self.note = QLabel("Data, labels or the policy changed since: measure again.")
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.running = QWidget()
        self.doing = QLabel()
        self.doing.setProperty("role", "caption")
        self.doing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.cancel = QPushButton("Stop")
        self.cancel.setProperty("role", "chip")
        self.cancel.setToolTip("Stop measuring; what was told before stays")
        self.cancel.clicked.connect(lambda _checked=False: self.desk.doctor.give_up())
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.doing)
        column.addWidget(self.bar)
        row = QHBoxLayout(self.running)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.cancel)

    def _make_empty(self) -> None:
        self.empty = QWidget()
        self.empty_text = QLabel(_TEACHING)
        self.empty_text.setWordWrap(True)
        self.empty_text.setProperty("role", "secondary")
        self.measure = QPushButton("Measure this scene")
        self.measure.setProperty("role", "primary")
        self.measure.clicked.connect(lambda _checked=False: self._actions.run("doctor.measure"))
        column = QVBoxLayout(self.empty)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.empty_text)
        column.addWidget(self.measure)

    def _make_parts(self) -> None:
        self.cameras = SensorTable("Cameras", SensorModel("camera", CAMERA_COLUMNS))
        self.clocks = SensorTable("Clocks", SensorModel("sensor", CLOCK_COLUMNS))
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Which sensors")
        self.tabs.setDrawBase(False)
        self.tabs.addTab("Cameras")
        self.tabs.addTab("Times")
        self.tabs.currentChanged.connect(lambda _place: self._show_chosen())
        for table in (self.cameras, self.clocks):
            table.selectionModel().currentRowChanged.connect(
                lambda _now, _before: self._show_chosen()
            )
            table.activated.connect(lambda _index, table=table: self._open(table))
            table.doubleClicked.connect(lambda _index, table=table: self._open(table))
        self.title = plain_label(role="heading")
        self.axis = QComboBox()
        self.axis.setAccessibleName("What the chart shows")
        self.axis.addItems([each.value for each in Axis])
        self.axis.currentIndexChanged.connect(lambda _place: self._show_chosen())
        self.chart = FrameChart()
        self.chart.chosen.connect(self._go)
        self.read = plain_label(role="caption")
        self.read.setMinimumHeight(self.read.fontMetrics().height() * 2)
        self.read.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.chart.pointed.connect(lambda text: self.read.setText(text or _HINT))
        self.rows = SensorRows(self.desk)
        self.others = QVBoxLayout()
        self.others.setSpacing(2)
        self.skipped = plain_label(role="caption")

    def _lay_out(self) -> None:
        self.shown = QWidget()
        column = QVBoxLayout(self.shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.tabs)
        column.addWidget(self.cameras)
        column.addWidget(self.clocks)
        column.addSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.axis)
        column.addLayout(head)
        for widget in (self.chart, self.read, self.rows):
            column.addWidget(widget)
        column.addLayout(self.others)
        column.addWidget(self.skipped)
        body = QWidget()
        body.setObjectName("panelBody")
        outer = QVBoxLayout(body)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addWidget(self.again)
        outer.addLayout(top)
        for part in (self.note, self.running, self.empty, self.shown):
            outer.addWidget(part)
        outer.addStretch(1)
        self.setWidget(body)

    # -- acting ------------------------------------------------------------------------------

    def _open(self, table: SensorTable) -> None:
        """Look at what is said against the sensor; else at its worst image."""
        health, sensor_id = self.desk.doctor.health, table.current
        if health is None or sensor_id is None:
            return
        line = next(each for each in table.own.lines if each.sensor_id == sensor_id)
        if line.finding is not None:
            self.desk.doctor.open_finding(line.finding)
        elif self.desk.session.frame_index >= 0:
            self.desk.doctor.show(sensor_id, self.desk.session.frame_index)

    def _go(self, frame: int) -> None:
        self.desk.doctor.show(self._table.current, frame)

    @property
    def _table(self) -> SensorTable:
        return self.clocks if self.tabs.currentIndex() else self.cameras

    # -- following ---------------------------------------------------------------------------

    def _hear(self, change: FindingsChange) -> None:
        if not isinstance(change, DoctorChanged):
            return
        if self.isVisible():
            self._tell()
        else:
            self._behind = True

    def _on_session(self, change: Change) -> None:
        if isinstance(change, FrameShown | FrameRequested):
            self.chart.show_frame(self.desk.session.frame_index)
        elif isinstance(change, SceneOpened | SceneClosed):
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self.refresh()

    def refresh(self) -> None:
        """Show what is known of the open scene."""
        self._behind = False
        self._told: SceneHealth | None = None
        self._tell()

    def _tell(self) -> None:
        doctor, scene = self.desk.doctor, self.desk.session.scene
        health = doctor.health
        self.running.setVisible(doctor.is_measuring)
        if doctor.is_measuring:
            done, total, text = doctor.progress
            self.bar.setRange(0, total or 0)
            self.bar.setValue(done)
            self.doing.setText(text or "Measuring…")
        self.empty.setVisible(health is None)
        self.empty_text.setText(
            _TEACHING if scene is not None else f"Open a scene to measure its sensors. {_TEACHING}"
        )
        self.measure.setVisible(scene is not None and not doctor.is_measuring)
        for widget in (self.summary, self.again, self.shown):
            widget.setVisible(health is not None)
        self.again.setEnabled(not doctor.is_measuring)
        self.note.setVisible(health is not None and doctor.is_behind)
        if health is not None and health is not self._told:
            self._told = health
            self._show(health)

    def _show(self, health: SceneHealth) -> None:
        self.summary.setText(_summary(health))
        self.cameras.show_lines(camera_lines(health))
        self.clocks.show_lines(clock_lines(health))
        for table in (self.cameras, self.clocks):
            lines = table.own.lines
            if table.current is None and lines:
                worst = next((each for each in lines if each.finding is not None), lines[0])
                with quietly(table.selectionModel()):
                    table.choose(worst.sensor_id)
        with quietly(self.tabs):
            self.tabs.setTabVisible(0, bool(health.cameras))
            self.tabs.setTabVisible(1, bool(health.clocks))
        clear_layout(self.others)
        others = elsewhere(health)
        if others:
            self.others.addWidget(plain_label("Also found", role="heading"))
        for finding in others[:MOST_LINES]:
            self.others.addWidget(FindingLine(self.desk, finding))
        if len(others) > MOST_LINES:
            more = f"and {len(others) - MOST_LINES:,} more; check the scene to list them all"
            self.others.addWidget(plain_label(more, role="caption"))
        skipped = skipped_text(health.skipped, TITLES)
        self.skipped.setText(f"Not asked:\n{skipped}" if skipped else "")
        self.skipped.setVisible(bool(skipped))
        self._show_chosen()

    def _show_chosen(self) -> None:
        health = self.desk.doctor.health
        if health is None:
            return
        for table in (self.cameras, self.clocks):
            table.setVisible(table is self._table and bool(table.own.lines))
        camera, clock = self._chosen_camera(health), self._chosen_clock(health)
        policy = self.desk.options.policy
        self.axis.setVisible(camera is not None)
        rows: list[DetailRow] = []
        if camera is not None:
            axis = list(Axis)[self.axis.currentIndex()]
            data = camera_chart(health, camera, axis, policy)
            rows = camera_rows(health, camera)
            self.title.setText(camera.camera_id)
        elif clock is not None:
            data = clock_chart(health, clock, policy)
            rows = clock_rows(health, clock)
            self.title.setText(clock.sensor_id)
        for widget in (self.title, self.chart, self.read, self.rows):
            widget.setVisible(camera is not None or clock is not None)
        if camera is not None or clock is not None:
            self.chart.setToolTip(f"{data.title}\nA click, or Enter, goes to the frame")
            self.chart.setAccessibleName(f"{self.title.text()}: {data.title}")
            self.chart.show_data(data)
            self.chart.show_frame(self.desk.session.frame_index)
            self.rows.show_rows(rows)

    def _chosen_camera(self, health: SceneHealth) -> CameraHealth | None:
        name = self.cameras.current if self._table is self.cameras else None
        return next((each for each in health.cameras if each.camera_id == name), None)

    def _chosen_clock(self, health: SceneHealth) -> ClockHealth | None:
        name = self.clocks.current if self._table is self.clocks else None
        return next((each for each in health.clocks if each.sensor_id == name), None)


_HINT = "A click, or arrows and Enter, go to a frame with this camera large"


def _summary(health: SceneHealth) -> str:
    count = len(health.findings)
    found = counted(count, "finding") if count else "no finding"
    return f"{counted(len(health.cameras), 'camera')}, {health.frames:,} frames, {found}"
