"""`sightline open`: the window."""

from typing import Annotated

import typer

from viewer.cli.base import DataloopPose, Maps, import_choices
from viewer.cli.window import open_window


def run(
    path: Annotated[
        str | None,
        typer.Argument(
            help="A dataset folder, a point cloud, an image, or a link PATH#scene/frame/label."
        ),
    ] = None,
    frame: Annotated[
        int | None, typer.Option("--frame", help="Start at this frame, counted from 1.")
    ] = None,
    dataloop_pose: DataloopPose = None,
    maps: Maps = None,
) -> None:
    """Open the window on PATH, or empty.

    A link that the window copied (Copy link) brings back the same scene, frame, label and view.
    """
    raise SystemExit(open_window(path, frame, import_choices(dataloop_pose, maps)))
