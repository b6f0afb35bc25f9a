"""A queue of what a list shows, made and written in the background."""

from collections.abc import Callable

from viewer.progress import JobContext
from viewer.review.commands.queues import CreateQueue
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_large import write
from viewer.session.session import Session


def make_listed_queue(
    session: Session,
    review: ReviewDesk | None,
    count: int,
    name: str,
    plan: Callable[[JobContext, str], CreateQueue],
    *,
    job: str,
    title: str,
) -> None:
    """Make a queue and walk it next; the reason is told where that cannot be.

    Parameters
    ----------
    review
        None where nobody opened one: that was told already.
    count
        Of rows in the list.
    plan
        Returns the command for the dataset of an id; runs on a worker thread.
    job
        Name under which it runs; the newest wins.
    title
        What is being written, for people.
    """
    if review is None or review.dataset_id is None:
        return
    if review.read_only_reason is not None:
        session.say(f"No queue: {review.read_only_reason}", is_problem=True)
        return
    dataset_id, desk = review.dataset_id, review

    def keep(command: CreateQueue) -> None:
        planned = len(command.subjects)

        def told() -> None:
            session.say(f"Queue “{name}”: {planned:,} to look at in Review (F2)")
            desk.walk.queue_id = command.queue_id

        write(desk, command, planned, told, title)

    session.jobs.start(
        job,
        lambda context: plan(context, dataset_id),
        done=keep,
        failed=lambda error: session.say(f"No queue: {error}", is_problem=True),
        title=f"Making a queue of {count:,}",
        priority=6,
    )
