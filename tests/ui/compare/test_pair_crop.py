"""The best camera's picture of a pair: both boxes in it, the prediction dashed."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from viewer.session.selection import LabelKey
from viewer.ui.compare.pair_crop import PairCrop

pytestmark = pytest.mark.ui
LABEL = LabelKey("gt", 0, "b", "2")
GUESS = LabelKey("guess", 0, "mixed")


@pytest.fixture
def crop(shown, qtbot):
    made = PairCrop(shown)
    qtbot.addWidget(made)
    made.resize(240, 160)
    made.show()
    yield made
    made.dispose()


def test_both_boxes_lie_in_the_crop(crop, shown):
    crop.show_pair(shown.content, LABEL, GUESS)
    picture = crop.picture
    assert picture.crop.sensor_id == "front"
    assert picture.crop.edges
    assert picture.other_edges
    for edge in (*picture.crop.edges, *picture.other_edges):
        assert np.all(edge >= -0.01)
        assert np.all(edge <= 1.01)


def test_equal_boxes_are_drawn_at_the_same_place(crop, shown):
    """The prediction of another class has exactly the label's box."""
    crop.show_pair(shown.content, LABEL, GUESS)
    ends = [np.sort(np.concatenate(edges), axis=0)[[0, -1]] for edges in
            (crop.picture.crop.edges, crop.picture.other_edges)]  # fmt: skip
    assert ends[0] == pytest.approx(ends[1])


def test_a_prediction_alone_has_the_picture_for_itself(crop, shown):
    crop.show_pair(shown.content, GUESS, None)
    assert crop.picture.other_edges == ()
    assert crop.accessibleName() == "Picture of the pair by front"


def test_what_no_camera_sees_says_so(crop, shown):
    crop.show_pair(shown.content, LabelKey("gt", 0, "nobody"), None)
    assert crop.picture is None
    image = QImage(crop.size(), QImage.Format.Format_RGB32)
    crop.render(image)
    assert not image.isNull()


def test_a_click_shows_the_camera_large(crop, shown, qtbot):
    from PySide6.QtCore import Qt

    crop.show_pair(shown.content, LABEL, GUESS)
    qtbot.mouseClick(crop, Qt.MouseButton.LeftButton)
    assert shown.large_camera == "front"
