"""A label that no model ever sees."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.frame.predicted import beside
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.seen_sides import hidden_shares
from viewer.checks.trails import track_rows_of
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

RANGE_STEP_M = 10.0
BORROWED = 4
"""Labels."""
VOID_CHANCE = 0.1
"""That a track which nothing shows is right all the same."""


class SpuriousLabel(Check):
    """Over a whole track, beside how often the models see labels of its class that are as visible.

    How visible it is the rays of the lidar tell, whether they find something there or not. What
    others hide is left alone, unless nothing ever shows it.
    """

    id: ClassVar[str] = "spurious-label"
    numbers: ClassVar[tuple[int, ...]] = (14,)
    title: ClassVar[str] = "Spurious label"
    question: ClassVar[str] = "Does any model see the object anywhere on its track?"
    group: ClassVar[Group] = Group.FRAME
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.PREDICTIONS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_likely", 0.05, "chance that the models miss all labels of such a track",
                  high=1.0),
        Parameter("most_hidden", 0.3, "share of rays that end before a label that is visible",
                  high=1.0),
        Parameter("least_void", 3.0, "labels of a track without any point, that no model sees"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        seen = np.zeros(len(scene.labels), dtype=bool)
        for each in beside(scene):
            seen[each.label_rows] = True
        tracks = list(track_rows_of(scene).values())
        tracked = np.concatenate([np.empty(0, np.int64), *tracks])
        alone = [np.array([row]) for row in np.setdiff1d(scene.boxes, tracked).tolist()]
        unseen = [rows for rows in (*tracks, *alone) if not seen[rows].any()]
        visible = _visible(scene, parameters.of("most_hidden"))
        usual = _usual_share(scene, seen, visible, _never_seen(scene, tracks, seen))
        for rows in unseen:
            shown = rows[visible[rows]]
            # Misses in neighbouring frames have one cause: they count as a third of as many.
            chance = float(
                np.prod(np.clip(1.0 - usual[shown], 0.02, 1.0)) ** (1 / max(1, min(3, len(shown))))
            )
            if len(shown) and chance <= parameters.of("most_likely"):
                yield from self._spurious(scene, rows, chance, "others of its class are seen there")
            elif _is_void(scene, rows, parameters.of("least_void")):
                yield from self._spurious(
                    scene, rows, VOID_CHANCE, "and no point ever falls in one of them"
                )

    def _spurious(
        self, scene: CheckedScene, rows: Ints, chance: float, why: str
    ) -> Iterable[Finding]:
        labels = f"any of its {len(rows)} labels" if len(rows) > 1 else "it"
        track = scene.track_id(int(rows[0])) if len(rows) > 1 else None
        for row in rows.tolist():
            found = self.found(
                scene, row, score=1.0 - chance, severity=Severity.MEDIUM,
                text=f"No model sees {labels}; {why}",
                numbers={"labels": len(rows), "chance": chance},
                fix=Fix(FixKind.DELETE, "delete the label"),
            )  # fmt: skip
            yield replace(found, whole_track=track)


def _never_seen(
    scene: CheckedScene, tracks: list[Ints], seen: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """(N,) labels of tracks that no model sees: they say nothing of how often models see one."""
    never: npt.NDArray[np.bool_] = np.zeros(len(scene.labels), dtype=bool)
    for rows in tracks:
        never[rows] = not seen[rows].any()
    return never


def _is_void(scene: CheckedScene, rows: Ints, least: float) -> bool:
    """Whether so many labels of a track are all without any point, hidden or not."""
    if scene.points is None or len(rows) < least:
        return False
    known = scene.points.has_points[scene.labels.frame_rows[rows]]
    return bool(known.all() and not scene.points.fit.counts[rows].any())


def _visible(scene: CheckedScene, most_hidden: float) -> npt.NDArray[np.bool_]:
    """(N,) labels of which a model can be expected to see something."""
    visible: npt.NDArray[np.bool_] = np.zeros(len(scene.labels), dtype=bool)
    rows = scene.boxes[np.isfinite(scene.ranges_m[scene.boxes])]
    visible[rows] = hidden_shares(scene, rows) <= most_hidden
    return visible


def _usual_share(
    scene: CheckedScene,
    seen: npt.NDArray[np.bool_],
    visible: npt.NDArray[np.bool_],
    left_out: npt.NDArray[np.bool_],
) -> Floats:
    """(N,) share of the visible labels of the class and such a place that some model sees.

    Few of a class borrow from those of all classes there.
    """
    share = np.zeros(len(scene.labels))
    rows = np.flatnonzero(visible)
    if not len(rows):
        return share
    places = _places(scene, rows)
    classes = np.unique(scene.class_of[rows].astype(str), return_inverse=True)[1]
    counted = ~left_out[rows]
    of_all = _of_all_classes(places, seen[rows], counted)
    share[rows] = _shares(classes * 1000 + places, seen[rows], counted, of_all, BORROWED)
    return share


def _places(scene: CheckedScene, rows: Ints) -> Ints:
    """(K,) a number for how well each label could be seen.

    By the rays of the lidar that go there, whether they find something or not; without points by
    the range.
    """
    if scene.points is None:
        steps = (scene.ranges_m[rows] // RANGE_STEP_M).astype(np.int64)
    else:
        sight = scene.points.sight
        rays = sight.passed[rows] + sight.ended[rows]
        steps = np.floor(np.log2(np.maximum(rays, 1))).astype(np.int64)
    places: Ints = np.minimum(steps, 999)
    return places


def _of_all_classes(
    places: Ints, seen: npt.NDArray[np.bool_], counted: npt.NDArray[np.bool_]
) -> Floats:
    """(K,) share that is seen at the place of each; where nobody counts, of the nearest place."""
    known = np.unique(places[counted])
    if not len(known):
        return np.zeros(len(places))
    share = np.bincount(places[counted], seen[counted]) / np.maximum(
        np.bincount(places[counted]), 1
    )
    nearest = np.abs(places[:, None] - known).argmin(axis=1)
    found: Floats = share[known[nearest]]
    return found


def _shares(
    keys: Ints, seen: npt.NDArray[np.bool_], counted: npt.NDArray[np.bool_], borrowed: Floats,
    weight: int,
) -> Floats:  # fmt: skip
    """(K,) share that is seen of those with the same key, `weight` more taken as borrowed."""
    _, place = np.unique(keys, return_inverse=True)
    totals = np.bincount(place, counted)[place] + weight
    seen_there = np.bincount(place, seen & counted)[place] + weight * borrowed
    shares: Floats = seen_there / np.maximum(totals, 1)
    return shares
