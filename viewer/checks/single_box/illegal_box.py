"""A box whose numbers cannot be right, whatever it is."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import way_velocities
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

AROUND_M = 20.0
LEAST_ALIKE = 2
"""Other objects."""
LEAST_SPEED_MPS = 1.0


class IllegalBox(Check):
    """A tilt is illegal where nearly all boxes of the scene stand upright.

    On a slope boxes lean with it: as others do around there, or as their way climbs.
    """

    id: ClassVar[str] = "illegal-box"
    numbers: ClassVar[tuple[int, ...]] = (7,)
    title: ClassVar[str] = "Illegal size or rotation"
    question: ClassVar[str] = "Are size and rotation of the box possible?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_tilt_deg", 6.0, "of pitch and roll where boxes stand upright", high=90.0),
        Parameter("least_upright", 0.8, "share of the boxes that stand upright", high=1.0),
        Parameter("most_norm_error", 1e-3, "of the quaternion's norm from one"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        labels = scene.labels
        has_box = labels.has_cuboid()
        finite = np.zeros(len(labels), dtype=bool)
        finite[scene.boxes] = True
        for row in np.flatnonzero(has_box & ~finite).tolist():
            yield self._about(scene, row, "has a number that is not finite", 1.0)
        sizes = labels.sizes_m
        for row in scene.boxes[(sizes[scene.boxes] <= 0).any(axis=1)].tolist():
            told = " x ".join(f"{value:g}" for value in sizes[row].tolist())
            yield self._about(scene, row, f"has a size of {told} m", 1.0)
        norms = np.linalg.norm(labels.rotations[scene.boxes], axis=1)
        off = np.abs(norms - 1.0) > parameters.of("most_norm_error")
        for row, norm in zip(scene.boxes[off].tolist(), norms[off].tolist(), strict=True):
            yield self._about(scene, row, f"has a quaternion of norm {norm:.4f}", 0.7)
        yield from self._tilted(scene, parameters)

    def _about(self, scene: CheckedScene, row: int, told: str, score: float) -> Finding:
        return Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=scene.frame_key(row),
            labels=(scene.name(row),), class_name=str(scene.class_of[row]), score=score,
            severity=Severity.HIGH, text=f"The box {told}", evidence=Evidence(),
        )  # fmt: skip

    def _tilted(self, scene: CheckedScene, parameters: Parameters) -> Iterable[Finding]:
        """Yield boxes that lean against the vehicle's plane where others do not."""
        if not len(scene.boxes):
            return
        ups = _ups(scene)
        tilt = np.degrees(np.arccos(np.clip(_up_share(scene, ups), -1.0, 1.0)))
        most = parameters.of("most_tilt_deg")
        if (tilt <= most).mean() < parameters.of("least_upright"):
            return
        velocities = way_velocities(scene)
        for place in np.flatnonzero(tilt > most).tolist():
            row, by = int(scene.boxes[place]), float(tilt[place])
            least = float(np.cos(np.radians(most)))
            if ups[place] @ _up_on_way(velocities[row]) >= least:
                continue
            if _others_lean_alike(scene, ups @ ups[place] >= least, place):
                continue
            upright = quaternion_from_yaw(scene.yaws_rad[row])
            yield self.found(
                scene, row, score=by / (by + most),
                severity=Severity.HIGH if by > 2 * most else Severity.MEDIUM,
                text=f"It leans by {by:.1f} degrees; other boxes stand upright",
                numbers={"tilt_deg": by},
                fix=Fix(FixKind.SET_BOX, "set it upright",
                        {"rotation_wxyz": np.asarray(upright).ravel().tolist()}),
            )  # fmt: skip


def _ups(scene: CheckedScene) -> Floats:
    """(K, 3) which way is up for each box; world."""
    rotations = scene.labels.rotations[scene.boxes]
    w, x, y, z = (rotations / np.linalg.norm(rotations, axis=1, keepdims=True)).T
    ups = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)]
    return np.stack(ups, axis=1)


def _up_share(scene: CheckedScene, ups: Floats) -> Floats:
    """(K,) cosine between each box's up and the up that most boxes of its frame have."""
    frames = scene.labels.frame_rows[scene.boxes]
    edges = np.flatnonzero(np.diff(frames, prepend=-1, append=-1))
    shares = np.empty(len(ups))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        own = ups[start:end]
        usual = np.median(own, axis=0) if end - start > 2 else np.array([0.0, 0.0, 1.0])
        shares[start:end] = own @ (usual / np.linalg.norm(usual))
    return shares


def _others_lean_alike(scene: CheckedScene, alike: npt.NDArray[np.bool_], place: int) -> bool:
    """Whether several objects that are near a box at any time lean as it does.

    Parameters
    ----------
    alike
        (K,) boxes that do.
    """
    labels, boxes = scene.labels, scene.boxes
    offset = labels.centers_m[boxes, :2] - labels.centers_m[boxes[place], :2]
    near = alike & (np.hypot(offset[:, 0], offset[:, 1]) <= AROUND_M)
    tracks = labels.track_rows
    objects = boxes if tracks is None else np.where(tracks[boxes] < 0, -1 - boxes, tracks[boxes])
    return len(np.unique(objects[near])) > LEAST_ALIKE


def _up_on_way(velocity_mps: Floats) -> Floats:
    """(3,) up of what stands on its own way, which climbs or falls; of what stands still, z."""
    flat = float(np.hypot(velocity_mps[0], velocity_mps[1]))
    if not flat >= LEAST_SPEED_MPS:
        return np.array([0.0, 0.0, 1.0])
    slope = float(velocity_mps[2]) / flat
    ahead = velocity_mps[:2] / flat
    up: Floats = np.append(-slope * ahead, 1.0) / np.hypot(slope, 1.0)
    return up
