"""A calibration that cannot be right, whatever the scene."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.formats.base import DamagedData
from viewer.geometry.cameras.base import CameraModel
from viewer.progress import JobContext
from viewer.scene.sensors import CameraSensor

EDGE_STEPS = 9


class Intrinsics(Check):
    """Reads the rig of the first frame, and of later ones where it changes."""

    id: ClassVar[str] = "intrinsics"
    numbers: ClassVar[tuple[int, ...]] = (32,)
    title: ClassVar[str] = "Calibration that cannot be"
    question: ClassVar[str] = "Do lens and pose of each camera make sense?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CAMERAS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_off_centre", 0.25, "of the principal point from the image's middle, as a "
                  "share of its size", high=1.0),
        Parameter("most_focal_ratio", 1.1, "of fx and fy, either way"),
        Parameter("least_seen", 0.9, "share of the image's edge that the lens reaches", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        judged: set[int] = set()
        for camera in _cameras(scene):
            if camera.model is None or id(camera.model) in judged:
                continue
            judged.add(id(camera.model))
            for score, severity, text, numbers in _faults(camera, camera.model, parameters):
                yield Finding(
                    check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(),
                    class_name="", score=score, severity=severity,
                    text=f"{camera.sensor_id}: {text}", evidence=Evidence(numbers),
                    sensor_id=camera.sensor_id,
                )  # fmt: skip


def _cameras(scene: CheckedScene) -> Iterator[CameraSensor]:
    seen: set[int] = set()
    for frame in scene.scene.frames:
        try:
            rig = scene.scene.reader.read_rig(frame.index)
        except DamagedData:
            continue
        if id(rig) not in seen:
            seen.add(id(rig))
            yield from rig.cameras.values()


def _faults(
    camera: CameraSensor, model: CameraModel, parameters: Parameters
) -> Iterator[tuple[float, Severity, str, dict[str, float]]]:
    values = model.parameters()
    width, height = model.width_px, model.height_px
    cx, cy = values.get("cx", width / 2), values.get("cy", height / 2)
    off = max(abs(cx / width - 0.5), abs(cy / height - 0.5))
    if off > parameters.of("most_off_centre"):
        yield (
            min(1.0, 2 * off), Severity.HIGH if off > 0.5 else Severity.MEDIUM,
            f"its principal point ({cx:.0f}, {cy:.0f}) is far from the middle of "
            f"{width} x {height} pixels; the image may have another size than the calibration",
            {"off_centre": off},
        )  # fmt: skip
    fx, fy = values.get("fx"), values.get("fy")
    if fx and fy:
        ratio = max(fx / fy, fy / fx)
        if ratio > parameters.of("most_focal_ratio"):
            yield (0.5, Severity.MEDIUM, f"its focal lengths {fx:.0f} and {fy:.0f} px differ by "
                   f"{ratio - 1:.0%}", {"ratio": ratio})  # fmt: skip
    seen = edge_share(model)
    if seen < parameters.of("least_seen"):
        yield (
            1.0 - seen, Severity.LOW if seen > 0.5 else Severity.MEDIUM,
            f"its lens reaches {seen:.0%} of the image's edge: its distortion turns back before",
            {"seen_share": seen},
        )  # fmt: skip
    if camera.camera_matrix is not None:
        rotation = camera.camera_matrix[:3, :3]
        error = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
        if error > 1e-3 or np.linalg.det(rotation) < 0:
            yield (0.8, Severity.HIGH, f"its matrix is no rotation (off by {error:.3f})",
                   {"error": error})  # fmt: skip


def edge_share(model: CameraModel) -> float:
    """Share of points along the image's edge that some ray reaches."""
    step = np.linspace(0.0, 1.0, EDGE_STEPS)
    right, low = model.width_px - 1.0, model.height_px - 1.0
    zero, one = np.zeros(EDGE_STEPS), np.ones(EDGE_STEPS)
    edge = np.concatenate([
        np.stack([step * right, zero], axis=1), np.stack([step * right, one * low], axis=1),
        np.stack([zero, step * low], axis=1), np.stack([one * right, step * low], axis=1),
    ])  # fmt: skip
    return float(model.unproject(edge).valid.mean())
