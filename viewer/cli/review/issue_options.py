"""Options of the subcommands that open and change issues, and what they mean."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import one_choice

if TYPE_CHECKING:
    from viewer.review import LabelSnapshot, Subject
    from viewer.review.issues.model import Anchor, NewElement

NOTHING = "none"
"""As a value: take away what is there."""

Description = Annotated[str | None, typer.Option("--description", help="More than the title.")]
Type = Annotated[str | None, typer.Option("--type", help='E.g. "Label Quality" or "Frame Issue".')]
State = Annotated[
    str | None,
    typer.Option("--state", help="triage, inProgress, inReview, resolved or cancelled."),
]
Assignee = Annotated[str | None, typer.Option("--assignee", help="A name, or none.")]
PriorityName = Annotated[str | None, typer.Option("--priority", help="low, medium, high or none.")]
Due = Annotated[str | None, typer.Option("--due", help="YYYY-MM-DD, or none.")]
IssueLabels = Annotated[
    list[str] | None,
    typer.Option("--issue-label", help="A label of the issue; can be given several times."),
]
SpanFrames = Annotated[
    tuple[str, str] | None,
    typer.Option("--span", metavar="FIRST LAST", help="Frames of the track, both included."),
]
PointPlace = Annotated[
    tuple[float, float, float] | None,
    typer.Option("--point", metavar="X Y Z", help="A place in metres in --coord-frame."),
]
CoordFrame = Annotated[str, typer.Option("--coord-frame", help="The coord frame of --point.")]
PixelPlace = Annotated[
    tuple[float, float] | None,
    typer.Option("--pixel", metavar="U V", help="A place in the image of --camera."),
]
CameraId = Annotated[str | None, typer.Option("--camera", help="The camera of --pixel.")]


def new_elements(
    subject: "Subject | None",
    span: tuple[str, str] | None,
    point: tuple[float, float, float] | None,
    coord_frame: str,
    pixel: tuple[float, float] | None,
    camera: str | None,
    snapshot: "LabelSnapshot | None" = None,
) -> "tuple[NewElement, ...]":
    """Return the element that the options name, none where they name nothing."""
    from viewer.review import new_id
    from viewer.review.issues.model import NewElement

    if sum(place is not None for place in (span, point, pixel)) > 1:
        fail("give one of --span, --point and --pixel", ExitCode.USAGE)
    if (pixel is None) != (camera is None):
        fail("--pixel and --camera belong together", ExitCode.USAGE)
    try:
        anchor = _anchor(span, point, coord_frame, pixel, camera or "")
        if subject is None:
            if anchor is not None:
                fail("say with --scene, --frame or --track where that is", ExitCode.USAGE)
            return ()
        return (NewElement(new_id(), subject, anchor, snapshot),)
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)


def _anchor(
    span: tuple[str, str] | None,
    point: tuple[float, float, float] | None,
    coord_frame: str,
    pixel: tuple[float, float] | None,
    camera: str,
) -> "Anchor | None":
    from viewer.review.issues.model import Pixel, Point, Span

    if span is not None:
        return Span(*span)
    if point is not None:
        return Point(coord_frame, point)
    return None if pixel is None else Pixel(camera, *pixel)


def fields_of(
    *,
    type_name: str | None,
    state: str | None,
    assignee: str | None,
    priority: str | None,
    due: str | None,
    labels: list[str] | None,
    description: str | None,
) -> dict[str, Any]:
    """Return the fields that options give, as `OpenIssue` and `ChangeIssue` want them."""
    from viewer.review.issues.model import IssueState, IssueType, Priority

    fields: dict[str, Any] = {}
    if type_name is not None:
        fields["type"] = one_choice(IssueType, "--type", type_name)
    if state is not None:
        fields["state"] = one_choice(IssueState, "--state", state)
    if assignee is not None:
        fields["assignee"] = None if assignee == NOTHING else assignee
    if priority is not None:
        named = None if priority == NOTHING else priority
        fields["priority"] = one_choice(Priority, "--priority", named)
    if due is not None:
        fields["due"] = None if due == NOTHING else _date(due)
    if labels is not None:
        fields["labels"] = () if labels == [NOTHING] else tuple(labels)
    if description is not None:
        fields["description"] = description
    return fields


def picture_in(path: Path | None) -> bytes | None:
    """Return the bytes of a picture file."""
    try:
        return None if path is None else path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", ExitCode.UNREADABLE)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        fail(f"--due: {text!r} is no date like 2027-01-31", ExitCode.USAGE)
