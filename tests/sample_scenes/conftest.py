"""The committed sample scenes, opened once."""

import json
from pathlib import Path

import pytest

from viewer.formats.catalog import open_dataset

SAMPLES = Path(__file__).parents[2] / "sample_scenes"


def opened(name):
    dataset = open_dataset(SAMPLES / name)
    yield dataset.scenes[0]
    dataset.close()


@pytest.fixture(scope="session")
def street():
    yield from opened("street")


@pytest.fixture(scope="session")
def street_with_errors():
    yield from opened("street_with_errors")


@pytest.fixture(scope="session")
def truth():
    return {
        name: json.loads((SAMPLES / name / "truth.json").read_text())
        for name in ("street", "street_with_errors")
    }
