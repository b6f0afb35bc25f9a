"""Examples of commands that make tasks and say what became of their items."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from viewer.review import Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.tasks import ChangeTask, ClearItemStatus, CreateTask, SetItemStatus
from viewer.review.queues.split import equal_shares
from viewer.review.tasks.model import (
    AnsweredLabel,
    ItemStatus,
    MandatoryAttribute,
    TaskKind,
    TaskPriority,
)

DATASET = "d" * 32
TASK = "8" * 32
FRAMES = [Subject.frame(DATASET, "street", f"{number:06}") for number in range(4)]
OCCLUSION = MandatoryAttribute("occlusion", frozenset({"car"}))


def prepare(workspace: Workspace) -> None:
    """A task of which one item is completed."""
    workspace.run(
        CreateTask(TASK, "9" * 32, "draw boxes", TaskKind.ANNOTATION, FRAMES,
                   mandatory=[OCCLUSION])
    )  # fmt: skip
    workspace.run(SetItemStatus(TASK, FRAMES[0].key, ItemStatus.COMPLETED, labels=[]))


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    CreateTask: lambda: CreateTask(
        "a" * 32, "b" * 32, "check boxes", TaskKind.QA, FRAMES, equal_shares("ann", "bob"), 2,
        parent_id=TASK, due=dt.date(2026, 11, 30), priority=TaskPriority.HIGH, owner="eve",
        instructions="Look at occlusion first.",
    ),
    ChangeTask: lambda: ChangeTask(TASK, name="draw all boxes", due=dt.date(2026, 12, 1)),
    SetItemStatus: lambda: SetItemStatus(
        TASK, FRAMES[1].key, ItemStatus.COMPLETED, 12.0,
        [AnsweredLabel("18", "car", {"occlusion": 0})],
    ),
    ClearItemStatus: lambda: ClearItemStatus(TASK, FRAMES[0].key),
}  # fmt: skip
