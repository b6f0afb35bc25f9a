"""What the running program is wired with."""

from pathlib import Path

import pytest

from viewer.app import open_path
from viewer.progress import JobContext

STREET = Path(__file__).parents[1] / "sample_scenes" / "street"


def test_a_dataset_opened_by_a_relative_path_is_known_by_its_whole_path(monkeypatch):
    """So that the recent list and links hold from any folder."""
    monkeypatch.chdir(STREET.parent)
    dataset = open_path(JobContext(), "street")
    try:
        assert dataset.path == STREET
    finally:
        dataset.close()


def test_a_missing_path_is_told_as_it_was_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        open_path(JobContext(), "nowhere")
