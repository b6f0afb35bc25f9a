"""A camera whose images are older or newer than their times say."""

from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_fit import camera_fits, is_sure
from viewer.progress import JobContext


class SyncOffset(Check):
    """What runs over the image lies aside by its speed there times the camera's error in time.

    Told from 2D boxes against cuboids at the image's stated time, together with turns of the
    camera, so that neither is mistaken for the other.
    """

    id: ClassVar[str] = "sync-offset"
    title: ClassVar[str] = "Camera's clock is off"
    question: ClassVar[str] = "Were images taken when their times say?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({
        Need.CUBOIDS, Need.CAMERAS, Need.BOXES_2D, Need.TIMES, Need.TRACKS,
    })  # fmt: skip
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_offset_ms", 20.0, "of a camera's clock from that of the labels"),
        Parameter("most_error_ms", 15.0, "standard error up to which an offset is told"),
        Parameter("least_sigmas", 4.0, "by which it must differ from none"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for camera_id, fit in camera_fits(scene, job).items():
            by, error = fit.offset_ms, fit.offset_error_ms
            told = 0.0 < error <= parameters.of("most_error_ms") and is_sure(
                by, error, parameters.of("most_offset_ms"), parameters.of("least_sigmas")
            )
            if not told:
                continue
            when = "later" if by > 0 else "earlier"
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=abs(by) / (abs(by) + 50.0),
                severity=Severity.HIGH if abs(by) > 80.0 else Severity.MEDIUM,
                text=f"{camera_id}: its images were taken {abs(by):.0f} ms \N{PLUS-MINUS SIGN} "
                f"{error:.0f} ms {when} than their times say; at 15 m/s that is "
                f"{abs(by) * 0.015:.2f} m",
                evidence=Evidence(
                    {"offset_ms": by, "offset_error_ms": error, "boxes": float(fit.boxes),
                     "objects": float(fit.objects)},
                    camera_id=camera_id,
                ),
                sensor_id=camera_id,
            )  # fmt: skip
