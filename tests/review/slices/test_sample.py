from hypothesis import given
from hypothesis import strategies as st

from viewer.review.slices.sample import apportion, draw, draw_in_proportion

KEYS = st.lists(st.text("0123456789abcdef", min_size=1, max_size=8), unique=True, max_size=60)


@given(KEYS, st.integers(0, 80), st.integers(-5, 2**70), st.randoms())
def test_a_draw_depends_on_the_seed_alone(keys, count, seed, chance):
    drawn = draw(keys, count, seed)
    shuffled = list(keys)
    chance.shuffle(shuffled)
    assert draw(shuffled, count, seed) == drawn
    assert len(drawn) == len(set(drawn)) == min(count, len(keys))
    assert set(drawn) <= set(keys)
    assert draw(keys, count + 3, seed)[: len(drawn)] == drawn


def test_a_draw_is_fair():
    # 2,000 draws of 2 of 10: each key expects 400, with a deviation of sqrt(2000 x 0.2 x 0.8) = 18.
    keys = [f"k{number}" for number in range(10)]
    counts = dict.fromkeys(keys, 0)
    for seed in range(2000):
        for key in draw(keys, 2, seed):
            counts[key] += 1
    assert all(310 < count < 490 for count in counts.values())
    assert draw(keys, 10, 1) != draw(keys, 10, 2)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=8), st.integers(0, 400))
def test_shares_add_up_and_are_as_near_as_whole_numbers_can_be(sizes, count):
    shares = apportion(sizes, count)
    total = sum(sizes.values())
    assert sum(shares.values()) == min(count, total)
    for name, size in sizes.items():
        exact = size * min(count, total) / total if total else 0
        assert abs(shares[name] - exact) < 1
        assert 0 <= shares[name] <= size


def test_a_sample_in_proportion_by_hand():
    strata = {"car": [f"c{n}" for n in range(60)], "tram": [f"t{n}" for n in range(40)]}
    drawn = draw_in_proportion(strata, 10, 3)
    assert [key[0] for key in drawn].count("c") == 6
    assert [key[0] for key in drawn].count("t") == 4
