"""Frames and sensors whose times do not fit together."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext

NS_PER_MS = 1e6


class TimeSync(Check):
    """A sensor's usual offset is its own; what differs from it is told with what it costs.

    A usual offset of more than half the time between frames belongs to another frame; less is how
    the sensors take turns, and a hint.
    """

    id: ClassVar[str] = "time-sync"
    numbers: ClassVar[tuple[int, ...]] = (30,)
    title: ClassVar[str] = "Times out of step"
    question: ClassVar[str] = "Were the sensors of a frame read at one time, and frames in turn?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_offset_ms", 20.0, "of a sensor from its own usual offset"),
        Parameter("most_usual_offset_ms", 60.0, "of a sensor from the frame, usually"),
        Parameter("longest_gap", 1.8, "between frames, in usual intervals"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        yield from self._order(scene, parameters)
        gaps_s = np.diff(scene.times_s)
        gaps_s = gaps_s[np.isfinite(gaps_s) & (gaps_s > 0)]
        interval_s = float(np.median(gaps_s)) if len(gaps_s) else 0.0
        for sensor_id, offsets in offsets_ms(scene).items():
            frames = np.array(list(offsets), dtype=np.int64)
            values = np.array(list(offsets.values()))
            usual = float(np.median(values))
            if abs(usual) > parameters.of("most_usual_offset_ms"):
                of_another = abs(usual) > 1e3 * interval_s / 2
                yield self._of_sensor(
                    scene, sensor_id, None, abs(usual),
                    f"{sensor_id} is usually read {usual:+.0f} ms from its frame"
                    + (", nearer to another one" if of_another else ""),
                    Severity.MEDIUM if of_another else Severity.LOW,
                )  # fmt: skip
            for place in np.flatnonzero(
                np.abs(values - usual) > parameters.of("most_offset_ms")
            ).tolist():
                by = float(values[place] - usual)
                yield self._of_sensor(
                    scene, sensor_id, int(frames[place]), abs(by),
                    f"{sensor_id} is read {by:+.0f} ms from when it usually is; at 15 m/s that is "
                    f"{abs(by) * 0.015:.2f} m",
                )  # fmt: skip

    def _of_sensor(
        self, scene: CheckedScene, sensor_id: str, frame: int | None, by_ms: float, text: str,
        severity: Severity = Severity.MEDIUM,
    ) -> Finding:  # fmt: skip
        return Finding(
            check=self.id, scene_id=scene.scene_id,
            frame_key=None if frame is None else scene.labels.frames.keys[frame], labels=(),
            class_name="", score=by_ms / (by_ms + 50.0), severity=severity, text=text,
            evidence=Evidence({"offset_ms": by_ms}), sensor_id=sensor_id,
        )  # fmt: skip

    def _order(self, scene: CheckedScene, parameters: Parameters) -> Iterable[Finding]:
        gaps = np.diff(scene.times_s)
        known = np.isfinite(gaps)
        if not known.any():
            return
        usual = float(np.median(gaps[known]))
        for place in np.flatnonzero(known).tolist():
            gap = float(gaps[place])
            if 0 < gap <= parameters.of("longest_gap") * usual:
                continue
            back = gap <= 0
            text = (
                f"It is {-gap:.3f} s before the frame before it" if gap < 0
                else "It has the time of the frame before it" if back
                else f"It is {gap:.2f} s after the frame before it; usually {usual:.2f} s"
            )  # fmt: skip
            yield Finding(
                check=self.id, scene_id=scene.scene_id,
                frame_key=scene.labels.frames.keys[place + 1], labels=(), class_name="",
                score=0.9 if back else min(0.8, 1.0 - usual / gap),
                severity=Severity.HIGH if back else Severity.LOW, text=text,
                evidence=Evidence({"gap_s": gap, "usual_s": usual}),
            )  # fmt: skip


def offsets_ms(scene: CheckedScene) -> dict[str, dict[int, float]]:
    """Milliseconds of every sensor from its frame, by frame."""
    offsets: dict[str, dict[int, float]] = {}
    for frame in scene.scene.frames:
        if frame.timestamp_ns is None:
            continue
        own = {sweep.sensor_id: sweep.timestamp_ns for sweep in frame.sweeps}
        own |= {image.sensor_id: image.timestamp_ns for image in frame.images}
        for sensor_id, time_ns in own.items():
            if time_ns is not None:
                by_ms = (time_ns - frame.timestamp_ns) / NS_PER_MS
                offsets.setdefault(sensor_id, {})[frame.index] = by_ms
    return offsets
