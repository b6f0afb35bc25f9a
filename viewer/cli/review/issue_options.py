"""Options of the subcommands that open and change issues, and what they mean."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.option_group import OptionGroup
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


@dataclass(frozen=True, slots=True)
class PlaceOptions(OptionGroup):
    """Options that say where in its subject an element of an issue is."""

    span: SpanFrames = None
    point: PointPlace = None
    coord_frame: CoordFrame = "world"
    pixel: PixelPlace = None
    camera: CameraId = None


@dataclass(frozen=True, slots=True)
class IssueFieldOptions(OptionGroup):
    """Options that give the fields of an issue, its title aside."""

    description: Description = None
    type_name: Type = None
    state: State = None
    assignee: Assignee = None
    priority: PriorityName = None
    due: Due = None
    labels: IssueLabels = None


def new_elements(
    subject: "Subject | None", place: PlaceOptions, snapshot: "LabelSnapshot | None" = None
) -> "tuple[NewElement, ...]":
    """Return the element that the options name, none where they name nothing."""
    from viewer.review import new_id
    from viewer.review.issues.model import NewElement

    if sum(each is not None for each in (place.span, place.point, place.pixel)) > 1:
        fail("give one of --span, --point and --pixel", ExitCode.USAGE)
    if (place.pixel is None) != (place.camera is None):
        fail("--pixel and --camera belong together", ExitCode.USAGE)
    try:
        anchor = _anchor(place)
        if subject is None:
            if anchor is not None:
                fail("say with --scene, --frame or --track where that is", ExitCode.USAGE)
            return ()
        return (NewElement(new_id(), subject, anchor, snapshot),)
    except ValueError as error:
        fail(str(error), ExitCode.USAGE)


def _anchor(place: PlaceOptions) -> "Anchor | None":
    from viewer.review.issues.model import Pixel, Point, Span

    if place.span is not None:
        return Span(*place.span)
    if place.point is not None:
        return Point(place.coord_frame, place.point)
    return None if place.pixel is None else Pixel(place.camera or "", *place.pixel)


def fields_of(given: IssueFieldOptions) -> dict[str, Any]:
    """Return the fields that options give, as `OpenIssue` and `ChangeIssue` want them."""
    from viewer.review.issues.model import IssueState, IssueType, Priority

    fields: dict[str, Any] = {}
    if given.type_name is not None:
        fields["type"] = one_choice(IssueType, "--type", given.type_name)
    if given.state is not None:
        fields["state"] = one_choice(IssueState, "--state", given.state)
    if given.assignee is not None:
        fields["assignee"] = None if given.assignee == NOTHING else given.assignee
    if given.priority is not None:
        named = None if given.priority == NOTHING else given.priority
        fields["priority"] = one_choice(Priority, "--priority", named)
    if given.due is not None:
        fields["due"] = None if given.due == NOTHING else _date(given.due)
    if given.labels is not None:
        fields["labels"] = () if given.labels == [NOTHING] else tuple(given.labels)
    if given.description is not None:
        fields["description"] = given.description
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
