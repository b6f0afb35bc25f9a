from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.review.queues.split import Share, equal_shares, split

NAMES = st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=6, unique=True)


@st.composite
def percentages(draw):
    """Percentages with two decimals that total 100."""
    names = draw(NAMES)
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(names) - 1,
                                max_size=len(names) - 1)))  # fmt: skip
    hundredths = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    return [Share(name, part / 100) for name, part in zip(names, hundredths, strict=True)]


@given(st.integers(0, 100_000), percentages())
def test_everyone_gets_their_part_to_less_than_one_item(count, shares):
    found = split(count, shares)
    assert [name for name, _ in found] == [share.reviewer for share in shares]
    assert sum(size for _, size in found) == count
    for (_, size), share in zip(found, shares, strict=True):
        assert abs(size - count * Fraction(str(share.percent)) / 100) < 1


@given(st.integers(0, 1000), NAMES)
def test_equal_parts_differ_by_one_at_most_and_the_first_get_more(count, names):
    sizes = [size for _, size in split(count, equal_shares(*names))]
    assert sum(sizes) == count
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)


def test_the_largest_remainder_by_hand():
    """7 items of 45, 35, 20 %: 3.15, 2.45, 1.4; the one left over goes to 2.45."""
    shares = [Share("ann", 45), Share("bob", 35), Share("eve", 20)]
    assert split(7, shares) == [("ann", 3), ("bob", 3), ("eve", 1)]


@pytest.mark.parametrize(
    ("shares", "problem"),
    [
        ([], "name the reviewers"),
        ([Share("")], "name the reviewers"),
        (equal_shares("ann", "ann"), "twice"),
        ([Share("ann", 60), Share("bob", 30)], "total 90, not 100"),
        ([Share("ann", 33.3), Share("bob", 33.3), Share("eve", 33.3)], "total 99.9"),
        ([Share("ann", 110), Share("bob", -10)], "0 to 100"),
        ([Share("ann", float("nan")), Share("bob", 50)], "0 to 100"),
        ([Share("ann", 50), Share("bob")], "or none"),
    ],
)
def test_shares_that_make_no_sense_are_refused(shares, problem):
    with pytest.raises(ValueError, match=problem):
        split(10, shares)
