"""One small drive for all tests of recordings."""

import pytest
from ros_drive import Drive, make_drive


@pytest.fixture(scope="session")
def drive() -> Drive:
    return make_drive()
