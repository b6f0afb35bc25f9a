"""Two people's labels of the same frames, pair by pair."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.checks.annotators import annotators_of
from viewer.checks.motion import wrapped
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.overlap import iou_3d_pairs
from viewer.metrics.matching.assignment import matched
from viewer.metrics.matching.base import Pairs
from viewer.metrics.matching.candidates import Candidates, Matcher
from viewer.metrics.matching.center_distance_bev import CenterDistanceBev
from viewer.metrics.matching.iou_3d import Iou3d
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints

LEAST_IOU: Final = 0.1
"""Volume overlap from which two boxes may be of one object."""
NEAR_M: Final = 0.75
"""Distance of centres from which they may be, without any overlap: pedestrians are thin."""
SAME_WORK: Final = 0.5
"""Share of one annotator's labels that another's must match for both to have done the same work:
annotators who share a frame mostly label different objects."""


@dataclass(frozen=True, eq=False, slots=True)
class Opinion:
    """The cuboids that one person or label set has in a scene."""

    name: str
    set_id: str
    objects: EvaluatedObjects
    """Those of the label set."""
    rows: Ints
    """(K,) which of them are theirs, with finite cuboids."""

    def class_of(self, row: int) -> str:
        """Class of a row of `objects`."""
        return self.objects.class_names[int(self.objects.class_rows[row])]


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Two opinions on the frames that both labelled; rows are of the opinions' objects."""

    first: Opinion
    second: Opinion
    frames: int
    """That both labelled."""
    first_rows: Ints
    """(M,) pairs that are of one object"""
    second_rows: Ints
    """(M,)"""
    iou: Floats
    """(M,) volume overlap"""
    apart_m: Floats
    """(M,) of the centres"""
    turn_rad: Floats
    """(M,) of the headings, 0 to pi"""
    only_first: Ints
    """Rows that the second has no match for"""
    only_second: Ints

    @property
    def same_class(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """(M,) whether both call it the same."""
        pairs = zip(self.first_rows.tolist(), self.second_rows.tolist(), strict=True)
        return np.array(
            [self.first.class_of(a) == self.second.class_of(b) for a, b in pairs], dtype=bool
        )


def comparisons(scene: CheckedScene) -> list[Comparison]:
    """Compare every two opinions on a scene that share frames; kept with the scene.

    Opinions are label sets of people; in the checked set also its annotators, where they labelled
    the same objects.
    """
    found = scene.cache.get("second opinions")
    if not isinstance(found, list):
        found = scene.cache["second opinions"] = _all(scene)
    return found


def _all(scene: CheckedScene) -> list[Comparison]:
    sets: dict[str, EvaluatedObjects] = {scene.label_set_id: scene.labels, **scene.second_labels}
    opinions = [Opinion(name, name, each, _with_box(each)) for name, each in sets.items()]
    found = _between(opinions) if len(opinions) > 1 else []
    for each in _between(_by_annotator(scene)):
        least = min(len(each.first_rows) + len(each.only_first),
                    len(each.second_rows) + len(each.only_second))  # fmt: skip
        if len(each.first_rows) >= SAME_WORK * least:
            found.append(each)
    return found


def _between(opinions: list[Opinion]) -> list[Comparison]:
    found = []
    for place, first in enumerate(opinions):
        for second in opinions[place + 1 :]:
            compared = compare(first, second)
            if compared.frames:
                found.append(compared)
    return found


def compare(first: Opinion, second: Opinion) -> Comparison:
    """Pair the labels of two opinions: the most alike first, each at most once."""
    shared = np.intersect1d(
        first.objects.frame_rows[first.rows], second.objects.frame_rows[second.rows]
    )
    a_rows = first.rows[np.isin(first.objects.frame_rows[first.rows], shared)]
    b_rows = second.rows[np.isin(second.objects.frame_rows[second.rows], shared)]
    a, b = first.objects.select(a_rows), second.objects.select(b_rows)
    label_of = matched(_candidates(a, b), Matcher.BY_CLOSENESS, 0.0, 0.0)
    b_found = np.flatnonzero(label_of >= 0)
    a_found = label_of[b_found]
    order = np.argsort(a_found, kind="stable")
    a_found, b_found = a_found[order], b_found[order]
    apart = np.linalg.norm(a.centers_m[a_found] - b.centers_m[b_found], axis=1)
    iou = iou_3d_pairs(a.cuboids(a_found), b.cuboids(b_found))
    turn = np.abs(wrapped(a.cuboids(a_found).yaw_rad - b.cuboids(b_found).yaw_rad))
    return Comparison(
        first, second, len(shared), a_rows[a_found], b_rows[b_found], iou, apart, turn,
        only_first=np.delete(a_rows, a_found), only_second=np.delete(b_rows, b_found),
    )  # fmt: skip


def _candidates(a: EvaluatedObjects, b: EvaluatedObjects) -> Candidates:
    """Boxes that overlap are closer than those that are only near."""
    overlaps = Iou3d().pairs(a, b)
    overlaps = overlaps.select(overlaps.values >= LEAST_IOU)
    near = CenterDistanceBev().pairs(a, b)
    near = near.select(near.values <= NEAR_M)
    pairs = Pairs(
        np.concatenate([overlaps.label_rows, near.label_rows]),
        np.concatenate([overlaps.prediction_rows, near.prediction_rows]),
        np.concatenate([1.0 + overlaps.values, 1.0 - near.values / NEAR_M]),
    )
    order = np.lexsort((pairs.prediction_rows, pairs.label_rows, -pairs.values))
    return Candidates(
        np.zeros(len(a), np.int64), np.zeros(len(b), np.int64), np.ones(len(b)),
        pairs.label_rows[order], pairs.prediction_rows[order], pairs.values[order],
        np.full(len(b), -np.inf),
    )  # fmt: skip


def _by_annotator(scene: CheckedScene) -> list[Opinion]:
    makers = annotators_of(scene)
    if makers is None:
        return []
    rows = _with_box(scene.labels)
    names = sorted(set(makers[rows].tolist()) - {""})
    return [
        Opinion(name, scene.label_set_id, scene.labels, rows[makers[rows] == name])
        for name in names
    ]


def _with_box(objects: EvaluatedObjects) -> Ints:
    numbers = np.concatenate([objects.centers_m, objects.sizes_m, objects.rotations], axis=1)
    sound = np.isfinite(numbers).all(axis=1) & (objects.sizes_m > 0).all(axis=1)
    return np.flatnonzero(sound)
