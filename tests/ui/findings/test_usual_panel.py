"""The Usual panel in the window: teaches, charts each class, answers why a finding is one."""

from pathlib import Path

import numpy as np
import pytest
from checked_drive import changed, drive_scene, true_rows
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from viewer.scene.scene import Dataset
from viewer.session.findings_usual import RangeChart
from viewer.ui.findings.usual_chart import RangeView

pytestmark = pytest.mark.ui
LONG, FRAME = 9.0, 14


@pytest.fixture(scope="module")
def scene():
    return drive_scene(changed(true_rows(), "car-3", [FRAME], size=(LONG, 1.8, 1.5)))


@pytest.fixture
def dataset(scene):
    return Dataset(Path("/nowhere"), "memory", (scene,))


@pytest.fixture
def panel(window, room, qtbot):
    window.table.run("panel.usual")
    panel = room.panel_of("usual")
    qtbot.waitUntil(panel.isVisible)
    qtbot.waitUntil(lambda: bool(panel.charts))
    return panel


def look_at(room, check, track, qtbot):
    table = room.desk.table
    found = next(
        each
        for each in map(table.finding, range(len(table)))
        if each.check == check and each.labels[0].track_id == track
    )
    room.desk.walk.show(found)
    qtbot.waitUntil(lambda: not room.desk.session.jobs.busy, timeout=60_000)
    return found


def test_it_teaches_where_nothing_is_learned_then_fills(window, qtbot):
    window.table.run("panel.usual")
    qtbot.waitUntil(lambda: window.findings.room is not None)
    room = window.findings.room
    panel = room.panel_of("usual")
    qtbot.waitUntil(panel.run.isVisible)
    assert "learned from the dataset" in panel.empty.text()
    assert not panel.classes.isVisible()
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not room.desk.is_checking, timeout=60_000)
    # Checking shows the findings; the charts are there when somebody comes back.
    window.shell.show_panel("usual")
    qtbot.waitUntil(panel.classes.isVisible)
    assert {"length_m", "speed_mps", "points"} <= panel.charts.keys()
    assert not panel.empty.isVisible()


def test_every_class_is_charted(panel):
    names = [panel.classes.itemData(place) for place in range(panel.classes.count())]
    assert names == ["car", "truck", "pedestrian"]
    panel.classes.setCurrentIndex(1)
    assert panel.charts["length_m"].chart.quantiles[1] == pytest.approx(8.0, rel=0.01)
    for view in panel.charts.values():
        assert view.accessibleDescription()
        assert not view.grab().isNull()


def test_why_shows_the_class_the_chart_and_the_label(window, room, panel, qtbot):
    panel.classes.setCurrentIndex(2)
    look_at(room, "size-prior", "car-3", qtbot)
    window.table.sync()
    assert window.table["findings.why"].isEnabled()
    link = next(
        each
        for each in room.panel.detail.findChildren(QPushButton)
        if each.text() == "What is usual for car"
    )
    link.click()
    qtbot.waitUntil(lambda: panel.classes.currentData() == "car")
    qtbot.waitUntil(lambda: panel.charts["length_m"].chart.own == pytest.approx(LONG))
    view = panel.charts["length_m"]
    low, high = (view.x_of(each.value) for each in view.chart.limits)
    assert low < view.x_of(4.5) < high < view.x_of(LONG)
    assert not view.grab().isNull()


def test_the_chart_that_is_sought_comes_into_view(window, room, panel, qtbot):
    found = look_at(room, "size-prior", "car-3", qtbot)
    panel.resize(300, 260)
    panel._sought = None
    panel.verticalScrollBar().setValue(0)
    asked = found.evidence.numbers
    assert "length_m" in asked
    changed_finding = type(found)(
        check="too-few-points", scene_id=found.scene_id, frame_key=found.frame_key,
        labels=found.labels, class_name="car", score=0.5, severity=found.severity, text="",
    )  # fmt: skip
    panel.show_why(changed_finding)

    def is_seen():
        view = panel.charts["points"]
        return not view.visibleRegion().isEmpty()

    qtbot.waitUntil(is_seen)


def test_a_policy_is_drawn_as_pinned(window, room, panel, qtbot, tmp_path):
    path = tmp_path / "site.toml"
    path.write_text("[checks.size-prior.classes.car]\nmost_length_m = 6.0\n")
    room.desk.policy.choose(path)
    qtbot.waitUntil(lambda: not room.desk.is_checking, timeout=60_000)

    def is_pinned():
        limits = panel.charts["length_m"].chart.limits
        return [(each.value, each.is_pinned) for each in limits] == [(6.0, True)]

    qtbot.waitUntil(is_pinned)
    assert not panel.charts["length_m"].grab().isNull()


def test_points_rise_upwards_and_ranges_to_the_right(qtbot):
    nan = np.nan
    chart = RangeChart(
        np.array([0.0, 10.0, 20.0]), np.array([[10.0, 100.0, 1000.0], [nan, nan, nan]]),
        np.array([5.0, nan]), np.array([200, 0]), (4.0, 3.0),
    )  # fmt: skip
    view = RangeView(chart)
    qtbot.addWidget(view)
    view.resize(280, 132)
    assert view.y_of(1000.0) < view.y_of(100.0) < view.y_of(10.0) < view.y_of(0.0)
    assert view.x_of(0.0) < view.x_of(10.0) < view.x_of(20.0)
    assert not view.grab().isNull()
