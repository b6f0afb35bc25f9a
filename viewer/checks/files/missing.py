"""A frame without the point cloud or image that the others of its sensor have."""

from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class MissingFile(Check):
    """Frames that follow each other without one are told once, at the first."""

    id: ClassVar[str] = "missing-file"
    title: ClassVar[str] = "Missing file"
    question: ClassVar[str] = "Has every frame what its sensors have in nearly all frames?"
    group: ClassVar[Group] = Group.FILES
    needs: ClassVar[frozenset[Need]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_share", 0.8, "of the frames that a sensor is in for it to be missed in "
                  "another", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        frames = scene.scene.frames
        there: dict[tuple[str, str], set[int]] = {}
        for frame in frames:
            for sweep in frame.sweeps:
                there.setdefault((sweep.sensor_id, "point cloud"), set()).add(frame.index)
            for image in frame.images:
                there.setdefault((image.sensor_id, "image"), set()).add(frame.index)
        for (sensor_id, what), own in there.items():
            if len(own) < max(parameters.of("least_share") * len(frames), 2):
                continue
            lacking = [frame.index for frame in frames if frame.index not in own]
            for first, count in _runs(lacking):
                last = frames[first + count - 1].key
                told = "" if count == 1 else f" in {count:,} frames, up to {last}"
                yield Finding(
                    check=self.id, scene_id=scene.scene_id, frame_key=frames[first].key, labels=(),
                    class_name="", score=len(own) / len(frames), severity=Severity.MEDIUM,
                    text=f"{sensor_id} has no {what}{told}, unlike {len(own):,} of "
                    f"{len(frames):,} frames",
                    evidence=Evidence({"frames": float(count)}), sensor_id=sensor_id, about=what,
                )  # fmt: skip


def _runs(rows: list[int]) -> Iterable[tuple[int, int]]:
    """Yield first and length of each stretch of rows that follow each other."""
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place] != rows[place - 1] + 1:
            yield rows[start], place - start
            start = place
