"""The application in a process of its own, driven through an X server."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90.0


class Driven:
    """The application in a process of its own, and hands on its keyboard and mouse."""

    def __init__(self, screen: str, folder: Path, path: Path) -> None:
        self._state_file = folder / "state.json"
        self._log = folder / "log.txt"
        self._environment = os.environ | {
            "DISPLAY": screen,
            "QT_QPA_PLATFORM": "xcb",
            "SIGHTLINE_CONFIG": str(folder / "config"),
            "PYTHONPATH": str(ROOT),
        }
        self._environment.pop("WAYLAND_DISPLAY", None)
        drive = Path(__file__).with_name("drive.py")
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(drive), str(path), str(self._state_file)],
                env=self._environment, stdout=log, stderr=subprocess.STDOUT, cwd=folder,
            )  # fmt: skip

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def state(self) -> dict:
        if not self._state_file.exists():
            return {}
        return json.loads(self._state_file.read_text(encoding="utf-8"))

    def wait(self, what: str, true, **more) -> dict:
        """Wait until the state fits."""
        end = time.monotonic() + PATIENCE_S
        state: dict = {}
        while time.monotonic() < end:
            assert self.process.poll() is None, f"it ended while waiting for {what}:\n{self.log}"
            state = self.state()
            if state and true(state):
                return state
            time.sleep(0.05)
        pytest.fail(f"waited in vain for {what}: {state}\n{self.log}")

    def do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, timeout=20)

    def key(self, key: str) -> None:
        self.do("key", "--clearmodifiers", key)

    def type(self, text: str) -> None:
        self.do("type", "--delay", "15", text)

    def kill(self) -> None:
        """End it as the system does when memory is short: it cannot prepare."""
        self.process.kill()
        self.process.wait(timeout=10)

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", str(x - 3), str(y - 2))
        self.do("mousemove", str(x), str(y))
        self.do("click", "1")
