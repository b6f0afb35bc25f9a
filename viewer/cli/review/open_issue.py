"""`sightline review open-issue`: file an issue."""

from pathlib import Path
from typing import Annotated

import typer

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
from viewer.cli.review.issue import show_issue
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
    picture_in,
)
from viewer.cli.review.lookup import Unchecked, look_up


def run(
    file: File,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is wrong, in one line.")],
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

    fields = fields_of(
        type_name=type_name, state=state, assignee=assignee, priority=priority, due=due,
        labels=labels, description=description,
    )  # fmt: skip
    picture = picture_in(thumbnail)
    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        subject = subject_of(reading, dataset, scene, frame, label_set, label, track)
        snapshot = look_up(reading, subject, unchecked=unchecked)
        elements = new_elements(subject, span, point, coord_frame, pixel, camera, snapshot)
        issue_id = new_id()
        workspace.run(OpenIssue(issue_id, title, elements=elements, thumbnail=picture, **fields))
        show_issue(reading, issue_id, as_json=as_json)
