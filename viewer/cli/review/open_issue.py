"""`sightline review open-issue`: file an issue."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    writing_workspace,
)
from viewer.cli.review.issue import show_issue
from viewer.cli.review.issue_options import (
    IssueFieldOptions,
    PlaceOptions,
    fields_of,
    new_elements,
    picture_in,
)
from viewer.cli.review.lookup import Unchecked, look_up


@with_option_groups
def run(
    file: File,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is wrong, in one line.")],
    given: IssueFieldOptions,
    about: SubjectOptions,
    place: PlaceOptions,
    thumbnail: Annotated[
        Path | None, typer.Option("--thumbnail", help="A small JPEG or PNG that shows it.")
    ] = None,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """File an issue in the workspace FILE, about what --scene, --frame, --label, --track name."""
    from viewer.review import new_id
    from viewer.review.commands.issues import OpenIssue

    fields = fields_of(given)
    picture = picture_in(thumbnail)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        subject = about.subject(reading)
        snapshot = look_up(reading, subject, unchecked=unchecked)
        elements = new_elements(subject, place, snapshot)
        issue_id = new_id()
        workspace.run(OpenIssue(issue_id, title, elements=elements, thumbnail=picture, **fields))
        show_issue(reading, issue_id, as_json=as_json)
