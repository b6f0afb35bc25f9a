"""Two people's labels of the same frames, pair by pair."""

from dataclasses import dataclass, replace
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
from viewer.metrics.matching.image_units import box_overlaps
from viewer.metrics.matching.iou_2d import Iou2d
from viewer.metrics.matching.iou_3d import Iou3d
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints

LEAST_IOU: Final = 0.1
"""Volume overlap from which two boxes may be of one object."""
NEAR_M: Final = 0.75
"""Distance of centres from which they may be, without any overlap: pedestrians are thin."""
MOST_CAMERAS: Final = 1 << 20
SAME_WORK: Final = 0.5
"""Share of one annotator's labels that another's must match for both to have done the same work:
annotators who share a frame mostly label different objects."""


@dataclass(frozen=True, eq=False, slots=True)
class Opinion:
    """What one person or label set has in a scene: cuboids, or 2D boxes where it has no cuboids."""

    name: str
    set_id: str
    objects: EvaluatedObjects
    """Those of the label set."""
    rows: Ints
    """(K,) which of them are theirs, with finite boxes."""
    is_flat: bool = False
    """Whether these are 2D boxes."""

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
    """(M,) overlap of volumes, or of areas"""
    apart: Floats
    """(M,) of the centres: metres, or pixels"""
    turn_rad: Floats
    """(M,) of the headings, 0 to pi; 0 of 2D boxes"""
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
    # An object's cuboid and one of its 2D boxes are one row: which one may differ.
    is_flat = not any(len(_with_box(each)) for each in sets.values())
    rows_of = _with_flat_box if is_flat else _with_box
    opinions = [Opinion(name, name, each, rows_of(each), is_flat) for name, each in sets.items()]
    found = _between(opinions) if len(opinions) > 1 else []
    for each in _between(_by_annotator(scene, opinions[0])):
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
    # Of cuboids frames are labelled, of 2D boxes images.
    cameras: dict[str, int] = {}
    a_places, b_places = _places(first, cameras), _places(second, cameras)
    shared = np.intersect1d(a_places, b_places)
    a_rows = first.rows[np.isin(a_places, shared)]
    b_rows = second.rows[np.isin(b_places, shared)]
    a, b = first.objects.select(a_rows), second.objects.select(b_rows)
    pairs = _flat_pairs(a, b) if first.is_flat else _pairs(a, b)
    label_of = matched(_candidates(a, b, pairs), Matcher.BY_CLOSENESS, 0.0, 0.0)
    b_found = np.flatnonzero(label_of >= 0)
    a_found = label_of[b_found]
    order = np.argsort(a_found, kind="stable")
    a_found, b_found = a_found[order], b_found[order]
    if first.is_flat:
        iou, apart, turn = _flat_differences(a, a_found, b, b_found)
    else:
        apart = np.linalg.norm(a.centers_m[a_found] - b.centers_m[b_found], axis=1)
        iou = iou_3d_pairs(a.cuboids(a_found), b.cuboids(b_found))
        turn = np.abs(wrapped(a.cuboids(a_found).yaw_rad - b.cuboids(b_found).yaw_rad))
    return Comparison(
        first, second, len(shared), a_rows[a_found], b_rows[b_found], iou, apart, turn,
        only_first=np.delete(a_rows, a_found), only_second=np.delete(b_rows, b_found),
    )  # fmt: skip


def _places(opinion: Opinion, cameras: dict[str, int]) -> Ints:
    """(K,) a number for the frame, or the image, of each row."""
    frames = opinion.objects.frame_rows[opinion.rows]
    names = opinion.objects.cameras
    if not opinion.is_flat or names is None:
        return frames
    own = [cameras.setdefault(names[row], len(cameras)) for row in opinion.rows.tolist()]
    return frames * MOST_CAMERAS + np.array(own, dtype=np.int64)


def _pairs(a: EvaluatedObjects, b: EvaluatedObjects) -> Pairs:
    """Boxes that overlap are closer than those that are only near."""
    overlaps = Iou3d().pairs(a, b)
    overlaps = overlaps.select(overlaps.values >= LEAST_IOU)
    near = CenterDistanceBev().pairs(a, b)
    near = near.select(near.values <= NEAR_M)
    return Pairs(
        np.concatenate([overlaps.label_rows, near.label_rows]),
        np.concatenate([overlaps.prediction_rows, near.prediction_rows]),
        np.concatenate([1.0 + overlaps.values, 1.0 - near.values / NEAR_M]),
    )


def _flat_pairs(a: EvaluatedObjects, b: EvaluatedObjects) -> Pairs:
    overlaps = Iou2d().pairs(a, b)
    return overlaps.select(overlaps.values >= LEAST_IOU)


def _flat_differences(
    a: EvaluatedObjects, a_rows: Ints, b: EvaluatedObjects, b_rows: Ints
) -> tuple[Floats, Floats, Floats]:
    """(M,) overlap, distance of the centres in pixels, and no turn."""
    nothing: Floats = np.zeros(len(a_rows))
    if a.boxes_px is None or b.boxes_px is None:
        return nothing, nothing, nothing
    first, second = a.boxes_px[a_rows], b.boxes_px[b_rows]
    middle = (first[:, :2] + first[:, 2:] - second[:, :2] - second[:, 2:]) / 2
    return box_overlaps(first, second, covering=False), np.hypot(*middle.T), nothing


def _candidates(a: EvaluatedObjects, b: EvaluatedObjects, pairs: Pairs) -> Candidates:
    order = np.lexsort((pairs.prediction_rows, pairs.label_rows, -pairs.values))
    return Candidates(
        np.zeros(len(a), np.int64), np.zeros(len(b), np.int64), np.ones(len(b)),
        pairs.label_rows[order], pairs.prediction_rows[order], pairs.values[order],
        np.full(len(b), -np.inf),
    )  # fmt: skip


def _by_annotator(scene: CheckedScene, whole: Opinion) -> list[Opinion]:
    makers = annotators_of(scene)
    if makers is None:
        return []
    rows = whole.rows
    names = sorted(set(makers[rows].tolist()) - {""})
    return [replace(whole, name=name, rows=rows[makers[rows] == name]) for name in names]


def _with_flat_box(objects: EvaluatedObjects) -> Ints:
    boxes = objects.boxes_px
    if boxes is None:
        return np.empty(0, np.int64)
    sound = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    return np.flatnonzero(sound)


def _with_box(objects: EvaluatedObjects) -> Ints:
    numbers = np.concatenate([objects.centers_m, objects.sizes_m, objects.rotations], axis=1)
    sound = np.isfinite(numbers).all(axis=1) & (objects.sizes_m > 0).all(axis=1)
    return np.flatnonzero(sound)
