"""KITTI label text of many files parsed at once, where nothing about it is out of order."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

WORTHWHILE_BYTES: Final = 500_000
"""Less text is read sooner line by line than the parser is imported."""


@dataclass(frozen=True, eq=False, slots=True)
class PlainRows:
    """N rows, file after file."""

    line_counts: npt.NDArray[np.int64]
    """(files,)"""
    heads: tuple[npt.NDArray[np.int64], list[str]] | None
    """(N,) frames and tracks, None where lines do not begin with them."""
    class_names: list[str]
    numbers: npt.NDArray[np.float64]
    """(N, columns) as in the text, all finite."""


def plain_rows(
    texts: Sequence[str], allowed_columns: Sequence[int], heads: int
) -> PlainRows | None:
    """Parse the text of files whose words are parted by single blanks; None for any others.

    Parameters
    ----------
    allowed_columns
        How many words a line may have; all lines must have the same.
    heads
        2 where a line begins with frame and track, 0 where it begins with the class.
    """
    texts = [text.rstrip("\n") for text in texts]
    if sum(map(len, texts)) < WORTHWHILE_BYTES:
        return None
    if any("\n\n" in text or text.startswith("\n") for text in texts):
        return None
    counts = np.array([text.count("\n") + 1 if text else 0 for text in texts], dtype=np.int64)
    whole = "\n".join(text for text in texts if text)
    columns = len(whole.split("\n", 1)[0].split(" "))
    if columns not in allowed_columns:
        return None
    return _parsed(whole.encode(), columns, heads, counts)


def _parsed(
    text: bytes, columns: int, heads: int, line_counts: npt.NDArray[np.int64]
) -> PlainRows | None:
    import pyarrow as pa
    from pyarrow import csv

    kinds = [*[pa.int64(), pa.string()][:heads], pa.string()]
    kinds += [pa.float64()] * (columns - len(kinds))
    names = [str(number) for number in range(columns)]
    try:
        table = csv.read_csv(
            io.BytesIO(text),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=" ", quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=dict(zip(names, kinds, strict=True)), null_values=[],
                strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    if table.num_rows != line_counts.sum():
        return None
    numbers = np.stack([table.column(k).to_numpy() for k in range(heads + 1, columns)], axis=1)
    if not np.isfinite(numbers).all():
        return None
    first = (table.column(0).to_numpy(), table.column(1).to_pylist()) if heads else None
    return PlainRows(line_counts, first, table.column(heads).to_pylist(), numbers)
