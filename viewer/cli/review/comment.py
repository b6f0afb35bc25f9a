"""`sightline review comment`: say something about an issue."""

from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import AsJson, File, ReviewerName, writing_workspace
from viewer.cli.review.issue import IssueId, show_issue
from viewer.cli.review.issue_facts import find_issue, only_id

if TYPE_CHECKING:
    from viewer.review import Command, Reading
    from viewer.review.issues.model import Issue


def run(
    file: File,
    issue_id: IssueId,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="@name calls someone.")
    ] = None,
    element: Annotated[
        str | None, typer.Option("--element", help="The element that it is about, by its id.")
    ] = None,
    edit: Annotated[
        str | None, typer.Option("--edit", help="Your comment that now says TEXT, by its id.")
    ] = None,
    delete: Annotated[
        str | None, typer.Option("--delete", help="A comment to delete, by its id.")
    ] = None,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Comment on ISSUE of the workspace FILE; what was said before an edit stays readable."""
    if (text is None) == (delete is None) or (edit is not None and element is not None):
        fail("give TEXT, or --edit and TEXT, or --delete", ExitCode.USAGE)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        issue = find_issue(reading, issue_id)
        workspace.run(_command(reading, issue, text or "", element, edit, delete))
        show_issue(reading, issue.issue_id, as_json=as_json)


def _command(
    reading: "Reading",
    issue: "Issue",
    text: str,
    element: str | None,
    edit: str | None,
    delete: str | None,
) -> "Command":
    from viewer.review import new_id
    from viewer.review.commands.comments import AddComment, DeleteComment, EditComment
    from viewer.review.issues.reading import comments_of, elements_of

    comment_ids = [each.comment_id for each in comments_of(reading, issue.issue_id)]
    if delete is not None:
        return DeleteComment(only_id(comment_ids, delete, "comment"), issue.title)
    if edit is not None:
        return EditComment(only_id(comment_ids, edit, "comment"), text, issue.title)
    element_ids = [each.element_id for each in elements_of(reading, issue.issue_id)]
    about = None if element is None else only_id(element_ids, element, "element")
    return AddComment(new_id(), issue.issue_id, text, about, issue.title)
