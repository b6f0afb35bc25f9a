"""Fuzzy matching finds what a person means first."""

import pytest

from viewer.ui.fuzzy import fuzzy_score

CHOICES = ["Next frame", "First frame", "Front view", "Camera frusta", "Frame the selection",
           "Points on images", "Previous frame", "Frame 12", "Frame 120"]  # fmt: skip


def best(query):
    scored = [(fuzzy_score(query, text), text) for text in CHOICES]
    return max((pair for pair in scored if pair[0] is not None), default=(None, None))[1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("next", "Next frame"),
        ("nf", "Next frame"),
        ("poi", "Points on images"),
        ("frame 12", "Frame 12"),
        ("sel", "Frame the selection"),
        ("FRUSTA", "Camera frusta"),
        ("view front", "Front view"),
    ],
)
def test_best_match(query, text):
    assert best(query) == text


def test_letters_out_of_order_do_not_match():
    assert fuzzy_score("txen", "Next frame") is None
    assert fuzzy_score("next zz", "Next frame") is None


def test_nothing_typed_matches_everything():
    assert fuzzy_score("", "anything") == 0
