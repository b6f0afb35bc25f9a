"""Parting scenes so that every class has nearly the same share in each part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.review.slices.sample import rank
from viewer.review.splits.model import ClassCounts

Floats = npt.NDArray[np.float64]
Parts = npt.NDArray[np.int64]
DIGITS = 10
"""Gains are compared to so many digits, so that machines that add in another order agree."""
MOST_SWAPS = 200
MOST_SWAPPED = 1000
"""Of more scenes, so many are tried for swapping: the dealing of many is even already."""


@dataclass(frozen=True, slots=True)
class SceneSplit:
    """Which scenes are in which part, and the labels that each part has."""

    scenes: Mapping[str, tuple[str, ...]]
    """Scene ids by part, rising."""
    class_counts: Mapping[str, ClassCounts]
    """Labels by part and class."""


def split_scenes(
    counts: Mapping[str, ClassCounts], shares: Mapping[str, float], seed: int
) -> SceneSplit:
    """Part scenes: as many as each share says, and of each class as near to it as found.

    Large scenes are dealt first, each to the part that lacks most of what it has; then scenes of
    two parts are swapped while that helps. The same input gives the same split everywhere.

    Parameters
    ----------
    counts
        Labels by scene and class; a scene without labels has an empty mapping.
    shares
        By the part's name; they are taken relative to their sum.
    seed
        Decides among scenes of about the same size.

    Raises
    ------
    ValueError
        When a share is not above 0, or there are fewer scenes than parts.

    Examples
    --------
    >>> counts = {name: {"car": 10} for name in "abcdefghij"}
    >>> split = split_scenes(counts, {"train": 0.8, "val": 0.1, "test": 0.1}, seed=7)
    >>> {part: len(scenes) for part, scenes in split.scenes.items()}
    {'train': 8, 'val': 1, 'test': 1}
    """
    if not shares or any(not 0 < share < float("inf") for share in shares.values()):
        raise ValueError("each part of a split needs a share above 0")
    if len(counts) < len(shares):
        raise ValueError(f"{len(counts)} scenes cannot be split into {len(shares)} parts")
    wanted = np.array(list(shares.values())) / sum(shares.values())
    room = _scene_counts(wanted, len(counts))
    scene_ids = sorted(counts)
    weights = _weights(counts, scene_ids)
    order = _dealing_order(scene_ids, weights, seed)
    part_of = _dealt(weights, order, wanted, room)
    _swap(weights, part_of, wanted, order)
    scenes = {
        name: tuple(scene_ids[row] for row in np.flatnonzero(part_of == part))
        for part, name in enumerate(shares)
    }
    return SceneSplit(scenes, {name: count_classes(counts, own) for name, own in scenes.items()})


def count_classes(counts: Mapping[str, ClassCounts], scene_ids: Sequence[str]) -> ClassCounts:
    """Return the labels of some scenes together."""
    total: dict[str, int] = {}
    for scene_id in scene_ids:
        for name, count in counts[scene_id].items():
            total[name] = total.get(name, 0) + count
    return dict(sorted(total.items()))


def _scene_counts(wanted: Floats, scene_count: int) -> Parts:
    """Round shares of scenes to whole ones by largest remainder; no part is empty."""
    exact = np.round(wanted * scene_count, DIGITS)
    found = np.floor(exact).astype(np.int64)
    left = scene_count - int(found.sum())
    found[np.argsort(found - exact, kind="stable")[:left]] += 1
    while (found == 0).any():
        found[np.argmax(found)] -= 1
        found[np.argmin(found)] += 1
    return found


def _weights(counts: Mapping[str, ClassCounts], scene_ids: Sequence[str]) -> Floats:
    """(S, C + 1) what each scene has of each class and of all labels, as a share of the total."""
    names = sorted({name for each in counts.values() for name in each})
    table = np.array(
        [[counts[scene].get(name, 0) for name in names] for scene in scene_ids], dtype=np.float64
    ).reshape(len(scene_ids), len(names))
    table = np.column_stack([table, table.sum(axis=1)])
    totals = table.sum(axis=0)
    found: Floats = table / np.where(totals > 0, totals, 1.0)
    return found


def _dealing_order(scene_ids: Sequence[str], weights: Floats, seed: int) -> list[int]:
    """Large scenes first; chance decides among those within a factor of two."""
    size = np.maximum(weights.sum(axis=1), 1e-12)
    bucket = -np.floor(np.round(np.log2(size), DIGITS)).astype(np.int64)
    return sorted(range(len(scene_ids)), key=lambda row: (bucket[row], rank(seed, scene_ids[row])))


def _dealt(weights: Floats, order: Sequence[int], wanted: Floats, room: Parts) -> Parts:
    part_of = np.empty(len(weights), dtype=np.int64)
    lacking = np.tile(wanted[:, None], (1, weights.shape[1]))
    left = room.copy()
    for row in order:
        gain = np.round((lacking * weights[row]).sum(axis=1), DIGITS)
        # Of parts that gain as much, the one that is emptiest for its size.
        part = np.lexsort((-left / room, -gain, left == 0))[0]
        part_of[row] = part
        lacking[part] -= weights[row]
        left[part] -= 1
    return part_of


def _swap(weights: Floats, part_of: Parts, wanted: Floats, order: Sequence[int]) -> None:
    """Swap the two scenes of different parts that help most, until none do."""
    error = np.array(
        [weights[part_of == part].sum(axis=0) - share for part, share in enumerate(wanted)]
    )
    tried = np.array(order)[:: -(-len(order) // MOST_SWAPPED)]
    own = weights[tried]
    squares = (own**2).sum(axis=1)
    apart = squares[:, None] + squares[None] - 2 * own @ own.T
    for _ in range(MOST_SWAPS):
        change = _swap_changes(own, error, part_of[tried], apart)
        first, second = np.unravel_index(int(np.argmin(change)), change.shape)
        if change[first, second] >= 0:
            return
        s, t = tried[first], tried[second]
        moved = weights[t] - weights[s]
        error[part_of[s]] += moved
        error[part_of[t]] -= moved
        part_of[s], part_of[t] = part_of[t], part_of[s]


def _swap_changes(weights: Floats, error: Floats, part_of: Parts, apart: Floats) -> Floats:
    """(S, S) half of what the summed squared error changes by when two scenes change places.

    With d what the second scene has more, e and f the errors of their parts:
    ((e + d)^2 - e^2 + (f - d)^2 - f^2) / 2 = d.e - d.f + d.d, the last of which is `apart`.
    """
    lean = weights @ error.T
    own = lean[np.arange(len(weights)), part_of]
    other = lean[:, part_of]
    change = other.T - own[:, None] + other - own[None] + apart
    change[part_of[:, None] == part_of[None]] = 0.0
    found: Floats = np.round(change, DIGITS)
    return found
