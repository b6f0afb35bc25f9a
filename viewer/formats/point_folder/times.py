"""Times that file names tell, and matching images to clouds by name, time or order."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

_NS_PER_S = 1_000_000_000
_WHOLE = re.compile(r"(?:^|[^0-9])([0-9]{19}|[0-9]{16}|[0-9]{13}|[0-9]{10})$")
_SPLIT = re.compile(r"(?:^|[^0-9])([0-9]{10})[._-]([0-9]{3,9})$")
_EARLIEST_NS = 946_684_800 * _NS_PER_S
"""The year 2000."""
_LATEST_NS = 4_102_444_800 * _NS_PER_S
"""The year 2100."""


def time_from_stem(stem: str) -> int | None:
    """Return nanoseconds since 1970 when a name ends in such a time; None otherwise.

    Examples
    --------
    >>> time_from_stem("LIDAR__1532402927647951")
    1532402927647951000
    >>> time_from_stem("1557539924.493977")
    1557539924493977000
    >>> time_from_stem("000965") is None
    True
    """
    split = _SPLIT.search(stem)
    whole = _WHOLE.search(stem)
    if split:
        time_ns = int(split[1]) * _NS_PER_S + int(split[2].ljust(9, "0"))
    elif whole:
        time_ns = int(whole[1]) * 10 ** (19 - len(whole[1]))
    else:
        return None
    return time_ns if _EARLIEST_NS <= time_ns < _LATEST_NS else None


def times_from_stems(stems: Sequence[str]) -> tuple[int, ...] | None:
    """Return one time a stem; None unless all have one, at least two, strictly increasing."""
    known = []
    for stem in stems:
        time_ns = time_from_stem(stem)
        if time_ns is None:
            return None
        known.append(time_ns)
    if len(known) < 2:
        return None
    rising = all(later > earlier for earlier, later in itertools.pairwise(known))
    return tuple(known) if rising else None


class SameNames(Mapping[str, tuple[str, Path]]):
    """Files by the frame keys that they are called as; paths are made when asked for."""

    def __init__(self, files: Mapping[str, Path], keys: Iterable[str]) -> None:
        self._files = files
        self._keys = dict.fromkeys(keys)

    def __getitem__(self, key: str) -> tuple[str, Path]:
        if key not in self._keys:
            raise KeyError(key)
        return key, self._files[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def match_files(files: Mapping[str, Path], keys: Sequence[str]) -> Mapping[str, tuple[str, Path]]:
    """Return (stem, file) by frame key: the same name, the same number, the nearest time, or order.

    Order counts only when there are as many files as frames; a time only within half the
    shortest step between frames.
    """
    exact = [key for key in keys if key in files]
    if exact:
        return SameNames(files, exact)
    by_number = {int(stem): stem for stem in files if _is_number(stem)}
    numbered = {key: by_number.get(int(key)) for key in keys if _is_number(key)}
    same_number = {key: (stem, files[stem]) for key, stem in numbered.items() if stem is not None}
    if same_number:
        return same_number
    near = _match_by_time(files, keys)
    if near:
        return near
    if len(files) == len(keys):
        return dict(zip(keys, files.items(), strict=True))
    return {}


def _is_number(stem: str) -> bool:
    return stem.isascii() and stem.isdigit()


def _match_by_time(files: Mapping[str, Path], keys: Sequence[str]) -> dict[str, tuple[str, Path]]:
    frame_times = times_from_stems(keys)
    timed = [(time_from_stem(stem), stem) for stem in files]
    if frame_times is None or not timed or any(time_ns is None for time_ns, _ in timed):
        return {}
    ordered = sorted((time_ns, stem) for time_ns, stem in timed if time_ns is not None)
    times = np.array([time_ns for time_ns, _ in ordered], dtype=np.int64)
    reach = int(np.diff(np.array(frame_times, dtype=np.int64)).min()) // 2
    found = {}
    for key, time_ns in zip(keys, frame_times, strict=True):
        after = int(np.searchsorted(times, time_ns))
        around = [index for index in (after - 1, after) if 0 <= index < len(times)]
        nearest = min(around, key=lambda index: abs(int(times[index]) - time_ns))
        if abs(int(times[nearest]) - time_ns) <= reach:
            stem = ordered[nearest][1]
            found[key] = (stem, files[stem])
    return found
