"""`sightline review marks`, `mark`: objects that are missing."""

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    time_facts,
    writing_workspace,
)
from viewer.cli.review.issue_options import CameraId, CoordFrame, PixelPlace, PointPlace
from viewer.cli.review.lookup import Unchecked, look_up

if TYPE_CHECKING:
    from viewer.review.marks.model import Mark


def run_marks(file: File, dataset: DatasetName = None, as_json: AsJson = False) -> None:
    """List the marks of the workspace FILE: what someone says is missing, and where."""
    from viewer.review.marks.reading import marks

    with reading_workspace(file) as workspace:
        wanted = None if dataset is None else dataset_of(workspace.reading, dataset)
        found = marks(workspace.reading, wanted)
    if as_json:
        print_json([_facts(each) for each in found])
        return
    for each in found:
        print(_line(each))
    if not found:
        print("no marks")


def run_mark(
    file: File,
    class_name: Annotated[str, typer.Argument(metavar="CLASS", help="Of what is missing.")],
    scene: Annotated[str, typer.Option("--scene", help="The scene where it is missing.")],
    frame: Annotated[str, typer.Option("--frame", help="The frame, by its key.")],
    dataset: DatasetName = None,
    label_set: Annotated[
        str | None, typer.Option("--label-set", help="Where the label is missing; else in all.")
    ] = None,
    point: PointPlace = None,
    coord_frame: CoordFrame = "world",
    size: Annotated[
        tuple[float, float, float] | None,
        typer.Option("--size", metavar="L W H", help="Rough length, width, height in metres."),
    ] = None,
    yaw_deg: Annotated[
        float | None, typer.Option("--yaw", help="Rough heading about z, in degrees.")
    ] = None,
    pixel: PixelPlace = None,
    camera: CameraId = None,
    comment: Annotated[str, typer.Option("--comment", help="Free words.")] = "",
    unchecked: Unchecked = False,
    reviewer: ReviewerName = None,
    as_json: AsJson = False,
) -> None:
    """Mark that an object of CLASS is missing, at --point, at --pixel of --camera, or both."""
    from viewer.review import new_id
    from viewer.review.commands.marks import MarkMissing
    from viewer.review.marks.reading import mark

    with writing_workspace(file, reviewer) as workspace:
        reading = workspace.reading
        about = SubjectOptions(dataset, scene, frame)
        where = about.needed_subject(reading, "give --scene and --frame")
        look_up(reading, where, unchecked=unchecked)
        mark_id = new_id()
        workspace.run(
            MarkMissing(
                mark_id, where, class_name, position=point,
                coord_frame_id=None if point is None else coord_frame, sensor_id=camera,
                pixel=pixel, size=size, label_set_id=label_set, comment=comment,
                yaw_rad=None if yaw_deg is None else math.radians(yaw_deg),
            )
        )  # fmt: skip
        made = mark(reading, mark_id)
    if made is not None:
        print_json(_facts(made)) if as_json else print(_line(made))


def _facts(mark: "Mark") -> dict[str, Any]:
    return {
        "id": mark.mark_id, "subject": subject_facts(mark.frame), "class": mark.class_name,
        "label_set": mark.label_set_id, "coord_frame": mark.coord_frame_id,
        "position_m": mark.position, "size_m": mark.size, "yaw_rad": mark.yaw_rad,
        "camera": mark.sensor_id, "pixel": mark.pixel, "box_px": mark.box_px,
        "comment": mark.comment, "reviewer": mark.reviewer, "time": time_facts(mark.time_ns),
    }  # fmt: skip


def _line(mark: "Mark") -> str:
    places = []
    if mark.position is not None:
        numbers = ", ".join(f"{number:.2f}" for number in mark.position)
        places.append(f"({numbers}) m in {mark.coord_frame_id}")
    if mark.pixel is not None:
        places.append(f"({mark.pixel[0]:.0f}, {mark.pixel[1]:.0f}) on {mark.sensor_id}")
    told = f"  {mark.comment}" if mark.comment else ""
    return f"{mark.class_name}  {mark.frame.text}  {' and '.join(places)}  {mark.reviewer}{told}"
