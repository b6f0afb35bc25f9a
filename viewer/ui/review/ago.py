"""Times in the words of people."""

import time
from datetime import datetime

_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"))


def ago_text(time_ns: int, now_ns: int | None = None) -> str:
    """How long ago something was, e.g. ``3 min ago``; a date when it is more than a day.

    Examples
    --------
    >>> minute = 60_000_000_000
    >>> ago_text(0, 3 * minute), ago_text(0, 1_000_000_000)
    ('3 min ago', 'just now')
    """
    now = time.time_ns() if now_ns is None else now_ns
    seconds = max(0, now - time_ns) // 1_000_000_000
    if seconds < 5:
        return "just now"
    for limit, unit, name in _STEPS:
        if seconds < limit:
            return f"{seconds // unit} {name} ago"
    return f"on {local_time(time_ns):%Y-%m-%d}"


def local_time(time_ns: int) -> datetime:
    """A UTC time on the clock of this machine."""
    return datetime.fromtimestamp(time_ns / 1e9).astimezone()
