from pathlib import Path

import pytest
from cli.review.calling import call
from review.issues_examples import DATASET

from viewer.review import Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "street.sightline"
    with Workspace.create(path, Reviewer("ann", "ann@example.org")) as workspace:
        workspace.run(AddDataset(DATASET, "street", "/data/street", "native"))
    return path


@pytest.fixture
def reading(path: Path):
    """Reads what is in the file now."""

    def look(question, *values):
        with Workspace.open(path, Reviewer("eve"), read_only=True) as workspace:
            return question(workspace.reading, *values)

    return look


@pytest.fixture
def street(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace about the sample scene, and the scene."""
    scene = Path(__file__).parents[3] / "sample_scenes" / "street"
    path = tmp_path / "street.sightline"
    call("new", path, scene, reviewer="ann")
    return path, scene
