"""From score to probability: known odds come back, the order stays, what is held out agrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.checks.calibration import (
    LEAST_VERDICTS,
    Calibration,
    calibrate,
    expected_calibration_error,
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
    assert found.slope == pytest.approx(0.5, abs=0.02)
    assert found.offset == pytest.approx(-1.0, abs=0.05)
    assert found.probability(0.5) == pytest.approx(1 / (1 + np.exp(1)), abs=0.01)
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
    assert Calibration(0.5, float(np.log(2)), 200).probability(0.8) == pytest.approx(0.8)
