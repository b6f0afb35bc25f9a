"""A camera that looks a little beside where its calibration says, or more and more so."""

from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import camera_boxes
from viewer.checks.sensors.camera_fit import CameraFit, camera_fits, is_sure
from viewer.progress import JobContext


class CalibrationDrift(Check):
    """Cuboids, moved to the time of the image, are compared with 2D boxes of unhidden objects.

    Turns, their change over the drive, and the camera's time are told apart in one robust fit;
    how sure it is counts every object once, however many frames show it.
    """

    id: ClassVar[str] = "calibration-drift"
    numbers: ClassVar[tuple[int, ...]] = (29,)
    title: ClassVar[str] = "Camera looks aside"
    question: ClassVar[str] = "Do cuboids lie on the 2D boxes of a camera, all through the drive?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.CAMERAS, Need.BOXES_2D})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_bias", 0.004, "of 2D boxes against cuboids, as a share of the image's "
                  "width", high=1.0),
        Parameter("most_drift", 0.006, "of the bias over the drive, as a share of the image's "
                  "width", high=1.0),
        Parameter("most_roll_deg", 0.7, "of the camera about its axis"),
        Parameter("least_sigmas", 4.0, "by which a value must differ from none"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        boxes = camera_boxes(scene, job)
        for camera_id, fit in camera_fits(scene, job).items():
            width_px = boxes[camera_id].model.width_px
            told = [*_bias(fit, parameters, width_px), *_drift(fit, parameters, width_px)]
            told += _roll(fit, parameters)
            if not told:
                continue
            by = max(size for size, _ in told) * 640.0 / width_px
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=by / (by + 5.0), severity=Severity.HIGH if by > 8.0 else Severity.MEDIUM,
                text=f"{camera_id}: {'; '.join(text for _, text in told)}",
                evidence=Evidence(_numbers(fit), camera_id=camera_id), sensor_id=camera_id,
            )  # fmt: skip


def _bias(fit: CameraFit, parameters: Parameters, width_px: int) -> list[tuple[float, str]]:
    most, sigmas = parameters.of("most_bias") * width_px, parameters.of("least_sigmas")
    pairs = zip(fit.bias_px.tolist(), fit.bias_error_px.tolist(), strict=True)
    if not any(is_sure(value, error, most, sigmas) for value, error in pairs):
        return []
    text = f"2D boxes lie {_where(fit.bias_px.tolist())} of their cuboids, as if the camera were "
    pitch, yaw = fit.turn_deg[:2].tolist()
    text += f"turned {abs(yaw):.2f}\N{DEGREE SIGN} {'right' if yaw > 0 else 'left'} and "
    text += f"{abs(pitch):.2f}\N{DEGREE SIGN} {'up' if pitch > 0 else 'down'}"
    return [(float(abs(fit.bias_px).max()), text)]


def _drift(fit: CameraFit, parameters: Parameters, width_px: int) -> list[tuple[float, str]]:
    most, sigmas = parameters.of("most_drift") * width_px, parameters.of("least_sigmas")
    pairs = zip(fit.drift_px.tolist(), fit.drift_error_px.tolist(), strict=True)
    if not any(is_sure(value, error, most, sigmas) for value, error in pairs):
        return []
    text = f"they move {_where(fit.drift_px.tolist())} from the first frame to the last"
    return [(float(abs(fit.drift_px).max()), text)]


def _roll(fit: CameraFit, parameters: Parameters) -> list[tuple[float, str]]:
    roll, error = float(fit.turn_deg[2]), float(fit.turn_error_deg[2])
    if not is_sure(roll, error, parameters.of("most_roll_deg"), parameters.of("least_sigmas")):
        return []
    return [(abs(roll) * 4.0, f"it seems rolled by {roll:+.2f}\N{DEGREE SIGN}")]


def _where(offset: list[float]) -> str:
    right, down = offset
    sideways = f"{abs(right):.1f} px {'right' if right > 0 else 'left'}"
    return f"{sideways} and {abs(down):.1f} px {'below' if down > 0 else 'above'}"


def _numbers(fit: CameraFit) -> dict[str, float]:
    return {
        "bias_right_px": float(fit.bias_px[0]), "bias_down_px": float(fit.bias_px[1]),
        "bias_right_error_px": float(fit.bias_error_px[0]),
        "bias_down_error_px": float(fit.bias_error_px[1]),
        "drift_right_px": float(fit.drift_px[0]), "drift_down_px": float(fit.drift_px[1]),
        "drift_right_error_px": float(fit.drift_error_px[0]),
        "drift_down_error_px": float(fit.drift_error_px[1]),
        "pitch_deg": float(fit.turn_deg[0]), "yaw_deg": float(fit.turn_deg[1]),
        "roll_deg": float(fit.turn_deg[2]), "residual_px": fit.residual_px,
        "boxes": float(fit.boxes), "objects": float(fit.objects),
    }  # fmt: skip
