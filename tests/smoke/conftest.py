"""A screen of its own, so that a test never types into somebody's desktop."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

SCREEN = "1280x800x24"


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """Name of an X display that only this test run uses."""
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} must be installed to drive the window")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)
