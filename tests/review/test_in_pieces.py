"""Long lists in small steps."""

from hypothesis import given
from hypothesis import strategies as st

from viewer.review import in_pieces
from viewer.review.in_pieces import let_go, sorted_in_pieces


@given(st.lists(st.text(max_size=4), max_size=60), st.integers(1, 70))
def test_pieces_are_sorted_as_a_whole(values, piece):
    before = in_pieces.PIECE
    in_pieces.PIECE = piece
    try:
        assert sorted_in_pieces(values) == sorted(values)
    finally:
        in_pieces.PIECE = before


def test_lists_are_emptied():
    one, two = list(range(45_000)), [1]
    let_go(one, two)
    assert one == two == []
