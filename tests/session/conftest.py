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
def open_review(desk, own_config):
    """Open a dataset of these scenes and a review of it, their first frame shown."""
    made = []

    def open_review(*scenes):
        desk.session.open_dataset(make_dataset(*scenes))
        desk.settle()
        review = ReviewDesk(desk.session, Reviewer("ann"))
        made.append(review)
        assert review.open_default()
        desk.settle()
        return review

    yield open_review
    for review in made:
        review.dispose()


@pytest.fixture
def reviewing(open_review):
    """A review of two scenes of 12 and 5 frames, their first frame shown."""
    return open_review(make_scene(12), make_scene(5, scene_id="yard"))
