"""Making the command for a queue that was asked for; runs on a worker thread."""

from dataclasses import dataclass

from viewer.progress import JobContext
from viewer.review import Workspace, new_id
from viewer.review.commands.queues import CreateQueue
from viewer.scene.scene import Dataset
from viewer.session.review_builder import QueueRequest, build_plan
from viewer.session.review_large import Made


@dataclass(frozen=True, slots=True)
class MadeQueue:
    """A queue that was made."""

    queue_id: str
    size: int


def build_queue(
    context: JobContext,
    request: QueueRequest,
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
    name: str,
) -> Made[MadeQueue]:
    """Return the command that makes the queue; raises as `build_plan` does."""
    plan = build_plan(context, request, dataset, dataset_id, workspace)
    items = list(plan.items)
    rows = [item.row for item in items]
    queue_id = new_id()
    command = CreateQueue(queue_id, name, rows, how=plan.how, details=plan.details)
    return Made(command, len(rows), MadeQueue(queue_id, len(rows)), (rows, items))
