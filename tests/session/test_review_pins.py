"""Issues at pixels and points: opened there, pinned in their frame, and come back to."""

import pytest
from fake_drive import make_scene

from tests.session.reviewing import only_element
from viewer.review import SubjectKind
from viewer.review.issues.model import IssueState, Pixel, Point
from viewer.review.issues.reading import elements_of, sight_of
from viewer.session.marks_set import MARKS_ID
from viewer.session.pins import Pin
from viewer.session.review_changes import BoxSought, PinsShown
from viewer.session.review_marks import PREFIX
from viewer.session.selection import LabelKey, PointedPosition


@pytest.fixture
def review(desk, open_review):
    review = open_review(make_scene(12))
    desk.session.go_to_frame(2)
    desk.settle()
    desk.session.select(None)
    return review


@pytest.fixture
def told(review):
    told = []
    review.subscribe(lambda change: isinstance(change, PinsShown) and told.append(change.pins))
    return told


def test_the_pixel_under_the_pointer_counts_before_the_point_that_lies_there(desk, review):
    desk.session.point_at(PointedPosition((1.0, 2.0, 3.0), "front"))
    review.issues.pixel_pointed = lambda: Pixel("front", 100.5, 60.0)
    issue_id = review.issues.open_here()
    element = only_element(review, issue_id)
    assert element.subject.kind is SubjectKind.FRAME
    assert element.anchor == Pixel("front", 100.5, 60.0)
    # Its camera is large when the issue brings its sight back.
    assert sight_of(review.reading, issue_id)["large_camera"] == "front"
    assert review.issues.current.title.startswith("front of frame")


def test_a_selected_label_counts_before_the_pointer(desk, review):
    review.issues.pixel_pointed = lambda: Pixel("front", 100.5, 60.0)
    desk.session.select(LabelKey("gt", 2, "car-2", "1"))
    element = only_element(review, review.issues.open_here())
    assert (element.subject.kind, element.anchor) == (SubjectKind.LABEL, None)


def test_a_pin_is_there_in_its_frame_while_its_issue_is_open(desk, review, told):
    issue_id = review.issues.open_at(Pixel("front", 100.5, 60.0))
    title = review.issues.current.title
    assert told[-1] == (Pin(issue_id, title, "front", (100.5, 60.0)),)
    desk.session.go_to_frame(3)
    desk.settle()
    assert told[-1] == () == review.issues.pins
    desk.session.go_to_frame(2)
    desk.settle()
    assert len(told[-1]) == 1
    review.issues.change(title="A lamp")
    assert told[-1][0].text == "◆ A lamp"
    review.issues.set_state(IssueState.RESOLVED)
    assert told[-1] == ()


def test_a_point_of_another_coord_frame_is_pinned_where_it_is_in_world(desk, review, told):
    review.issues.open_at(Point("lidar", (10.0, 0.0, -1.8)))
    # In frame 2 the ego is at x = 2, its lidar 1.8 m above it.
    assert told[-1][0].position == pytest.approx((12.0, 0.0, 0.0))


def test_going_to_an_element_brings_its_pixel_or_point_into_view(desk, review):
    sought = []
    review.subscribe(lambda change: isinstance(change, BoxSought) and sought.append(change.box))
    pixel = only_element(review, review.issues.open_at(Pixel("rear", 10.0, 20.0)))
    point = only_element(review, review.issues.open_at(Point("world", (12.0, 3.0, 1.0))))
    desk.session.go_to_frame(8)
    desk.settle()
    desk.session.set_large_camera(None)
    assert review.issues.show_element(pixel)
    desk.settle()
    assert (desk.session.frame_index, desk.session.large_camera) == (2, "rear")
    assert review.issues.show_element(point)
    assert sought[-1].center.tolist() == [12.0, 3.0, 1.0]


def test_an_issue_on_a_mark_is_at_the_marks_place(desk, review):
    mark_id = review.editing.mark_at_point("car", (20.0, 1.0, 0.5))
    desk.settle()
    desk.session.select(LabelKey(MARKS_ID, 2, PREFIX + mark_id))
    (element,) = elements_of(review.reading, review.issues.open_here())
    assert element.subject.kind is SubjectKind.FRAME
    assert element.anchor == Point("world", (20.0, 1.0, 0.5))
