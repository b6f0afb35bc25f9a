"""`sightline review build-queue`, `assign`: making a queue, and giving its batches to people."""

from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    print_json,
    writing_workspace,
)
from viewer.cli.review.exchange import DataPath
from viewer.cli.review.queue import list_queues, queue_facts, queue_named, show_queue
from viewer.cli.review.queue_plan import (
    BatchSize,
    PlanOptions,
    Shares,
    plan_of,
    shares_of,
)

ANYONE = "anyone"
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="A queue's name.")]


@with_option_groups
def run_build(
    file: File,
    name: QueueName,
    options: PlanOptions,
    batch_size: BatchSize = 100,
    shares: Shares = None,
    same_for: Annotated[
        list[str] | None,
        typer.Option("--same-for", help="A reviewer with a queue of all items; twice or more."),
    ] = None,
    dataset: DatasetName = None,
    data: DataPath = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Make QUEUE of a slice, of labels by what they are, of findings, or of what others judged."""
    from viewer.review import new_id
    from viewer.review.commands.queues import CreateQueue
    from viewer.review.queues.reading import queue_by_id

    parts = shares_of(shares)
    if same_for and parts:
        fail("give one of --share and --same-for", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        plan = plan_of(reading, options, dataset, data)
        if same_for:
            from viewer.review.consensus.same_items import same_items_for

            try:
                batch = same_items_for(name, plan, same_for, batch_size)
            except ValueError as error:
                fail(f"--same-for: {error}", ExitCode.USAGE)
            workspace.run(batch)
            ids = [each.queue_id for each in batch.commands if isinstance(each, CreateQueue)]
            made = [queue_by_id(reading, each) for each in ids]
            list_queues([each for each in made if each is not None], as_json=as_json)
            return
        queue_id = new_id()
        workspace.run(CreateQueue.of(queue_id, name, plan, batch_size, parts))
        facts = queue_facts(reading, queue_named(reading, queue_id), workspace.reviewer.name)
    print_json(facts) if as_json else show_queue(facts)


def run_assign(
    file: File,
    name: QueueName,
    to: Annotated[
        str | None, typer.Argument(metavar="[REVIEWER]", help="Who gets the batch, or anyone.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--batch", min=1, help="Which batch, from 1.")
    ] = None,
    shares: Shares = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Give a batch of QUEUE to REVIEWER, or part all that are not done by --share."""
    from viewer.review.commands.base import Command
    from viewer.review.commands.queues import AssignBatch, ShareQueue

    parts = shares_of(shares)
    if (to is None) == (not parts) or (to is None) != (number is None):
        fail("give --batch and REVIEWER, or --share", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        queue_id = queue_named(reading, name).queue_id
        command: Command = ShareQueue(queue_id, parts)
        if number is not None:
            command = AssignBatch(queue_id, number, None if to == ANYONE else to)
        workspace.run(command)
        facts = queue_facts(reading, queue_named(reading, queue_id), workspace.reviewer.name)
    print_json(facts) if as_json else show_queue(facts)
