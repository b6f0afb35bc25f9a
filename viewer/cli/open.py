"""`sightline open`: the window."""

from typing import Annotated

import typer

from viewer.cli.base import ExitCode, fail


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
) -> None:
    """Open the window on PATH, or empty.

    A link that the window copied (Copy link) brings back the same scene, frame, label and view.
    """
    import gc
    import os
    import sys
    from pathlib import Path

    from viewer.session.link import parse_link

    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
        or os.environ.get("QT_QPA_PLATFORM")
    ):
        fail(
            "there is no display here; `sightline render PATH --out FILE.png` makes pictures "
            "without one",
            ExitCode.USAGE,
        )
    sight = parse_link(path) if path else None
    if sight is not None and not Path(sight.path).exists():
        fail(f"{sight.path} does not exist", ExitCode.UNREADABLE)
    # Nothing that is made on the way to the first picture is garbage; the window turns it on again.
    gc.disable()
    from viewer.app import run_app

    raise typer.Exit(run_app(sight, first_frame=None if frame is None else frame - 1))
