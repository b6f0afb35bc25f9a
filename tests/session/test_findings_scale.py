"""Scores become probabilities as people judge labels; to mend a label takes nothing away."""

import pytest
from checked_drive import changed, drive_scene, find, moved, true_rows
from fake_drive import Desk

from viewer.checks import calibration
from viewer.review import Batch, Reviewer
from viewer.review.commands.findings import DismissFinding
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.verdicts.model import VerdictState
from viewer.scene.scene import Dataset
from viewer.session.findings_changes import FindingsListed
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import detail_of
from viewer.session.findings_review import subject_of
from viewer.session.review_desk import ReviewDesk

NEEDED = 12
SPOILT = [(f"car-{number}", frame) for number in range(1, 6) for frame in (5, 11, 17)]


def spoilt_rows():
    rows = true_rows()
    for track, frame in SPOILT:
        assert find(rows, track, frame) >= 0
        rows = changed(rows, track, [frame], center=moved(z=1.4))
    return rows


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr(calibration, "LEAST_VERDICTS", NEEDED)
    desk = Desk()
    dataset = Dataset(tmp_path / "drive", "memory", (drive_scene(spoilt_rows()),))
    desk.session.open_dataset(dataset)
    desk.settle()
    yield desk
    desk.close()


def opened(desk):
    findings, review = FindingsDesk(desk.session), ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    findings.work.review = findings.work.known_review = lambda: review
    findings.follow(review)
    desk.settle()
    findings.check_scene()
    desk.settle()
    return findings, review


@pytest.fixture
def both(desk):
    findings, review = opened(desk)
    yield findings, review
    findings.dispose()
    review.dispose()


def lifted(findings):
    """One finding a spoilt label, the worst first."""
    (scene,) = findings.scenes.values()
    worst = {each.labels[0]: each for each in reversed(scene.findings)
             if each.check == "floating"}  # fmt: skip
    assert len(worst) == len(SPOILT)
    return list(worst.values())


def judge(desk, review, findings, states):
    review.run(Batch("Judge", [
        SetVerdict(subject_of(finding, review.dataset_id), state)
        for finding, state in zip(findings, states, strict=False)
    ]))  # fmt: skip
    desk.settle()


def test_it_is_a_score_that_says_how_far_it_is(desk, both):
    findings, review = both
    assert findings.scale.word == "score"
    assert findings.scale.progress == f"0 of {NEEDED} verdicts"
    told = []
    findings.subscribe(told.append)
    judge(desk, review, lifted(findings), [VerdictState.NEEDS_FIX] * 3)
    assert findings.scale.progress == f"3 of {NEEDED} verdicts"
    assert any(isinstance(each, FindingsListed) for each in told)
    review.undo()
    desk.settle()
    assert findings.scale.progress == f"0 of {NEEDED} verdicts"


def test_enough_verdicts_make_it_a_probability_in_the_same_order(desk, both):
    findings, review = both
    before = [findings.listing.table.ranked(int(row)).score for row in findings.listing.rows]
    states = [VerdictState.NEEDS_FIX, VerdictState.REJECTED, VerdictState.ACCEPTED] * 5
    judge(desk, review, lifted(findings), states)
    scale = findings.scale
    assert (scale.word, scale.judged) == ("probability", len(SPOILT))
    assert scale.calibration.wrong == 10
    after = [findings.listing.table.ranked(int(row)).score for row in findings.listing.rows]
    assert after == before
    said = [scale.value(each) for each in after]
    assert said == sorted(said, reverse=True)
    assert f"from {len(SPOILT)} verdicts" in scale.told
    assert "10 found the label wrong" in scale.told
    assert "held out" in scale.told
    assert scale.text(after[0]).endswith(" %")


def test_skipped_labels_say_nothing_and_dismissed_ones_are_right(desk, both):
    findings, review = both
    known = lifted(findings)
    judge(desk, review, known, [VerdictState.SKIPPED] * 4)
    assert findings.scale.judged == 0
    (scene,) = findings.scenes.values()
    label = known[0].labels[0]
    own = [each for each in scene.findings if each.labels and each.labels[0] == label]
    scene_now = desk.session.scene
    index = scene_now.frame_index_of(label.frame_key)
    labels = scene_now.reader.read_labels(index, label.label_set_id)
    from viewer.review.flat_snapshots import snapshot_of

    review.run(Batch("Dismiss", [
        DismissFinding(subject_of(each, review.dataset_id), each.check, detail_of(each), "",
                       snapshot_of(labels, label.label_id))
        for each in own
    ]))  # fmt: skip
    desk.settle()
    assert findings.scale.judged == 1


def test_a_mended_label_still_counts_now_and_after_a_restart(desk, both):
    findings, review = both
    known = lifted(findings)
    judge(desk, review, known, [VerdictState.NEEDS_FIX, VerdictState.ACCEPTED] * 7)
    assert findings.scale.judged == 14
    findings.walk.show(known[0])
    desk.settle()
    assert findings.work.fix()
    desk.settle()
    label = known[0].labels[0]
    (scene,) = findings.scenes.values()
    assert scene.is_edited
    assert not any(each.check == "floating" and each.labels[0] == label for each in scene.findings)
    assert findings.scale.judged == 14
    held = findings.scale.calibration
    findings.dispose()
    review.dispose()
    again, other = opened(desk)
    assert again.scale.judged == 14
    assert again.scale.calibration == held
    again.dispose()
    other.dispose()


def test_without_a_workspace_it_is_a_score(desk):
    findings = FindingsDesk(desk.session)
    findings.check_scene()
    desk.settle()
    assert findings.scale == calibration.Scale()
    findings.dispose()
