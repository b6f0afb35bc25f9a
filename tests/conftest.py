"""Fixtures that every part shares."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

LONGEST_WAIT_MS = 60_000

# How long an example takes says something about the machine, not about the code.
settings.register_profile("sightline", deadline=None)
settings.load_profile("sightline")

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def one_application(qapp):
    """Start the widgets' application first: pictures would start one that carries no widgets."""
    return qapp


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Wait as long as a slow and busy machine needs; what comes sooner ends the wait."""
    for name in ("waitUntil", "waitSignal", "waitSignals"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=LONGEST_WAIT_MS))
    return qtbot


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep indexes in a folder of the tests, not in the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGHTLINE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings; tests that need it are skipped where there is none."""
    folder = os.environ.get("SIGHTLINE_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SIGHTLINE_REAL_DATA names no folder of real recordings")
    return Path(folder)


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of settings and workspaces, of this test alone."""
    folder = tmp_path / "config"
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(folder))
    return folder
