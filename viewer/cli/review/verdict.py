"""`sightline review verdict`: judge a label, track, frame or scene."""

from typing import Annotated

import typer

from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    one_choice,
    print_json,
    writing_workspace,
)
from viewer.cli.review.lookup import Unchecked, look_up
from viewer.cli.review.verdict_facts import verdict_facts, verdict_line

CLEAR = "clear"


@with_option_groups
def run(
    file: File,
    state: Annotated[
        str,
        typer.Argument(
            metavar="STATE", help="accepted, rejected, needs_fix, skipped, or clear: take it away."
        ),
    ],
    *,
    reasons: Annotated[
        list[str] | None,
        typer.Option("--reason", help="One that the workspace defines; several times if need be."),
    ] = None,
    comment: Annotated[str, typer.Option("--comment", help="Why, in free words.")] = "",
    about: SubjectOptions,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Say STATE of what --scene, --frame, --label-set, --label and --track name."""
    from viewer.review.commands.verdicts import ClearVerdict, SetVerdict
    from viewer.review.verdicts.model import VerdictState
    from viewer.review.verdicts.reading import verdict_of

    chosen = None if state == CLEAR else one_choice(VerdictState, "STATE", state)
    with writing_workspace(file, reviewer) as workspace:
        subject = about.needed_subject(
            workspace.reading, "say what it is about, e.g. --scene street_0007 --frame 000042"
        )
        if chosen is None:
            workspace.run(ClearVerdict(subject))
        else:
            snapshot = look_up(workspace.reading, subject, unchecked=unchecked)
            workspace.run(SetVerdict(subject, chosen, tuple(reasons or ()), comment, snapshot))
        found = verdict_of(workspace.reading, subject, workspace.reviewer.name)
    if as_json:
        print_json(None if found is None else verdict_facts(subject, found))
    else:
        print("no verdict" if found is None else verdict_line(subject, found))
