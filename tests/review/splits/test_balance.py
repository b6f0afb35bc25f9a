from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.review.splits.balance import _swap_changes, _weights, split_scenes
from viewer.review.splits.model import class_table

COUNTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(["car", "tram", "dog"]), st.integers(0, 50), max_size=3),
    min_size=3,
    max_size=25,
)
SHARES = {"train": 0.7, "val": 0.2, "test": 0.1}


@given(COUNTS, st.integers(0, 9), st.randoms())
def test_every_scene_is_in_one_part_and_the_numbers_are_right(counts, seed, chance):
    split = split_scenes(counts, SHARES, seed)
    dealt = [scene for scenes in split.scenes.values() for scene in scenes]
    assert sorted(dealt) == sorted(counts)
    assert len(dealt) == len(set(dealt))
    for part, share in SHARES.items():
        own = split.scenes[part]
        assert own
        if len(counts) >= 10:
            assert abs(len(own) - share * len(counts)) < 1
        for name in ("car", "tram", "dog"):
            expected = sum(counts[scene].get(name, 0) for scene in own)
            assert split.class_counts[part].get(name, 0) == expected
    shuffled = list(counts.items())
    chance.shuffle(shuffled)
    assert split_scenes(dict(shuffled), SHARES, seed) == split


def error_of(counts, scenes_by_part, shares) -> float:
    """Summed squared difference of shares, written the plain way."""
    names = {name for each in counts.values() for name in each}
    total = 0.0
    for part, scenes in scenes_by_part.items():
        for name in (*names, None):
            of = [
                (scene, sum(each.values()) if name is None else each.get(name, 0))
                for scene, each in counts.items()
            ]
            whole = sum(count for _, count in of)
            if whole:
                own = sum(count for scene, count in of if scene in scenes)
                total += (own / whole - shares[part]) ** 2
    return total


def test_near_the_best_of_all_splits():
    chance = np.random.default_rng(11)
    shares = {"train": 0.75, "test": 0.25}
    for trial in range(12):
        counts = {
            f"s{n:02}": {
                "car": int(chance.integers(0, 40)),
                "tram": int(chance.integers(0, 4)),
                "dog": int(chance.integers(0, 2)),
            }
            for n in range(12)
        }
        best = min(
            error_of(counts, {"train": set(counts) - set(test), "test": set(test)}, shares)
            for test in combinations(counts, 3)
        )
        split = split_scenes(counts, shares, trial)
        found = error_of(counts, {p: set(s) for p, s in split.scenes.items()}, shares)
        # A difference of 0.02 is one of 10 % in one class.
        assert found <= best + 0.02


def test_rare_classes_are_spread():
    # Ten of a hundred scenes have trams; by chance alone test has none one time in three.
    counts = {f"s{n:03}": {"car": 20 + n % 7, "tram": 3 * (n % 10 == 0)} for n in range(100)}
    shares = {"train": 0.8, "val": 0.1, "test": 0.1}
    found = set()
    for seed in range(8):
        split = split_scenes(counts, shares, seed)
        assert [len(scenes) for scenes in split.scenes.values()] == [80, 10, 10]
        rows = {row.class_name: row for row in class_table(list(split.class_counts.values()))}
        assert rows["tram"].counts == (24, 3, 3)
        assert rows["car"].percents == pytest.approx((80, 10, 10), abs=0.3)
        found.add(split.scenes["test"])
    assert len(found) > 1


def test_what_a_swap_changes():
    counts = {f"s{n}": {"car": n * n, "tram": n % 3} for n in range(8)}
    names = sorted(counts)
    part_of = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    shares = {0: 0.625, 1: 0.375}
    weights = _weights(counts, names)
    error = np.array([weights[part_of == p].sum(axis=0) - share for p, share in shares.items()])
    apart = ((weights[:, None] - weights[None]) ** 2).sum(axis=2)
    change = _swap_changes(weights, error, part_of, apart)

    def told(parts):
        own = {p: {names[i] for i in range(8) if parts[i] == p} for p in shares}
        return error_of(counts, own, shares)

    for s in range(8):
        for t in range(8):
            swapped = part_of.copy()
            swapped[[s, t]] = swapped[[t, s]]
            assert 2 * change[s, t] == pytest.approx(told(swapped) - told(part_of), abs=1e-8)


def test_impossible_splits_are_refused():
    counts = {"a": {}, "b": {}}
    with pytest.raises(ValueError, match="2 scenes cannot be split into 3 parts"):
        split_scenes(counts, SHARES, 0)
    for shares in ({}, {"train": 0.0, "test": 1.0}, {"train": float("nan")}):
        with pytest.raises(ValueError, match="above 0"):
            split_scenes(counts, shares, 0)
    assert split_scenes(counts, {"only": 3}, 0).scenes == {"only": ("a", "b")}
