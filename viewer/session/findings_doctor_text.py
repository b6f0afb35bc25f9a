"""What the doctor says of cameras and clocks, in words and as series over the frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.checks.finding import Finding
from viewer.checks.policy import Policy
from viewer.checks.sensors.calibration_drift import CalibrationDrift
from viewer.checks.sensors.extrinsics import Extrinsics
from viewer.checks.sensors.health import (
    CameraHealth,
    ClockHealth,
    FrameSpread,
    SceneHealth,
)
from viewer.checks.sensors.pose_hypotheses import AS_IS
from viewer.checks.sensors.time_sync import TimeSync

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NOTHING = "–"


class Axis(StrEnum):
    """What a chart of a camera shows."""

    SIDEWAYS = "Sideways"
    UP_DOWN = "Up and down"
    APART = "Distance"


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One line about a sensor."""

    name: str
    value: str
    tip: str
    finding: Finding | None = None
    """What a check says against it."""


@dataclass(frozen=True, eq=False, slots=True)
class FrameSeries:
    """One figure over frames."""

    name: str
    frames: Ints
    """(F,)."""
    values: Floats
    """(F,)."""
    low: Floats | None = None
    high: Floats | None = None
    """(F,) ends of a bar around each."""
    sure: npt.NDArray[np.bool_] | None = None
    """(F,) False where it is drawn hollow."""
    counts: Ints | None = None
    """(F,) of what it was told from."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line over the frames."""

    frames: tuple[int, int]
    values: tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class FrameChartData:
    """What a chart over the frames of a scene shows."""

    title: str
    unit: str
    frames: int
    series: tuple[FrameSeries, ...]
    limits: tuple[float, ...] = ()
    """Values beyond which a check speaks."""
    trend: Trend | None = None
    """What was fitted over all frames."""


@dataclass(frozen=True, slots=True)
class SensorLine:
    """One row of an overview: name, figures, and the worst that is said against it."""

    sensor_id: str
    cells: tuple[str, ...]
    finding: Finding | None
    measured: bool = True


CAMERA_COLUMNS = (
    (
        "px off",
        "px: 2D boxes from the outlines of their cuboids, their median; where there are too few "
        "boxes, edges of the images from those of the lidar",
    ),
    ("clock", "ms: how much later images were taken than their times say"),
)
CLOCK_COLUMNS = (
    ("usual", "ms: median time from that of the frame"),
    ("worst", "ms: farthest from the usual"),
)  # fmt: skip


def against(health: SceneHealth, sensor_id: str, check: str = "") -> Finding | None:
    """The worst finding about a sensor, of one check or of all."""
    own = [
        each
        for each in health.findings
        if sensor_id in (each.sensor_id, each.evidence.camera_id) and check in ("", each.check)
    ]
    return max(own, key=lambda each: (each.severity, each.score), default=None)


def elsewhere(health: SceneHealth) -> list[Finding]:
    """Findings about no single camera or clock, worst first."""
    rows = {each.camera_id for each in health.cameras} | {each.sensor_id for each in health.clocks}
    own = [
        each
        for each in health.findings
        if each.sensor_id not in rows and each.evidence.camera_id not in rows
    ]
    return sorted(own, key=lambda each: (-each.severity, -each.score))


def camera_lines(health: SceneHealth) -> list[SensorLine]:
    """One row a camera."""
    found = []
    for each in health.cameras:
        off_px, fit = _off_px(health, each), each.fit
        cells = (
            NOTHING if off_px is None else f"{off_px:.1f}" if off_px < 100 else f"{off_px:.0f}",
            NOTHING if fit is None or not fit.offset_error_ms else f"{fit.offset_ms:+.0f}",
        )
        judged = fit is not None or bool(each.poses) or _shift_px(each) is not None
        found.append(SensorLine(each.camera_id, cells, against(health, each.camera_id), judged))
    return found


def _off_px(health: SceneHealth, camera: CameraHealth) -> float | None:
    wrong = against(health, camera.camera_id, Extrinsics.id) is not None
    if wrong and camera.poses_unit == "px":
        # Of a wrong pose few cuboids lie near their boxes, and only those are compared.
        return camera.poses[AS_IS]
    boxes, shift_px = camera.boxes, _shift_px(camera)
    if boxes is not None and (camera.fit is not None or shift_px is None):
        return boxes.median_px
    return shift_px


def _shift_px(camera: CameraHealth) -> float | None:
    """By how much the edges of all images together lie aside; None for too few."""
    whole = None if camera.edges is None else camera.edges.whole
    return None if whole is None else abs(whole.by_px)


def clock_lines(health: SceneHealth) -> list[SensorLine]:
    """One row a sensor that has times of its own."""
    return [
        SensorLine(
            each.sensor_id,
            (f"{each.usual_ms:+.1f}", f"{each.offsets_ms[each.worst] - each.usual_ms:+.1f}"),
            against(health, each.sensor_id, TimeSync.id),
        )
        for each in health.clocks
    ]  # fmt: skip


def camera_rows(health: SceneHealth, camera: CameraHealth) -> list[DetailRow]:
    """Everything that was measured of a camera."""

    def row(name: str, value: str, tip: str, check: str = "none") -> DetailRow:
        return DetailRow(name, value, tip, against(health, camera.camera_id, check))

    boxes, fit, edges = camera.boxes, camera.fit, camera.edges
    rows = []
    if boxes is not None:
        count = "1 box" if len(boxes.boxes_px) == 1 else f"{len(boxes.boxes_px):,} boxes"
        rows.append(
            row("2D boxes", f"{boxes.median_px:.1f} px apart, {count}",
                "Median distance of 2D boxes of unhidden objects from their cuboids' outlines")
        )  # fmt: skip
    if fit is not None:
        spread = float(np.hypot(*fit.bias_error_px))
        rows += [
            row("Bias", f"{_where(fit.bias_px)} ± {spread:.1f}",
                "Where 2D boxes lie of their cuboids, in the middle of the image",
                CalibrationDrift.id),
            row("Drift", f"{_where(fit.drift_px)} ± {float(np.hypot(*fit.drift_error_px)):.1f}",
                "Change of the bias from the first frame to the last"),
            row("Roll", f"{fit.turn_deg[2]:+.2f}° ± {fit.turn_error_deg[2]:.2f}",
                "Turn about the camera's axis"),
            row("Left over", f"{fit.residual_px:.1f} px",
                "Median distance once bias, drift, roll and clock are put right"),
            row("Clock", _clock_text(fit.offset_ms, fit.offset_error_ms),
                "When images were taken, against what their times say", "sync-offset"),
        ]  # fmt: skip
    if edges is not None and edges.whole is not None:
        by = edges.whole
        rows.append(
            row("Image edges", f"{_sideways(by.by_px)} ± {by.error_px:.1f}",
                f"Where edges of {len(edges.frames)} images lie of those of the lidar",
                "image-edges")
        )  # fmt: skip
    if camera.poses:
        rows.append(
            row("Pose", _pose_text(camera.poses, camera.poses_unit),
                "How well its pose fits as it is given, and the best of the usual mistakes "
                "(inverted, transposed, other axes)", "extrinsics")
        )  # fmt: skip
    if camera.lens is not None:
        fx, fy = camera.lens.focal_px
        focal = f"f {fx:.0f}, {fy:.0f} px; " if np.isfinite([fx, fy]).all() else ""
        rows.append(
            row("Lens", f"{focal}{camera.lens.off_centre:.1%} off centre, "
                f"reaches {camera.lens.reach:.0%}",
                "Focal lengths, principal point from the middle of the image, and the share of "
                "the image's edge that the lens reaches", "intrinsics")
        )  # fmt: skip
    return rows


def clock_rows(health: SceneHealth, clock: ClockHealth) -> list[DetailRow]:
    """Everything that was measured of the times of a sensor."""
    away = clock.offsets_ms[clock.worst] - clock.usual_ms
    said = against(health, clock.sensor_id, TimeSync.id)
    return [
        DetailRow("Usually", f"{clock.usual_ms:+.1f} ms from its frame", "Median", said),
        DetailRow("Spread", f"{clock.spread_ms:.1f} ms", "Robust standard deviation"),
        DetailRow(
            "Worst", f"{away:+.1f} ms in frame {clock.frames[clock.worst] + 1}",
            "From the usual offset; at 15 m/s 10 ms are 0.15 m",
        ),
    ]  # fmt: skip


def camera_chart(
    health: SceneHealth, camera: CameraHealth, axis: Axis, policy: Policy
) -> FrameChartData:
    """Residuals of a camera over the frames."""
    series = []
    boxes, edges = camera.boxes, camera.edges
    if boxes is not None:
        spread: FrameSpread = {
            Axis.SIDEWAYS: boxes.right_px, Axis.UP_DOWN: boxes.down_px, Axis.APART: boxes.apart_px,
        }[axis]  # fmt: skip
        series.append(
            FrameSeries("2D boxes", boxes.frames, spread.median, spread.low, spread.high,
                        counts=boxes.counts)
        )  # fmt: skip
    if edges is not None and axis is Axis.SIDEWAYS:
        series.append(FrameSeries("image edges", edges.frames, edges.right_px, sure=edges.clear))
    most = policy.parameters_of(CalibrationDrift).of("most_bias") * camera.size_px[0]
    limits = () if axis is Axis.APART or not most else (-most, most)
    title = {
        Axis.SIDEWAYS: "px right of the cuboids, and of the lidar's edges",
        Axis.UP_DOWN: "px below the cuboids", Axis.APART: "px from the cuboids",
    }[axis]  # fmt: skip
    trend = None
    if camera.fit is not None and boxes is not None and axis is not Axis.APART:
        place = 0 if axis is Axis.SIDEWAYS else 1
        bias, drift = float(camera.fit.bias_px[place]), float(camera.fit.drift_px[place])
        ends = int(boxes.frames[0]), int(boxes.frames[-1])
        trend = Trend(ends, (bias - drift / 2, bias + drift / 2))
    return FrameChartData(title, "px", health.frames, tuple(series), limits, trend)


def clock_chart(health: SceneHealth, clock: ClockHealth, policy: Policy) -> FrameChartData:
    """Offsets of a sensor's times over the frames."""
    most = policy.parameters_of(TimeSync).of("most_offset_ms")
    usual = clock.usual_ms
    return FrameChartData(
        "ms from the frame", "ms", health.frames,
        (FrameSeries("offset", clock.frames, clock.offsets_ms),), (usual - most, usual + most),
    )  # fmt: skip


def reading(data: FrameChartData, frame: int) -> str:
    """What a chart shows of one frame."""
    parts = []
    for each in data.series:
        for place in np.flatnonzero(each.frames == frame).tolist():
            text = f"{each.name} {each.values[place]:+.1f} {data.unit}"
            if each.low is not None and each.high is not None and each.counts is not None:
                count = int(each.counts[place])
                if count > 1:
                    text += f" ({each.low[place]:+.1f} to {each.high[place]:+.1f}, {count} boxes)"
                else:
                    text += " (1 box)"
            if each.sure is not None and not each.sure[place]:
                text += " (not clear)"
            parts.append(text)
    told = ", ".join(parts) or "nothing measured"
    return f"Frame {frame + 1}: {told}"


def measured_frames(data: FrameChartData) -> Sequence[int]:
    """Frames of which a chart shows something, rising."""
    if not data.series:
        return ()
    found: list[int] = np.unique(np.concatenate([each.frames for each in data.series])).tolist()
    return found


def skipped_text(skipped: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Why some checks were not asked, one line each."""
    return "\n".join(f"{titles.get(check, check)}: {why}" for check, why in skipped.items())


def _where(offset: Floats) -> str:
    down = float(offset[1])
    return f"{_sideways(float(offset[0]))}, {abs(down):.1f} {'down' if down > 0 else 'up'}"


def _sideways(right: float) -> str:
    return f"{abs(right):.1f} px {'right' if right > 0 else 'left'}"


def _clock_text(by_ms: float, error_ms: float) -> str:
    if not error_ms:
        return "cannot be told: nothing moves over its images"
    return f"{abs(by_ms):.0f} ms {'later' if by_ms > 0 else 'earlier'} ± {error_ms:.0f}"


def _pose_text(poses: Mapping[str, float], unit: str) -> str:
    if unit == "sigmas" and not any(poses.values()):
        return "cannot be told: no pose meets the edges of the images clearly"
    word = "px off" if unit == "px" else "σ of edges met"
    others = {name: value for name, value in poses.items() if name != AS_IS}
    best = (min if unit == "px" else max)(others, key=others.__getitem__, default="")
    text = f"as given {poses.get(AS_IS, float('nan')):.0f} {word}"
    return f"{text}; next {others[best]:.0f}, {best}" if best else text
