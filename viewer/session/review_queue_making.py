"""Making the command for a queue that was asked for; runs on a worker thread."""

from viewer.progress import JobContext
from viewer.review import Workspace, new_id
from viewer.review.commands.queues import CreateQueue
from viewer.scene.scene import Dataset
from viewer.session.review_builder import QueueRequest, build_plan
from viewer.session.review_large import without_collecting


def build_queue(
    context: JobContext,
    request: QueueRequest,
    dataset: Dataset,
    dataset_id: str,
    workspace: Workspace,
    name: str,
) -> CreateQueue:
    """Return the command that makes the queue; raises as `build_plan` does."""
    with without_collecting():
        plan = build_plan(context, request, dataset, dataset_id, workspace)
        return CreateQueue.of(new_id(), name, plan)
