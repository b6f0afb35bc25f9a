"""A small dataset in nuScenes tables."""

from pathlib import Path

import pytest
from nuscenes_tables import (
    tables,
    write_tables,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "nuscenes", tables())
