"""The window in the Review layout."""

import pytest


@pytest.fixture(autouse=True)
def workspaces(tmp_path, monkeypatch):
    """Where workspaces are made."""
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config" / "workspaces"


@pytest.fixture
def reviewing(browsing, session, qtbot):
    """The window in the Review layout, the tracks read."""
    session.load_kernels()
    browsing.table.run("layout.review")
    qtbot.waitUntil(lambda: session.scene_tracks is not None and not session.jobs.busy)
    return browsing
