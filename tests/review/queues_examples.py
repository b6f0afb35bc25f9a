"""Examples of commands that make queues and work them off."""

from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.queues import (
    AssignBatch,
    ChangeQueue,
    CreateQueue,
    ExtendQueue,
    FinishItem,
    ReopenItem,
    ShareQueue,
)
from viewer.review.queues.model import ItemDetail
from viewer.review.queues.split import Share, equal_shares

DATASET = "d" * 32
QUEUE = "5" * 32
FRAMES = [Subject.frame(DATASET, "street", f"{number:06}") for number in range(5)]


def prepare(workspace: Workspace) -> None:
    """A queue of which the first item is done."""
    workspace.run(CreateQueue(QUEUE, "every frame", FRAMES, batch_size=2))
    workspace.run(FinishItem(QUEUE, FRAMES[0].key, 4.0))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    CreateQueue: lambda: CreateQueue(
        "6" * 32, "scenes and tracks",
        [Subject.scene(DATASET, "street"), Subject.track(DATASET, "street", "gt", "7")],
        details=[ItemDetail(0.5, "long"), ItemDetail()],
        shares=[Share("ann", 50), Share("bob", 50)],
    ),
    ExtendQueue: lambda: ExtendQueue(
        QUEUE, "7" * 32, [FRAMES[1], Subject.scene(DATASET, "street")]
    ),
    ChangeQueue: lambda: ChangeQueue(QUEUE, name="all frames"),
    AssignBatch: lambda: AssignBatch(QUEUE, 2, "bob"),
    ShareQueue: lambda: ShareQueue(QUEUE, equal_shares("ann", "bob")),
    FinishItem: lambda: FinishItem(QUEUE, FRAMES[3].key, 2.5),
    ReopenItem: lambda: ReopenItem(QUEUE, FRAMES[0].key),
}  # fmt: skip
