"""`sightline review queue`: queues, what is next in one, and making one of a slice."""

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
from viewer.cli.review.slices import slice_named

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.queues.model import Queue
    from viewer.review.queues.plan import QueuePlan


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

            who = workspace.reviewer.name
            plan = _plan(
                workspace.reading, from_slice, who, unreviewed=unreviewed, second=second,
                sample=sample, seed=seed,
            )  # fmt: skip
            workspace.run(CreateQueue.of(new_id(), name, plan, batch_size))
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        if name is None:
            _list(reading, as_json=as_json)
        else:
            facts = _one(reading, _named(reading, name), reviewer_named(reviewer).name)
            print_json(facts) if as_json else _show(facts)


def _plan(
    reading: "Reading",
    slice_name: str,
    reviewer: str,
    *,
    unreviewed: bool,
    second: bool,
    sample: int | None,
    seed: int,
) -> "QueuePlan":
    from viewer.review.queues import build

    plan = build.plan_of_slice(reading, slice_named(reading, slice_name).slice_id)
    if unreviewed:
        plan = build.not_yet_reviewed(reading, plan)
    if second:
        plan = build.for_second_reviewer(reading, plan, reviewer)
    return plan if sample is None else build.sampled(plan, sample, seed)


def _named(reading: "Reading", name: str) -> "Queue":
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


def _list(reading: "Reading", *, as_json: bool) -> None:
    from viewer.review.queues.reading import queues

    found = [_facts(each) for each in queues(reading, archived=True)]
    if as_json:
        print_json(found)
        return
    for each in found:
        away = "  (put away)" if each["archived"] else ""
        print(f"{each['name']}  {each['done']} of {each['total']} done  {each['origin']}{away}")
    if not found:
        print("no queues")


def _one(reading: "Reading", queue: "Queue", reviewer: str) -> dict[str, Any]:
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
        "next": None if subject is None else subject_facts(subject) | {"text": subject.text},
    }  # fmt: skip


def _show(facts: dict[str, Any]) -> None:
    following = facts["next"]["text"] if facts["next"] else "nothing left"
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
