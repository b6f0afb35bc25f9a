"""Errors of a model by keyboard alone: the matrix, a list, its rows, an issue and a queue."""

import json

import numpy as np
import pytest

from tests.smoke.driven import ROOT, Driven
from viewer.review import Reviewer, Workspace
from viewer.review.issues.reading import issues
from viewer.review.queues.reading import queues

DATA = ROOT / "sample_scenes" / "street_with_errors"

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(not DATA.is_dir(), reason="the sample scene is not here"),
]


def test_errors_are_walked_filed_and_queued(screen, tmp_path):
    driven = Driven(screen, tmp_path, DATA)
    state = driven.wait("the first frame", lambda s: s["shown"] is not None)
    driven.do("windowfocus", "--sync", str(state["window"]))
    driven.key("F3")
    state = driven.wait(
        "the matrix and its list",
        lambda s: s["compare"] and s["compare"]["counts"] and s["compare"]["listed"],
    )
    assert state["compare"]["layout"] == "compare"
    counts = np.array(state["compare"]["counts"])
    assert state["compare"]["listed"] == counts[-1].sum()
    driven.key("bracketright")
    first = driven.wait(
        "the first error", lambda s: s["compare"]["row"] == 0 and s["selection"] is not None
    )
    # A false positive is a prediction without a label beside it.
    assert first["selection"][0] == "detector"
    assert first["compare"]["companion"] is None
    driven.key("i")
    driven.wait("the issue", lambda s: s["message"].startswith("Issue opened: "))
    driven.key("bracketright")
    driven.wait("the second error", lambda s: s["compare"]["row"] == 1)
    driven.key("shift+q")
    driven.wait("the queue", lambda s: s["message"].startswith("Queue “predicted where nothing is"))
    driven.key("F1")
    driven.wait("the Browse layout", lambda s: s["compare"]["layout"] == "browse")
    driven.key("ctrl+q")
    assert driven.process.wait(timeout=30) == 0, driven.log
    assert "Traceback" not in driven.log
    left = json.loads((tmp_path / "state.left").read_text(encoding="utf-8"))
    assert left == {"timers": [], "vtk": [], "threads": []}
    (file,) = (tmp_path / "config").rglob("*.sightline")
    with Workspace.open(file, Reviewer("ann"), read_only=True) as workspace:
        (issue,) = issues(workspace.reading)
        assert " where nothing is: " in issue.title
        (queue,) = queues(workspace.reading)
        assert queue.total == counts[-1].sum()
