"""What the running program is wired with."""

from pathlib import Path
from types import SimpleNamespace

import manifests
import pytest

from viewer.app import Application, open_path
from viewer.progress import JobContext
from viewer.session.settings import Settings

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


def test_what_was_chosen_for_a_recent_path_holds_again(tmp_path):
    """Opened from the recent list, a dataset finds its data where --map said before."""
    manifests.picture(tmp_path / "local" / "there.png", 200)
    made = manifests.aquarium(tmp_path / "away", "s3://bucket/there.png")
    path = str(made.dataset)
    known = {"map s3://bucket/": str(tmp_path / "local"), "map s3://gone/": str(tmp_path / "no")}
    settings = Settings(recent=(path,)).with_choices(path, known)
    stub = SimpleNamespace(window=SimpleNamespace(settings=settings), _choices={})
    for choices, expected in (({}, 1), ({"map s3://bucket/": str(tmp_path)}, 0)):
        stub._choices = choices
        dataset = Application._open(stub, JobContext(), path)
        found = [Path(ref.source).is_file() for ref in dataset.scenes[0].frames[1].images]
        assert found == [bool(expected)]
        dataset.close()
