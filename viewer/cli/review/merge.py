"""`sightline review merge`, `conflicts` and `resolve`: one workspace of two people's."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    SHORT_ID_LENGTH,
    AsJson,
    File,
    ReviewerName,
    one_choice,
    print_json,
    reading_workspace,
    review_errors,
    short_time,
    subject_facts,
    time_facts,
    writing_workspace,
)

if TYPE_CHECKING:
    from viewer.review import Reading
    from viewer.review.merge.reading import Conflict, ConflictSide


def run_merge(
    first: Annotated[Path, typer.Argument(metavar="A", help="A workspace.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    into: Annotated[Path, typer.Option("--into", metavar="C", help="The new workspace.")],
    as_json: AsJson = False,
) -> None:
    """Make the workspace C of A and B, which stay; say what contradicts itself.

    Nothing is dropped: of two values the later one holds until somebody resolves the conflict.
    """
    from viewer.review.merge.merge import merge_workspaces
    from viewer.review.merge.reading import count_open_conflicts

    with review_errors():
        merged = merge_workspaces(first, second, into)
    with reading_workspace(into) as workspace:
        still_open = count_open_conflicts(workspace.reading)
    if as_json:
        facts = {
            "workspace": str(into), "shared_commands": merged.shared,
            "only_in_first": merged.only_first, "only_in_second": merged.only_second,
            "datasets_joined": merged.datasets_joined, "new_conflicts": merged.conflicts,
            "open_conflicts": still_open,
        }  # fmt: skip
        print_json(facts)
        return
    print(f"written: {into}")
    print(
        f"{merged.shared} commands in both, {merged.only_first} only in {first.name},"
        f" {merged.only_second} only in {second.name}"
    )
    if still_open:
        conflicts = "1 open conflict" if still_open == 1 else f"{still_open} open conflicts"
        print(f"{conflicts}: see `sightline review conflicts {into}`")


def run_conflicts(
    file: File,
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what two merged files say differently in the workspace FILE."""
    from viewer.review.merge.reading import conflicts

    with reading_workspace(file) as workspace:
        found = conflicts(workspace.reading, only_open=not everything)
    if as_json:
        print_json([_facts(each) for each in found])
        return
    for each in found:
        state = f" (resolved: {each.resolution})" if each.resolution else ""
        print(f"{each.conflict_id[:SHORT_ID_LENGTH]}  {each.text}{state}")
        for name, side in (("first", each.first), ("second", each.second)):
            print(f"  {name:<6}  {short_time(side.time_ns)}  {side.reviewer}: {side.text}")
    if not found:
        print("no conflicts" if everything else "no open conflicts")


def run_resolve(
    file: File,
    conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="Its id, or the beginning.")],
    choice: Annotated[str, typer.Argument(metavar="CHOICE", help="first or second.")],
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Say whose value holds in a conflict of the workspace FILE."""
    from viewer.review.commands.merge import ResolveConflict
    from viewer.review.conflicts.model import Choice

    chosen = one_choice(Choice, "CHOICE", choice)
    if chosen is Choice.OTHER:
        fail("CHOICE: 'other' needs a command of its own; say first or second", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        found = _conflict_named(workspace.reading, conflict)
        workspace.run(ResolveConflict(found.conflict_id, chosen))
    if as_json:
        print_json({"conflict": found.conflict_id, "resolution": str(chosen)})
    else:
        print(f"resolved: {found.text}")


def _conflict_named(reading: "Reading", name: str) -> "Conflict":
    from viewer.review.merge.reading import conflicts

    found = [
        each for each in conflicts(reading, only_open=False) if each.conflict_id.startswith(name)
    ]
    if len(found) != 1:
        problem = "there is no conflict" if not found else "there are several conflicts"
        fail(f"{problem} {name!r}", ExitCode.USAGE)
    return found[0]


def _facts(conflict: "Conflict") -> dict[str, Any]:
    return {
        "id": conflict.conflict_id, "kind": str(conflict.kind), "entity": conflict.entity,
        "row": conflict.row_key, "text": conflict.text,
        "subject": None if conflict.subject is None else subject_facts(conflict.subject),
        "first": _side_facts(conflict.first), "second": _side_facts(conflict.second),
        "resolution": conflict.resolution,
    }  # fmt: skip


def _side_facts(side: "ConflictSide") -> dict[str, Any]:
    return {
        "reviewer": side.reviewer, "time": time_facts(side.time_ns), "command": side.text,
        "values": side.values,
    }  # fmt: skip
