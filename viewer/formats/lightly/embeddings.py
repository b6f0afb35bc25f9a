"""Embeddings: one vector a file name, as CSV with a header."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

if TYPE_CHECKING:
    import _csv

NAMES, LABELS = "filenames", "labels"
MAX_COLUMNS = 16_384
MAX_CELL = 1 << 16
_COLUMN = re.compile(r"embedding_([0-9]{1,9})")


@dataclass(frozen=True, eq=False, slots=True)
class Embeddings:
    """N vectors of one length; the order of the rows means nothing, the name does."""

    file_names: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    """(N, D)."""
    labels: tuple[int, ...] = ()
    """(N,) whole numbers, as the file has them."""


def starts_like_embeddings(head: bytes) -> bool:
    """Say whether a file begins with the header of an embeddings CSV."""
    return head.startswith(b"filenames,embedding_")


def read_embeddings(path: Path) -> Embeddings:
    """Read a file by the names of its columns, wherever they stand.

    Raises
    ------
    DamagedData
        For a header without ``filenames``, ``labels`` or vectors, a row of another length, a name
        that comes twice, or a cell that is no number.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _read(csv.reader(file), path)
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise DamagedData(path, "", "is not UTF-8 text") from None
    except csv.Error as error:
        raise DamagedData(path, "", f"is no CSV: {error}") from None


def write_embeddings(path: Path, embeddings: Embeddings) -> None:
    """Write a file; each number so that it reads back to the same float32."""
    labels = embeddings.labels or (0,) * len(embeddings.file_names)
    count = embeddings.vectors.shape[1]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([NAMES, *(f"embedding_{column}" for column in range(count)), LABELS])
        for name, vector, label in zip(
            embeddings.file_names, embeddings.vectors, labels, strict=True
        ):
            table.writerow([name, *(str(number) for number in vector), label])


def _read(rows: "_csv.Reader", path: Path) -> Embeddings:
    header: list[str] = next(rows, [])
    if NAMES not in header or LABELS not in header or len(header) > MAX_COLUMNS:
        raise DamagedData(path, "line 1", f"the header has no {NAMES} or no {LABELS}")
    numbered = {
        int(match[1]): place
        for place, name in enumerate(header)
        if (match := _COLUMN.fullmatch(name))
    }
    columns = [numbered[number] for number in sorted(numbered)]
    if not columns:
        raise DamagedData(path, "line 1", "the header names no embedding_0")
    at_name, at_label = header.index(NAMES), header.index(LABELS)
    names: dict[str, None] = {}
    vectors: list[npt.NDArray[np.float32]] = []
    labels = []
    for row in rows:
        line = f"line {rows.line_num}"
        if len(row) != len(header):
            raise DamagedData(path, line, f"has {len(row)} cells where {len(header)} belong")
        if row[at_name] in names:
            raise DamagedData(path, line, f"{row[at_name][:80]!r} comes a second time")
        try:
            with np.errstate(over="ignore"):
                vectors.append(np.array([row[place] for place in columns], dtype=np.float32))
            labels.append(int(float(row[at_label])))
        except (ValueError, OverflowError):
            raise DamagedData(path, line, "holds a cell that is no number") from None
        names[row[at_name]] = None
    matrix = np.array(vectors, dtype=np.float32).reshape(-1, len(columns))
    return Embeddings(tuple(names), matrix, tuple(labels))
