"""The window in the Review layout."""

import pytest


@pytest.fixture(autouse=True)
def workspaces(own_config):
    """Where workspaces are made."""
    return own_config / "workspaces"


@pytest.fixture
def reviewing(browsing, session, qtbot):
    """The window in the Review layout, the tracks read."""
    session.load_kernels()
    browsing.table.run("layout.review")
    qtbot.waitUntil(lambda: session.scene_tracks is not None and not session.jobs.busy)
    return browsing
