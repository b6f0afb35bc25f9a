"""The real window under an X server, driven by real key and mouse events."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENE = ROOT / "sample_scenes" / "street"
PATIENCE_S = 90.0

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(not SCENE.is_dir(), reason="the sample scene street is not here"),
]


class Driven:
    """The application in a process of its own, and hands on its keyboard and mouse."""

    def __init__(self, screen: str, folder: Path) -> None:
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
                [sys.executable, str(drive), str(SCENE), str(self._state_file)],
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

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", str(x - 3), str(y - 2))
        self.do("mousemove", str(x), str(y))
        self.do("click", "1")


@pytest.fixture
def driven(screen, tmp_path):
    application = Driven(screen, tmp_path)
    yield application
    if application.process.poll() is None:
        application.process.kill()
        application.process.wait(timeout=10)


def test_a_session_at_the_window_from_opening_to_closing(driven, tmp_path):
    state = driven.wait("the first frame", lambda s: s["shown"] == 0 and s["in_3d"])
    driven.do("windowfocus", "--sync", str(state["window"]))

    for step in range(1, 21):
        driven.key("Right")
        driven.wait(f"frame {step}", lambda s, step=step: s["shown"] == step)

    state = driven.wait("a label to click in 3D", lambda s: s["in_3d"] is not None)
    label, x, y = state["in_3d"]
    driven.click(x, y)
    driven.wait("the label clicked in 3D", lambda s: s["selection"] and s["selection"][1] == label)

    driven.key("Escape")
    driven.wait("nothing selected", lambda s: s["selection"] is None)
    state = driven.wait("a label to click in an image", lambda s: s["in_image"] is not None)
    label, x, y = state["in_image"]
    driven.click(x, y)
    driven.wait(
        "the label clicked in an image", lambda s: s["selection"] and s["selection"][1] == label
    )

    seen = [driven.state()["colour_by"]]
    for _ in range(3):
        driven.key("k")
        driven.wait("the open menu of colours", lambda s: s["menu_open"])
        driven.key("Down")
        driven.key("Return")
        state = driven.wait(
            "another colour", lambda s: not s["menu_open"] and s["colour_by"] not in seen
        )
        seen.append(state["colour_by"])

    driven.key("2")
    driven.wait("the second camera large", lambda s: s["large_camera"] is not None)
    driven.key("0")
    driven.wait("all cameras", lambda s: s["large_camera"] is None)

    driven.key("space")
    driven.wait("playing", lambda s: s["playing"] and s["frame"] > 20)
    driven.key("space")
    driven.wait("paused", lambda s: not s["playing"])

    driven.key("ctrl+k")
    driven.wait("the palette", lambda s: s["palette_open"])
    driven.do("type", "--delay", "30", "frame 12")
    driven.key("Return")
    driven.wait("frame 12", lambda s: s["shown"] == 11 and not s["palette_open"])

    assert driven.state()["problems"] == []
    driven.key("ctrl+q")
    assert driven.process.wait(timeout=30) == 0, driven.log
    assert driven.log == ""
    left = json.loads((tmp_path / "state.left").read_text(encoding="utf-8"))
    assert left == {"timers": [], "vtk": [], "threads": []}
