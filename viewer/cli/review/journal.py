"""`sightline review journal`: who did what when."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.review.base import (
    AsJson,
    File,
    print_json,
    reading_workspace,
    short_time,
    time_facts,
)

if TYPE_CHECKING:
    from viewer.review.journal import Journal


def run(
    file: File,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="NAME", help="Only this reviewer's.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0: all.")] = 50,
    with_changes: Annotated[
        bool, typer.Option("--changes", help="With JSON: rows before and after, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the commands in the journal of the workspace FILE, newest first."""
    with reading_workspace(file) as workspace:
        entries = workspace.journal.entries(reviewer=reviewer, newest_first=True)
        found = list(islice(entries, limit or None))
        facts = [
            {
                "place": entry.seq,
                "id": entry.command_id.hex(),
                "reviewer": entry.reviewer,
                "time": time_facts(entry.time_ns),
                "kind": entry.kind,
                "text": entry.text,
                "reverses": entry.reverses.hex() if entry.reverses else None,
            }
            | ({"changes": _changes(workspace.journal, entry.seq)} if with_changes else {})
            for entry in found
        ]
    if as_json:
        print_json(facts)
        return
    for entry in found:
        kind = f"{entry.kind}: " if entry.reverses else ""
        print(f"{entry.seq:>6}  {short_time(entry.time_ns)}  {entry.reviewer}  {kind}{entry.text}")


def _changes(journal: "Journal", seq: int) -> list[dict[str, Any]]:
    return [
        {
            "entity": change.entity.name, "key": change.key, "before": change.before,
            "after": change.after,
        }
        for change in journal.changes(seq)
    ]  # fmt: skip
