"""From score to probability: known odds come back, the order stays, what is held out agrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.calibration import (
    LEAST_VERDICTS,
    Calibration,
    PlattCurve,
    StepCurve,
    calibrate,
    expected_calibration_error,
    platt_curve,
    step_curve,
)


def test_few_verdicts_or_of_one_kind_calibrate_nothing():
    assert calibrate([0.5] * (LEAST_VERDICTS - 1), [True, False] * 99 + [True]) is None
    assert calibrate([0.5] * LEAST_VERDICTS, [True] * LEAST_VERDICTS) is None


def drawn(count, slope, offset, seed=4):
    """Scores, and labels that are wrong with a probability of known odds."""
    rng = np.random.default_rng(seed)
    odds = rng.uniform(-6, 6, count)
    wrong = rng.uniform(size=count) < 1 / (1 + np.exp(-(slope * odds + offset)))
    return 1 / (1 + np.exp(-odds)), wrong


def test_verdicts_that_follow_known_odds_give_them_back():
    found = calibrate(*drawn(60_000, 0.5, -1.0))
    curve = platt_curve(*drawn(60_000, 0.5, -1.0))
    assert curve.slope == pytest.approx(0.5, abs=0.02)
    assert curve.offset == pytest.approx(-1.0, abs=0.05)
    assert found.probability(0.5) == pytest.approx(1 / (1 + np.exp(1)), abs=0.03)
    assert (found.verdicts, found.wrong) == (60_000, int(drawn(60_000, 0.5, -1.0)[1].sum()))


def test_a_calibration_keeps_the_order_whatever_people_say():
    scores = np.linspace(0.01, 0.99, 400)
    found = calibrate(scores, scores < 0.5)
    values = [found.probability(score) for score in scores]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.5, abs=0.01)


@given(st.lists(st.booleans(), min_size=200, max_size=220), st.integers(0, 9))
def test_what_ranks_higher_never_gets_less_probable(wrong, seed):
    scores = np.sort(np.random.default_rng(seed).uniform(size=len(wrong)))
    found = calibrate(scores, wrong)
    if found is not None:
        said = found.probabilities(scores)
        assert (np.diff(said) >= 0).all()
        assert ((said > 0) & (said < 1)).all()


def test_verdicts_that_are_all_as_ranked_stay_finite():
    scores = np.linspace(0.01, 0.99, 400)
    found = calibrate(scores, scores > 0.5)
    assert 0.9 < found.probability(0.99) < 1
    assert 0 < found.probability(0.01) < 0.1


def test_what_is_told_of_held_verdicts_comes_true_on_others():
    found = calibrate(*drawn(2_000, 0.8, 0.5))
    scores, wrong = drawn(50_000, 0.8, 0.5, seed=9)
    said = found.probabilities(scores)
    assert found.held.brier == pytest.approx(np.mean((said - wrong) ** 2), abs=0.02)
    assert found.held.brier_of_share == pytest.approx(wrong.mean() * (1 - wrong.mean()), abs=0.01)
    assert found.held.ece < 0.05
    assert expected_calibration_error(said, wrong) < 0.03


def test_an_error_of_calibration_is_the_mean_distance_from_what_comes_true():
    """Half of them said 0.9 and right half the time, half said 0.2 and right one time in five."""
    said = np.repeat([0.9, 0.2], 50)
    truth = np.concatenate([np.arange(50) % 2 == 0, np.arange(50) % 5 == 0])
    assert expected_calibration_error(said, truth) == pytest.approx(0.2)
    assert expected_calibration_error(np.full(100, 0.7), np.arange(100) < 70) == pytest.approx(0)


def test_a_hand_calculated_probability():
    """Odds of 0.8 are 4: 0.5 ln 4 + ln 2 is ln 4, which is 0.8 again."""
    curve = PlattCurve(0.5, float(np.log(2)))
    assert Calibration(curve, 200).probability(0.8) == pytest.approx(0.8)


def test_steps_by_hand():
    """Scores 0.2 and 0.5 pool: (0 + 2) of 4; with one of either kind more 3 of 6, and 3 of 4."""
    scores = np.array([0.2, 0.2, 0.5, 0.5, 0.9, 0.9])
    curve = step_curve(scores, np.array([True, True, False, False, True, True]))
    assert curve.shares == pytest.approx((0.5, 0.75))
    odds = np.log(np.array([0.2 / 0.8, 0.5 / 0.5, 0.9 / 0.1]))
    assert curve.odds == pytest.approx((odds[:2].mean(), odds[2]))
    halfway = 1 / (1 + np.exp(-(curve.odds[0] + curve.odds[1]) / 2))
    assert curve(np.array([0.01, halfway, 0.99])) == pytest.approx([0.5, 0.625, 0.75])


def test_where_truth_goes_in_steps_a_curve_is_not_forced_on_it():
    """Wrong at 10 %, then at 90 % whatever the score: no logistic curve says that."""
    rng = np.random.default_rng(2)
    scores = rng.uniform(0.01, 0.999, 1_500)
    wrong = rng.uniform(size=len(scores)) < np.where(scores < 0.3, 0.1, 0.9)
    found = calibrate(scores, wrong)
    assert isinstance(found.curve, StepCurve)
    assert found.probability(0.15) == pytest.approx(0.1, abs=0.05)
    assert found.probability(0.6) == pytest.approx(0.9, abs=0.05)
    assert found.probability(0.99) == pytest.approx(0.9, abs=0.05)
