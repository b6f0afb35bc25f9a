"""`sightline review queue`: queues, what is next in one, and making one of a slice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    print_facts,
    print_json,
    reading_workspace,
    reviewer_named,
    subject_facts,
    writing_workspace,
)
from viewer.cli.review.queue_plan import PlanOptions, plan_of

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.queues.model import Queue


def run(
    file: File,
    name: Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="A queue's name.")] = None,
    from_slice: Annotated[
        str | None, typer.Option("--from-slice", help="Make QUEUE of the members of this slice.")
    ] = None,
    unreviewed: Annotated[
        bool, typer.Option("--not-yet-reviewed", help="Of them those that nobody judged.")
    ] = False,
    second: Annotated[
        bool, typer.Option("--second-reviewer", help="Of them those that only others judged.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Of them so many drawn by chance.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The chance of --sample.")] = 0,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Items a batch.")] = 100,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """List the queues of the workspace FILE, show QUEUE with its next item, or make it."""
    if from_slice is not None:
        if name is None:
            fail("give the queue a name", ExitCode.USAGE)
        with writing_workspace(file, reviewer) as workspace:
            from viewer.review import new_id
            from viewer.review.commands.queues import CreateQueue

            options = PlanOptions(
                from_slice, not_reviewed=unreviewed,
                second_reviewer=workspace.reviewer.name if second else None,
                sample=sample, seed=seed,
            )  # fmt: skip
            plan = plan_of(workspace.reading, options, None, None)
            workspace.run(CreateQueue.of(new_id(), name, plan, batch_size))
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        if name is None:
            from viewer.review.queues.reading import queues

            list_queues(queues(reading, archived=True), as_json=as_json)
        else:
            facts = queue_facts(reading, queue_named(reading, name), reviewer_named(reviewer).name)
            print_json(facts) if as_json else show_queue(facts)


def queue_named(reading: "Reading", name: str) -> "Queue":
    """Return the queue of a name or of the first digits of its id; leave when unclear."""
    from viewer.review.queues.reading import queues

    found = [
        each
        for each in queues(reading, archived=True)
        if each.name == name or each.queue_id.startswith(name)
    ]
    if len(found) != 1:
        what = "several queues are named" if found else "there is no queue"
        fail(f"{what} {name}", ExitCode.USAGE)
    return found[0]


def _facts(queue: "Queue") -> dict[str, Any]:
    return {
        "id": queue.queue_id, "name": queue.name, "origin": queue.origin, "total": queue.total,
        "done": queue.done, "archived": queue.is_archived,
    }  # fmt: skip


def list_queues(queues: "Sequence[Queue]", *, as_json: bool) -> None:
    """Print queues."""
    found = [_facts(each) for each in queues]
    if as_json:
        print_json(found)
        return
    for each in found:
        away = "  (put away)" if each["archived"] else ""
        print(f"{each['name']}  {each['done']} of {each['total']} done  {each['origin']}{away}")
    if not found:
        print("no queues")


def queue_facts(reading: "Reading", queue: "Queue", reviewer: str) -> dict[str, Any]:
    """Return a queue with its batches and what is next in it, as JSON values."""
    from viewer.review.queues.reading import batches, next_item, queue_progress

    progress = queue_progress(reading, queue.queue_id)
    key = next_item(reading, queue.queue_id, reviewer)
    subject = None if key is None else reading.subject(key)
    return _facts(queue) | {
        "median_seconds": progress.median_seconds,
        "batches": [
            {
                "number": each.number, "state": str(each.state), "assignee": each.assignee,
                "size": each.size, "done": each.done,
            }
            for each in batches(reading, queue.queue_id)
        ],
        "next_for": reviewer,
        "next": None if subject is None else subject_facts(subject) | {"text": subject.text},
    }  # fmt: skip


def show_queue(facts: dict[str, Any]) -> None:
    """Print what `queue_facts` gave."""
    following = facts["next"]["text"] if facts["next"] else f"nothing for {facts['next_for']}"
    batches = ", ".join(
        f"{each['number']} {each['state']}"
        + (f" ({each['assignee']})" if each["assignee"] else "")
        + f" {each['done']}/{each['size']}"
        for each in facts["batches"]
    )
    print_facts(
        {
            "queue": facts["name"],
            "made of": facts["origin"],
            "done": f"{facts['done']} of {facts['total']}",
            "batches": batches,
            "next": following,
        }
    )
