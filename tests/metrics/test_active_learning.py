"""How unsure a prediction is, by hand."""

import numpy as np
import pytest
from evaluated_objects import objects

from viewer.metrics.active_learning import uncertainty


def scored(spreads, scores=None):
    count = len(spreads)
    return uncertainty(
        objects(np.zeros(count), scores=scores or [0.5] * count, class_distributions=spreads)
    )


def test_by_hand():
    found = scored([{"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 1.0, "b": 0.0}, {"a": 2, "b": 2}])
    # 1.5 bits of log2(3) possible ones
    assert found.entropies.tolist() == pytest.approx([1.5 / np.log2(3), 0, 1])
    assert found.margins.tolist() == pytest.approx([0.75, 0, 1])
    assert found.least_confidences.tolist() == pytest.approx([0.5, 0, 0.5])


def test_one_class_stands_against_all_others():
    one = scored([{"a": 0.9}])
    by_score = uncertainty(objects([0.0], scores=[0.9]))
    for found in (one, by_score):
        assert found.margins[0] == pytest.approx(0.2)
        assert found.least_confidences[0] == pytest.approx(0.1)


def test_a_score_alone_is_one_class_against_all_others():
    found = uncertainty(objects(np.zeros(5), scores=[0.5, 1.0, 0.0, 0.75, 1.5]))
    # Of 3/4 and 1/4: 2 - 3/4 log2(3) bits
    assert found.entropies[:4].tolist() == pytest.approx([1, 0, 0, 2 - 0.75 * np.log2(3)])
    assert found.margins[:4].tolist() == pytest.approx([1, 0, 0, 0.5])
    assert found.least_confidences[:4].tolist() == pytest.approx([0.5, 0, 0, 0.25])
    assert np.isnan(found.entropies[4])
    mixed = scored([None, {"a": 0.5, "b": 0.5}, {}], [1.0, 1.0, 0.5])
    assert mixed.margins.tolist() == pytest.approx([0, 1, 1])


def test_what_is_no_probability_tells_nothing():
    found = scored([{"a": -1.0, "b": 2}, {"a": float("nan")}, {"a": 0.0, "b": 0.0}, {"a": 3.0}])
    assert np.isnan(found.entropies).all()
    assert np.isnan(uncertainty(objects([0.0])).margins).all()


def test_the_largest_of_each_frame():
    found = scored([{"a": 0.5, "b": 0.5}, {"a": 0.9, "b": 0.1}, {"a": 0.8, "b": 0.2}])
    frames = found.by_frame(np.array([0, 0, 2]), 3, "least_confidences")
    assert frames.tolist() == pytest.approx([0.5, np.nan, 0.2], nan_ok=True)


def test_scores_alone_are_judged_alike_one_by_one_and_all_at_once():
    scores = np.array([0.0, 0.1, 0.5, 0.73, 1.0, np.nan, -0.2, 1.4])
    together = uncertainty(objects(np.zeros(len(scores)), scores=scores))
    apart = scored([None] * len(scores), scores.tolist())
    for name in ("entropies", "margins", "least_confidences"):
        assert getattr(together, name) == pytest.approx(getattr(apart, name), nan_ok=True)
