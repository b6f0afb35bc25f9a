"""One object whose track id changes, or two objects that exchange theirs."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of, trail_of
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext


class IdSwitch(Check):
    """A track that ends where another begins; two that jump into each other's way.

    Where an object will be is told from its last step.
    """

    id: ClassVar[str] = "id-switch"
    numbers: ClassVar[tuple[int, ...]] = (21,)
    title: ClassVar[str] = "Track id switches"
    question: ClassVar[str] = "Does each object keep its track id?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_apart_m", 1.5, "between where the one is expected and the other begins"),
        Parameter("most_frames", 3.0, "between the end and the beginning"),
        Parameter("most_size_change", 0.15, "of any side, as a share", high=1.0),
        Parameter("least_gain_m", 1.0, "that exchanging two tracks saves each of them"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        yield from self._renamed(scene, parameters)
        yield from self._exchanged(scene, parameters)

    def _renamed(self, scene: CheckedScene, parameters: Parameters) -> Iterable[Finding]:
        labels = scene.labels
        tracks = list(track_rows_of(scene).values())
        last = len(labels.frames) - 1
        begins = np.array([rows[0] for rows in tracks], dtype=np.int64)
        begin_frames = labels.frame_rows[begins] if len(begins) else begins
        for rows in tracks:
            end = int(rows[-1])
            frame = int(labels.frame_rows[end])
            later = begin_frames - frame
            near = np.flatnonzero((later >= 1) & (later <= parameters.of("most_frames")))
            if frame == last or not len(near):
                continue
            expected = labels.centers_m[end] + later[near, None] * _last_step(scene, rows)
            apart = np.linalg.norm(labels.centers_m[begins[near]] - expected, axis=1)
            change = np.abs(labels.sizes_m[begins[near]] / labels.sizes_m[end] - 1).max(axis=1)
            apart[change > parameters.of("most_size_change")] = np.inf
            apart[scene.class_of[begins[near]] != scene.class_of[end]] = np.inf
            best = int(np.argmin(apart))
            most = parameters.of("most_apart_m")
            if not apart[best] <= most:
                continue
            row = int(begins[near[best]])
            one, other = scene.track_id(end), scene.track_id(row)
            yield self.found(
                scene, row, others=(end,), score=1.0 - float(apart[best]) / (2 * most),
                severity=Severity.HIGH,
                text=f"Track {other} begins {apart[best]:.2f} m from where track {one} ends",
                numbers={"apart_m": apart[best], "frames": later[near[best]]},
                trail_m=np.concatenate([trail_of(scene, end), trail_of(scene, row)]),
                fix=Fix(FixKind.MERGE_TRACKS, f"merge it into track {one}",
                        {"track_id": other, "into_track_id": one}),
            )  # fmt: skip

    def _exchanged(self, scene: CheckedScene, parameters: Parameters) -> Iterable[Finding]:
        """Yield pairs of steps that fit better the other way round."""
        steps, labels = scene.steps, scene.labels
        first = np.flatnonzero(steps.follows) - 1
        second = first + 1
        per_frame = steps.moved_m[first] / steps.frames_apart[first, None]
        expected = (
            labels.centers_m[steps.before[second]] + per_frame * steps.frames_apart[second, None]
        )
        reached = labels.centers_m[steps.after[second]]
        miss = np.linalg.norm(reached - expected, axis=1)
        least = parameters.of("least_gain_m")
        suspects = np.flatnonzero(miss > least)
        frames = labels.frame_rows[steps.after[second]]
        for place, a in enumerate(suspects.tolist()):
            others = suspects[place + 1 :]
            others = others[frames[others] == frames[a]]
            if not len(others):
                continue
            crossed = np.linalg.norm(reached[others] - expected[a], axis=1)
            back = np.linalg.norm(reached[a] - expected[others], axis=1)
            gain = np.minimum(miss[a] - crossed, miss[others] - back)
            best = int(np.argmax(gain))
            if gain[best] < least:
                continue
            b = int(others[best])
            rows = int(steps.after[second[a]]), int(steps.after[second[b]])
            names = scene.track_id(rows[0]), scene.track_id(rows[1])
            yield self.found(
                scene, rows[0], others=(rows[1],),
                score=float(gain[best] / (gain[best] + least)), severity=Severity.HIGH,
                text=f"Tracks {names[0]} and {names[1]} exchange their objects here",
                numbers={"jump_m": miss[a], "gain_m": gain[best]},
                trail_m=trail_of(scene, rows[0]),
                fix=Fix(FixKind.CHANGE_TRACK, f"give it the track {names[1]}",
                        {"track_id": names[1]}),
            )  # fmt: skip


def _last_step(scene: CheckedScene, rows: Ints) -> Floats:
    """(3,) how far a track moves in a frame at its end."""
    if len(rows) < 2:
        return np.zeros(3)
    labels = scene.labels
    moved = labels.centers_m[rows[-1]] - labels.centers_m[rows[-2]]
    apart: Floats = moved / (labels.frame_rows[rows[-1]] - labels.frame_rows[rows[-2]])
    return apart
