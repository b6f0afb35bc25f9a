"""How pairs are found is the same at the next start; what cannot be used is left out."""

import pytest

from viewer.session.compare_choice import CompareChoice
from viewer.session.settings import Settings

pytestmark = pytest.mark.ui


def test_a_choice_is_kept_and_comes_back(comparing, saved):
    desk = comparing.compare.desk
    desk.choose(measure="center_distance_bev", by_class=True, max_range_m=40.0)
    rules = dict(saved[-1].compare)
    assert rules == {"measure": '"center_distance_bev"', "by_class": "true", "max_range_m": "40.0"}
    again = CompareChoice(first="other").with_rules(saved[-1].compare)
    assert again.is_distance
    assert (again.first, again.by_class, again.max_range_m) == ("other", True, 40.0)


def test_the_sets_of_a_dataset_are_not_kept(comparing, saved):
    comparing.compare.desk.choose(first=None)
    assert all(each.compare == () for each in saved)


class TestTheNextStart:
    @pytest.fixture
    def window(self, make_window):
        return make_window(
            Settings(compare=(("measure", '"center_distance_bev"'), ("hungarian", "7")))
        )

    def test_pairs_are_found_as_before(self, comparing):
        desk = comparing.compare.desk
        assert desk.choice.measure == "center_distance_bev"
        assert desk.choice.hungarian is False
        assert desk.thresholds.similarity == desk.choice.similarity.default_threshold
        assert desk.found.choice.measure == "center_distance_bev"
