import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewer.review import Reviewer, Workspace
from viewer.review.entities import ENTITIES


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "street.sightline", Reviewer("ann")) as opened:
        yield opened


def tables(path: Path) -> dict[str, list[tuple]]:
    """Every row of every entity's table, read by SQLite alone."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return {
            each.name: connection.execute(f"SELECT * FROM {each.name} ORDER BY key").fetchall()
            for each in ENTITIES
        }
    finally:
        connection.close()
