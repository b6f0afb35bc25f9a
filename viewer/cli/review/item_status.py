"""`sightline review item-status`: say what became of an item of a task."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    one_choice,
    print_json,
    subject_facts,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath, opened_dataset
from viewer.cli.review.tasks import TaskName, task_named

if TYPE_CHECKING:
    from viewer.review import Reading, Subject
    from viewer.review.tasks.model import AnsweredLabel, Task

CLEAR = "clear"


@with_option_groups
def run(
    file: File,
    name: TaskName,
    status: Annotated[
        str,
        typer.Argument(
            metavar="STATUS", help="completed, approved, discarded, or clear: take it away."
        ),
    ],
    about: SubjectOptions,
    seconds: Annotated[float | None, typer.Option("--seconds", help="How long it took.")] = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Say STATUS of the item of TASK that --scene, --frame, --label-set, --label, --track name.

    Where the task has mandatory attributes, labels that lack one are named and stand in the way.
    """
    from viewer.review.commands.base import Command
    from viewer.review.commands.tasks import ClearItemStatus, SetItemStatus
    from viewer.review.tasks.model import ItemStatus
    from viewer.review.tasks.reading import item_status

    chosen = None if status == CLEAR else one_choice(ItemStatus, "STATUS", status)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        task = task_named(reading, name)
        subject = about.needed_subject(
            reading, "say which item, e.g. --scene street_0007 --frame 000042"
        )
        command: Command = ClearItemStatus(task.task_id, subject.key)
        if chosen is not None:
            asks = task.mandatory and chosen is not ItemStatus.DISCARDED
            labels = _labels(reading, subject, task, data) if asks else None
            command = SetItemStatus(task.task_id, subject.key, chosen, seconds, labels)
        workspace.run(command)
        found = item_status(reading, task.task_id, subject)
    told = None if found is None else str(found)
    if as_json:
        print_json({"task": task.name, "subject": subject_facts(subject), "status": told})
    else:
        print(f"{subject.text}: {told or 'no status'}")


def _labels(
    reading: "Reading", item: "Subject", task: "Task", data: Path | None
) -> "list[AnsweredLabel]":
    from viewer.review.edits.edited_dataset import edited_dataset
    from viewer.review.queues.reading import batch_of
    from viewer.review.tasks.answered import answered_labels

    if batch_of(reading, task.queue_id, item.key) is None:
        fail(f"{item.text} is no item of {task.name}", ExitCode.PROBLEMS)
    with opened_dataset(reading, item.dataset_id, data) as opened:
        return answered_labels(edited_dataset(opened, reading, item.dataset_id), item)
