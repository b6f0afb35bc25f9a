"""`sightline review merge`, `conflicts` and `resolve`: one workspace of two people's."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail, terminal_progress
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
    from collections.abc import Sequence

    from viewer.review import Reading
    from viewer.review.merge.reading import Conflict, ConflictSide
    from viewer.review.merge.third_value import OpenField


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

    with review_errors(), terminal_progress("Merging") as context:
        merged = merge_workspaces(first, second, into, context=context)
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
    from viewer.review.merge.third_value import open_fields

    with reading_workspace(file) as workspace:
        found = conflicts(workspace.reading, only_open=not everything)
        fields = [open_fields(workspace.reading, each) for each in found]
    if as_json:
        print_json([_facts(each, own) for each, own in zip(found, fields, strict=True)])
        return
    for each, own in zip(found, fields, strict=True):
        state = f" (resolved: {each.resolution})" if each.resolution else ""
        print(f"{each.conflict_id[:SHORT_ID_LENGTH]}  {each.text}{state}")
        for name, side in (("first", each.first), ("second", each.second)):
            print(f"  {name:<6}  {short_time(side.time_ns)}  {side.reviewer}: {side.text}")
        if own and not each.resolution:
            print(f"  other   --value {'; '.join(map(_offer, own))}")
    if not found:
        print("no conflicts" if everything else "no open conflicts")


def run_resolve(
    file: File,
    conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="Its id, or the beginning.")],
    choice: Annotated[
        str | None, typer.Argument(metavar="[CHOICE]", help="first, second, or other with --value.")
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            "--value", metavar="FIELD=VALUE",
            help="A value of neither side; again for each field. What is not named stays as the"
            " later side has it. `conflicts` tells what each field takes.",
        ),
    ] = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what holds in a conflict of the workspace FILE: a side's value, or another one."""
    from viewer.review.commands.merge import ResolveConflict
    from viewer.review.conflicts.model import Choice
    from viewer.review.merge.third_value import third_values

    typed = _typed(value or [])
    chosen = one_choice(Choice, "CHOICE", choice) or (Choice.OTHER if typed else None)
    if chosen is None:
        fail("CHOICE: say first or second, or give --value FIELD=VALUE", ExitCode.USAGE)
    if (chosen is Choice.OTHER) != bool(typed):
        needed = "--value FIELD=VALUE" if not typed else "CHOICE other, or none"
        fail(f"CHOICE {chosen}: {needed} is needed", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        found = _conflict_named(workspace.reading, conflict)
        values = third_values(workspace.reading, found, typed) if typed else None
        workspace.run(ResolveConflict(found.conflict_id, chosen, values))
    if as_json:
        print_json({"conflict": found.conflict_id, "resolution": str(chosen), "values": values})
    else:
        print(f"resolved: {found.text}")


def _typed(given: list[str]) -> dict[str, str]:
    typed = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign or not name.strip():
            fail(f"--value: {each!r} is no FIELD=VALUE", ExitCode.USAGE)
        typed[name.strip().replace(" ", "_")] = text
    return typed


def _offer(field: "OpenField") -> str:
    """Return what a field takes, e.g. ``state=accepted|rejected``."""
    names = "|".join(each.text for each in field.choices)
    if field.rule.is_closed:
        return f"{field.name}={names}"
    return f"{field.name}={field.rule.shape.upper()}"


def _conflict_named(reading: "Reading", name: str) -> "Conflict":
    from viewer.review.merge.reading import conflicts

    found = [
        each for each in conflicts(reading, only_open=False) if each.conflict_id.startswith(name)
    ]
    if len(found) != 1:
        problem = "there is no conflict" if not found else "there are several conflicts"
        fail(f"{problem} {name!r}", ExitCode.USAGE)
    return found[0]


def _facts(conflict: "Conflict", fields: "Sequence[OpenField]") -> dict[str, Any]:
    return {
        "id": conflict.conflict_id, "kind": str(conflict.kind), "entity": conflict.entity,
        "row": conflict.row_key, "text": conflict.text,
        "subject": None if conflict.subject is None else subject_facts(conflict.subject),
        "first": _side_facts(conflict.first), "second": _side_facts(conflict.second),
        "fields": [
            {
                "name": each.name, "takes": str(each.rule.shape),
                "values": [choice.text for choice in each.choices],
                "only_these": each.rule.is_closed,
            }
            for each in fields
        ],
        "resolution": conflict.resolution,
    }  # fmt: skip


def _side_facts(side: "ConflictSide") -> dict[str, Any]:
    return {
        "reviewer": side.reviewer, "time": time_facts(side.time_ns), "command": side.text,
        "values": side.values,
    }  # fmt: skip
