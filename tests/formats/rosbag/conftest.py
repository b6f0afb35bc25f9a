"""One small drive for all tests of recordings."""

import pytest
from ros_drive import Drive, make_drive

collect_ignore = ["golden/make_foxglove.py", "golden/make_ros2.py"]


@pytest.fixture(scope="session")
def drive() -> Drive:
    return make_drive()
