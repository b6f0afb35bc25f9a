"""The checks keep their targets on seeds that nothing was tuned with."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from sample_scenes.planted_seeds import HELD_SEEDS, TUNING_SEEDS, spoilt_street

PATH = Path(__file__).parents[2] / "packaging" / "quality" / "planted.py"


@pytest.fixture(scope="module")
def quality():
    spec = importlib.util.spec_from_file_location("planted", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def counts(quality):
    return quality.count(HELD_SEEDS)


def test_seeds_for_tuning_are_not_those_that_are_held():
    assert set(TUNING_SEEDS).isdisjoint(HELD_SEEDS)


def test_a_seed_plants_more_than_twenty_kinds():
    kinds = {entry["kind"] for entry in spoilt_street(HELD_SEEDS[0]).entries}
    assert len(kinds) >= 25


def test_the_targets_are_kept(quality, counts):
    high, labels = quality.clean_rate(HELD_SEEDS[:1])
    assert quality.failures(counts, high, labels) == []


def test_average_precision_by_hand(quality):
    scored = [(0.9, True), (0.8, False), (0.7, True), (0.6, False)]
    assert quality.average_precision(scored) == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(quality.average_precision([(0.5, False)]))
