"""Worst first: more findings never help, and what adds is told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.catalog import CHECKS
from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, LabelName, Severity
from viewer.checks.ranking import Weights, default_weights, rank


def finding(check="yaw-flip", label="a", score=0.5, severity=Severity.HIGH):
    name = LabelName("s", "0", "gt", label)
    return Finding(check, "s", "0", (name,), "car", score, severity, "It is wrong")


checks = st.sampled_from([check.id for check in CHECKS])
findings = st.builds(finding, checks, st.sampled_from("abc"), st.floats(0, 1),
                     st.sampled_from(Severity))  # fmt: skip


@given(st.lists(findings, max_size=8), findings)
def test_one_more_finding_never_lowers_a_score(some, more):
    before = {each.label: each.score for each in rank(some)}
    after = {each.label: each.score for each in rank([*some, more])}
    assert all(after[label] >= score for label, score in before.items())


def test_a_score_is_the_logistic_sum_of_what_the_checks_add():
    weights = Weights(-3.0, {"yaw-flip": 4.0, "floating": 2.0})
    found = [finding(score=1.0), finding("floating", score=0.0, severity=Severity.MEDIUM)]
    (ranked,) = rank(found, weights)
    assert ranked.contributions == {"yaw-flip": 4.0, "floating": pytest.approx(2.0 * 0.7 * 0.5)}
    assert ranked.score == pytest.approx(1 / (1 + np.exp(3.0 - 4.0 - 0.7)))
    assert [each.check for each in ranked.findings] == ["yaw-flip", "floating"]


def test_of_one_check_the_surest_finding_counts_alone():
    weights = Weights(0.0, {"yaw-flip": 1.0})
    (ranked,) = rank([finding(score=0.2), finding(score=0.8)], weights)
    assert ranked.contributions == {"yaw-flip": pytest.approx(0.9)}


def test_a_missing_label_is_ranked_by_its_place():
    box = EvidenceBox(BoxRole.PREDICTION, "0", (1.0, 2.0, 3.0), (4.0, 2.0, 1.5), (1.0, 0, 0, 0))
    missing = Finding("missing-label", "s", "0", (), "car", 0.9, Severity.HIGH, "It is missing",
                      Evidence({}, (box,)))  # fmt: skip
    (ranked,) = rank([missing])
    assert ranked.label is None
    assert ranked.score > rank([missing], Weights(default_weights().bias, {}, unknown=0.0))[0].score


def test_a_finding_on_a_sensor_ranks_no_label():
    assert rank([Finding("intrinsics", "s", None, (), "", 0.9, Severity.HIGH, "A lens")]) == []


def test_the_fitted_weights_take_nothing_away():
    weights = default_weights()
    assert weights.bias < 0
    assert all(weight >= 0 for weight in weights.by_check.values())
    assert set(weights.by_check) <= {check.id for check in CHECKS}


def missing(frame, score=0.8, track="detector t1 from 0", place=(1.0, 2.0, 3.0)):
    box = EvidenceBox(BoxRole.PREDICTION, frame, place, (4.0, 2.0, 1.5), (1.0, 0, 0, 0))
    return Finding("missing-label", "s", frame, (), "car", score, Severity.HIGH, "It is missing",
                   Evidence({}, (box,)), whole_track=track)  # fmt: skip


def test_a_track_that_is_missing_is_one_entry():
    other = missing("1", track="detector t2 from 1", place=(40.0, 0.0, 0.0))
    alone = missing("1", track=None, place=(80.0, 0.0, 0.0))
    ranked = rank([missing("0", 0.6), missing("1", 0.9), missing("2", 0.7), other, alone])
    assert sorted((each.track or "", each.frames) for each in ranked) == [
        ("", 1), ("detector t1 from 0", 3), ("detector t2 from 1", 1),
    ]  # fmt: skip
    (longest,) = [each for each in ranked if each.frames == 3]
    assert [each.frame_key for each in longest.findings] == ["1", "2", "0"]
    assert longest.label is None


def test_a_longer_and_surer_track_ranks_higher():
    def score_of(frames, score):
        (entry,) = rank([missing(str(frame), score) for frame in range(frames)])
        return entry.score

    by_length = [score_of(frames, 0.8) for frames in (1, 2, 4, 8, 30)]
    assert by_length == sorted(by_length)
    assert by_length[0] < by_length[-1]
    by_confidence = [score_of(4, score) for score in (0.5, 0.7, 0.9)]
    assert by_confidence == sorted(by_confidence)
    assert by_confidence[0] < by_confidence[-1]


def test_each_doubling_of_its_frames_adds_the_same():
    weights = Weights(-2.0, {"missing-label": 1.0}, per_doubling=0.5)
    (entry,) = rank([missing(str(frame), 1.0) for frame in range(8)], weights)
    assert entry.contributions == {"missing-label": pytest.approx(1.0 + 3 * 0.5)}
    assert entry.score == pytest.approx(1 / (1 + np.exp(-0.5)))


def spurious(label, frame, track="t7"):
    name = LabelName("s", frame, "gt", label, track)
    return Finding("spurious-label", "s", frame, (name,), "car", 0.9, Severity.MEDIUM, "No model",
                   whole_track=track)  # fmt: skip


def test_a_label_of_a_track_that_no_model_sees_is_ranked_with_its_track():
    flip = replace(finding(label="b"), labels=(LabelName("s", "1", "gt", "b", "t7"),))
    elsewhere = replace(finding(label="c"), labels=(LabelName("s", "1", "gt", "c", "t8"),))
    ranked = rank([spurious("a", "0"), spurious("b", "1"), flip, elsewhere])
    entries = {each.track: each for each in ranked}
    assert set(entries) == {"t7", None}
    assert entries["t7"].frames == 2
    assert {each.check for each in entries["t7"].findings} == {"spurious-label", "yaw-flip"}
    assert entries[None].label.label_id == "c"
