"""The Sensors panel in the window: teaches, measures, charts, goes to an image, by keys too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from turned_rig import STREET, street_labels, turn, with_pose

from viewer.checks.running import RunOptions
from viewer.progress import JobContext
from viewer.scene.scene import Dataset
from viewer.session.findings_doctor_run import measure_health
from viewer.session.findings_doctor_text import FrameChartData, FrameSeries
from viewer.session.label_edits import as_delivered
from viewer.ui.findings.frame_chart import FrameChart, scale_of, ticks

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def street():
    street = street_labels().scene
    frames = tuple(
        frame if frame.index in (0, 20) else replace(frame, sweeps=()) for frame in street.frames
    )
    return with_pose(replace(street, frames=frames), "front", lambda pose, _: pose @ turn(1, 1.2))


@pytest.fixture(scope="module")
def health(street):
    return measure_health(JobContext(), street, as_delivered, RunOptions())


@pytest.fixture
def dataset(street):
    return Dataset(Path(STREET), "memory", (street,))


@pytest.fixture
def window(window, monkeypatch, health):
    monkeypatch.setattr("viewer.session.findings_doctor.measure_health", lambda *_: health)
    return window


@pytest.fixture
def panel(window, qtbot):
    window.table.run("doctor.measure")
    room = window.findings.room
    panel = room.panel_of("doctor")
    qtbot.waitUntil(lambda: not room.desk.doctor.is_measuring and panel.shown.isVisible())
    return panel


def test_nothing_is_made_before_somebody_looks_then_it_teaches(window, qtbot):
    assert window.findings.room is None
    window.table.run("panel.doctor")
    qtbot.waitUntil(lambda: window.findings.room is not None)
    panel = window.findings.room.panel_of("doctor")
    qtbot.waitUntil(panel.measure.isVisible)
    assert "cameras and clocks" in panel.empty_text.text()
    assert not panel.shown.isVisible()
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.shown.isVisible)
    assert not panel.empty.isVisible()


def test_the_worst_camera_is_chosen_and_its_row_opens_the_finding(window, panel, qtbot):
    assert panel.cameras.current == "front"
    model = panel.cameras.own
    last = model.columnCount() - 1
    row = next(n for n, each in enumerate(model.lines) if each.sensor_id == "front")
    word = model.data(model.index(row, last))
    assert word in ("High", "Medium")
    assert model.data(model.index(row, last), Qt.ItemDataRole.DecorationRole) is not None
    assert model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole) == "front"
    (link,) = panel.rows.links
    assert link.text().strip() == word
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    desk = window.findings.room.desk
    assert desk.current.check == "calibration-drift"
    qtbot.waitUntil(lambda: window.session.large_camera == "front")


def test_a_click_in_the_chart_goes_to_frame_and_camera(window, panel, qtbot):
    chart = panel.chart
    qtbot.waitUntil(lambda: chart.width() > 100)
    frame = panel.desk.doctor.health.cameras[0].boxes.frames[-1]
    where = QPoint(round(chart.x_of(frame)), chart.height() // 2)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: window.session.frame_index == frame)
    assert window.session.large_camera == "front"
    qtbot.waitUntil(lambda: window.viewport.last("ghosts") is not None)
    ghosts = window.viewport.last("ghosts")[1]
    assert all(each.sensor_id == "front" for each in ghosts.flat)


def test_the_chart_works_by_keys_and_frames_do_not_step_meanwhile(window, panel, qtbot):
    chart = panel.chart
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    before = window.session.frame_index
    frames = panel.desk.doctor.health.cameras[0].boxes.frames.tolist()
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.cursor_frame == frames[0]
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.cursor_frame == frames[1]
    assert panel.read.text().startswith(f"Frame {frames[1] + 1}:")
    assert window.session.frame_index == before
    QTest.keyClick(chart, Qt.Key.Key_End)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.frame_index == frames[-1])


def test_times_have_their_own_rows_and_chart(panel):
    panel.tabs.setCurrentIndex(1)
    assert panel.clocks.isVisible()
    assert not panel.cameras.isVisible()
    assert not panel.axis.isVisible()
    assert panel.title.text() == panel.clocks.current
    assert len(panel.chart.data.series) == 1
    assert panel.chart.data.unit == "ms"


def test_every_axis_is_charted(panel):
    seen = []
    for place in range(panel.axis.count()):
        panel.axis.setCurrentIndex(place)
        seen.append(panel.chart.data)
        assert not panel.chart.grab().isNull()
    assert len({each.title for each in seen}) == 3
    assert len(seen[0].series) == 2
    assert len(seen[2].series) == 1


def test_what_is_behind_says_so(window, panel):
    assert not panel.note.isVisible()
    window.findings.room.desk.labels_changed()
    assert panel.note.isVisible()


def test_an_empty_chart_and_one_far_beyond_its_scale_are_painted(qtbot):
    chart = FrameChart()
    qtbot.addWidget(chart)
    chart.resize(280, 148)
    assert not chart.grab().isNull()
    frames = np.arange(40)
    values = np.zeros(40)
    values[3], values[5] = 900.0, -900.0
    series = FrameSeries("2D boxes", frames, values)
    data = FrameChartData("px", "px", 40, (series,), (-2.5, 2.5))
    chart.show_data(data)
    low, high = scale_of(data)
    assert -10 < low < -2.5 < 2.5 < high < 10
    plot = chart.plot_rect()
    assert chart.y_of(900.0) == plot.top()
    assert chart.y_of(-900.0) == plot.bottom()
    assert not chart.grab().isNull()


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_ticks_are_round_few_and_inside(low, span):
    found = ticks(low, low + span)
    assert 2 <= len(found) <= 7
    assert all(low - 1e-6 * span <= each <= low + span * (1 + 1e-6) for each in found)
    steps = np.diff(found)
    assert np.allclose(steps, steps[0], rtol=1e-4)


@pytest.mark.parametrize("layout", ["browse", "review", "compare"])
@pytest.mark.parametrize("name", ["doctor", "usual"])
def test_panels_of_charts_are_put_away_in_every_layout_until_asked_for(window, qtbot, layout, name):
    window.shell.show_layout(layout)
    dock = window.docks[name]
    assert dock.isHidden()
    window.table.run(f"panel.{name}")
    assert window.shell.layout_shown(layout)
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    window.table.run(f"panel.{name}")
    assert dock.isHidden()


def test_in_a_narrow_panel_names_stay_whole_and_figures_give_way(panel):
    table = panel.cameras
    # The scroll area around it decides about its width.
    table.setParent(None)
    table.resize(420, 200)
    table.show()
    assert not table.isColumnHidden(2)
    table.resize(252, 200)
    assert table.isColumnHidden(2)
    assert not table.isColumnHidden(1)
    longest = max(table.fontMetrics().horizontalAdvance(each.sensor_id) for each in table.own.lines)
    assert table.columnWidth(0) >= min(longest, 80)
    table.resize(420, 200)
    assert not table.isColumnHidden(2)
    table.close()
