"""From a slice to the queue builder."""

from viewer.session.review_changes import QueueAsked
from viewer.session.review_desk import ReviewDesk


def queue_of_slice(desk: ReviewDesk) -> None:
    """Bring up the queue builder with the chosen slice in it."""
    current = desk.slices.current
    if current is None:
        desk.session.say("Choose a slice first", is_problem=True)
        return
    desk.emit(QueueAsked(current.slice_id, current.kind))
