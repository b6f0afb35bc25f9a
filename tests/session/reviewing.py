"""What tests of the review desk share."""

from viewer.session.changes import MessageShown
from viewer.session.selection import LabelKey

CAR_2 = LabelKey("gt", 2, "car-2", "1")


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
