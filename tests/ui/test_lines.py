"""The lines on top and at the bottom: what they say, and when."""

import threading
from types import SimpleNamespace

import pytest

from viewer.session.changes import FrameRequested, FrameShown
from viewer.session.selection import PointedPosition
from viewer.ui import loading_line, status_line
from viewer.ui.loading_line import LoadingLine
from viewer.ui.numbers import bytes_text, duration_text
from viewer.ui.status_line import StatusLine

pytestmark = pytest.mark.ui


@pytest.fixture
def status(shown, qtbot, alive):
    line = StatusLine(shown, lambda: None)
    qtbot.addWidget(line)
    alive.append(line)
    line.resize(1400, 24)
    line.show()
    yield line
    line.dispose()


def test_status_counts_points_and_cameras(status):
    assert status._points.text() == "1,600 pts"
    assert status._cameras.text() == "2 cams"
    assert status._cache.text().endswith("of 2 GB")


def test_problem_is_said_in_its_colour_and_first_line_only(status, shown):
    shown.say("a.pcd is damaged\nmore lines", is_problem=True)
    assert status.message == "a.pcd is damaged"
    assert status._message.property("role") == "problem"
    shown.say("Link copied")
    assert status._message.property("role") == "message"


def test_long_message_is_shortened_but_told_in_the_tip(status, shown):
    text = "x" * 900
    shown.say(text)
    assert len(status._message.text()) < 900
    assert status._message.toolTip() == text


def test_slow_frame_is_named_and_forgotten_when_it_comes(status, shown, qtbot, monkeypatch):
    status._slow.setInterval(10)
    shown._emit(FrameRequested(4))
    shown.frame_index = 4
    qtbot.waitUntil(lambda: status.message == "Loading frame 5")
    shown._emit(FrameShown(shown.content))
    assert status.message == "Ready"


def test_job_shows_progress_remaining_time_and_can_be_given_up(status, shown, qtbot, monkeypatch):
    monkeypatch.setattr(status_line, "QUIET_S", 0.0)
    go_on = threading.Event()

    def work(context):
        context.report(1, 4, "Counting")
        while not go_on.wait(0.01):
            context.report(1, 4, "Counting")

    shown.jobs.start("work", work, done=pytest.fail, failed=pytest.fail, title="Counting labels")
    bar = status._jobs
    qtbot.waitUntil(lambda: bar._rest.text().startswith("25 %"))
    assert bar._title.text() == "Counting"
    assert bar._rest.text().endswith("left")
    bar._cancel.click()
    assert not bar.isVisible()
    assert status.message == "Gave up: Counting labels"
    go_on.set()


def test_quick_job_is_not_shown(status, shown):
    shown.jobs.start(
        "quick", lambda _context: None, done=lambda _: None, failed=pytest.fail, title="Quick"
    )
    status._jobs.refresh()
    assert not status._jobs.isVisible()


def test_loading_line_waits_before_it_moves_and_stops(shown, qtbot, alive):
    line = LoadingLine(shown)
    alive.append(line)
    qtbot.addWidget(line)
    line.show()
    assert line._delay.interval() == loading_line.DELAY_MS == 300
    line._delay.setInterval(10)
    shown._emit(FrameRequested(1))
    assert not line.running
    qtbot.waitUntil(lambda: line.running)
    shown._emit(FrameShown(shown.content))
    assert not line.running
    line.dispose()


def test_quick_frame_leaves_the_line_empty(shown, qtbot, alive):
    line = LoadingLine(shown)
    alive.append(line)
    qtbot.addWidget(line)
    shown._emit(FrameRequested(1))
    shown._emit(FrameShown(shown.content))
    assert not line._delay.isActive()
    assert not line.running
    line.dispose()


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1536, "2 kB"), (int(1.5 * 1024**3), "1.5 GB")]
)
def test_bytes(count, text):
    assert bytes_text(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "1 s"), (89, "89 s"), (600, "10 min")])
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_cancelled_job_of_another_key_is_kept(status, shown):
    status._jobs._shown = SimpleNamespace(key="nobody", title="Nobody")
    status._jobs._give_up()
    assert status.message == "Gave up: Nobody"


def test_loading_line_does_not_wait_for_jobs_that_nobody_sees(shown, qtbot, alive):
    line = LoadingLine(shown)
    alive.append(line)
    qtbot.addWidget(line)
    gate = threading.Event()
    try:
        shown.jobs.start("quiet", lambda _c: gate.wait(10), done=print, failed=print)
        shown.jobs.start("titled", lambda _c: None, done=print, failed=print, title="Reading")
        line._begin()
        qtbot.waitUntil(lambda: not shown.jobs.statuses)
        assert shown.jobs.busy
        assert not line.running
    finally:
        gate.set()
        line.dispose()


def test_the_point_under_the_pointer_is_told_while_it_is_there(status, shown):
    assert not status._pointed.isVisibleTo(status)
    shown.point_at(PointedPosition((1.0, 2.0, 3.0), "3d", (0, 5)))
    assert status.pointed == "1.00  2.00  3.00 m"
    assert status._pointed.isVisibleTo(status)
    shown.point_at(None)
    assert status.pointed == ""
    assert not status._pointed.isVisibleTo(status)
