"""`sightline review make-task`, `change-task`: asking people to do something."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    one_choice,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath
from viewer.cli.review.issue_options import NOTHING
from viewer.cli.review.queue_plan import (
    BatchSize,
    PlanOptions,
    Shares,
    plan_of,
    shares_of,
)
from viewer.cli.review.tasks import TaskName, show_task, task_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.queues.plan import QueuePlan
    from viewer.review.tasks.model import MandatoryAttribute

Due = Annotated[str | None, typer.Option("--due", help="YYYY-MM-DD, or none.")]
PriorityName = Annotated[str | None, typer.Option("--priority", help="low, medium or high.")]
Owner = Annotated[
    str | None, typer.Option("--owner", help="Who answers for it; else who makes it.")
]
Instructions = Annotated[str | None, typer.Option("--instructions", help="What is to be done.")]
Mandatory = Annotated[
    list[str] | None,
    typer.Option(
        "--mandatory",
        metavar="NAME[=CLASS,...]",
        help="An attribute without which no item is complete, of all or some classes; repeat it.",
    ),
]


@with_option_groups
def run_make(
    file: File,
    name: TaskName,
    kind: Annotated[str, typer.Option("--kind", help="annotation or qa.")],
    *,
    parent: Annotated[
        str | None,
        typer.Option(
            "--parent", help="The task that it goes on from; alone: what is completed there."
        ),
    ] = None,
    due: Due = None,
    priority: PriorityName = None,
    owner: Owner = None,
    instructions: Instructions = None,
    mandatory: Mandatory = None,
    shares: Shares = None,
    batch_size: BatchSize = 100,
    options: PlanOptions,
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make TASK with its items, as for build-queue, and part them among reviewers by --share."""
    from viewer.review import new_id
    from viewer.review.commands.tasks import CreateTask
    from viewer.review.tasks.model import TaskKind, TaskPriority

    chosen = one_choice(TaskKind, "--kind", kind)
    level = one_choice(TaskPriority, "--priority", priority) or TaskPriority.MEDIUM
    rules, parts, day = mandatory_of(mandatory), shares_of(shares), day_of(due)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        parent_id = None if parent is None else task_named(reading, parent).task_id
        if parent is not None and options == PlanOptions():
            plan = _completed(reading, parent)
        else:
            plan = plan_of(reading, options, dataset, data)
        task_id = new_id()
        workspace.run(
            CreateTask.of(
                task_id, new_id(), name, chosen, plan, shares=parts, batch_size=batch_size,
                parent_id=parent_id, due=day, priority=level, owner=owner,
                instructions=instructions or "", mandatory=rules,
            )
        )  # fmt: skip
        show_task(reading, task_named(reading, task_id), False, as_json)


def run_change(
    file: File,
    name: TaskName,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    due: Due = None,
    priority: PriorityName = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who answers for it.")] = None,
    instructions: Instructions = None,
    mandatory: Mandatory = None,
    archived: Annotated[
        bool | None, typer.Option("--archive/--unarchive", help="Put it away, or take it out.")
    ] = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Change TASK of the workspace FILE; --mandatory replaces what was mandatory."""
    from viewer.review.commands.tasks import ChangeTask
    from viewer.review.tasks.model import TaskPriority

    given = (new_name, due, priority, owner, instructions, mandatory, archived)
    if all(each is None for each in given):
        fail("there is nothing to change", ExitCode.USAGE)
    level = one_choice(TaskPriority, "--priority", priority)
    rules = None if mandatory is None else mandatory_of(mandatory)
    day = day_of(due)
    with writing_workspace(file, reviewer) as workspace:
        task_id = task_named(workspace.reading, name).task_id
        workspace.run(
            ChangeTask(
                task_id, new_name, owner, instructions, day, due == NOTHING, level, rules, archived
            )
        )
        show_task(workspace.reading, task_named(workspace.reading, task_id), False, as_json)


def mandatory_of(texts: list[str] | None) -> "tuple[MandatoryAttribute, ...]":
    """Return the rules that ``occlusion`` or ``occlusion=car,van`` stand for; none for none."""
    from viewer.review.tasks.model import MandatoryAttribute

    found = []
    for text in texts or ():
        if text == NOTHING:
            continue
        name, _, classes = text.partition("=")
        if not name.strip():
            fail(f"--mandatory {text} names no attribute", ExitCode.USAGE)
        named = frozenset(each.strip() for each in classes.split(",") if each.strip())
        found.append(MandatoryAttribute(name.strip(), named))
    return tuple(found)


def day_of(text: str | None) -> dt.date | None:
    """Return the day that an option names."""
    if text is None or text == NOTHING:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return fail(f"--due: {text!r} is no date; write YYYY-MM-DD", ExitCode.USAGE)


def _completed(reading: "Reading", parent: str) -> "QueuePlan":
    from viewer.review.tasks.reading import plan_of_status

    task = task_named(reading, parent)
    plan = plan_of_status(reading, task)
    if not len(plan):
        fail(f"nothing is completed in {task.name} yet", ExitCode.PROBLEMS)
    return plan
