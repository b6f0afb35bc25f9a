"""`sightline review edit`, `edits`: changing labels, and what was changed."""

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.cli.base import ExitCode, fail
from viewer.cli.review.base import (
    AsJson,
    DatasetName,
    File,
    ReviewerName,
    SubjectOptions,
    dataset_of,
    print_json,
    reading_workspace,
    subject_facts,
    writing_workspace,
)
from viewer.cli.review.issue_options import NOTHING
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review import LabelSnapshot, Subject
    from viewer.review.commands.base import Command
    from viewer.review.edits.model import LabelEdit

Three = tuple[float, float, float]
Four = tuple[float, float, float, float]


def run_edits(
    file: File,
    dataset: DatasetName = None,
    scene: Annotated[str | None, typer.Option("--scene", help="Only in this scene.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the labels that someone changed in the workspace FILE, with what is otherwise."""
    from viewer.review.edits.reading import edits

    with reading_workspace(file) as workspace:
        reading = workspace.reading
        found = edits(reading, None if dataset is None else dataset_of(reading, dataset))
    found = [each for each in found if scene in (None, each[0].scene_id)]
    if as_json:
        print_json([edit_facts(*each) for each in found])
        return
    for subject, edit in found:
        print(_line(subject, edit))
    if not found:
        print("no edits")


def run_edit(
    file: File,
    scene: Annotated[str, typer.Option("--scene", help="The scene of the label.")],
    frame: Annotated[str, typer.Option("--frame", help="Its frame, by its key.")],
    label_set: Annotated[str, typer.Option("--label-set", help="Its label set, e.g. gt.")],
    label: Annotated[str, typer.Option("--label", help="The label, by its id.")],
    class_name: Annotated[str | None, typer.Option("--class", help="Another class.")] = None,
    track: Annotated[
        str | None, typer.Option("--track", help="Another track, or none: no track.")
    ] = None,
    attributes: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute",
            metavar="NAME=VALUE",
            help="VALUE as JSON, else as text; null takes it away. Repeat it.",
        ),
    ] = None,
    flip: Annotated[
        bool, typer.Option("--flip", help="Turn a cuboid round: its front becomes its back.")
    ] = False,
    center: Annotated[
        Three | None,
        typer.Option("--center", metavar="X Y Z", help="Metres in the label's coord frame."),
    ] = None,
    size: Annotated[
        Three | None,
        typer.Option("--size", metavar="L W H", help="Length, width, height in metres."),
    ] = None,
    yaw_deg: Annotated[
        float | None,
        typer.Option("--yaw", help="Heading about z in degrees; the cuboid then stands level."),
    ] = None,
    rotation: Annotated[
        Four | None, typer.Option("--rotation", metavar="W X Y Z", help="Or a quaternion.")
    ] = None,
    box_px: Annotated[
        Four | None,
        typer.Option("--box-px", metavar="LEFT TOP RIGHT BOTTOM", help="Of a 2D box, in pixels."),
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Say that the label should not be there.")
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Make it as delivered.")] = False,
    dataset: DatasetName = None,
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Change the label that --scene, --frame, --label-set and --label name, in one step.

    The dataset stays as it is: the workspace keeps what is otherwise.
    """
    from viewer.review.commands.base import Batch
    from viewer.review.edits.reading import edit_of

    changes = (class_name, track, attributes, center, size, yaw_deg, rotation, box_px)
    count = sum(each is not None for each in changes) + flip
    if (restore or delete) and (count or (restore and delete)):
        fail("--restore and --delete stand alone", ExitCode.USAGE)
    if not count and not restore and not delete:
        fail("say what to change, e.g. --class car", ExitCode.USAGE)
    if yaw_deg is not None and rotation is not None:
        fail("give one of --yaw and --rotation", ExitCode.USAGE)
    turned = rotation if yaw_deg is None else _level(yaw_deg)
    values = [_attribute(each) for each in attributes or ()]
    with writing_workspace(file, reviewer) as workspace:
        about = SubjectOptions(dataset, scene, frame, label_set, label)
        subject = about.needed_subject(workspace.reading, "name the label")
        if restore:
            commands = [_restore(subject)]
        else:
            snapshot = look_up(workspace.reading, subject, unchecked=unchecked)
            box = (center, size, turned, box_px)
            commands = _commands(subject, snapshot, class_name, track, values, flip, box, delete)
        single = len(commands) == 1
        workspace.run(
            commands[0] if single else Batch(f"Change label {subject.label_id}", commands)
        )
        edit = edit_of(workspace.reading, subject)
    if as_json:
        print_json(None if edit is None else edit_facts(subject, edit))
    else:
        print(f"{subject.text}  as delivered" if edit is None else _line(subject, edit))


def edit_facts(subject: "Subject", edit: "LabelEdit") -> dict[str, Any]:
    """Return an edit as JSON values; what is as delivered is null."""
    return {
        "subject": subject_facts(subject), "changed": list(edit.changed),
        "class": edit.class_name, "track": edit.track_id, "attributes": dict(edit.attributes),
        "center_m": edit.center, "size_m": edit.size, "rotation_wxyz": edit.rotation,
        "box_px": edit.box_px, "deleted": edit.deleted,
    }  # fmt: skip


def _restore(subject: "Subject") -> "Command":
    from viewer.review.commands.edits import RestoreLabel

    return RestoreLabel(subject)


def _commands(
    subject: "Subject",
    snapshot: "LabelSnapshot | None",
    class_name: str | None,
    track: str | None,
    attributes: Sequence[tuple[str, Any]],
    flip: bool,
    box: tuple[Three | None, Three | None, Four | None, Four | None],
    delete: bool,
) -> "list[Command]":
    from viewer.review.commands.edits import (
        ChangeAttribute,
        ChangeBox,
        ChangeClass,
        DeleteLabel,
        FlipHeading,
    )
    from viewer.review.commands.tracks import ChangeTrackId
    from viewer.review.edits.model import NO_TRACK

    found: list[Command] = [DeleteLabel(subject, snapshot)] if delete else []
    if class_name is not None:
        found.append(ChangeClass(subject, class_name, snapshot))
    if track is not None:
        track_id = NO_TRACK if track == NOTHING else track
        found.append(ChangeTrackId(subject, track_id, snapshot))
    found += [ChangeAttribute(subject, name, value, snapshot) for name, value in attributes]
    if any(each is not None for each in box):
        _refuse_other_shape(subject, snapshot, box)
        found.append(ChangeBox(subject, *box, snapshot))
    if flip:
        if snapshot is None:
            fail("the dataset must be there to flip a label of it", ExitCode.USAGE)
        found.append(FlipHeading(subject, snapshot))
    return found


def _refuse_other_shape(
    subject: "Subject", snapshot: "LabelSnapshot | None", box: Sequence[Sequence[float] | None]
) -> None:
    """Leave where a cuboid's numbers are given to another label, or a 2D box's."""
    if snapshot is None:
        return
    *of_cuboid, of_box = box
    if snapshot.shape != "cuboid" and any(each is not None for each in of_cuboid):
        fail(f"{subject.text} is no cuboid", ExitCode.USAGE)
    if snapshot.shape != "box_2d" and of_box is not None:
        fail(f"{subject.text} is no 2D box", ExitCode.USAGE)


def _level(yaw_deg: float) -> Four:
    half = math.radians(yaw_deg) / 2
    return math.cos(half), 0.0, 0.0, math.sin(half)


def _attribute(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        fail(f"--attribute {text} is not NAME=VALUE", ExitCode.USAGE)
    try:
        return name.strip(), json.loads(value, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return name.strip(), value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _line(subject: "Subject", edit: "LabelEdit") -> str:
    told = []
    for what in edit.changed:
        if what == "class":
            told.append(f"class {edit.class_name}")
        elif what == "track":
            told.append(f"track {edit.track_id}" if edit.track_id else "no track")
        elif what.startswith("attribute "):
            name = what.removeprefix("attribute ")
            value = edit.attributes[name]
            told.append(f"no {name}" if value is None else f"{name} {value}")
        else:
            told.append(what)
    return f"{subject.text} of {subject.label_set_id}  {', '.join(told)}"
