"""Fixtures that every part shares."""

import os
from pathlib import Path

import pytest

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def one_application(qapp):
    """Start the widgets' application first: pictures would start one that carries no widgets."""
    return qapp


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings; tests that need it are skipped where there is none."""
    folder = os.environ.get("SIGHTLINE_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SIGHTLINE_REAL_DATA names no folder of real recordings")
    return Path(folder)
