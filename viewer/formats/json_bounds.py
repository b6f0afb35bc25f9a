"""A bound on what decoding JSON of unknown origin may take: small values take the most memory."""

from pathlib import Path
from typing import Final

from viewer.formats.base import DamagedData

UNCOUNTED_BYTES: Final = 64 * 1024 * 1024
"""Smaller texts may hold what they like: decoded they take about 2 GiB at most."""
MAX_VALUES: Final = 24_000_000
_MARKS: Final = (b",", b"[", b"{")


def require_few_values(data: bytes, path: Path, place: str = "") -> None:
    """Refuse a text with more values than memory should be spent on.

    Every value but the first of its list or object follows a comma, and every list or object opens
    with its bracket, so that these bytes are never fewer than the values.

    Raises
    ------
    DamagedData
        Before anything is decoded.
    """
    if len(data) <= UNCOUNTED_BYTES:
        return
    if sum(data.count(mark) for mark in _MARKS) > MAX_VALUES:
        problem = f"holds more than {MAX_VALUES} values, too many for its kind"
        raise DamagedData(path, place, problem)
