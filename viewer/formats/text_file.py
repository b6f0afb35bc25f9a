"""Reading small text files of unknown origin: bounded, and with errors that name the place."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

MAX_TEXT_BYTES = 64 * 1024 * 1024


def read_bytes(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """Return a whole file; `DamagedData` when it is missing, unreadable or too large."""
    try:
        with path.open("rb") as file:
            # Room is made for as much as is asked for, not for as much as there is.
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(max_bytes, size) + 1)
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None
    if len(data) > max_bytes:
        raise DamagedData(path, "", f"is larger than {max_bytes} bytes, too large for its kind")
    return data


def read_text(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Return a whole UTF-8 file without its byte-order mark."""
    data = read_bytes(path, max_bytes=max_bytes)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedData(path, f"byte {error.start}", "is not UTF-8 text") from None


def parse_numbers(
    words: Sequence[str], path: Path, place: str, *, count: int | None = None
) -> npt.NDArray[np.float64]:
    """Parse words as finite numbers, `count` of them when given."""
    if count is not None and len(words) != count:
        raise DamagedData(path, place, f"has {len(words)} numbers where {count} belong")
    try:
        values = [*map(float, words)]
    except ValueError:
        word = next(each for each in words if not _is_number(each))
        raise DamagedData(path, place, f"{word[:40]!r} is not a number") from None
    if not all(map(math.isfinite, values)):
        raise DamagedData(path, place, "holds a number that is not finite")
    return np.array(values, dtype=np.float64)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
