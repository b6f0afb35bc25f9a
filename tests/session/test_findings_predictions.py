"""Predictions beside the labels: what is missing stands once, and what is added is checked."""

from dataclasses import replace

import pytest
from checked_drive import FRAMES, drive_scene, true_rows
from fake_drive import Desk

from viewer.metrics.gathering import gather_datasets
from viewer.metrics.loaded_predictions import (
    LoadedPredictions,
    loaded_label_set,
    with_predictions,
)
from viewer.metrics.prediction_problems import PredictionProblems
from viewer.progress import JobContext
from viewer.review import Reviewer
from viewer.review.dismissals.reading import dismissals
from viewer.scene.scene import Dataset
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import Grouping
from viewer.session.review_desk import ReviewDesk

MISSING = "car-5"
UNSEEN = "car-6"


def labelled():
    return [each for each in true_rows() if each.track != MISSING]


def guessed(*, tracked=True):
    return [
        replace(each, track=f"t{each.track}" if tracked else None, score=0.9,
                name=f"p-{each.track}.{each.frame:03d}")
        for each in true_rows() if each.track != UNSEEN
    ]  # fmt: skip


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    desk = Desk()
    yield desk
    desk.close()


def checked(desk, tmp_path, scene):
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (scene,)))
    desk.settle()
    findings = FindingsDesk(desk.session)
    findings.check_scene()
    desk.settle()
    return findings


def shown(findings, check):
    listing = findings.listing
    found = [listing.table.finding(int(row)) for row in listing.rows]
    return [each for each in found if each.check == check]


@pytest.mark.parametrize("tracked", [True, False])
def test_a_missing_track_stands_once_with_all_of_its_frames(desk, tmp_path, tracked):
    findings = checked(desk, tmp_path, drive_scene(labelled(), guessed(tracked=tracked)))
    (missing,) = shown(findings, "missing-label")
    assert findings.ranked_of(missing).frames == FRAMES
    seen = missing.evidence.prediction
    assert (seen.label_set_id, seen.label_id) == ("model", f"p-{MISSING}.{int(seen.frame_key):03d}")
    (spurious,) = shown(findings, "spurious-label")
    assert spurious.whole_track == UNSEEN
    assert findings.ranked_of(spurious).frames == FRAMES
    everything = len(findings.table)
    assert findings.count == len(findings.listing) == everything - 2 * (FRAMES - 1)
    findings.group_by(Grouping.TRACK)
    assert findings.count == everything
    groups = dict(findings.listing.groups)
    assert groups[f"Missing car, {missing.whole_track}"] == FRAMES
    assert groups[f"Track {UNSEEN}"] >= FRAMES
    findings.dispose()


def test_a_frame_of_a_track_is_found_where_the_track_stands(desk, tmp_path):
    findings = checked(desk, tmp_path, drive_scene(labelled(), guessed()))
    (missing,) = shown(findings, "missing-label")
    place = findings.row_of(missing)
    (scene,) = findings.scenes.values()
    others = [each for each in scene.findings if each.whole_track == missing.whole_track]
    assert {findings.row_of(each) for each in others} == {place}
    findings.dispose()


@pytest.mark.parametrize("check", ["missing-label", "spurious-label"])
def test_a_track_is_dismissed_in_all_frames_at_once(desk, tmp_path, check):
    findings = checked(desk, tmp_path, drive_scene(labelled(), guessed()))
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    findings.work.review = lambda: review
    findings.follow(review)
    desk.settle()
    (whole,) = shown(findings, check)
    findings.walk.show(whole)
    desk.settle()
    assert findings.work.dismiss("a poster")
    desk.settle()
    assert shown(findings, check) == []
    assert findings.dismissed_count == FRAMES
    assert {each.reason for each in dismissals(review.reading, review.dataset_id)} == {"a poster"}
    review.undo()
    desk.settle()
    assert len(shown(findings, check)) == 1
    assert findings.dismissed_count == 0
    findings.dispose()
    review.dispose()


def added(desk, tmp_path, *scenes):
    """Load predictions beside the open dataset, as from a file."""
    other = Dataset(tmp_path / "other", "memory", scenes)
    found = gather_datasets(
        desk.session.dataset, "ground_truth", [(other, "ground_truth")], JobContext()
    )  # fmt: skip
    problems = PredictionProblems({}, (), 0)
    loaded = LoadedPredictions(
        loaded_label_set("model", "model.json"), found.predictions[0].usable, problems
    )
    desk.session.use_grown(with_predictions(desk.session.dataset, loaded))


def test_predictions_that_are_added_are_compared_at_once(desk, tmp_path):
    findings = checked(desk, tmp_path, drive_scene(labelled()))
    assert shown(findings, "missing-label") == []
    reader = desk.session.scene.reader
    read, plain = [], reader.read_point_cloud

    def counted(frame_index, sensor_id):
        read.append(frame_index)
        return plain(frame_index, sensor_id)

    reader.read_point_cloud = counted
    added(desk, tmp_path, drive_scene(guessed()))
    desk.settle(lambda: not findings.is_checking)
    (missing,) = shown(findings, "missing-label")
    assert missing.text.startswith("model sees a car (0.90)")
    # The frame that is shown and those beside it are loaded anew; none is measured again.
    assert len(read) < FRAMES / 2
    findings.dispose()


def test_another_checked_scene_is_compared_once_it_is_opened(desk, tmp_path):
    """All scenes were checked before the predictions came."""
    twins = [replace(drive_scene(labelled()), scene_id=name) for name in ("one", "two")]
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", tuple(twins)))
    desk.settle()
    findings = FindingsDesk(desk.session)
    findings.check_dataset()
    desk.settle()
    assert len(findings.scenes) == 2
    guesses = (replace(drive_scene(guessed()), scene_id=name) for name in ("one", "two"))
    added(desk, tmp_path, *guesses)
    desk.settle()
    assert {each.scene_id for each in shown(findings, "missing-label")} == {"one"}
    desk.session.show_scene(1)
    desk.settle()
    assert {each.scene_id for each in shown(findings, "missing-label")} == {"one", "two"}
    findings.dispose()


def test_a_scene_that_was_not_checked_is_left_alone(desk, tmp_path):
    desk.session.open_dataset(Dataset(tmp_path / "drive", "memory", (drive_scene(labelled()),)))
    desk.settle()
    findings = FindingsDesk(desk.session)
    desk.session.use_grown(desk.session.dataset)
    desk.settle()
    assert not findings.has_run
    findings.dispose()
