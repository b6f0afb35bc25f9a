"""What every command shares: exit codes, how errors are told, progress on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import typer

from viewer.progress import JobContext, Progress


class ExitCode(IntEnum):
    """What the shell gets back."""

    FINE = 0
    USAGE = 2
    UNREADABLE = 3


DataloopPose = Annotated[
    str | None,
    typer.Option(
        "--dataloop-pose",
        help="What Dataloop's camera poses are: lidar_from_camera, world_from_camera,"
        " camera_from_lidar or camera_from_world; else the one that fits the labels.",
    ),
]
"""Option of every command that opens a dataset."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of `sightline`: a new one is one file listed in `catalog.py`."""

    name: str
    run: Callable[..., Any]


def fail(message: str, code: ExitCode) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    print(f"sightline: {message}", file=sys.stderr)
    raise SystemExit(int(code))


def import_choices(dataloop_pose: str | None) -> dict[str, str]:
    """Return what a person decided about files that leave something open."""
    if dataloop_pose is None:
        return {}
    from viewer.formats.dataloop.format import POSE_CHOICE
    from viewer.formats.dataloop.poses import PoseConvention

    if dataloop_pose not in list(PoseConvention):
        known = ", ".join(PoseConvention)
        fail(f"{dataloop_pose!r} is no pose; choose {known}", ExitCode.USAGE)
    return {POSE_CHOICE: dataloop_pose}


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn errors of the data into one message and the exit code for unreadable data."""
    from viewer.formats.base import DamagedData, UnknownFormat

    try:
        yield
    except UnknownFormat as error:
        if not error.path.exists():
            fail(f"{error.path} does not exist", ExitCode.UNREADABLE)
        fail(str(error), ExitCode.UNREADABLE)
    except DamagedData as error:
        fail(str(error), ExitCode.UNREADABLE)
    except FileNotFoundError as error:
        fail(f"{error.filename} does not exist", ExitCode.UNREADABLE)
    except PermissionError as error:
        fail(f"{error.filename} may not be read", ExitCode.UNREADABLE)


@contextmanager
def terminal_progress(title: str) -> Iterator[JobContext]:
    """Give a `JobContext` whose progress is a bar on the terminal; nothing where there is none."""
    if not sys.stderr.isatty():
        yield JobContext()
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(progress: Progress) -> None:
            bar.update(
                task, completed=progress.done, total=progress.total,
                description=progress.text or title,
            )  # fmt: skip

        yield JobContext(show)
