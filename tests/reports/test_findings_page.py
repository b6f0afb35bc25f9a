"""The page of a check run: every sentence, the worst first, with pictures that a browser shows."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.batch.in_process import InProcess
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import ScenesAt
from viewer.progress import Cancelled, JobContext
from viewer.reports.findings_page import findings_page, write_findings_page

STREET = Path(__file__).parents[2] / "sample_scenes" / "street_with_errors"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")


@pytest.fixture(scope="module")
def source():
    return ScenesAt(STREET)


@pytest.fixture(scope="module")
def run(source):
    policy = Policy(only=frozenset({"yaw-flip", "aspect", "box-2d", "intrinsics"}))
    return check_dataset(source, RunOptions(policy=policy), InProcess(), JobContext())


@pytest.mark.render
def test_the_worst_come_first_with_everything_that_is_said(source, run):
    page = findings_page(run, source.dataset(), JobContext(), pictured=3)
    scores = [float(each.score) for each in page.accused]
    assert scores == sorted(scores, reverse=True)
    assert all(len(each.pictures) == 2 for each in page.accused)
    said = [sentence for each in page.accused for sentence in each.sentences]
    said += [row[4] for row in page.listed.rows]
    text = "\n".join(said)
    assert all(each.text in text for each in run.findings if each.labels)
    accused = {each.labels[0] for each in run.findings if each.labels}
    assert len(page.accused) + len(page.listed.rows) == len(accused)
    assert [row[0] for row in page.tables[0].rows] == [
        "Length and width swapped", "Heading flips", "2D box beside its cuboid"
    ]  # fmt: skip
    assert "car: length, m" in [chart.title for chart in page.charts]


def test_every_object_comes_once_before_any_comes_again(source, run):
    page = findings_page(run, source.dataset(), JobContext(), pictured=0)
    tracks = [row[3].rpartition(".")[0] for row in page.listed.rows]
    objects = len(set(tracks))
    assert len(set(tracks[:objects])) == objects < len(tracks)


def test_a_check_that_was_not_asked_says_why(source):
    policy = Policy(only=frozenset({"missing-label"}))
    options = RunOptions(prediction_set_ids=(), policy=policy)
    found = check_dataset(source, options, InProcess(), JobContext())
    page = findings_page(found, source.dataset(), JobContext())
    assert page.notes == ("missing-label was not asked: there are no predictions",)
    assert page.accused == ()


@pytest.mark.render
def test_giving_up_leaves_no_file(source, run, tmp_path):
    job = JobContext()
    job.cancel()
    with pytest.raises(Cancelled):
        write_findings_page(tmp_path / "page.html", run, source.dataset(), job, pictured=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.render
def test_a_browser_shows_every_picture(source, run, tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium is installed")
    out, shot = tmp_path / "findings.html", tmp_path / "shot.png"
    write_findings_page(out, run, source.dataset(), JobContext(), pictured=2)
    text = out.read_text(encoding="utf-8")
    assert len(re.findall(r"<img [^>]*data:image/jpeg", text)) == 4
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", text)
    subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,2400",
            f"--screenshot={shot}", out.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with Image.open(shot) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    # The 3D pictures are dark on a light page.
    dark = (pixels.max(axis=2) < 60).sum()
    assert dark > 2 * 300 * 200
