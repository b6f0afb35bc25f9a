"""One example of each command, on a workspace that `prepare` filled. New commands add theirs."""

from collections.abc import Callable, Mapping
from typing import Any

from review import (
    bookmarks_examples,
    edits_examples,
    findings_examples,
    issues_examples,
    merge_examples,
    queues_examples,
    slices_examples,
    tasks_examples,
    verdicts_examples,
)

from viewer.review import Batch, Reviewer, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.datasets import AddDataset, RecordDelivery, RelinkDataset
from viewer.review.commands.reviewers import Introduce
from viewer.review.commands.settings import ChangeSetting

DATASET = "d" * 32


def prepare(workspace: Workspace) -> None:
    """What the examples need to be there."""
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    workspace.run(ChangeSetting("score_threshold", 0.5))
    edits_examples.prepare(workspace)
    merge_examples.prepare(workspace)
    slices_examples.prepare(workspace)
    verdicts_examples.prepare(workspace)
    queues_examples.prepare(workspace)
    tasks_examples.prepare(workspace)
    issues_examples.prepare(workspace)
    bookmarks_examples.prepare(workspace)
    findings_examples.prepare(workspace)


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    Batch: lambda: Batch(
        "Two settings", [ChangeSetting("a", 1), ChangeSetting("score_threshold", None)]
    ),
    Introduce: lambda: Introduce(Reviewer("bob", "bob@example.org")),
    AddDataset: lambda: AddDataset("e" * 32, "yard", "yard", "native", {"pose": "x"}),
    RelinkDataset: lambda: RelinkDataset(DATASET, "elsewhere"),
    RecordDelivery: lambda: RecordDelivery(DATASET, "f1"),
    ChangeSetting: lambda: ChangeSetting("score_threshold", 0.25),
    **edits_examples.EXAMPLES,
    **merge_examples.EXAMPLES,
    **slices_examples.EXAMPLES,
    **verdicts_examples.EXAMPLES,
    **queues_examples.EXAMPLES,
    **tasks_examples.EXAMPLES,
    **issues_examples.EXAMPLES,
    **bookmarks_examples.EXAMPLES,
    **findings_examples.EXAMPLES,
}
