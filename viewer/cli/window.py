"""What `sightline open` does, without the option parser."""

import gc
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from viewer.cli.base import ExitCode, fail

BEFORE_QT: Final = (
    "viewer.formats.catalog",
    "viewer.formats.native.format",
    "viewer.render.scene_view",
    "viewer.render.overlay_prepare",
    "viewer.render.image_mosaic",
    "viewer.session.session",
    "viewer.session.settings",
    "viewer.session.label_rows",
    "viewer.session.scene_facts",
    "viewer.session.measuring",
    "viewer.ui.actions.catalog",
)
"""What the window needs and has no Qt: once Qt is there, its import hook reads the source of every
module that follows."""


def open_window(
    path: str | None,
    frame: int | None = None,
    choices: Mapping[str, str] | None = None,
    workspace: Path | None = None,
    reviewer: str | None = None,
) -> int:
    """Open the window on a path or link, or empty, and return its exit code.

    `frame` counts from 1; `choices` decide what a format's files leave open; `workspace` is where
    `reviewer` decides.
    """
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
    for module in BEFORE_QT:
        import_module(module)
    from viewer.app import run_app

    return run_app(
        sight,
        first_frame=None if frame is None else frame - 1,
        choices=choices,
        workspace=workspace,
        reviewer=reviewer,
    )
