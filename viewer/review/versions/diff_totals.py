"""Totals of a diff, per class and together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.review.versions.diff import Difference, LabelDiff

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassDiff:
    """Totals of one class. A label that changed its class is counted under both.

    ``before`` is ``same + changed + removed + reclassed_from``, ``after`` is
    ``same + changed + added + reclassed_to``.
    """

    class_name: str
    before: int
    after: int
    same: int
    changed: int
    """With this class before and after."""
    added: int
    removed: int
    reclassed_from: int
    """Had this class and have another one now."""
    reclassed_to: int
    center_m: float
    """Mean of what changed; NaN where nothing did, as for the others."""
    size_m: float
    """Mean of the largest change of length, width or height."""
    heading_deg: float
    """Mean of the turn without its sign."""
    iou: float
    shape_px: float
    """Mean of how far the edges of 2D boxes and the vertices of shapes moved."""


def class_diffs(diff: LabelDiff) -> list[ClassDiff]:
    """Return the totals of every class, by name."""
    names = sorted({*diff.before.class_names, *diff.after.class_names})
    codes = {name: code for code, name in enumerate(names)}
    before = _codes(diff.before.class_names, codes, diff.row_before)
    after = _codes(diff.after.class_names, codes, diff.row_after)
    return [_class_diff(diff, name, before == code, after == code) for name, code in codes.items()]


def total_diff(diff: LabelDiff) -> ClassDiff:
    """Return the totals of all classes together; a changed class is a change there."""
    return _class_diff(diff, "", diff.row_before >= 0, diff.row_after >= 0)


def _class_diff(
    diff: LabelDiff, name: str, had: npt.NDArray[np.bool_], has: npt.NDArray[np.bool_]
) -> ClassDiff:
    both = had & has
    is_pair = diff.matched_by > 0
    changed = both & (diff.difference == Difference.CHANGED)
    size = np.abs(diff.size_m).max(axis=1)
    shift_px = diff.box_px.copy()
    for row, change in diff.form_changes.items():
        shift_px[row] = change.moved_px
    columns = (diff.center_m, size, np.abs(diff.heading_deg), diff.iou, shift_px)
    return ClassDiff(
        name,
        int(had.sum()),
        int(has.sum()),
        int((both & (diff.difference == Difference.SAME)).sum()),
        int(changed.sum()),
        int((diff.difference[has] == Difference.ADDED).sum()),
        int((diff.difference[had] == Difference.REMOVED).sum()),
        int((had & ~has & is_pair).sum()),
        int((has & ~had & is_pair).sum()),
        *(_mean(column[changed]) for column in columns),
    )


def _mean(values: npt.NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _codes(names: Sequence[str], codes: dict[str, int], rows: Codes) -> Codes:
    own = np.array([codes[name] for name in names] or [-1], dtype=np.int64)
    return np.where(rows >= 0, own[rows], -1)
