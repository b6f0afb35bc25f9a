"""COCO's run lengths: column by column, as numbers or packed into text."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.scene.masks import MAX_MASK_PX, RunLengths

MAX_SHIFT = 60
_FIRST = 48
"""Code of the first of the 64 signs that text is made of."""


def unpacked_counts(text: str) -> list[int]:
    """Return the run lengths of packed text: groups of five bits, differences from the third on.

    Raises
    ------
    ValueError
        When the text is cut off or holds another sign.

    Examples
    --------
    >>> unpacked_counts(packed_counts([6, 1, 40, 4, 5, 4, 5, 4, 21]))
    [6, 1, 40, 4, 5, 4, 5, 4, 21]
    """
    counts: list[int] = []
    value = shift = 0
    for sign in text.encode("utf-8"):
        group = sign - _FIRST
        if not 0 <= group < 64 or shift > MAX_SHIFT:
            raise ValueError("the packed run lengths hold a sign that is none of theirs")
        value |= (group & 0x1F) << shift
        shift += 5
        if group & 0x20:
            continue
        if group & 0x10:
            value -= 1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
        value = shift = 0
    if shift:
        raise ValueError("the packed run lengths are cut off")
    return counts


def packed_counts(counts: Sequence[int]) -> str:
    """Return run lengths as text."""
    signs = bytearray()
    for index, count in enumerate(counts):
        value = int(count) - (int(counts[index - 2]) if index > 2 else 0)
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            signs.append(group + (0x20 if more else 0) + _FIRST)
    return signs.decode("ascii")


def runs_from_counts(counts: Sequence[int], width_px: int, height_px: int) -> RunLengths:
    """Turn run lengths down the columns into runs along the rows.

    Raises
    ------
    ValueError
        When the runs do not fill the image, or the image is absurdly large.
    """
    if min(width_px, height_px) < 1 or width_px * height_px > MAX_MASK_PX:
        raise ValueError(f"a mask of {width_px} x {height_px} px is not possible")
    if any(not 0 <= count <= MAX_MASK_PX for count in counts):
        raise ValueError("a run length is negative or absurdly large")
    down = RunLengths(height_px, width_px, np.array(counts, dtype=np.int64))
    return RunLengths.of(np.ascontiguousarray(down.decoded().T))


def counts_from_runs(runs: RunLengths) -> list[int]:
    """Return run lengths down the columns."""
    mask: npt.NDArray[np.bool_] = runs.decoded()
    counts: list[int] = RunLengths.of(np.ascontiguousarray(mask.T)).lengths.tolist()
    return counts
