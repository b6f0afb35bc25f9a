"""``custom_metrics`` of inference rows: a number or a matrix by name."""

from collections.abc import Sequence
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.json_lines import RowPlace, read_row
from viewer.formats.json_numbers import is_number
from viewer.formats.problem_log import ProblemLog
from viewer.scene.custom_metrics import CustomValue

MOST_CELLS = 1_000_000


class _Row(msgspec.Struct):
    custom_metrics: dict[str, Any] | None = None


_ROW = msgspec.json.Decoder(_Row)


def custom_metrics(rows: Sequence[RowPlace], problems: ProblemLog) -> dict[str, CustomValue]:
    """Return what a frame's inference rows tell; a later row wins, bad values are noted."""
    found: dict[str, CustomValue] = {}
    for row in rows:
        try:
            told = _ROW.decode(read_row(row)).custom_metrics or {}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedData(row.path, row.place, f"custom_metrics: {error}") from None
        for name, value in told.items():
            if is_number(value):
                found[name] = float(value)
            elif _is_matrix(value):
                found[name] = [[float(each) for each in line] for line in value]
            else:
                place = f"{row.place}, $.custom_metrics[{name[:80]}]"
                problems.add(row.path, place, "is neither a number nor a matrix; it is left out")
    return found


def _is_matrix(value: object) -> bool:
    if not isinstance(value, list) or not value or not all(isinstance(r, list) for r in value):
        return False
    widths = {len(line) for line in value}
    if len(widths) != 1 or not 0 < len(value) * max(widths) <= MOST_CELLS:
        return False
    return all(is_number(each) for line in value for each in line)
