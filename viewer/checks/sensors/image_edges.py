"""Edges that the lidar sees beside those of the image."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.lidar_edges import (
    REACH_PX,
    WIDTH_PX,
    EdgeCurve,
    frame_curves,
    spread_frames,
)
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

MOST_FRAMES: Final = 12
LEAST_FRAMES: Final = 4
LEAST_EDGES: Final = 25
"""In a frame, for it to count."""
LEAST_MET: Final = 0.05
"""Of the strength of edges at the best shift: a dark or empty image has none to meet."""
RESAMPLES: Final = 64
SMOOTHING: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
"""Peaks are as wide as the lidar's points are apart."""


class ImageEdges(Check):
    """Where depth jumps sideways, the image mostly has an edge too.

    The points in front of such jumps are shifted sideways over the strength of the image's edges;
    the shift at which they meet most of them is the bias of the camera. Needs no labels.
    """

    id: ClassVar[str] = "image-edges"
    numbers: ClassVar[tuple[int, ...]] = (28,)
    title: ClassVar[str] = "Lidar beside the image"
    question: ClassVar[str] = "Do edges of the lidar's depth meet edges of the image?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.POINTS, Need.CAMERAS, Need.IMAGES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_bias", 0.004, "sideways, as a share of the image's width", high=1.0),
        Parameter("least_gain", 1.1, "of the edges that are met, against no shift", low=1.0),
        Parameter("least_peak", 1.25, "of the edges that are met, against any shift", low=1.0),
        Parameter("least_sigmas", 4.0, "by which the shift must differ from none"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        curves: dict[str, list[EdgeCurve]] = {}
        widths_px: dict[str, int] = {}
        frames = spread_frames(scene, MOST_FRAMES)
        for frame in job.track(frames, "Comparing edges of lidar and images"):
            for camera_id, (curve, width_px) in frame_curves(scene, frame).items():
                curves.setdefault(camera_id, []).append(curve)
                widths_px[camera_id] = width_px
        if not curves:
            raise NotAsked("no image, with points and calibration, can be read")
        met = {
            camera_id: [each.met for each in own
                        if each.edges >= LEAST_EDGES and each.met.max() >= LEAST_MET]
            for camera_id, own in curves.items()
        }  # fmt: skip
        most = max(map(len, met.values()))
        if most < LEAST_FRAMES:
            raise NotAsked(f"{most} frames have enough edges; it takes {LEAST_FRAMES}")
        for camera_id, enough in met.items():
            if len(enough) >= LEAST_FRAMES:
                yield from self._judge(
                    scene, camera_id, enough, widths_px[camera_id] / WIDTH_PX, parameters
                )

    def _judge(
        self, scene: CheckedScene, camera_id: str, curves: Sequence[Floats], full: float,
        parameters: Parameters,
    ) -> Iterable[Finding]:  # fmt: skip
        shift = best_shift(curves)
        sure = abs(shift.by_px) > parameters.of("least_sigmas") * shift.error_px
        far = abs(shift.by_px) > parameters.of("most_bias") * WIDTH_PX
        clear = shift.gain >= parameters.of("least_gain")
        clear &= shift.peak >= parameters.of("least_peak")
        if not (sure and far and clear):
            return
        by = shift.by_px * full
        yield Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
            score=abs(shift.by_px) / (abs(shift.by_px) + 5.0), severity=Severity.MEDIUM,
            text=f"{camera_id}: edges of the image lie {abs(by):.1f} px "
            f"{'right' if by > 0 else 'left'} of those of the lidar; shifted so, they meet "
            f"{shift.gain - 1:.0%} more",
            evidence=Evidence(
                {"bias_right_px": by, "bias_right_error_px": shift.error_px * full,
                 "gain": shift.gain, "frames": float(len(curves))},
                camera_id=camera_id,
            ),
            sensor_id=camera_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shift:
    """The shift at which most edges are met."""

    by_px: float
    """Right; of images `WIDTH_PX` wide."""
    error_px: float
    """Spread over frames drawn anew."""
    gain: float
    """Edges met there, against no shift."""
    peak: float
    """The same against half of all shifts."""


def best_shift(curves: Sequence[Floats]) -> Shift:
    """Find the peak of the sum of curves (2 `REACH_PX` + 1,), to a part of a pixel."""
    stacked = np.array(curves)
    by_px, gain, peak = _peak(stacked.mean(axis=0))
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(stacked), (RESAMPLES, len(stacked)))
    again = [_peak(stacked[draw].mean(axis=0))[0] for draw in draws]
    return Shift(by_px, float(np.std(again)) + 0.1, gain, peak)


def _peak(curve: Floats) -> tuple[float, float, float]:
    curve = np.convolve(np.pad(curve, 2, mode="edge"), SMOOTHING, mode="valid")
    place = int(np.argmax(curve))
    by = float(place)
    if 0 < place < len(curve) - 1:
        before, here, after = curve[place - 1 : place + 2].tolist()
        bend = before - 2 * here + after
        by += 0.5 * (before - after) / bend if bend < 0 else 0.0
    top = float(curve[place])
    gain, peak = top / max(curve[REACH_PX], 1e-9), top / max(float(np.median(curve)), 1e-9)
    return by - REACH_PX, float(gain), peak
