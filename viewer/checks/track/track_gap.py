"""An object that is labelled, not labelled, and labelled again; or only for an instant."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import BoxRole, EvidenceBox, Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of, trail_of
from viewer.geometry.rotation import slerp
from viewer.progress import JobContext

ROUND = 0.6
"""Of half the diagonal of a box: the radius that it surely hides."""


class TrackGap(Check):
    """A gap is told at the label before it, with the box that is missing between."""

    id: ClassVar[str] = "track-gap"
    numbers: ClassVar[tuple[int, ...]] = (22,)
    title: ClassVar[str] = "Gap or flicker"
    question: ClassVar[str] = "Is the object labelled in every frame between its first and last?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_missing", 8.0, "frames; a longer gap is taken for hidden"),
        Parameter("least_points", 5.0, "in the boxes at both ends for severity high"),
        Parameter("shortest_track", 2.0, "labels that are too few for an object", "Fixy"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        steps, labels = scene.steps, scene.labels
        for place in np.flatnonzero(steps.frames_apart > 1).tolist():
            missing = int(steps.frames_apart[place]) - 1
            if missing > parameters.of("most_missing"):
                continue
            before, after = int(steps.before[place]), int(steps.after[place])
            points = None
            if scene.points is not None:
                counts = scene.points.fit.counts
                points = int(min(counts[before], counts[after]))
            box = _between(scene, before, after)
            seen = points is not None and points >= parameters.of("least_points")
            seen &= not _hidden(scene, before, box)
            frames = f"{missing} frames" if missing > 1 else "a frame"
            yield self.found(
                scene, before, others=(after,), boxes=(box,),
                score=0.9 if seen else 0.4, severity=Severity.HIGH if seen else Severity.LOW,
                text=f"Its track has no label in {frames} after this one",
                numbers={"missing": missing, "points": -1 if points is None else points},
                trail_m=trail_of(scene, before),
                fix=Fix(FixKind.ADD_LABEL, f"add a label in frame {box.frame_key}",
                        {"frame_key": box.frame_key, "center_m": box.center_m,
                         "size_m": box.size_m, "rotation_wxyz": box.rotation_wxyz,
                         "class_name": str(scene.class_of[before]),
                         "track_id": scene.track_id(before)}),
            )  # fmt: skip
        shortest = parameters.of("shortest_track")
        for rows in track_rows_of(scene).values():
            at_edge = {0, len(labels.frames) - 1} & set(labels.frame_rows[rows].tolist())
            if len(rows) > shortest or at_edge or len(labels.frames) < 5 * shortest:
                continue
            row = int(rows[0])
            count = f"{len(rows)} labels" if len(rows) > 1 else "one label"
            yield self.found(
                scene, row, score=0.5, severity=Severity.LOW, text=f"Its track has {count} only",
                numbers={"labels": len(rows)},
            )  # fmt: skip


def _between(scene: CheckedScene, before: int, after: int) -> EvidenceBox:
    """Box that the track would have in the first frame that misses it."""
    labels = scene.labels
    first = int(labels.frame_rows[before])
    share = 1.0 / (int(labels.frame_rows[after]) - first)
    center = labels.centers_m[before] + share * (labels.centers_m[after] - labels.centers_m[before])
    size = (labels.sizes_m[before] + labels.sizes_m[after]) / 2
    rotation = slerp(labels.rotations[before], labels.rotations[after], share)
    x, y, z = center.tolist()
    length, width, height = size.tolist()
    w, i, j, k = np.asarray(rotation).ravel().tolist()
    key = labels.frames.keys[first + 1]
    return EvidenceBox(BoxRole.EXPECTED, key, (x, y, z), (length, width, height), (w, i, j, k))


def _hidden(scene: CheckedScene, before: int, box: EvidenceBox) -> bool:
    """Whether another label lies between the vehicle and a box in the frame after a label."""
    labels, frame = scene.labels, int(scene.labels.frame_rows[before]) + 1
    ego = scene.world_from_ego[frame, :2, 3]
    others = scene.boxes[labels.frame_rows[scene.boxes] == frame]
    if not np.isfinite(ego).all() or not len(others):
        return False
    way = np.array(box.center_m[:2]) - ego
    far = float(np.hypot(*way))
    # A box hides what is behind its circle; the middle third of the missing one must be behind.
    offset = labels.centers_m[others, :2] - ego
    distance = np.hypot(offset[:, 0], offset[:, 1])
    radius = np.hypot(labels.sizes_m[others, 0], labels.sizes_m[others, 1]) / 2 * ROUND
    aside = np.abs(offset[:, 0] * way[1] - offset[:, 1] * way[0]) / max(far, 1e-9)
    ahead = offset @ way > 0
    return bool((ahead & (distance < far - 1.0) & (aside < radius)).any())
