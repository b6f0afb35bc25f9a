"""KITTI raw ``timestamps.txt``: one local date and time with nanoseconds a line."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text

_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?", re.ASCII)
SWEEP_INTERVAL_NS = 100_000_000
"""KITTI's lidar turns ten times a second."""


def parse_timestamp_ns(text: str) -> int:
    """Return nanoseconds since 1970, the text read as UTC; ValueError when it is no time.

    Examples
    --------
    >>> parse_timestamp_ns("1970-01-01 00:00:01.000000005")
    1000000005
    """
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a date and time")
    moment = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC)
    fraction_ns = int((match[3] or "").ljust(9, "0"))
    return int(moment.timestamp()) * 1_000_000_000 + fraction_ns


def read_timestamps(path: Path, stems: Sequence[str], problems: ProblemLog) -> dict[str, int]:
    """Return the time of each stem that has one.

    Line n is of file number n; where the numbers do not start at 0 but the counts agree, lines
    follow the order of the files. A file that does not exist gives no times.
    """
    if not path.is_file():
        return {}
    try:
        lines = read_text(path).splitlines()
    except DamagedData as damage:
        problems.add_damage(damage)
        return {}
    while lines and not lines[-1].strip():
        lines.pop()
    numbers = [int(stem) if stem.isascii() and stem.isdigit() else -1 for stem in stems]
    fits_by_number = all(0 <= number < len(lines) for number in numbers)
    if not fits_by_number and len(lines) == len(stems):
        numbers = list(range(len(stems)))
    times: dict[str, int] = {}
    for stem, number in zip(stems, numbers, strict=True):
        if not 0 <= number < len(lines):
            problems.add(path, "", f"has {len(lines)} lines and none for file {stem}")
            continue
        if not lines[number].strip():
            continue
        try:
            times[stem] = parse_timestamp_ns(lines[number])
        except ValueError as error:
            problems.add(path, f"line {number + 1}", str(error))
    return times


def fill_times(stems: Sequence[str], times: dict[str, int]) -> list[int]:
    """Return one time a stem; a stem without one continues at ten a second from its neighbour."""
    known = [index for index, stem in enumerate(stems) if stem in times]
    filled = []
    for index, stem in enumerate(stems):
        if stem in times:
            filled.append(times[stem])
            continue
        nearest = min(known, key=lambda other: abs(other - index), default=None)
        base = 0 if nearest is None else times[stems[nearest]]
        filled.append(base + (index - (nearest or 0)) * SWEEP_INTERVAL_NS)
    return filled
