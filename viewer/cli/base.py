"""What every command shares: exit codes, how errors are told, progress on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NoReturn

from viewer.progress import JobContext, Progress


class ExitCode(IntEnum):
    """What the shell gets back."""

    FINE = 0
    USAGE = 2
    UNREADABLE = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One command of `sightline`: a new one is one file listed in `catalog.py`."""

    name: str
    run: Callable[..., Any]


def fail(message: str, code: ExitCode) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    print(f"sightline: {message}", file=sys.stderr)
    raise SystemExit(int(code))


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn errors of the data into one message and the exit code for unreadable data."""
    from viewer.formats.base import DamagedData, UnknownFormat

    try:
        yield
    except (DamagedData, UnknownFormat) as error:
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
