"""Worst first: more findings never help, and what adds is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.catalog import CHECKS
from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, LabelName, Severity
from viewer.checks.ranking import LEAST_VERDICTS, Weights, calibrate, default_weights, rank


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
    assert ranked.score > 0.5


def test_a_finding_on_a_sensor_ranks_no_label():
    assert rank([Finding("intrinsics", "s", None, (), "", 0.9, Severity.HIGH, "A lens")]) == []


def test_the_fitted_weights_take_nothing_away():
    weights = default_weights()
    assert weights.bias < 0
    assert all(weight >= 0 for weight in weights.by_check.values())
    assert set(weights.by_check) <= {check.id for check in CHECKS}


def test_few_verdicts_or_of_one_kind_calibrate_nothing():
    assert calibrate([0.5] * (LEAST_VERDICTS - 1), [True, False] * 99 + [True]) is None
    assert calibrate([0.5] * LEAST_VERDICTS, [True] * LEAST_VERDICTS) is None


def test_verdicts_that_follow_known_odds_give_them_back():
    """Labels are drawn wrong with the probability of 0.5 times their odds minus 1."""
    rng = np.random.default_rng(4)
    odds = rng.uniform(-6, 6, 60_000)
    wrong = rng.uniform(size=len(odds)) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    found = calibrate(1 / (1 + np.exp(-odds)), wrong)
    assert found.slope == pytest.approx(0.5, abs=0.02)
    assert found.offset == pytest.approx(-1.0, abs=0.05)
    assert found.probability(0.5) == pytest.approx(1 / (1 + np.exp(1)), abs=0.01)


def test_a_calibration_keeps_the_order_whatever_people_say():
    scores = np.linspace(0.01, 0.99, 400)
    found = calibrate(scores, scores < 0.5)
    values = [found.probability(score) for score in scores]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.5, abs=0.01)


def test_verdicts_that_are_all_as_ranked_stay_finite():
    scores = np.linspace(0.01, 0.99, 400)
    found = calibrate(scores, scores > 0.5)
    assert 0.9 < found.probability(0.99) < 1
    assert 0 < found.probability(0.01) < 0.1
