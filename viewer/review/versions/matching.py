"""Which label of one table is which of another: by id, by track, by equal box, by overlap."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.overlap import iou_3d_pairs
from viewer.geometry.transform import FrameMismatch
from viewer.review.label_snapshot import PIXEL_STEP, POSITION_STEP_M, ROTATION_STEP
from viewer.review.versions.label_table import LabelKind, LabelTable

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Sides = tuple[Rows, Rows]
FARTHEST: Final = 1e9
"""Metres or pixels; what lies beyond is no coordinate."""
PAIRS_AT_ONCE = 500_000
"""Of boxes that are compared for overlap, which bounds memory."""


class MatchedBy(IntEnum):
    """What tells that two labels are the same object; earlier ones count first."""

    ID = 1
    """Equal label ids in the frame."""
    TRACK = 2
    """Equal track ids in the frame."""
    BOX = 3
    """Equal class and box."""
    OVERLAP = 4
    """The boxes overlap most."""


ALL_WAYS = tuple(MatchedBy)


def match(
    before: LabelTable,
    after: LabelTable,
    ways: Sequence[MatchedBy] = ALL_WAYS,
    min_iou: float = 0.3,
) -> tuple[Rows, Rows, npt.NDArray[np.int8]]:
    """Return (rows of before, rows of after, ways) of labels that are the same; each row once.

    Parameters
    ----------
    ways
        What may tell so. Leave out `MatchedBy.ID` where ids of the two mean different things,
        e.g. line numbers of two files.
    min_iou
        Least overlap of two boxes that are taken for one object.

    Raises
    ------
    FrameMismatch
        When the cuboids of a frame lie in different coord frames.
    """
    places = _common_places(before, after)
    left, right = places[0][before.place], places[1][after.place]
    rows: list[tuple[Rows, Rows]] = []
    told: list[npt.NDArray[np.int8]] = []
    free = [np.ones(len(before), dtype=bool), np.ones(len(after), dtype=bool)]
    for way in sorted(ways):
        open_rows = (np.flatnonzero(free[0]), np.flatnonzero(free[1]))
        if way is MatchedBy.OVERLAP:
            found = _by_overlap(before, after, (left, right), open_rows, min_iou)
        else:
            found = _by_key(before, after, (left, right), open_rows, way)
        for side in (0, 1):
            free[side][found[side]] = False
        rows.append(found)
        told.append(np.full(len(found[0]), way, dtype=np.int8))
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8)
    firsts, seconds = (np.concatenate([pair[side] for pair in rows]) for side in (0, 1))
    return firsts, seconds, np.concatenate(told)


def _common_places(before: LabelTable, after: LabelTable) -> Sides:
    """Return a number for each place of both tables, the same where the places are."""
    numbers: dict[tuple[str, ...], int] = {}
    coord_frames: dict[tuple[str, ...], str] = {}
    found = []
    for table in (before, after):
        codes = np.empty(len(table.places), dtype=np.int64)
        for index, place in enumerate(table.places):
            name = (*place[:3], place.kind)
            codes[index] = numbers.setdefault(name, len(numbers))
            known = coord_frames.setdefault(name, place.coord_frame_id)
            if known != place.coord_frame_id:
                raise FrameMismatch(
                    f"{place.scene_id} / {place.frame_key}: cuboids in {known!r} and in "
                    f"{place.coord_frame_id!r} cannot be compared"
                )
        found.append(codes)
    return found[0], found[1]


def _by_key(
    before: LabelTable, after: LabelTable, places: Sides, rows: Sides, way: MatchedBy
) -> Sides:
    """Match rows of equal keys; of several equal ones the first with the first, and so on."""
    codes: dict[Hashable, int] = {}
    coded = [
        np.fromiter(
            (-1 if key is None else codes.setdefault(key, len(codes)) for key in keys), np.int64
        )
        for keys in (
            _keys(table, own, way) for table, own in zip((before, after), rows, strict=True)
        )
    ]
    found, joined = [], []
    for place, own, code in zip(places, rows, coded, strict=True):
        has_key = code >= 0
        key = place[own][has_key] * max(len(codes), 1) + code[has_key]
        occurrence, count = _occurrences(key)
        # A track twice in a frame does not say which is which; equal boxes or ids are as good.
        keep = count == 1 if way is MatchedBy.TRACK else np.ones(len(key), dtype=bool)
        found.append(own[has_key][keep])
        joined.append(np.stack([key[keep], occurrence[keep]], axis=1))
    return _join(found, joined)


def _join(rows: Sequence[Rows], keys: Sequence[Rows]) -> Sides:
    """Return the rows of both sides whose (N, 2) keys agree; no key is twice on a side."""
    both = np.concatenate(keys)
    order = np.lexsort((both[:, 1], both[:, 0]))
    ordered = both[order]
    meets = np.flatnonzero((ordered[1:] == ordered[:-1]).all(axis=1))
    # The sort is stable: of two equal keys the first side's comes first.
    first, second = order[meets], order[meets + 1] - len(keys[0])
    return rows[0][first], rows[1][second]


def _occurrences(keys: Rows) -> tuple[Rows, Rows]:
    """Return which time each key stands there, from 0, and how many times it does."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    starts = np.cumsum(counts) - counts
    occurrence = np.empty(len(keys), dtype=np.int64)
    occurrence[order] = np.arange(len(keys)) - np.repeat(starts, counts)
    return occurrence, counts[inverse]


def _keys(table: LabelTable, rows: Rows, way: MatchedBy) -> Iterable[Hashable]:
    if way is MatchedBy.ID:
        return [table.label_ids[row] or None for row in rows]
    if way is MatchedBy.TRACK:
        return [table.track_ids[row] for row in rows]
    steps = np.repeat([POSITION_STEP_M, ROTATION_STEP, PIXEL_STEP], [6, 4, 4])
    values = np.concatenate(
        [table.center[rows], table.size[rows], _canonical(table.rotation[rows]),
         table.boxes_px[rows]], axis=1,
    )  # fmt: skip
    rounded = np.round(np.clip(np.nan_to_num(values), -FARTHEST, FARTHEST) / steps)
    whole = rounded.astype(np.int64)
    return [
        (table.class_names[row], box.tobytes(), None if form is None else form.key)
        for row, box in zip(rows.tolist(), whole, strict=True)
        for form in (table.forms[row],)
    ]


def _canonical(wxyz: Floats) -> Floats:
    """Of the two quaternions of each rotation, return the one whose first number not 0 is > 0."""
    first = np.argmax(np.abs(wxyz) > ROTATION_STEP, axis=1)
    signs = np.where(wxyz[np.arange(len(wxyz)), first] < 0, -1.0, 1.0)
    turned: Floats = wxyz * signs[:, None]
    return turned


def _by_overlap(
    before: LabelTable, after: LabelTable, places: Sides, rows: Sides, min_iou: float
) -> Sides:
    """Match the boxes of each place that overlap most first; of equal ones, those of one class."""
    firsts, seconds, ious = [], [], []
    for first, second in _pairs_by_place(places, rows):
        first, second = _near(before, after, first, second)
        iou = pair_ious(before, after, first, second)
        enough = iou >= min_iou
        firsts.append(first[enough])
        seconds.append(second[enough])
        ious.append(iou[enough])
    if not firsts:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return _greedy(
        before, after, np.concatenate(firsts), np.concatenate(seconds), np.concatenate(ious)
    )


def _greedy(before: LabelTable, after: LabelTable, first: Rows, second: Rows, iou: Floats) -> Sides:
    other_class = np.fromiter(
        (before.class_names[a] != after.class_names[b] for a, b in zip(first, second, strict=True)),
        dtype=bool,
    )
    taken: tuple[set[int], set[int]] = (set(), set())
    kept = []
    for place in np.lexsort((second, first, other_class, -iou)).tolist():
        a, b = int(first[place]), int(second[place])
        if a not in taken[0] and b not in taken[1]:
            taken[0].add(a)
            taken[1].add(b)
            kept.append(place)
    return first[kept], second[kept]


def _pairs_by_place(places: Sides, rows: Sides) -> Iterator[Sides]:
    """Yield all pairs of rows at one place, many places at a time."""
    ordered = [
        own[np.argsort(place[own], kind="stable")] for place, own in zip(places, rows, strict=True)
    ]
    at = [place[own] for place, own in zip(places, ordered, strict=True)]
    common = _shared(*(each[np.flatnonzero(np.diff(each, prepend=-1))] for each in at))
    starts = [np.searchsorted(each, common) for each in at]
    counts = [
        np.searchsorted(each, common, side="right") - start
        for each, start in zip(at, starts, strict=True)
    ]
    sizes = counts[0] * counts[1]
    block = np.cumsum(sizes) // PAIRS_AT_ONCE
    for chosen in np.split(np.arange(len(common)), np.flatnonzero(np.diff(block)) + 1):
        if not len(chosen):
            continue
        total = sizes[chosen]
        group = np.repeat(np.arange(len(chosen)), total)
        within = np.arange(total.sum()) - np.repeat(np.cumsum(total) - total, total)
        a, b = np.divmod(within, counts[1][chosen][group])
        yield ordered[0][starts[0][chosen][group] + a], ordered[1][starts[1][chosen][group] + b]


def _shared(first: Rows, second: Rows) -> Rows:
    """Return what stands in both of two rising columns."""
    both = np.sort(np.concatenate([first, second]), kind="stable")
    found: Rows = both[1:][both[1:] == both[:-1]]
    return found


def _near(before: LabelTable, after: LabelTable, first: Rows, second: Rows) -> Sides:
    """Leave out pairs of cuboids too far apart to touch."""
    reach = np.linalg.norm(before.size[first], axis=1) + np.linalg.norm(after.size[second], axis=1)
    gap = np.linalg.norm(before.center[first] - after.center[second], axis=1)
    keep = ~(gap > reach / 2)
    return first[keep], second[keep]


def pair_ious(before: LabelTable, after: LabelTable, first: Rows, second: Rows) -> Floats:
    """(N,) overlap of pairs of rows at the same places: in space, or on an image.

    NaN for forms without an area.
    """
    found = np.zeros(len(first))
    solid = before.is_cuboid[first]
    same = solid & (before.size[first] > 0).all(axis=1)
    for name in ("center", "size", "rotation"):
        same &= (getattr(before, name)[first] == getattr(after, name)[second]).all(axis=1)
    found[same] = 1.0
    flat, solid = before.is_of(LabelKind.BOX)[first], solid & ~same
    a, b = first[solid], second[solid]
    if len(a):
        found[solid] = iou_3d_pairs(before.cuboids(a), after.cuboids(b))
    found[flat] = _box_ious(before.boxes_px[first[flat]], after.boxes_px[second[flat]])
    for place in np.flatnonzero(~flat & ~before.is_cuboid[first]).tolist():
        found[place] = _form_iou(before, after, int(first[place]), int(second[place]))
    return found


def _form_iou(before: LabelTable, after: LabelTable, row: int, other: int) -> float:
    mine, theirs = before.forms[row], after.forms[other]
    if mine is None or theirs is None:
        return float("nan")
    if mine.key == theirs.key:
        return 1.0 if mine.has_area else float("nan")
    a, b = before.boxes_px[row], after.boxes_px[other]
    if (np.maximum(a[:2], b[:2]) > np.minimum(a[2:], b[2:])).any():
        return 0.0
    return mine.change_to(theirs).iou


def _box_ious(a: Floats, b: Floats) -> Floats:
    """(N,) overlap of N pairs of upright boxes; 1 for equal ones, also without area."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    areas = [np.clip(box[:, 2:] - box[:, :2], 0, None).prod(axis=1) for box in (a, b)]
    whole = areas[0] + areas[1] - shared
    ious = np.divide(shared, whole, out=np.zeros(len(a)), where=whole > 0)
    return np.where((a == b).all(axis=1), 1.0, ious)
