"""What tests of the review desk share."""

from viewer.review.issues.reading import elements_of
from viewer.session.changes import MessageShown
from viewer.session.selection import LabelKey

CAR_2 = LabelKey("gt", 2, "car-2", "1")
EYE = (1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 50.0, 0.0)


class FakeLooks:
    """A window's looks: where its eye is and was sent to, and the pictures that it takes."""

    def __init__(self, pictures=(None, None)):
        self.went: list[tuple[float, ...]] = []
        self.at = EYE
        self.taken = pictures

    def eye(self):
        return self.at

    def look_from(self, numbers):
        self.went.append(numbers)

    def pictures(self):
        return self.taken


def heard(review):
    found = []
    review.subscribe(found.append)
    return found


def messages(desk):
    return [change.text for change in desk.seen(MessageShown)]


def go(desk, key):
    desk.session.go_to_frame(key.frame_index)
    desk.settle()
    desk.session.select(key)


def only_element(review, issue_id):
    (element,) = elements_of(review.reading, issue_id)
    return element
