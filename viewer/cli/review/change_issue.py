"""`sightline review change-issue`: give an issue other values, elements and statuses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import with_option_groups
from viewer.cli.review.base import (
    AsJson,
    File,
    ReviewerName,
    SubjectOptions,
    writing_workspace,
)
from viewer.cli.review.issue import IssueId, show_issue
from viewer.cli.review.issue_facts import find_issue, only_id
from viewer.cli.review.issue_options import (
    IssueFieldOptions,
    PlaceOptions,
    fields_of,
    new_elements,
)
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review import Command, Reading
    from viewer.review.issues.model import Element, ElementStatus


@with_option_groups
def run(
    file: File,
    issue_id: IssueId,
    *,
    title: Annotated[str | None, typer.Option("--title", help="Another title.")] = None,
    given: IssueFieldOptions,
    about: SubjectOptions,
    place: PlaceOptions,
    done: Annotated[
        list[str] | None, typer.Option("--done", help="An element that is dealt with, by its id.")
    ] = None,
    undone: Annotated[
        list[str] | None, typer.Option("--not-done", help="An element that is not.")
    ] = None,
    removed: Annotated[
        list[str] | None, typer.Option("--remove", help="An element to take out, by its id.")
    ] = None,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Change ISSUE of the workspace FILE in one step; --scene and the like add an element."""
    from viewer.review import Batch
    from viewer.review.commands.issues import AddElement, ChangeIssue
    from viewer.review.issues.model import ElementStatus

    fields = fields_of(given)
    fields |= {} if title is None else {"title": title}
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        issue = find_issue(reading, issue_id)
        subject = about.subject(reading)
        snapshot = look_up(reading, subject, unchecked=unchecked)
        made = new_elements(subject, place, snapshot)
        commands: list[Command] = [
            *([ChangeIssue(issue.issue_id, **fields, issue_title=issue.title)] if fields else []),
            *(AddElement(issue.issue_id, each, issue.title) for each in made),
            *_statuses(reading, issue.issue_id, done or [], ElementStatus.DONE),
            *_statuses(reading, issue.issue_id, undone or [], ElementStatus.UNSTARTED),
            *_removals(reading, issue.issue_id, removed or []),
        ]
        if not commands:
            fail("nothing to change; see --help", ExitCode.USAGE)
        one = commands[0] if len(commands) == 1 else Batch(f"Change “{issue.title}”", commands)
        workspace.run(one)
        show_issue(reading, issue.issue_id, as_json=as_json)


def _statuses(
    reading: "Reading", issue_id: str, ids: list[str], status: "ElementStatus"
) -> "Iterator[Command]":
    from viewer.review.commands.issues import ChangeElement

    for start in ids:
        element = _element(reading, issue_id, start)
        yield ChangeElement(element.element_id, status, element.text)


def _removals(reading: "Reading", issue_id: str, ids: list[str]) -> "Iterator[Command]":
    from viewer.review.commands.issues import RemoveElement

    for start in ids:
        element = _element(reading, issue_id, start)
        yield RemoveElement(element.element_id, element.text)


def _element(reading: "Reading", issue_id: str, start: str) -> "Element":
    from viewer.review.issues.reading import elements_of

    elements = {each.element_id: each for each in elements_of(reading, issue_id)}
    return elements[only_id(list(elements), start, "element")]
