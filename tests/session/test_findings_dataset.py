"""What is said of all scenes together is listed in one of them, and stays when that is edited."""

import numpy as np
import pytest
from car_grid import Box, cars, scene
from fake_drive import Desk

from viewer.review import Reviewer
from viewer.review.dismissals.reading import dismissals
from viewer.review.issues.reading import issues
from viewer.scene.scene import Dataset, Problem
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_review import subject_of
from viewer.session.findings_text import place_text
from viewer.session.review_desk import ReviewDesk


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    desk = Desk()
    rng = np.random.default_rng(0)
    scenes = (
        scene("a", cars(250, rng), classes=("car", "tram", "bus")),
        scene("b", [*cars(9, rng), Box("t", "tram", (200, 0, 1))], classes=("car",)),
    )
    lost = Problem("c.bag", "", "is no bag")
    desk.session.open_dataset(Dataset(tmp_path / "drives", "memory", scenes, (lost,)))
    desk.settle()
    yield desk
    desk.close()


@pytest.fixture
def findings(desk):
    found = FindingsDesk(desk.session)
    found.check_dataset()
    desk.settle()
    yield found
    found.dispose()


def told(findings):
    rows = range(len(findings.table))
    every = (findings.table.finding(row) for row in rows)
    return [each for each in every if each.check == "class-imbalance"]


def test_they_stand_among_the_others_with_what_they_are_about(findings):
    places = {each.scene_id: place_text(each) for each in told(findings)}
    assert places == {"a": "whole dataset: unused classes", "b": "tram  whole dataset"}
    findings.narrow(check="class-imbalance")
    assert len(findings.listing) == 2
    findings.narrow(text="whole dataset unused")
    assert len(findings.listing) == 1


def test_a_decision_about_one_is_about_its_scene(findings):
    (unused,) = (each for each in told(findings) if each.scene_id == "a")
    subject = subject_of(unused, "dataset")
    assert (subject.scene_id, subject.frame_key, subject.label_id) == ("a", None, None)


def test_they_stay_when_their_scene_is_checked_again(desk, findings):
    findings.check_scene()
    desk.settle()
    assert {each.scene_id for each in told(findings)} == {"a", "b"}


def test_another_dataset_forgets_them(desk, findings, tmp_path):
    rng = np.random.default_rng(1)
    desk.session.open_dataset(Dataset(tmp_path / "other", "memory", (scene("a", cars(9, rng)),)))
    desk.settle()
    findings.check_scene()
    desk.settle()
    assert told(findings) == []


def test_what_did_not_open_is_told_in_the_first_scene(findings):
    findings.narrow(check="reported-problem")
    listing = findings.listing
    (found,) = (listing.table.finding(int(row)) for row in listing.rows)
    assert (found.scene_id, found.text) == ("a", "c.bag: is no bag")


@pytest.fixture
def review(desk, findings):
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    findings.work.review = findings.work.known_review = lambda: review
    findings.follow(review)
    desk.settle()
    yield review
    review.dispose()


def test_one_is_dismissed_and_the_others_of_its_scene_stay(desk, findings, review):
    (unused,) = (each for each in told(findings) if each.scene_id == "a")
    before = len(findings.listing)
    findings.walk.show(unused)
    desk.settle()
    assert findings.work.dismiss("a pilot")
    desk.settle()
    assert len(findings.listing) == before - 1
    (kept,) = dismissals(review.reading, review.dataset_id)
    assert kept.subject.scene_id == "a"
    findings.check_dataset()
    desk.settle()
    listing = findings.listing
    listed = [listing.table.finding(int(row)) for row in listing.rows]
    assert unused.finding_id not in {each.finding_id for each in listed}
    assert {each.scene_id for each in listed if each.check == "class-imbalance"} == {"b"}


def test_one_becomes_an_issue_and_an_item_of_a_queue(desk, findings, review):
    findings.narrow(check="class-imbalance")
    (tram,) = (each for each in told(findings) if each.scene_id == "b")
    findings.walk.show(tram)
    desk.settle()
    findings.work.open_issue()
    (found,) = issues(review.reading)
    assert found.description == tram.text
    findings.work.make_queue()
    desk.settle()
    assert review.walk.progress.total == 2
