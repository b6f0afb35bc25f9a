"""A whole review by keyboard alone: queue, verdicts, issues, undo, a kill, and the report."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.smoke.driven import ROOT, Driven
from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset
from viewer.review import Reviewer, Subject, Workspace, new_id
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.slices import CreateSlice
from viewer.review.issues.reading import comments_of, issues
from viewer.review.queues.reading import queue_progress, queues
from viewer.review.slices.members import Members
from viewer.review.verdicts.counts import count_verdicts

DATA = ROOT / "sample_scenes" / "street_with_errors"
D = "d" * 32
VERDICTS = 50
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")

pytestmark = [
    pytest.mark.smoke,
    pytest.mark.skipif(not DATA.is_dir(), reason="the sample scene is not here"),
]


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        total.update(str(file.relative_to(folder)).encode())
        total.update(file.read_bytes() if file.is_file() else b"")
    return total.hexdigest()


@pytest.fixture
def workspace(tmp_path) -> Path:
    """A file that knows the dataset, and which labels errors were planted in."""
    told = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))["planted_errors"]
    planted = {(each["frame"], each["label_id"]) for each in told if each["label_id"]}
    (scene,) = open_dataset(DATA).scenes
    there = {
        (frame.key, label_id)
        for frame in scene.frames
        for label_id in scene.reader.read_labels(frame.index, "ground_truth").cuboids.label_ids
    }
    scene.reader.close()
    chosen = sorted(planted & there)[: VERDICTS + 10]
    subjects = [
        Subject.label(D, "street_with_errors", frame, "ground_truth", label_id)
        for frame, label_id in chosen
    ]
    path = tmp_path / "review.sightline"
    with Workspace.create(path, Reviewer("ann")) as opened:
        opened.run(AddDataset(D, DATA.name, str(DATA), "native"))
        opened.run(CreateSlice(new_id(), "planted", Members.of(subjects)))
    return path


@pytest.fixture
def start(screen, tmp_path, workspace):
    started = []

    def begin() -> Driven:
        folder = tmp_path / f"run{len(started)}"
        folder.mkdir()
        driven = Driven(screen, folder, workspace)
        started.append(driven)
        state = driven.wait("the first frame", lambda s: s["shown"] is not None and s["review"])
        driven.do("windowfocus", "--sync", str(state["window"]))
        driven.key("F2")
        driven.wait("the Review layout", lambda s: s["review"]["layout"] == "review")
        return driven

    yield begin
    for driven in started:
        if driven.process.poll() is None:
            driven.kill()


def judge(driven: Driven, number: int) -> None:
    """One verdict, with a reason where it is no acceptance; the next item comes by itself."""
    before = driven.state()["review"]
    if number % 5 == 4:
        driven.key("r")
        driven.key("1")
    elif number % 5 == 3:
        driven.key("s")
    else:
        driven.key("a")
    driven.wait(
        f"verdict {number + 1}",
        lambda s: (
            s["review"]["done"] == number + 1
            and s["review"]["item"] != before["item"]
            and s["selection"]
            and s["selection"][1] == s["review"]["item"]
        ),
    )


def open_issue(driven: Driven, title: str, comment: str) -> None:
    driven.key("i")
    driven.wait("a title to type", lambda s: s["review"]["focus"] == "Title of the issue")
    driven.type(title)
    driven.key("Return")
    driven.wait("the issue", lambda s: s["review"]["issue"] == [title, 0])
    driven.key("shift+c")
    driven.wait("a comment to type", lambda s: s["review"]["focus"] == "New comment")
    driven.type(comment)
    driven.key("ctrl+Return")
    driven.wait("the comment", lambda s: s["review"]["issue"] == [title, 1])


def test_a_whole_review_by_keyboard(start, workspace, tmp_path):
    before = digest(DATA)
    driven = start()
    driven.key("q")
    driven.wait("the queue's fields", lambda s: s["review"]["focus"] == "What")
    driven.key("Tab")
    driven.key("Tab")
    driven.wait("where items come from", lambda s: s["review"]["focus"] == "From")
    for _ in ("This frame", "Judged by others", "Slice planted"):
        driven.key("Down")
    driven.key("Return")
    driven.wait("the queue", lambda s: s["review"]["total"] == VERDICTS + 10)
    driven.wait(
        "the first item selected",
        lambda s: s["selection"] and s["selection"][1] == s["review"]["item"],
    )
    for number in range(VERDICTS):
        judge(driven, number)
        if number == 9:
            open_issue(driven, "Turned box", "Look at @bob")
        if number == 19:
            open_issue(driven, "Too wide", "By half a metre")
    last = driven.state()["review"]
    driven.key("ctrl+z")
    driven.wait("one verdict less", lambda s: s["review"]["done"] == VERDICTS - 1)
    undone = last["undo"]
    driven.kill()

    with Workspace.open(workspace, Reviewer("eve"), read_only=True) as opened:
        reading = opened.reading
        assert sum(each.count for each in count_verdicts(reading)) == VERDICTS - 1
        (queue,) = queues(reading)
        assert queue_progress(reading, queue.queue_id).done == VERDICTS - 1
        told = {each.title: comments_of(reading, each.issue_id) for each in issues(reading)}
        assert {title: [c.text for c in said] for title, said in told.items()} == {
            "Turned box": ["Look at @bob"],
            "Too wide": ["By half a metre"],
        }
        assert all(each.thumbnail_hash for each in issues(reading))

    driven = start()
    driven.wait("what was undone", lambda s: s["review"]["redo"] == undone)
    driven.key("ctrl+shift+z")
    driven.wait("it done again", lambda s: s["review"]["undo"] == undone)
    driven.key("ctrl+q")
    assert driven.process.wait(timeout=30) == 0, driven.log
    assert driven.log == ""
    assert sorted(each.name for each in tmp_path.glob("*review.sightline*")) == [
        "review.sightline", "review.sightline.backup",
    ]  # fmt: skip

    def call(*words: object) -> str:
        answer = CliRunner().invoke(app, ["review", *map(str, words)])
        assert answer.exit_code == 0, answer.output
        return answer.output

    facts = json.loads(call("export", workspace, tmp_path / "out", "--json"))
    assert facts["counts"] == {"verdicts": VERDICTS, "issues": 2, "marks": 0}
    report = tmp_path / "review.html"
    call("report", workspace, "--out", report)
    assert digest(DATA) == before
    _look_at(report, tmp_path)


def _look_at(report: Path, folder: Path) -> None:
    """A browser shows the pictures: dark 3D views and street colours on a light page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium is installed")
    shot = folder / "shot.png"
    subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}", "--window-size=1280,1900",
            f"--screenshot={shot}", report.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with Image.open(shot) as image:
        pixels = np.asarray(image.convert("RGB"))
    dark = (pixels.max(axis=2) < 40).mean()
    colours = len(np.unique(pixels.reshape(-1, 3) // 8, axis=0))
    assert dark > 0.05
    assert colours > 1500
