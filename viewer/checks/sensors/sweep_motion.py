"""Moving objects whose boxes leave out what a sweep saw of them before or after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.finding import BoxRole, Evidence, EvidenceBox, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import FLOOR_M, CheckedScene
from viewer.checks.sensors.camera_boxes import label_velocities
from viewer.checks.sensors.point_times import point_times_s
from viewer.formats.base import DamagedData
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext
from viewer.scene.scene import Frame, SweepRef

MOST_FRAMES: Final = 12
REACH_M: Final = 0.8
"""Points so far around a box, before or after it is moved, may be the object's."""
SLACK_M: Final = 0.05
_NS_PER_S = 1e9


class SweepMotion(Check):
    """A sweep takes a while, and what drives has moved on between the first point and the last.

    Each box of a moving object is moved by its velocity to the time of each of its points. Where
    that takes in clearly more of them, boxes and points are of different times.
    """

    id: ClassVar[str] = "sweep-motion"
    numbers: ClassVar[tuple[int, ...]] = (33,)
    title: ClassVar[str] = "Boxes and sweep of different times"
    question: ClassVar[str] = "Do moving boxes hold more points once moved to the points' times?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_speed_mps", 3.0, "of objects that are looked at"),
        Parameter("least_shift_m", 0.15, "of a box until the time of its points"),
        Parameter("least_points", 20.0, "near a box"),
        Parameter("least_labels", 5.0, "to tell it from"),
        Parameter("least_gain", 0.1, "of the share of points inside, on average", high=1.0),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        trials: dict[str, list[_Trial]] = {}
        velocities = label_velocities(scene)
        timed = False
        for frame in job.track(_chosen(scene), "Comparing boxes with times of points"):
            for sweep in frame.sweeps:
                points = _timed_points(scene, frame, sweep)
                if points is None:
                    continue
                timed = True
                own = _trials(scene, frame, points, velocities, parameters)
                trials.setdefault(sweep.sensor_id, []).extend(own)
        if not timed:
            raise NotAsked("there are no times of single points")
        for sensor_id, found in trials.items():
            if len(found) >= parameters.of("least_labels"):
                yield from self._judge(scene, sensor_id, found, parameters)

    def _judge(
        self, scene: CheckedScene, sensor_id: str, trials: "list[_Trial]", parameters: Parameters
    ) -> Iterable[Finding]:
        before = float(np.mean([each.before for each in trials]))
        after = float(np.mean([each.after for each in trials]))
        shift = float(np.median([np.linalg.norm(each.shift_m) for each in trials]))
        if after - before < parameters.of("least_gain"):
            return
        worst = max(trials, key=lambda each: each.after - each.before)
        box = scene.box(worst.row)
        x, y, z = (scene.labels.centers_m[worst.row] + worst.shift_m).tolist()
        moved = EvidenceBox(
            BoxRole.EXPECTED, box.frame_key, (x, y, z), box.size_m, box.rotation_wxyz
        )
        yield Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
            score=min(1.0, 2.0 * (after - before)), severity=Severity.MEDIUM,
            text=f"{sensor_id}: boxes of moving objects lie {shift:.2f} m from their points; moved "
            f"to the time of each point they hold {after:.0%} of them, as labelled {before:.0%}",
            evidence=Evidence(
                {"inside_before": before, "inside_after": after, "shift_m": shift,
                 "labels": float(len(trials))},
                boxes=(box, moved),
            ),
            sensor_id=sensor_id,
        )  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Trial:
    row: int
    before: float
    """Share of the points near the box that it holds."""
    after: float
    """The same, once the box is moved to the time of each point."""
    shift_m: Floats
    """(3,) until the median time of the points."""


@dataclass(frozen=True, eq=False, slots=True)
class _TimedPoints:
    xyz: Floats
    """(P, 3) world."""
    later_s: Floats
    """(P,) than the labels."""


def _chosen(scene: CheckedScene) -> list[Frame]:
    frames = [frame for frame in scene.scene.frames if frame.sweeps and frame.timestamp_ns]
    places = np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).astype(np.int64)
    return [frames[place] for place in places.tolist()]


def _timed_points(scene: CheckedScene, frame: Frame, sweep: SweepRef) -> _TimedPoints | None:
    assert frame.timestamp_ns is not None
    reader = scene.scene.reader
    sweep_ns = sweep.timestamp_ns or frame.timestamp_ns
    try:
        cloud = reader.read_point_cloud(frame.index, sweep.sensor_id)
        times = point_times_s(cloud, sweep_ns)
        if times is None:
            return None
        transforms = reader.read_rig(frame.index).transforms
        pose = transforms.transform(ROOT, cloud.coord_frame_id, sweep_ns)
    except (DamagedData, TransformTreeError):
        return None
    good = cloud.finite_mask() & np.isfinite(times)
    later = times[good] + (sweep_ns - frame.timestamp_ns) / _NS_PER_S
    return _TimedPoints(pose.apply(cloud.xyz[good]), later)


def _trials(
    scene: CheckedScene, frame: Frame, points: _TimedPoints, velocities: Floats,
    parameters: Parameters,
) -> Iterator[_Trial]:  # fmt: skip
    labels = scene.labels
    rows: Ints = scene.boxes[labels.frame_rows[scene.boxes] == frame.index]
    speeds = np.linalg.norm(velocities[rows, :2], axis=1)
    for row in rows[speeds >= parameters.of("least_speed_mps")].tolist():
        size, velocity = labels.sizes_m[row], velocities[row]
        offset = points.xyz - labels.centers_m[row]
        around = np.linalg.norm(size) / 2 + REACH_M + np.linalg.norm(velocity) * 0.2
        close = np.flatnonzero((np.abs(offset[:, :2]) < around).all(axis=1))
        if len(close) < parameters.of("least_points"):
            continue
        turn = matrix_from_quaternion(labels.rotations[row])
        later = points.later_s[close, None]
        before = np.abs(offset[close] @ turn) - size / 2
        after = np.abs((offset[close] - velocity * later) @ turn) - size / 2
        upright = ((offset[close] @ turn)[:, 2] > FLOOR_M - size[2] / 2) & (before[:, 2] < REACH_M)
        near = upright & (np.minimum(before, after)[:, :2] < REACH_M).all(axis=1)
        shift = velocity * float(np.median(later[near])) if near.any() else np.zeros(3)
        enough = near.sum() >= parameters.of("least_points")
        if not enough or np.linalg.norm(shift) < parameters.of("least_shift_m"):
            continue
        inside = [float((each[near, :2] < SLACK_M).all(axis=1).mean()) for each in (before, after)]
        yield _Trial(row, inside[0], inside[1], shift)
