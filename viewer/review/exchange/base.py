"""The contract of an exchange shape: decisions as another tool writes or reads them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog
from viewer.progress import report_progress
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import ReviewRecords, VerdictRecord
from viewer.scene.scene import Problem

MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what the shape has no place for."""

    files: tuple[Path, ...]
    counts: Mapping[str, int]
    """By what was written, e.g. ``verdicts``."""
    losses: Mapping[str, int] = field(default_factory=dict)
    """How often something was left out or reduced, by a sentence that says what."""


@dataclass(frozen=True, slots=True)
class Received:
    """What was read, and what makes no sense in it or is not in the dataset."""

    records: ReviewRecords
    problems: tuple[Problem, ...] = ()


class ExchangeShape(Protocol):
    """One tool's shape. A new one is one file listed in `catalog.py`."""

    name: ClassVar[str]
    """As on the command line, e.g. ``aquarium``."""
    title: ClassVar[str]
    """For people."""
    holds: ClassVar[str]
    """What it can carry, for people."""

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write into an existing folder; a file appears under its name when it is complete."""
        ...

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read a file or folder of the shape.

        Raises
        ------
        DamagedData
            When nothing in it can be used.
        """
        ...


class Losses(Counter[str]):
    """Counts what a shape cannot say."""

    def note(self, sentence: str | None, count: int = 1) -> None:
        """Count a loss; None is none."""
        if sentence is not None and count:
            self[sentence] += count


def iso_text(time_ns: int) -> str:
    """Return a time as ISO 8601 in UTC, to the nanosecond.

    Examples
    --------
    >>> iso_text(1_000_000_005)
    '1970-01-01T00:00:01.000000005Z'
    """
    whole_s, rest_ns = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole_s, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns:09d}Z"


def write_text(path: Path, text: str) -> Path:
    """Write a file that appears under its name only when it is complete.

    Raises
    ------
    Cancelled
        When the job that runs here was given up.
    """
    report_progress(0, None, f"Writing {path.name}")
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def write_json(path: Path, value: object) -> Path:
    """Write JSON that people can read; it appears under its name only when it is complete."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
    return write_text(path, text + "\n")


def read_list(path: Path, file_name: str, what: str) -> tuple[Path, list[Any]]:
    """Return a file of a JSON list and its rows; of a folder the file of that name in it.

    Raises
    ------
    DamagedData
        When it cannot be read or is no list of `what`.
    """
    file = path / file_name if path.is_dir() else path
    rows = load_json(file, max_bytes=MAX_BYTES)
    if not isinstance(rows, list):
        raise DamagedData(file, "$", f"is no list of {what}")
    return file, rows


def read_verdicts(
    path: Path, file_name: str, what: str, read_row: Callable[[Any], VerdictRecord | None]
) -> Received:
    """Read a file of a JSON list as `read_list` does, a verdict or nothing a row.

    Rows that `read_row` refuses by a ValueError are left out and told.
    """
    file, rows = read_list(path, file_name, what)
    problems = ProblemLog()
    found = []
    for number, row in enumerate(rows):
        try:
            record = read_row(row)
        except ValueError as error:
            problems.add(file, f"$[{number}]", f"{error}; it is left out")
            continue
        if record is not None:
            found.append(record)
    return Received(ReviewRecords(tuple(found)), problems.snapshot())
