"""A dataset whose predictions are right, wrong, missing and of another class, once a frame each."""

import numpy as np
import pytest

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels, FrameLabels

GUESSES = (
    # id, class, centre, score: right (IoU 3.8 / 4.2), of another class (IoU 1), of nothing.
    ("hit", "car", (10.2, 0.0, 0.8), 0.9),
    ("mixed", "person", (15.0, 4.0, 0.8), 0.6),
    ("ghost", "car", (-12.0, 3.0, 0.8), 0.3),
)
FRAMES = 60
"""Of both scenes."""


def guesses(rows) -> FrameLabels:
    count = len(rows)
    boxes = Cuboids(
        np.array([each[2] for each in rows], float).reshape(-1, 3),
        np.tile([4.0, 2.0, 1.6], (count, 1)),
        np.tile([1.0, 0, 0, 0], (count, 1)),
        "ego",
    )
    return FrameLabels(
        CuboidLabels(
            boxes,
            [each[0] for each in rows],
            [each[1] for each in rows],
            [None] * count,
            np.array([each[3] for each in rows], float),
            [{}] * count,
        )
    )


@pytest.fixture(autouse=True)
def workspaces(own_config):
    """Where workspaces are made."""
    return own_config / "workspaces"


@pytest.fixture
def guess_rows():
    """What the model says of every frame."""
    return GUESSES


@pytest.fixture
def dataset(dataset, guess_rows):
    for scene in dataset.scenes:
        plain = scene.reader.read_labels

        def read(frame_index, label_set_id, plain=plain):
            if label_set_id == "guess":
                return guesses(guess_rows)
            return plain(frame_index, label_set_id)

        scene.reader.read_labels = read
    return dataset


@pytest.fixture
def comparing(browsing, session, qtbot):
    """The window in the Compare layout, everything computed."""
    session.load_kernels()
    browsing.table.run("layout.compare")
    desk = browsing.compare.desk
    qtbot.waitUntil(lambda: desk.found is not None and not session.jobs.busy, timeout=60_000)
    return browsing
