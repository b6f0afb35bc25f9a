"""The real window under an X server, driven by real key and mouse events."""

import json

import pytest

from tests.smoke.driven import ROOT, Driven

SCENE = ROOT / "sample_scenes" / "street"

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(not SCENE.is_dir(), reason="the sample scene street is not here"),
]


@pytest.fixture
def driven(screen, tmp_path):
    application = Driven(screen, tmp_path, SCENE)
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
