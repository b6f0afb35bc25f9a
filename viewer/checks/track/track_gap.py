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


class TrackGap(Check):
    """A gap is told at the label before it, with the box that is missing between.

    Whether the object was there to be seen, the points of the frames in between tell.
    """

    id: ClassVar[str] = "track-gap"
    numbers: ClassVar[tuple[int, ...]] = (22,)
    title: ClassVar[str] = "Gap or flicker"
    question: ClassVar[str] = "Is the object labelled in every frame between its first and last?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_missing", 8.0, "frames; a longer gap is taken for hidden"),
        Parameter("least_points", 5.0, "where a label is missing, for severity high"),
        Parameter("most_hidden", 0.6, "share of rays that end before the place of a missing label",
                  high=1.0),
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
            step, points = _best_seen(scene, before, missing, parameters.of("most_hidden"))
            box = _between(scene, before, after, step)
            seen = points is not None and points >= parameters.of("least_points")
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


def _best_seen(
    scene: CheckedScene, before: int, missing: int, most_hidden: float
) -> tuple[int, int | None]:
    """Frames after a label where what is missing shows best, and its points there above the ground.

    None where that was not measured.
    """
    measured = None if scene.points is None else scene.points.absent
    if measured is None:
        return 1, None
    first = int(scene.labels.frame_rows[before]) + 1
    places = measured.of(before, range(first, first + missing))
    if not len(places):
        return 1, None
    shown = np.where(measured.hidden[places] <= most_hidden, measured.points[places], 0)
    best = int(np.argmax(shown))
    return int(measured.frames[places[best]]) - first + 1, int(shown[best])


def _between(scene: CheckedScene, before: int, after: int, step: int) -> EvidenceBox:
    """Box that the track would have so many frames after a label."""
    labels = scene.labels
    first = int(labels.frame_rows[before])
    share = step / (int(labels.frame_rows[after]) - first)
    center = labels.centers_m[before] + share * (labels.centers_m[after] - labels.centers_m[before])
    size = (labels.sizes_m[before] + labels.sizes_m[after]) / 2
    rotation = slerp(labels.rotations[before], labels.rotations[after], share)
    x, y, z = center.tolist()
    length, width, height = size.tolist()
    w, i, j, k = np.asarray(rotation).ravel().tolist()
    key = labels.frames.keys[first + step]
    return EvidenceBox(BoxRole.EXPECTED, key, (x, y, z), (length, width, height), (w, i, j, k))
