"""`sightline review reasons`: why verdicts are given."""

from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    print_json,
    reading_workspace,
    writing_workspace,
)


def run(
    file: File,
    define: Annotated[
        list[str] | None,
        typer.Option("--define", metavar="REASON", help="Offer these alone; repeat it in order."),
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="REASON", help="Offer this one too, at the end; repeat it."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="REASON", help="Offer this one no more; repeat it."),
    ] = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """List the reasons that the workspace FILE offers for verdicts, or define them.

    Verdicts keep a reason that is no longer offered.
    """
    from viewer.review.commands.verdicts import DefineReasons
    from viewer.review.verdicts.reasons import verdict_reasons

    if not (define or add or remove):
        with reading_workspace(file) as workspace:
            found = verdict_reasons(workspace.reading)
    else:
        with writing_workspace(file, reviewer) as workspace:
            offered = tuple(define) if define else verdict_reasons(workspace.reading)
            unknown = [each for each in remove or () if each not in offered]
            if unknown:
                fail(f"“{unknown[0]}” is no reason here", ExitCode.USAGE)
            kept = tuple(each for each in offered if each not in (remove or ()))
            workspace.run(DefineReasons((*kept, *(add or ()))))
            found = verdict_reasons(workspace.reading)
    if as_json:
        print_json(list(found))
        return
    for each in found:
        print(each)
    if not found:
        print("no reasons")
