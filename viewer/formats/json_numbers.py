"""Numbers among decoded JSON values."""

import math
from typing import TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a JSON value is a finite number that a float64 can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
