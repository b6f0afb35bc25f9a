"""What every command shares: exit codes, how errors are told, progress on the terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from viewer.progress import JobContext, Progress

if TYPE_CHECKING:
    from viewer.scene.scene import Problem


class ExitCode(IntEnum):
    """What the shell gets back."""

    FINE = 0
    PROBLEMS = 1
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
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="PREFIX=FOLDER",
        help="Where data lie whose addresses in a file begin with PREFIX, a URL or a path;"
        " can be given several times.",
    ),
]
"""Option of every command that opens a dataset."""
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Read everything; fail when anything is wrong with the data."),
]
"""Option of commands that read a dataset and leave."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of `sightline`: a new one is one file listed in `catalog.py`."""

    name: str
    run: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """A command of `sightline` with subcommands."""

    name: str
    help: str
    subcommands: tuple[Command, ...]


def fail(message: str, code: ExitCode) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    print(f"sightline: {message}", file=sys.stderr)
    raise SystemExit(int(code))


def import_choices(dataloop_pose: str | None, maps: Sequence[str] | None = None) -> dict[str, str]:
    """Return what a person decided about files that leave something open."""
    choices: dict[str, str] = {}
    if maps:
        from viewer.formats.path_map import parse_maps

        try:
            choices.update(parse_maps(maps))
        except ValueError as error:
            fail(f"--map: {error}", ExitCode.USAGE)
    if dataloop_pose is None:
        return choices
    from viewer.formats.dataloop.format import POSE_CHOICE
    from viewer.formats.dataloop.poses import PoseConvention

    if dataloop_pose not in list(PoseConvention):
        known = ", ".join(PoseConvention)
        fail(f"{dataloop_pose!r} is no pose; choose {known}", ExitCode.USAGE)
    return choices | {POSE_CHOICE: dataloop_pose}


def fail_on_problems(problems: "Sequence[Problem]", *, listed: bool = False) -> None:
    """Count problems on standard error and leave with their exit code; return when there is none.

    They are also named there unless they are `listed` already.
    """
    if not problems:
        return
    for problem in () if listed else problems:
        print(problem, file=sys.stderr)
    files = len({problem.source for problem in problems})
    named = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    where = "1 file" if files == 1 else f"{files} files"
    fail(f"{named} in {where}; without --strict what is sound is used", ExitCode.PROBLEMS)


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
