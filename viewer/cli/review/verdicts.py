"""`sightline review verdicts`: what was judged."""

from typing import Annotated

import typer

from viewer.cli.review.base import AsJson, File, one_choice, print_json, reading_workspace
from viewer.cli.review.verdict_facts import verdict_facts, verdict_line


def run(
    file: File,
    state: Annotated[
        str | None,
        typer.Option("--state", help="Only accepted, rejected, needs_fix or skipped."),
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="NAME", help="Only this reviewer's.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the verdicts of the workspace FILE, newest first."""
    from viewer.review.verdicts.model import VerdictState
    from viewer.review.verdicts.reading import all_verdicts

    chosen = one_choice(VerdictState, "--state", state)
    with reading_workspace(file) as workspace:
        found = all_verdicts(workspace.reading, state=chosen, reviewer=reviewer, limit=limit)
    if as_json:
        print_json([verdict_facts(*each) for each in found])
        return
    for subject, verdict in found:
        print(verdict_line(subject, verdict))
    if not found:
        print("no verdicts")
