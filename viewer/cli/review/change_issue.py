"""`sightline review change-issue`: give an issue other values, elements and statuses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    FrameKey,
    LabelId,
    LabelSetId,
    ReviewerName,
    SceneId,
    TrackId,
    subject_of,
    writing_workspace,
)
from viewer.cli.review.issue import IssueId, show_issue
from viewer.cli.review.issue_facts import find_issue, only_id
from viewer.cli.review.issue_options import (
    Assignee,
    CameraId,
    CoordFrame,
    Description,
    Due,
    IssueLabels,
    PixelPlace,
    PointPlace,
    PriorityName,
    SpanFrames,
    State,
    Type,
    fields_of,
    new_elements,
)
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review import Command, Reading
    from viewer.review.issues.model import Element, ElementStatus


def run(
    file: File,
    issue_id: IssueId,
    title: Annotated[str | None, typer.Option("--title", help="Another title.")] = None,
    description: Description = None,
    type_name: Type = None,
    state: State = None,
    assignee: Assignee = None,
    priority: PriorityName = None,
    due: Due = None,
    labels: IssueLabels = None,
    dataset: DatasetName = None,
    scene: SceneId = None,
    frame: FrameKey = None,
    label_set: LabelSetId = None,
    label: LabelId = None,
    track: TrackId = None,
    span: SpanFrames = None,
    point: PointPlace = None,
    coord_frame: CoordFrame = "world",
    pixel: PixelPlace = None,
    camera: CameraId = None,
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

    fields = fields_of(
        type_name=type_name, state=state, assignee=assignee, priority=priority, due=due,
        labels=labels, description=description,
    )  # fmt: skip
    fields |= {} if title is None else {"title": title}
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        issue = find_issue(reading, issue_id)
        subject = subject_of(reading, dataset, scene, frame, label_set, label, track)
        snapshot = look_up(reading, subject, unchecked=unchecked)
        made = new_elements(subject, span, point, coord_frame, pixel, camera, snapshot)
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
