"""A window with settings of its own, its kernels read; and one whose scene was checked."""

import pytest


@pytest.fixture
def window(make_window, shown, tmp_path, monkeypatch, qtbot):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    made = make_window()
    shown.load_kernels()
    qtbot.waitUntil(lambda: not shown.jobs.busy, timeout=60_000)
    return made


@pytest.fixture
def room(window, qtbot):
    window.table.run("findings.check_scene")
    room = window.findings.room
    qtbot.waitUntil(lambda: not room.desk.is_checking and room.desk.has_run, timeout=60_000)
    qtbot.waitUntil(room.panel.view.isVisible)
    return room
