"""`sightline review tasks`, `task`: what people are asked to do, and how far they are."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    File,
    one_choice,
    print_facts,
    print_json,
    reading_workspace,
    short_time,
    subject_facts,
    time_facts,
)

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.tasks.model import StatusLogEntry, Task

TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task's name.")]


def run_tasks(
    file: File,
    kind: Annotated[str | None, typer.Option("--kind", help="annotation or qa.")] = None,
    with_archived: Annotated[
        bool, typer.Option("--archived", help="Those that were put away, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the tasks of the workspace FILE, those that are due first."""
    from viewer.review.tasks.model import TaskKind
    from viewer.review.tasks.reading import tasks

    wanted = one_choice(TaskKind, "--kind", kind)
    with reading_workspace(file) as workspace:
        reading = workspace.reading
        facts = [
            task_facts(reading, each)
            for each in tasks(reading, kind=wanted, archived=with_archived)
        ]
    if as_json:
        print_json(facts)
        return
    for each in facts:
        due = f", due {each['due']}" if each["due"] else ""
        late = ", overdue" if each["overdue"] else ""
        away = "  (put away)" if each["archived"] else ""
        print(
            f"{each['name']}  {each['kind']}, {each['priority']}{due}{late}"
            f"  {each['done']} of {each['total']} done{away}"
        )
    if not facts:
        print("no tasks")


def run_task(
    file: File,
    name: TaskName,
    with_log: Annotated[
        bool, typer.Option("--log/--no-log", help="Who gave which status when.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show TASK of the workspace FILE: its fields, its progress, its status log."""
    with reading_workspace(file) as workspace:
        show_task(workspace.reading, task_named(workspace.reading, name), with_log, as_json)


def task_named(reading: "Reading", name: str) -> "Task":
    """Return the task of a name or of the first digits of its id; leave when unclear."""
    from viewer.review.tasks.reading import tasks

    found = [
        each
        for each in tasks(reading, archived=True)
        if each.name == name or (name and each.task_id.startswith(name))
    ]
    if len(found) != 1:
        what = "several tasks are named" if found else "there is no task"
        fail(f"{what} {name}", ExitCode.USAGE)
    return found[0]


def show_task(reading: "Reading", task: "Task", with_log: bool, as_json: bool) -> None:
    """Print a task."""
    from viewer.review.tasks.reading import status_log

    facts = task_facts(reading, task)
    log = [_entry(reading, each) for each in status_log(reading, task.task_id)] if with_log else []
    if as_json:
        print_json(facts | ({"log": log} if with_log else {}))
        return
    shown = {
        "task": facts["name"], "kind": facts["kind"], "checks": facts["parent"],
        "owner": facts["owner"], "due": facts["due"], "priority": facts["priority"],
        "instructions": facts["instructions"],
        "mandatory": ", ".join(map(_rule, facts["mandatory"])),
        "made of": facts["origin"], "done": f"{facts['done']} of {facts['total']}",
    }  # fmt: skip
    counts = {status: f"{count}" for status, count in facts["statuses"].items() if count}
    print_facts(shown | counts)
    for reviewer, said in facts["by_reviewer"].items():
        print(f"{reviewer}: " + ", ".join(f"{count} {status}" for status, count in said.items()))
    for each in log:
        what = each["status"] or "no status"
        print(f"{short_time(each['time_ns'])}  {each['reviewer']}  {each['action']}"
              f"  {each['text']}: {what}")  # fmt: skip


def task_facts(reading: "Reading", task: "Task") -> dict[str, Any]:
    """Return a task with its progress as JSON values."""
    from viewer.review.queues.reading import queue_by_id
    from viewer.review.tasks.reading import subtasks, task_by_id, task_progress

    progress = task_progress(reading, task)
    queue = queue_by_id(reading, task.queue_id)
    parent = None if task.parent_id is None else task_by_id(reading, task.parent_id)
    return {
        "id": task.task_id, "name": task.name, "kind": str(task.kind),
        "queue": task.queue_id, "parent": None if parent is None else parent.name,
        "subtasks": [each.name for each in subtasks(reading, task.task_id)],
        "owner": task.owner, "instructions": task.instructions,
        "due": None if task.due is None else task.due.isoformat(),
        "overdue": progress.is_overdue(task.due, dt.datetime.now(dt.UTC).date()),
        "priority": str(task.priority), "mandatory": [each.to_json() for each in task.mandatory],
        "archived": task.is_archived, "created": time_facts(task.created_ns),
        "origin": None if queue is None else queue.origin,
        "total": progress.queue.total, "done": progress.queue.done,
        "complete": progress.is_complete,
        "statuses": {str(status): count for status, count in progress.statuses.items()},
        "by_reviewer": {
            reviewer: {str(status): count for status, count in said.items()}
            for reviewer, said in progress.by_reviewer.items()
        },
    }  # fmt: skip


def _entry(reading: "Reading", entry: "StatusLogEntry") -> dict[str, Any]:
    subject = reading.subject(entry.subject_key)
    return {
        "subject": None if subject is None else subject_facts(subject),
        "text": entry.subject_key if subject is None else subject.text,
        "status": None if entry.status is None else str(entry.status), "action": entry.action,
        "reviewer": entry.reviewer, "time": time_facts(entry.time_ns), "time_ns": entry.time_ns,
    }  # fmt: skip


def _rule(rule: dict[str, Any]) -> str:
    of = f" of {' and '.join(rule['classes'])}" if rule["classes"] else ""
    return f"{rule['name']}{of}"
