"""The Findings panel in the window: teaches, runs, lists, walks, decides."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from viewer.checks.calibration import Calibration, Held, PlattCurve, Scale
from viewer.checks.finding import Finding, LabelName, Severity
from viewer.checks.running import SceneResult
from viewer.review.dismissals.reading import dismissals
from viewer.review.verdicts.reading import all_verdicts
from viewer.scene.scene import Dataset
from viewer.session.findings_list import Grouping, scene_findings
from viewer.ui.findings.severity_style import STYLES, severity_icon

pytestmark = pytest.mark.ui
FRAME = 12
MANY = 100_000


@pytest.fixture
def dataset():
    rows = changed(true_rows(), "car-1", [FRAME], center=moved(z=1.7))
    rows = changed(rows, "car-2", [FRAME], yaw=0.0)
    return Dataset(Path("/nowhere"), "memory", (drive_scene(rows),))


def go(window, room, qtbot, action):
    window.table.run(action)
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=60_000)


def choose(room, check, qtbot):
    table = room.desk.table
    found = next(f for f in map(table.finding, range(len(table))) if f.check == check)
    room.desk.walk.show(found)
    qtbot.waitUntil(lambda: not room.desk.session.jobs.busy, timeout=60_000)
    return found


def test_nothing_is_made_before_somebody_looks_then_it_teaches(window, qtbot):
    assert window.findings.room is None
    window.table.run("panel.findings")
    qtbot.waitUntil(lambda: window.findings.room is not None)
    panel = window.findings.room.panel
    # A panel taken into a layout is shown by the next turn of the event loop.
    qtbot.waitUntil(panel.empty_scene.isVisible)
    assert panel.empty_dataset.isVisible()
    assert "probably wrong" in panel.empty_text.text()
    assert not panel.filters.isVisible()


def test_keys_walk_and_the_label_is_selected_framed_and_drawn(window, room, qtbot):
    panel = room.panel
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    first = room.desk.current
    assert first is not None
    QTest.keyClick(panel.view, Qt.Key.Key_Down)
    assert room.desk.current is not first
    found = choose(room, "floating", qtbot)
    assert window.session.selection.label_id == found.labels[0].label_id
    kinds = [call[0] for call in window.viewport.calls]
    assert "focus" in kinds
    ghosts = window.viewport.last("ghosts")[1]
    assert "expected" in ghosts.class_names
    assert room.row.isVisible()
    assert room.row.button.text().strip().endswith(("finding", "findings"))
    assert panel.fix_button.isVisible()
    assert panel.fix_button.text().startswith("Move it down")


def test_a_jump_lights_up_the_way_of_its_track(window, room, qtbot):
    choose(room, "speed-limit", qtbot)
    lit = window.viewport.last("evidence")[1]
    assert lit is not None
    assert len(lit.trail_m) > 2


def test_dismissing_asks_why_and_a_digit_answers(window, room, qtbot):
    found = choose(room, "floating", qtbot)
    before = len(room.desk.listing)
    window.table.run("findings.dismiss")
    popover = room._popover
    assert popover.isVisible()
    QTest.keyClick(popover.field, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: len(room.desk.listing) == before - 1)
    review = window.review.desk
    (kept,) = dismissals(review.reading, review.dataset_id)
    assert kept.reason == "rare, but real"
    assert kept.subject.label_id == found.labels[0].label_id
    assert not popover.isVisible()
    assert "1 dismissed" in room.panel.count.text()


def test_accepting_goes_on_and_the_row_shows_the_verdict(window, room, qtbot):
    found = choose(room, "floating", qtbot)
    go(window, room, qtbot, "findings.accept")
    ((subject, _),) = all_verdicts(window.review.desk.reading)
    assert subject.label_id == found.labels[0].label_id
    assert room.desk.work.state_of(found) == "needs_fix"


def test_the_fix_is_named_in_the_menu_and_applied(window, room, qtbot):
    found = choose(room, "floating", qtbot)
    window.table.sync()
    assert window.table["findings.fix"].text() == f"Fix: {found.fix.text}"
    go(window, room, qtbot, "findings.fix")
    checks = {room.desk.table.finding(row).check for row in range(len(room.desk.table))}
    assert "floating" not in checks


def test_a_score_says_how_far_it_is_and_a_probability_how_good(room, qtbot):
    """The tooltip says from how many verdicts, and how well that held."""
    desk, detail = room.desk, room.panel.detail

    def told():
        return {each.text(): each.toolTip() for each in detail.findChildren(QLabel)}

    choose(room, "floating", qtbot)
    assert "No probability yet: 0 of 200 verdicts." in told()
    held = Held(brier=0.08, brier_of_share=0.2, ece=0.04)
    calibration = Calibration(PlattCurve(0.0, float(np.log(3.0))), 250, 170, held)
    desk.calibrating._take(Scale(250, calibration))
    qtbot.waitUntil(lambda: "Probably wrong  75 %" in told())
    assert "From 250 verdicts." in told()
    tip = told()["Probably wrong  75 %"]
    assert "from 250 verdicts on labels with findings; 170 found the label wrong" in tip
    assert "off by 4 percentage points on average; Brier score 0.080" in tip


def test_groups_fold_with_enter(room, qtbot):
    panel = room.panel
    panel.filters.grouping.setCurrentIndex(1)
    rows = panel.model.rowCount()
    assert panel.model.group(0) == 0
    panel.view.setCurrentIndex(panel.model.index(0, 0))
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert panel.model.rowCount() == rows - panel.model.title(0)[1]


def test_words_narrow_and_show_all_gives_back(room, qtbot):
    panel = room.panel
    everything = panel.model.rowCount()
    panel.filters.words.setText("nothing like it")
    qtbot.waitUntil(panel.empty.isVisible)
    assert panel.all_button.isVisible()
    panel.all_button.click()
    qtbot.waitUntil(lambda: panel.model.rowCount() == everything)


def test_findings_are_ticks_on_the_timeline(window, room):
    area = window.panels["timeline"].area
    assert area.annotate is not None
    frames = room._marks.frames
    assert frames[f"{FRAME:06d}"] is Severity.HIGH


def test_severities_are_told_by_shape_too(qapp):
    assert len({style.bars for style in STYLES.values()}) == len(STYLES)
    pictures = set()
    for severity in Severity:
        picture = severity_icon(severity).pixmap(32, 32).toImage()
        shape = tuple(
            picture.pixelColor(x, y).alpha() > 0 for x in range(32) for y in range(32)
        )  # fmt: skip
        pictures.add(shape)
    assert len(pictures) == len(STYLES)


def many(count):
    rng = np.random.default_rng(3)
    findings = []
    for number in range(count):
        label = LabelName("s", f"{number % 500:06d}", "gt", f"l{number}", f"t{number % 2000}")
        findings.append(
            Finding(
                ("floating", "aspect", "size-prior")[number % 3], "s", label.frame_key, (label,),
                ("car", "van")[number % 2], float(rng.random()), Severity(number % 4),
                f"Its bottom is {number} mm above the ground",
            )
        )  # fmt: skip
    return scene_findings(SceneResult("s", tuple(findings), {}, (), 500, count, 1.0))


def test_a_hundred_thousand_are_narrowed_and_shown_without_a_stop(room, qtbot):
    desk, panel = room.desk, room.panel
    scene = replace(many(MANY), scene_id="s")
    desk._scenes = {"s": scene}
    desk._make_table()
    qtbot.waitUntil(lambda: panel.model.rowCount() == MANY)
    spent = {}

    def timed(name, run):
        start = time.perf_counter()
        run()
        spent[name] = time.perf_counter() - start

    timed("severity", lambda: desk.narrow(least=Severity.HIGH))
    assert panel.model.rowCount() == MANY // 4
    timed("words", lambda: desk.narrow(least=Severity.INFO, text="1234 mm"))
    timed("check", lambda: desk.narrow(text="", check="floating"))
    timed("group", lambda: desk.group_by(Grouping.TRACK))
    timed("paint", lambda: (panel.view.scrollToBottom(), panel.view.grab()))
    assert max(spent.values()) < 0.5, spent  # a bound for a busy machine; idle, none takes 50 ms


def test_a_policy_is_named_and_taken_back_and_its_errors_stand_in_the_panel(
    window, room, qtbot, tmp_path, monkeypatch
):
    state, desk = room.panel.state, room.desk
    assert state.name.text() == "none: choose…"
    assert not state.clear.isVisible()
    path = tmp_path / "site.toml"
    path.write_text('skip = ["floating"]\n')
    monkeypatch.setattr(
        "viewer.ui.findings.room.QFileDialog.getOpenFileName", lambda *_: (str(path), "")
    )
    QTest.mouseClick(state.name, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state.name.text() == "site.toml")
    qtbot.waitUntil(lambda: not desk.is_checking, timeout=60_000)
    assert "floating" not in {desk.table.finding(row).check for row in range(len(desk.table))}
    assert dict(window.settings.policies) == {"/nowhere": str(path)}
    path.write_text("[checks.floating]\nmost_gap = 1\n")
    window.table.run("findings.policy")
    qtbot.waitUntil(state.problem.isVisible)
    assert "line 2" in state.problem.text()
    assert state.name.text() == "site.toml"
    window.table.run("findings.no_policy")
    qtbot.waitUntil(lambda: not desk.is_checking, timeout=60_000)
    assert state.name.text() == "none: choose…"
    assert not state.problem.isVisible()
    assert dict(window.settings.policies) == {}


def test_what_was_learned_is_written_where_a_person_says(window, room, tmp_path, monkeypatch):
    path = tmp_path / "learned.toml"
    monkeypatch.setattr(
        "viewer.ui.findings.room.QFileDialog.getSaveFileName", lambda *_: (str(path), "")
    )
    window.table.run("findings.write_policy")
    assert "[checks.tightness.classes." in path.read_text()


def test_a_run_over_the_dataset_says_when_it_is_behind(window, room, qtbot):
    state, desk = room.panel.state, room.desk
    window.table.run("findings.check_dataset")
    qtbot.waitUntil(lambda: not desk.is_checking, timeout=60_000)
    assert not state.behind.isVisible()
    desk.labels_changed()
    qtbot.waitUntil(lambda: not desk.is_checking, timeout=60_000)
    qtbot.waitUntil(state.behind.isVisible)
    assert "edited" in state.note.text()
    QTest.mouseClick(state.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.is_checking_dataset)
    qtbot.waitUntil(lambda: not desk.is_checking, timeout=60_000)
    assert not state.behind.isVisible()


def test_a_scene_that_cannot_be_checked_says_why_in_the_panel(window, qtbot, monkeypatch):
    def broken(*_asked):
        raise ValueError("its labels are nowhere")

    window.table.run("panel.findings")
    qtbot.waitUntil(lambda: window.findings.room is not None)
    monkeypatch.setattr("viewer.session.findings_scene.check_open_scene", broken)
    window.table.run("findings.check_scene")
    panel = window.findings.room.panel
    qtbot.waitUntil(lambda: "its labels are nowhere" in panel.empty_text.text())
    qtbot.waitUntil(panel.empty_scene.isVisible)
