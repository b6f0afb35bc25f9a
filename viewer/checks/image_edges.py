"""Edges that the lidar sees beside those of the image."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.camera_boxes import image_time_ns
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.formats.base import DamagedData
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.projection import project_points
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.metrics.objects import Floats
from viewer.progress import JobContext
from viewer.scene.images import Image
from viewer.scene.scene import Frame
from viewer.scene.sensors import RangeSensorKind, Rig

WIDTH_PX: Final = 640
"""Images are looked at about so wide; shifts are found in these pixels."""
MOST_FRAMES: Final = 12
REACH_PX: Final = 14
"""Farthest shift that is tried, either way."""
CELL_PX: Final = 2
NEIGHBOURS: Final = 4
"""Cells to either side in which what lies behind an edge is looked for."""
LEAST_STEP_M: Final = 0.8
LEAST_STEP_SHARE: Final = 0.1
LEAST_EDGES: Final = 300
RESAMPLES: Final = 64
SMOOTHING: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
"""Peaks are as wide as the lidar's points are apart."""
LEAST_FRAMES: Final = 4


@dataclass(frozen=True, eq=False, slots=True)
class _Curve:
    met: Floats
    """(2 `REACH_PX` + 1,) strength of the image's edges that are met, by shift."""
    edges: int
    width_px: int


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
        Parameter("least_sigmas", 4.0, "by which the shift must differ from none"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        curves: dict[str, list[_Curve]] = {name: [] for name in scene.scene.camera_ids}
        frames = _chosen(scene)
        for frame in job.track(frames, "Comparing edges of lidar and images"):
            for camera_id, curve in _frame_curves(scene, frame):
                curves[camera_id].append(curve)
        if not any(curves.values()):
            raise NotAsked("no image, with points and calibration, can be read")
        for camera_id, own in curves.items():
            enough = [each for each in own if each.edges >= LEAST_EDGES / MOST_FRAMES]
            if len(enough) >= LEAST_FRAMES:
                yield from self._judge(scene, camera_id, enough, parameters)

    def _judge(
        self, scene: CheckedScene, camera_id: str, curves: Sequence[_Curve], parameters: Parameters
    ) -> Iterable[Finding]:
        shift = best_shift([each.met for each in curves])
        sure = abs(shift.by_px) > parameters.of("least_sigmas") * shift.error_px
        far = abs(shift.by_px) > parameters.of("most_bias") * WIDTH_PX
        if not (sure and far and shift.gain >= parameters.of("least_gain")):
            return
        full = curves[0].width_px / WIDTH_PX
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


def best_shift(curves: Sequence[Floats]) -> Shift:
    """Find the peak of the sum of curves (2 `REACH_PX` + 1,), to a part of a pixel."""
    stacked = np.array(curves)
    by_px, gain = _peak(stacked.mean(axis=0))
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(stacked), (RESAMPLES, len(stacked)))
    again = [_peak(stacked[draw].mean(axis=0))[0] for draw in draws]
    return Shift(by_px, float(np.std(again)) + 0.1, gain)


def _peak(curve: Floats) -> tuple[float, float]:
    curve = np.convolve(np.pad(curve, 2, mode="edge"), SMOOTHING, mode="valid")
    place = int(np.argmax(curve))
    by = float(place)
    if 0 < place < len(curve) - 1:
        before, here, after = curve[place - 1 : place + 2].tolist()
        bend = before - 2 * here + after
        by += 0.5 * (before - after) / bend if bend < 0 else 0.0
    return by - REACH_PX, float(curve[place] / max(curve[REACH_PX], 1e-9))


def _chosen(scene: CheckedScene) -> list[Frame]:
    frames = [frame for frame in scene.scene.frames if frame.sweeps and frame.images]
    places = np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).astype(np.int64)
    return [frames[place] for place in places.tolist()]


def _frame_curves(scene: CheckedScene, frame: Frame) -> Iterator[tuple[str, _Curve]]:
    """Yield the curve of each camera whose image, points and calibration can be used."""
    reader = scene.scene.reader
    try:
        rig = reader.read_rig(frame.index)
        points = _points(scene, frame, rig)
    except (DamagedData, TransformTreeError):
        return
    for image_ref in frame.images:
        camera = rig.cameras.get(image_ref.sensor_id)
        if camera is None or camera.model is None:
            continue
        time_ns = image_time_ns(frame, camera.sensor_id)
        try:
            matrix = rig.camera_from(camera, ROOT, time_ns, time_ns)
            image = reader.read_image(frame.index, camera.sensor_id, WIDTH_PX)
        except (DamagedData, TransformTreeError):
            continue
        yield camera.sensor_id, _curve(points, camera.model, matrix, image)


def _points(scene: CheckedScene, frame: Frame, rig: Rig) -> Floats:
    """(P, 3) of all lidars of a frame, world."""
    parts = [np.empty((0, 3))]
    for sweep in frame.sweeps:
        sensor = rig.lidars.get(sweep.sensor_id)
        if sensor is not None and sensor.kind != RangeSensorKind.LIDAR:
            continue
        cloud = scene.scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
        time_ns = sweep.timestamp_ns or frame.timestamp_ns
        pose = rig.transforms.transform(ROOT, cloud.coord_frame_id, time_ns)
        parts.append(pose.apply(cloud.xyz[cloud.finite_mask()]))
    return np.concatenate(parts)


def _curve(points: Floats, model: CameraModel, matrix: Floats, image: Image) -> _Curve:
    seen = project_points(points, model, matrix)
    inside = seen.valid & model.in_image(seen.pixels)
    pixels, ranges = seen.pixels[inside], seen.range_m[inside]
    edges = pixels[depth_edges(pixels, ranges, model.width_px)]
    strength = _edge_strength(image.pixels)
    decoded_px = strength.shape[1]
    met = _met(strength, edges * (decoded_px / model.width_px), decoded_px / WIDTH_PX)
    return _Curve(met, len(edges), model.width_px)


def depth_edges(pixels: Floats, ranges_m: Floats, width_px: int) -> npt.NDArray[np.bool_]:
    """(P,) True for points beside which, left or right in the image, all lies far behind."""
    if not len(pixels):
        return np.zeros(0, dtype=bool)
    cell = CELL_PX * width_px / WIDTH_PX
    column, row = (pixels[:, 0] / cell).astype(int), (pixels[:, 1] / (2 * cell)).astype(int)
    grid = np.full((row.max() + 1, column.max() + 1 + 2 * NEIGHBOURS), np.inf)
    np.minimum.at(grid, (row, column + NEIGHBOURS), ranges_m)
    step = np.maximum(LEAST_STEP_M, LEAST_STEP_SHARE * ranges_m)
    found = np.zeros(len(pixels), dtype=bool)
    in_front = grid[row, column + NEIGHBOURS] > ranges_m - 0.2
    for sign in (-1, 1):
        beside = [grid[row, column + NEIGHBOURS + sign * k] for k in range(1, NEIGHBOURS + 1)]
        nearest = np.min(beside, axis=0)
        found |= np.isfinite(nearest) & (nearest > ranges_m + step)
    return np.asarray(found & in_front)


def _edge_strength(bgra: npt.NDArray[np.uint8]) -> Floats:
    """(H, W) strength of upright edges, 0..1, the same in dark and bright parts of the image."""
    grey = bgra[:, :, :3].astype(np.float32) @ np.array([0.114, 0.587, 0.299], np.float32)
    across = np.abs(ndimage.gaussian_filter(grey, (1.0, 1.0), order=(0, 1)))
    usual = ndimage.uniform_filter(across, 41)
    strength: Floats = (across / (across + 2.0 * usual + 0.5)).astype(np.float64)
    return strength


def _met(strength: Floats, edges: Floats, step: float) -> Floats:
    height, width = strength.shape
    rows = np.clip(np.round(edges[:, 1]).astype(int), 0, height - 1)
    found = []
    for shift in range(-REACH_PX, REACH_PX + 1):
        columns = np.round(edges[:, 0] + shift * step).astype(int)
        inside = (columns >= 0) & (columns < width)
        found.append(float(strength[rows[inside], columns[inside]].mean()) if inside.any() else 0.0)
    return np.array(found)
