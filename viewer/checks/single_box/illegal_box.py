"""A box whose numbers cannot be right, whatever it is."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.progress import JobContext


class IllegalBox(Check):
    """A tilt is illegal where nearly all boxes of the scene stand upright."""

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
        tilt = np.degrees(np.arccos(np.clip(_up_share(scene), -1.0, 1.0)))
        most = parameters.of("most_tilt_deg")
        if (tilt <= most).mean() < parameters.of("least_upright"):
            return
        for place in np.flatnonzero(tilt > most).tolist():
            row, by = int(scene.boxes[place]), float(tilt[place])
            upright = quaternion_from_yaw(scene.yaws_rad[row])
            yield self.found(
                scene, row, score=by / (by + most),
                severity=Severity.HIGH if by > 2 * most else Severity.MEDIUM,
                text=f"It leans by {by:.1f} degrees; other boxes stand upright",
                numbers={"tilt_deg": by},
                fix=Fix(FixKind.SET_BOX, "set it upright",
                        {"rotation_wxyz": np.asarray(upright).ravel().tolist()}),
            )  # fmt: skip


def _up_share(scene: CheckedScene) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """(K,) cosine between each box's up and the up that most boxes of its frame have."""
    w, x, y, z = (scene.labels.rotations[scene.boxes] / np.linalg.norm(
        scene.labels.rotations[scene.boxes], axis=1, keepdims=True)).T  # fmt: skip
    ups = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=1)
    frames = scene.labels.frame_rows[scene.boxes]
    edges = np.flatnonzero(np.diff(frames, prepend=-1, append=-1))
    shares = np.empty(len(ups))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        own = ups[start:end]
        usual = np.median(own, axis=0) if end - start > 2 else np.array([0.0, 0.0, 1.0])
        shares[start:end] = own @ (usual / np.linalg.norm(usual))
    return shares
