"""A label that lies beside the way of its track."""

from collections.abc import Iterable
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import BoxRole, EvidenceBox, Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import jumping_rows, off_neighbours, residuals
from viewer.checks.trails import trail_of
from viewer.checks.world_rest import world_stands
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

SHARP: Final = 0.3
"""Of how far labels lie beside their way: so far one lies from where its neighbours put it."""


class Smoothness(Check):
    """The way is a parabola through the neighbours that a few wrong ones do not bend.

    What turns sharply leaves the parabola too, but no label of it lies far from where those beside
    it put it: where labels go aside, one does. Seen from a vehicle whose pose is not known, ways
    bend as sharply as it turns: it is a hint.
    """

    id: ClassVar[str] = "smoothness"
    numbers: ClassVar[tuple[int, ...]] = (23,)
    title: ClassVar[str] = "Beside its way"
    question: ClassVar[str] = "Does the label lie on the smooth way of its track?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_away_m", 0.35, "from the way"),
        Parameter("sure_away_m", 0.5, "from the way; a hint below"),
        Parameter("least_deviations", 6.0, "robust deviations of the track's labels from the way"),
        Parameter("least_labels", 7.0, "of the track"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        least_m = parameters.of("least_away_m")
        stands = world_stands(scene)
        jumps = {int(row) for row in jumping_rows(scene)}
        for rows, away in residuals(scene):
            if len(rows) < parameters.of("least_labels"):
                continue
            distance = np.linalg.norm(away, axis=1)
            off = off_neighbours(scene.times_s[scene.labels.frame_rows[rows]],
                                 scene.labels.centers_m[rows])  # fmt: skip
            # Wrong labels draw the way of right ones aside, but not their places between two.
            usual = 1.4826 * min(float(np.median(distance)), float(np.median(off)))
            limit = max(least_m, parameters.of("least_deviations") * usual)
            beside = _sharply(off, distance, distance > limit)
            for place in np.flatnonzero(beside).tolist():
                if int(rows[place]) not in jumps:
                    yield self._beside(
                        scene, rows, place, away, limit,
                        parameters.of("sure_away_m") if stands else np.inf,
                    )  # fmt: skip

    def _beside(
        self, scene: CheckedScene, rows: Ints, place: int, away: Floats, limit: float,
        sure_m: float,
    ) -> Finding:  # fmt: skip
        row = int(rows[place])
        box = scene.box(row)
        x, y, z = (scene.labels.centers_m[row] - away[place]).tolist()
        by = float(np.linalg.norm(away[place]))
        expected = EvidenceBox(
            BoxRole.EXPECTED, box.frame_key, (x, y, z), box.size_m, box.rotation_wxyz
        )
        return self.found(
            scene, row, boxes=(expected,), score=by / (by + limit),
            severity=Severity.LOW if by < sure_m else Severity.HIGH if by > 2 * limit
            else Severity.MEDIUM,
            text=f"It lies {by:.2f} m beside the way of its track",
            numbers={"away_m": by, "limit_m": limit}, trail_m=trail_of(scene, row),
            fix=Fix(FixKind.SET_BOX, "move it onto the way", {"center_m": [x, y, z]}),
        )  # fmt: skip


def _sharply(
    off_m: Floats, distance_m: Floats, beside: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """(T,) labels beside their way in a row with or next to one that is off its neighbours."""
    kept = beside.copy()
    edges = np.flatnonzero(np.diff(beside.astype(np.int8), prepend=0, append=0))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        around = off_m[max(start - 1, 0) : end + 1]
        kept[start:end] = around.max() > SHARP * distance_m[start:end].max()
    return kept
