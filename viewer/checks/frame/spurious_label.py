"""A label that no model ever sees."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.frame.predicted import beside
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

RANGE_STEP_M = 10.0


class SpuriousLabel(Check):
    """Over a whole track, beside how often the models see labels of the class at such ranges."""

    id: ClassVar[str] = "spurious-label"
    numbers: ClassVar[tuple[int, ...]] = (14,)
    title: ClassVar[str] = "Spurious label"
    question: ClassVar[str] = "Does any model see the object anywhere on its track?"
    group: ClassVar[Group] = Group.FRAME
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.PREDICTIONS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "most_likely", 0.05, "chance that the models miss all labels of such a track", high=1.0
        ),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        seen = np.zeros(len(scene.labels), dtype=bool)
        for each in beside(scene):
            seen[each.label_rows] = True
        usual = _usual_share(scene, seen)
        whole = list(track_rows_of(scene).values())
        tracked = np.concatenate([np.empty(0, np.int64), *whole])
        alone = np.setdiff1d(scene.boxes, tracked)
        for rows in [*whole, *(np.array([row]) for row in alone.tolist())]:
            if seen[rows].any():
                continue
            # Misses in neighbouring frames have one cause: they count as a third of as many.
            chance = float(
                np.prod(np.clip(1.0 - usual[rows], 0.02, 1.0)) ** (1 / min(3, len(rows)))
            )
            if chance > parameters.of("most_likely"):
                continue
            yield from self._spurious(scene, rows, chance)

    def _spurious(self, scene: CheckedScene, rows: Ints, chance: float) -> Iterable[Finding]:
        labels = f"any of its {len(rows)} labels" if len(rows) > 1 else "it"
        track = scene.track_id(int(rows[0])) if len(rows) > 1 else None
        for row in rows.tolist():
            found = self.found(
                scene, row, score=1.0 - chance, severity=Severity.MEDIUM,
                text=f"No model sees {labels}; others of its class are seen there",
                numbers={"labels": len(rows), "chance": chance},
                fix=Fix(FixKind.DELETE, "delete the label"),
            )  # fmt: skip
            yield replace(found, whole_track=track)


def _usual_share(scene: CheckedScene, seen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Floats:
    """(N,) share of the labels of the class and range that are seen by some model."""
    share = np.zeros(len(scene.labels))
    rows = scene.boxes[np.isfinite(scene.ranges_m[scene.boxes])]
    steps = (scene.ranges_m[rows] // RANGE_STEP_M).astype(np.int64)
    classes = np.unique(scene.class_of[rows].astype(str), return_inverse=True)[1]
    key = classes * 1000 + np.minimum(steps, 999)
    _, place = np.unique(key, return_inverse=True)
    counts = np.bincount(place)
    share[rows] = (np.bincount(place, seen[rows]) / np.maximum(counts, 1))[place]
    return share
