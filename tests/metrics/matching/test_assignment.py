"""Who gets whom, against the plainest form of each rule."""

from itertools import permutations

import numpy as np
import pytest
from evaluated_objects import frames, objects
from hypothesis import given
from hypothesis import strategies as st

from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.matching.assignment import matched
from viewer.metrics.matching.candidates import Matcher, MatchRules, prepare_candidates
from viewer.metrics.matching.catalog import similarity_by_name
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap

DISTANCE = similarity_by_name("center_distance_3d")


def sides(seed, n, m, frame_count=2):
    rng = np.random.default_rng(seed)
    on = frames(frame_count)
    labels = objects(rng.integers(0, 12, (n, 3)) / 2, on=on,
                     frame=np.sort(rng.integers(0, frame_count, n)))  # fmt: skip
    predictions = objects(rng.integers(0, 12, (m, 3)) / 2, on=on,
                          frame=np.sort(rng.integers(0, frame_count, m)),
                          scores=rng.integers(0, 5, m) / 4)  # fmt: skip
    return labels, predictions


def label_of(labels, predictions, matcher, farthest, least_score=0.0):
    roles = ClassRoles.of(ClassMap(), labels, predictions)
    own = prepare_candidates(
        labels, predictions, roles, DISTANCE, MatchRules(), matcher, JobContext()
    )
    return matched(own, matcher, -farthest, least_score)


def distances(labels, predictions):
    """(N, M), infinite between frames."""
    apart = np.linalg.norm(labels.centers_m[:, None] - predictions.centers_m[None], axis=2)
    return np.where(labels.frame_rows[:, None] == predictions.frame_rows[None], apart, np.inf)


@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(0, 12))
def test_greedy_by_score(seed, n, m):
    labels, predictions = sides(seed, n, m)
    apart, free = distances(labels, predictions), set(range(n))
    expected = np.full(m, -1)
    for j in sorted(range(m), key=lambda j: -predictions.scores[j]):
        near = [i for i in sorted(free) if apart[i, j] <= 2.0]
        if near:
            expected[j] = min(near, key=lambda i: apart[i, j])
            free.remove(expected[j])
    assert label_of(labels, predictions, Matcher.BY_SCORE, 2.0).tolist() == expected.tolist()


@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(0, 12))
def test_greedy_by_closeness(seed, n, m):
    labels, predictions = sides(seed, n, m)
    apart = distances(labels, predictions)
    expected, free = np.full(m, -1), set(range(n))
    for i, j in sorted(
        [(i, j) for i in range(n) for j in range(m)], key=lambda each: (apart[each], each)
    ):
        sure = predictions.scores[j] >= 0.5
        if apart[i, j] <= 2.0 and sure and i in free and expected[j] < 0:
            expected[j] = i
            free.remove(i)
    found = label_of(labels, predictions, Matcher.BY_CLOSENESS, 2.0, least_score=0.5)
    assert found.tolist() == expected.tolist()


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 5))
def test_the_best_for_the_whole_against_every_assignment(seed, n, m):
    labels, predictions = sides(seed, n, m, frame_count=1)
    apart = distances(labels, predictions)
    best = (0, 0.0)
    slots = [*range(n), *[-1] * m]
    for chosen in set(permutations(slots, m)):
        pairs = [(i, j) for j, i in enumerate(chosen) if i >= 0]
        if all(apart[pair] <= 2.0 for pair in pairs):
            best = min(best, (-len(pairs), sum(apart[pair] for pair in pairs)))
    found = label_of(labels, predictions, Matcher.HUNGARIAN, 2.0)
    pairs = [(i, j) for j, i in enumerate(found.tolist()) if i >= 0]
    assert len({i for i, _ in pairs}) == len(pairs) == -best[0]
    assert sum(apart[pair] for pair in pairs) == pytest.approx(best[1])


def test_the_surest_takes_from_the_closer():
    labels, predictions = objects([0.0]), objects([1.0, 0.1], scores=[0.9, 0.8])
    assert label_of(labels, predictions, Matcher.BY_SCORE, 2.0).tolist() == [0, -1]
    assert label_of(labels, predictions, Matcher.BY_CLOSENESS, 2.0).tolist() == [-1, 0]


def test_two_pairs_are_better_than_one_that_is_closer():
    labels, predictions = objects([0.0, 1.5]), objects([0.5, -1.5], scores=[0.9, 0.8])
    assert label_of(labels, predictions, Matcher.BY_CLOSENESS, 2.0).tolist() == [0, -1]
    assert label_of(labels, predictions, Matcher.HUNGARIAN, 2.0).tolist() == [1, 0]
