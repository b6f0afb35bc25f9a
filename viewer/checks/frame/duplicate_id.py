"""Two labels of a frame with one id or one track."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class DuplicateId(Check):
    """Of the labels that share a track the one farther from the track's neighbours is accused."""

    id: ClassVar[str] = "duplicate-id"
    numbers: ClassVar[tuple[int, ...]] = (12,)
    title: ClassVar[str] = "Duplicate id in a frame"
    question: ClassVar[str] = "Has each object of a frame a track of its own?"
    group: ClassVar[Group] = Group.FRAME

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        labels, tracks = scene.labels, scene.labels.track_rows
        if tracks is None:
            return
        rows = scene.boxes[tracks[scene.boxes] >= 0]
        key = labels.frame_rows[rows] * max(len(labels.track_ids), 1) + tracks[rows]
        _, place, counts = np.unique(key, return_inverse=True, return_counts=True)
        for shared in np.flatnonzero(counts > 1).tolist():
            own = rows[place == shared]
            away = [_from_track(scene, row) for row in own.tolist()]
            accused = int(own[int(np.argmax(away))])
            others = [row for row in own.tolist() if row != accused]
            yield self.found(
                scene, accused, others=others, score=1.0, severity=Severity.HIGH,
                text=f"{len(own)} labels of the frame have the track {scene.track_id(accused)}",
                numbers={"labels": len(own), "from_track_m": max(away)},
            )  # fmt: skip


def _from_track(scene: CheckedScene, row: int) -> float:
    """Metres from the label nearest in time that has the track for itself in its frame."""
    labels = scene.labels
    assert labels.track_rows is not None
    same = scene.boxes[labels.track_rows[scene.boxes] == labels.track_rows[row]]
    frames = labels.frame_rows[same]
    alone = np.bincount(frames)[frames] == 1
    if not alone.any():
        return 0.0
    away = np.abs(frames[alone] - labels.frame_rows[row])
    nearest = same[alone][away == away.min()]
    offset = labels.centers_m[nearest] - labels.centers_m[row]
    return float(np.linalg.norm(offset, axis=1).min())
