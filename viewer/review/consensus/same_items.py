"""The same items for several reviewers, each in a queue of their own."""

from collections.abc import Sequence

from viewer.review.commands.base import Batch
from viewer.review.commands.queues import CreateQueue
from viewer.review.ledger import new_id
from viewer.review.queues.model import DEFAULT_BATCH_SIZE
from viewer.review.queues.origin import same_for_all
from viewer.review.queues.plan import QueuePlan
from viewer.review.queues.split import equal_shares


def same_items_for(
    name: str, plan: QueuePlan, reviewers: Sequence[str], batch_size: int = DEFAULT_BATCH_SIZE
) -> Batch:
    """Return one step that gives each reviewer a queue of all planned items.

    Raises
    ------
    ValueError
        For fewer than two reviewers, or one who is named twice.
    """
    if len(set(reviewers)) < 2 or len(set(reviewers)) < len(reviewers):
        raise ValueError("agreement needs two reviewers at least, each named once")
    how = same_for_all(plan.how, reviewers)
    queues = [
        CreateQueue(
            new_id(), f"{name} ({reviewer})", plan.rows, batch_size, how, plan.details,
            equal_shares(reviewer),
        )
        for reviewer in reviewers
    ]  # fmt: skip
    return Batch(f"Make queue “{name}” for {' and '.join(reviewers)}", queues)
