"""Tasks in words."""

import datetime as dt
from collections.abc import Mapping

from viewer.review.tasks.model import ItemStatus, StatusLogEntry, Task, TaskKind, TaskProgress
from viewer.session.review_tasks import mandatory_text
from viewer.ui.review.ago import local_time

KIND_WORDS = {TaskKind.ANNOTATION: "Annotation", TaskKind.QA: "QA"}
DONE_WORDS = {TaskKind.ANNOTATION: "Complete", TaskKind.QA: "Approve"}


def done_text(progress: TaskProgress) -> str:
    """How much has a status, e.g. ``12 / 40``."""
    return f"{sum(progress.statuses.values()):,} / {progress.queue.total:,}"


def share_text(progress: TaskProgress) -> str:
    """How much has a status in percent; never all while something is left."""
    total, done = progress.queue.total, sum(progress.statuses.values())
    return f"{100 * done // total} %" if total else ""


def due_text(task: Task, progress: TaskProgress, today: dt.date) -> str:
    """When it is due, and that it is late, e.g. ``! 12 Mar``."""
    if task.due is None:
        return ""
    year = "" if task.due.year == today.year else f" {task.due.year}"
    day = f"{task.due.day} {task.due:%b}{year}"
    return f"! {day}" if progress.is_overdue(task.due, today) else day


def task_facts(
    task: Task,
    progress: TaskProgress,
    assignees: Mapping[str | None, int],
    parent_name: str | None,
    today: dt.date,
) -> str:
    """Everything about a task, in lines."""
    kind = KIND_WORDS[task.kind]
    of = "" if parent_name is None else f" of “{parent_name}”"
    lines = [f"{kind}{of}, {task.priority} priority, of {task.owner}"]
    counts = [f"{count:,} {status}" for status, count in progress.statuses.items() if count]
    left = progress.queue.total - sum(progress.statuses.values())
    lines.append(", ".join([*counts, f"{left:,} open"]))
    if task.due is not None:
        days = (task.due - today).days
        late = progress.is_overdue(task.due, today)
        when = f"{-days} days late" if late else f"in {days} days" if days > 1 else (
            "tomorrow" if days == 1 else "today" if days == 0 else "is over"
        )  # fmt: skip
        lines.append(f"Due {task.due.isoformat()}, {when}")
    named = [f"{name} {count:,}" for name, count in assignees.items() if name is not None]
    anyones = assignees.get(None, 0)
    named += [f"anyone {anyones:,}"] if anyones else []
    lines.append(f"Assigned: {', '.join(named)}" if named else "")
    if task.mandatory:
        lines.append(f"Labels must have: {mandatory_text(task.mandatory)}")
    if task.instructions:
        lines.append(task.instructions)
    return "\n".join(each for each in lines if each)


def status_word(status: ItemStatus | None) -> str:
    """What an item is."""
    return "open" if status is None else str(status)


def log_text(entry: StatusLogEntry, name: str) -> str:
    """One line of the log, e.g. ``14:02  ann  completed  label 18``."""
    when = local_time(entry.time_ns)
    what = status_word(entry.status) if entry.action in ("created", "changed") else entry.action
    return f"{when:%m-%d %H:%M}  {entry.reviewer}  {what}  {name}"
