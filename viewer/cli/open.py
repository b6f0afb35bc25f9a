"""`sightline open`: the window."""

from pathlib import Path
from typing import Annotated

import typer

from viewer.cli.base import DataloopPose, Maps, import_choices
from viewer.cli.window import open_window


def run(
    path: Annotated[
        str | None,
        typer.Argument(
            help="A dataset folder, a point cloud, an image, a workspace, or a link"
            " PATH#scene/frame/label."
        ),
    ] = None,
    frame: Annotated[
        int | None, typer.Option("--frame", help="Start at this frame, counted from 1.")
    ] = None,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            help="Decide in this file (NAME.sightline); made where it does not exist.",
        ),
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", help="Name that stands beside what you decide.")
    ] = None,
) -> None:
    """Open the window on PATH, or empty.

    A link that the window copied (Copy link) brings back the same scene, frame, label and view. A
    workspace (NAME.sightline) opens with its dataset.
    """
    choices = import_choices(dataloop_pose, maps)
    raise SystemExit(open_window(path, frame, choices, workspace, reviewer))
