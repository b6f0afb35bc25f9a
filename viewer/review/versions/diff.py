"""What was added, removed and changed between two label sets, and by how much."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from viewer.geometry.rotation import yaw_from_quaternion
from viewer.review.label_snapshot import PIXEL_STEP, POSITION_STEP_M
from viewer.review.versions.forms import FormChange
from viewer.review.versions.label_table import LabelKind, LabelTable, Place
from viewer.review.versions.matching import ALL_WAYS, MatchedBy, match, pair_ious

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SAME_ANGLE_DEG = 0.01


class Difference(IntEnum):
    """What became of a label."""

    SAME = 0
    CHANGED = 1
    ADDED = 2
    REMOVED = 3


class Aspect(StrEnum):
    """What of a label is compared."""

    BOX = "box"
    CLASS = "class"
    TRACK = "track"
    ATTRIBUTES = "attributes"


ALL_ASPECTS = tuple(Aspect)


@dataclass(frozen=True, eq=False, slots=True)
class LabelDiff:
    """N labels of two tables, those that are the same object in one row.

    Sorted by scene, frame, camera, then as the labels stand in their tables. Numbers are NaN in
    rows of added and removed labels and where they have no meaning (metres of 2D boxes).
    """

    before: LabelTable
    after: LabelTable
    difference: npt.NDArray[np.int8]
    """(N,) `Difference`."""
    matched_by: npt.NDArray[np.int8]
    """(N,) `MatchedBy`, 0 for added and removed labels."""
    row_before: Rows
    """(N,) row in `before`, -1 for added labels."""
    row_after: Rows
    """(N,) row in `after`, -1 for removed labels."""
    center_m: Floats
    """(N,) distance of the centres."""
    size_m: Floats
    """(N, 3) length, width, height after minus before."""
    heading_deg: Floats
    """(N,) signed turn of the front seen from above, -180 to 180."""
    rotation_deg: Floats
    """(N,) angle between the rotations, 0 to 180."""
    box_px: Floats
    """(N,) largest shift of an edge of a 2D box."""
    iou: Floats
    """(N,) overlap, 0 to 1; NaN for what has no area."""
    form_changes: Mapping[int, FormChange]
    """By row, what became of labels that are no boxes; only where something did."""
    class_changed: npt.NDArray[np.bool_]
    track_changed: npt.NDArray[np.bool_]
    attributes_changed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.difference)

    def rows(self, *wanted: Difference) -> Rows:
        """Return the rows with one of some differences."""
        found: Rows = np.flatnonzero(np.isin(self.difference, wanted))
        return found

    def place(self, row: int) -> Place:
        """Return where a row's label is."""
        is_there = self.row_after[row] >= 0
        table, own = (self.after, self.row_after) if is_there else (self.before, self.row_before)
        return table.places[int(table.place[own[row]])]

    def class_before(self, row: int) -> str | None:
        """Return the class in `before`, None for an added label."""
        own = self.row_before[row]
        return self.before.class_names[own] if own >= 0 else None

    def class_after(self, row: int) -> str | None:
        """Return the class in `after`, None for a removed label."""
        own = self.row_after[row]
        return self.after.class_names[own] if own >= 0 else None

    def what_changed(self, row: int) -> tuple[str, ...]:
        """Return what is otherwise, for people, e.g. ``("class", "centre 0.42 m")``."""
        return tuple(_told(self, row))


def diff_labels(
    before: LabelTable,
    after: LabelTable,
    ways: Sequence[MatchedBy] = ALL_WAYS,
    min_iou: float = 0.3,
    aspects: Collection[Aspect] = ALL_ASPECTS,
) -> LabelDiff:
    """Compare two tables; pure. See `match` for what makes two labels the same object.

    A box counts as changed from 1 mm, 0.01 degrees or 0.01 px on, a mask from one pixel on.

    Parameters
    ----------
    aspects
        What counts as a change. The differences of boxes are measured in any case; of two label
        sets with attributes of their own, leave out `Aspect.ATTRIBUTES`.
    """
    first, second, told = match(before, after, ways, min_iou)
    gone, new = _others(len(before), first), _others(len(after), second)
    fill = [np.full(len(each), -1, dtype=np.int64) for each in (new, gone)]
    row_before = np.concatenate([first, fill[0], gone])
    row_after = np.concatenate([second, new, fill[1]])
    matched_by = np.concatenate([told, np.zeros(len(new) + len(gone), dtype=np.int8)])
    order = _reading_order(before, after, row_before, row_after)
    return _measured(before, after, row_before[order], row_after[order], matched_by[order], aspects)


def _others(count: int, rows: Rows) -> Rows:
    is_other = np.ones(count, dtype=bool)
    is_other[rows] = False
    return np.flatnonzero(is_other)


def _measured(
    before: LabelTable, after: LabelTable, row_before: Rows, row_after: Rows,
    matched_by: npt.NDArray[np.int8], aspects: Collection[Aspect],
) -> LabelDiff:  # fmt: skip
    count = len(row_before)
    pairs = np.flatnonzero(matched_by > 0)
    a, b = row_before[pairs], row_after[pairs]
    size = np.full((count, 3), np.nan)
    size[pairs] = after.size[b] - before.size[a]
    heading, rotation = _turns(before.rotation[a], after.rotation[b])
    solid = before.is_cuboid[a]
    heading[~solid] = rotation[~solid] = np.nan
    shift_px = np.abs(after.boxes_px[b] - before.boxes_px[a]).max(axis=1)
    ious = pair_ious(before, after, a, b)
    diff = LabelDiff(
        before,
        after,
        np.where(row_before < 0, Difference.ADDED, Difference.REMOVED).astype(np.int8),
        matched_by,
        row_before,
        row_after,
        _spread(count, pairs, np.linalg.norm(after.center[b] - before.center[a], axis=1)),
        size,
        _spread(count, pairs, heading),
        _spread(count, pairs, rotation),
        _spread(count, pairs, np.where(before.is_of(LabelKind.BOX)[a], shift_px, np.nan)),
        _spread(count, pairs, ious),
        _form_changes(before, after, pairs, a, b),
        *(
            _spread_flags(count, pairs, _unequal(mine, theirs, a, b) if aspect in aspects else ())
            for aspect, mine, theirs in (
                (Aspect.CLASS, before.class_names, after.class_names),
                (Aspect.TRACK, before.track_ids, after.track_ids),
                (Aspect.ATTRIBUTES, before.attributes, after.attributes),
            )
        ),
    )
    changed = _is_changed(diff, moves=Aspect.BOX in aspects)
    diff.difference[pairs] = np.where(changed[pairs], Difference.CHANGED, Difference.SAME)
    return diff


def _is_changed(diff: LabelDiff, *, moves: bool) -> npt.NDArray[np.bool_]:
    changed = diff.class_changed | diff.track_changed | diff.attributes_changed
    if not moves:
        return changed
    moved = (
        (diff.center_m >= POSITION_STEP_M)
        | (np.abs(diff.size_m) >= POSITION_STEP_M).any(axis=1)
        | (diff.rotation_deg >= SAME_ANGLE_DEG)
        | (diff.box_px >= PIXEL_STEP)
    )
    moved[list(diff.form_changes)] = True
    return changed | moved


def _form_changes(
    before: LabelTable, after: LabelTable, pairs: Rows, a: Rows, b: Rows
) -> dict[int, FormChange]:
    found: dict[int, FormChange] = {}
    for row, own, other in zip(pairs.tolist(), a.tolist(), b.tolist(), strict=True):
        mine, theirs = before.forms[own], after.forms[other]
        if mine is None or theirs is None or mine.key == theirs.key:
            continue
        change = mine.change_to(theirs)
        if change.differs:
            found[row] = change
    return found


def _reading_order(
    before: LabelTable, after: LabelTable, row_before: Rows, row_after: Rows
) -> Rows:
    ranks = {place: rank for rank, place in enumerate(sorted({*before.places, *after.places}))}
    sides = []
    for table, rows in ((before, row_before), (after, row_after)):
        own = np.array([ranks[place] for place in table.places], dtype=np.int64)
        rank = np.zeros(len(rows), dtype=np.int64)
        rank[rows >= 0] = own[table.place[rows[rows >= 0]]]
        sides.append(rank)
    place = np.where(row_after >= 0, sides[1], sides[0])
    found: Rows = np.lexsort((row_before, row_after, row_after < 0, place))
    return found


def _turns(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return (heading, rotation) in degrees between N and N quaternions."""
    if not len(before):
        return np.empty(0), np.empty(0)
    turn = np.degrees(yaw_from_quaternion(after) - yaw_from_quaternion(before))
    heading = (turn + 180.0) % 360.0 - 180.0
    # Of q and -q, which are one rotation, the nearer; arccos would lose small angles.
    chord = np.minimum(
        np.linalg.norm(before - after, axis=1), np.linalg.norm(before + after, axis=1)
    )
    rotation = 4 * np.arcsin(np.clip(chord / 2, 0, 1))
    return heading, np.degrees(rotation)


def _spread(count: int, rows: Rows, values: Floats) -> Floats:
    found = np.full(count, np.nan)
    found[rows] = values
    return found


def _spread_flags(count: int, rows: Rows, flags: Sequence[bool]) -> npt.NDArray[np.bool_]:
    found = np.zeros(count, dtype=bool)
    if len(flags):
        found[rows] = flags
    return found


def _unequal(mine: Sequence[object], theirs: Sequence[object], a: Rows, b: Rows) -> list[bool]:
    return [mine[i] != theirs[j] for i, j in zip(a.tolist(), b.tolist(), strict=True)]


def _told(diff: LabelDiff, row: int) -> Iterator[str]:
    if diff.class_changed[row]:
        yield f"class {diff.class_before(row)} to {diff.class_after(row)}"
    if diff.track_changed[row]:
        yield "track"
    if diff.center_m[row] >= POSITION_STEP_M:
        yield f"centre {diff.center_m[row]:.2f} m"
    if (np.abs(diff.size_m[row]) >= POSITION_STEP_M).any():
        yield "size " + " x ".join(f"{each:+.2f}" for each in diff.size_m[row]) + " m"
    if abs(diff.heading_deg[row]) >= SAME_ANGLE_DEG:
        yield f"heading {diff.heading_deg[row]:+.1f}°"
    elif diff.rotation_deg[row] >= SAME_ANGLE_DEG:
        yield f"tilt {diff.rotation_deg[row]:.1f}°"
    if diff.box_px[row] >= PIXEL_STEP:
        yield f"box {diff.box_px[row]:.1f} px"
    if row in diff.form_changes:
        yield from _told_of_form(diff, diff.form_changes[row], row)
    if diff.attributes_changed[row]:
        before = diff.before.attributes[diff.row_before[row]]
        after = diff.after.attributes[diff.row_after[row]]
        for name in sorted(before.keys() | after.keys()):
            if name not in after:
                yield f"no {name}"
            elif name not in before:
                yield f"{name} {after[name]}"
            elif before[name] != after[name]:
                yield f"{name} {before[name]} to {after[name]}"


def _told_of_form(diff: LabelDiff, change: FormChange, row: int) -> Iterator[str]:
    yield from change.words
    if change.moved_px >= PIXEL_STEP:
        yield f"shape {change.moved_px:.1f} px"
    if change.only_one > 0:
        unit = "px"
        if diff.place(row).kind is LabelKind.POINTS:
            unit = "point" if change.only_one == 1 else "points"
        yield f"{change.only_one:,.0f} {unit}"
    if np.isfinite(change.iou) and change.iou < 1.0:
        yield f"overlap {100 * change.iou:.0f} %"
