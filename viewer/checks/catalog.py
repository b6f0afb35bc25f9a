"""All checks, in the order of the catalogue."""

from typing import Final

from viewer.checks.base import Check
from viewer.checks.duplicate_boxes import DuplicateBoxes
from viewer.checks.empty_box import EmptyBox
from viewer.checks.too_few_points import TooFewPoints

CHECKS: Final[tuple[type[Check], ...]] = (EmptyBox, TooFewPoints, DuplicateBoxes)


def check_by_id() -> dict[str, type[Check]]:
    """Every check by its id."""
    return {check.id: check for check in CHECKS}
