"""The page of a review: its figures, what it escapes, and that a browser shows its pictures."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from tests.fake_drive import make_dataset, make_scene
from viewer.formats.pictures import encode_jpeg
from viewer.progress import JobContext
from viewer.reports.page import write_page
from viewer.reports.pictures import ReportPicture, SubjectPictures
from viewer.reports.review_report import review_page, write_review_report
from viewer.review import LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.comments import AddComment
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.marks import MarkMissing
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.exchange.records import read_records
from viewer.review.issues.model import IssueState, NewElement
from viewer.review.verdicts.model import VerdictState

D = "d" * 32
NOW = 1_700_000_000_000_000_000
MAGENTA = (250, 10, 240)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")


@pytest.fixture
def dataset():
    return make_dataset(make_scene())


@pytest.fixture
def workspace(tmp_path, dataset):
    scene = dataset.scenes[0]
    set_id = scene.label_sets[0].label_set_id
    frame = Subject.frame(D, scene.scene_id, scene.frames[4].key)

    def label(label_id):
        return Subject.label(D, scene.scene_id, scene.frames[4].key, set_id, label_id)

    with Workspace.create(tmp_path / "a.sightline", Reviewer("ann")) as opened:
        opened.run(AddDataset(D, "drive", "drive", "native"))
        given = [VerdictState.ACCEPTED] * 3 + [VerdictState.REJECTED]
        for number, state in enumerate(given):
            snapshot = LabelSnapshot("cuboid", "car", (0.0,) * 10)
            reasons = ("loose box",) if state is VerdictState.REJECTED else ()
            opened.run(SetVerdict(label(f"l{number}"), state, reasons, snapshot=snapshot))
        opened.run(SetVerdict(label("l0"), VerdictState.NEEDS_FIX, given_by="bob"))
        element = NewElement("e1", label("car-4"))
        opened.run(OpenIssue("i1", "<b>Loose</b> & wide", elements=(element,)))
        opened.run(AddComment("c1", "i1", "<script>alert(1)</script>"))
        opened.run(OpenIssue("i2", "Done already", state=IssueState.RESOLVED))
        opened.run(MarkMissing("m1", frame, "van", (1.0, 2.0, 3.0), "world"))
        yield opened


def _page(workspace, dataset, draw=lambda _: ()):
    records = read_records(workspace.reading, D)
    return review_page(workspace.reading, records, dataset, D, draw, JobContext(), NOW)


def test_figures(workspace, dataset):
    page = _page(workspace, dataset)
    assert [(tile.title, tile.value) for tile in page.tiles] == [
        ("judged", "4"),
        ("of them accepted", "50 %"),  # bob's later verdict counts for l0
        ("issues open", "1 of 2"),
        ("missing objects marked", "1"),
        ("labels changed", "0"),
        ("reviewers", "2"),
    ]
    assert [chart.title for chart in page.charts] == [
        "Verdicts by class", "Verdicts by reviewer", "Reasons",
    ]  # fmt: skip
    agreement, missing = page.tables
    assert agreement.title == "Agreement of ann and bob"
    # Of the one label that both judged, ann accepts and bob wants a fix.
    assert agreement.rows[0] == ("all", "1", "0 %", "0.00", "–", "–", "–", "–")
    assert missing.rows == (("van", "1"),)
    assert [issue.title for issue in page.issues] == ["<b>Loose</b> & wide", "Done already"]


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.text, self.sources = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_fetches_nothing_and_shows_data_as_text(workspace, dataset, tmp_path):
    out = tmp_path / "review.html"
    write_review_report(out, workspace.reading, dataset, D, now_ns=NOW)
    parser = _Tags()
    parser.feed(out.read_text(encoding="utf-8"))
    assert not parser.seen & {"script", "link", "iframe", "b0"}
    assert "<script>alert(1)</script>" in parser.text
    assert any("<b>Loose</b> & wide" in text for text in parser.text)
    assert parser.sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in parser.sources)
    assert not list(tmp_path.glob(".*draft"))


def test_pictures_show_the_object_in_3d_and_in_a_camera(dataset):
    scene = dataset.scenes[0]
    set_id = scene.label_sets[0].label_set_id
    subject = Subject.label(D, scene.scene_id, scene.frames[4].key, set_id, "car-4")
    track = Subject.track(D, scene.scene_id, set_id, "1")
    with SubjectPictures(dataset, (320, 200)) as pictures:
        view, camera = pictures.of(subject)
        assert re.match("3D, ", view.caption)
        assert camera.caption == "Camera front"
        assert len(pictures.of(track)) == 2
        assert pictures.of(Subject.frame(D, scene.scene_id, "no such frame")) == ()
        assert pictures.of(Subject.dataset(D)) == ()
        sight = {"scene_id": scene.scene_id, "frame_key": scene.frames[2].key}
        assert scene.frames[2].key in pictures.of(Subject.dataset(D), sight)[0].caption


def test_a_browser_shows_the_pictures(workspace, dataset, tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium is installed")
    flat = np.full((350, 560, 3), MAGENTA, np.uint8)
    picture = ReportPicture("A picture", encode_jpeg(flat, quality=95))
    page = _page(workspace, dataset, lambda _: (picture,))
    out, shot = tmp_path / "review.html", tmp_path / "shot.png"
    write_page(out, "review.html.j2", {"report": page})
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
    shown = (np.abs(pixels - MAGENTA).max(axis=2) < 12).sum()
    assert 0.95 < shown / (2 * 560 * 350) < 1.05  # both issues have one
