"""A session without a window, and a review beside it."""

import pytest
from fake_drive import Desk, make_dataset, make_scene

from viewer.review import Reviewer
from viewer.session.review_desk import ReviewDesk


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def open_desk(desk):
    """Two scenes of some frames, opened; what was told of it is forgotten."""
    desk.session.open_dataset(make_dataset(make_scene(), make_scene(5, scene_id="yard")))
    desk.settle()
    desk.changes.clear()
    return desk


@pytest.fixture
def reviewing(desk, tmp_path, monkeypatch):
    """A review of two scenes of 12 and 5 frames, their first frame shown."""
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    desk.session.open_dataset(make_dataset(make_scene(12), make_scene(5, scene_id="yard")))
    desk.settle()
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    desk.settle()
    yield review
    review.dispose()
