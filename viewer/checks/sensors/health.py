"""How well cameras and clocks of a scene fit, frame by frame: the figures that checks judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.checks.finding import Finding
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import CameraBoxes, camera_boxes
from viewer.checks.sensors.camera_fit import CameraFit, camera_fits
from viewer.checks.sensors.extrinsics import EDGE_FRAMES, edge_matches, residuals_px
from viewer.checks.sensors.image_edges import (
    LEAST_EDGES,
    LEAST_FRAMES,
    MOST_FRAMES,
    Shift,
    best_shift,
)
from viewer.checks.sensors.intrinsics import edge_share
from viewer.checks.sensors.lidar_edges import (
    WIDTH_PX,
    EdgeView,
    edge_views,
    frame_curves,
    spread_frames,
)
from viewer.checks.sensors.pose_hypotheses import AS_IS
from viewer.checks.sensors.time_sync import offsets_ms
from viewer.formats.base import DamagedData
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

SHIFTED_FRAMES: Final = 2 * MOST_FRAMES - 1
"""So many images of each camera are compared with the lidar, evenly over the scene: those that the
check looks at, and one between any two of them."""
LEAST_BOXES: Final = 15
"""2D boxes to try poses with; below, the edges of the images are asked."""
CLEAR_MATCH: Final = 10.0
"""Standard deviations from a chance match of edges, from which a pose is right."""
CLEAR_PEAK: Final = 1.25
"""Edges met at the best shift, against any shift, for one image to say where it lies."""


@dataclass(frozen=True, eq=False, slots=True)
class FrameSpread:
    """One figure in F frames: its median, and the quartiles around it."""

    median: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False, slots=True)
class BoxResiduals:
    """2D boxes of one camera minus the outlines of their cuboids; unhidden objects alone."""

    frames: Ints
    """(F,) indexes of the frames that have some, rising."""
    counts: Ints
    """(F,)."""
    right_px: FrameSpread
    down_px: FrameSpread
    apart_px: FrameSpread
    """Distance of the middles."""
    frame_of: Ints
    """(Q,) frame of each box."""
    boxes_px: Floats
    """(Q, 4) left, top, right, bottom as labelled."""
    outlines_px: Floats
    """(Q, 4) around the cuboid at the time of the image."""

    @property
    def median_px(self) -> float:
        """Median distance of all boxes."""
        return float(np.median(np.linalg.norm(_between(self.boxes_px, self.outlines_px), axis=1)))


@dataclass(frozen=True, eq=False, slots=True)
class EdgeShifts:
    """How far right edges of the images lie of those of the lidar, in pixels of the image."""

    frames: Ints
    """(F,) that were looked at, and have edges enough."""
    right_px: Floats
    """(F,) shift at which one image meets most of the lidar's edges."""
    clear: npt.NDArray[np.bool_]
    """(F,) False where other shifts meet nearly as many."""
    whole: Shift | None
    """Of all images together, in pixels of the image; None for too few images."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What a calibration says, as far as it can be judged alone."""

    focal_px: tuple[float, float]
    """NaN for a lens that has none."""
    off_centre: float
    """Of the principal point from the middle, as a share of the image's size."""
    reach: float
    """Share of the image's edge that some ray reaches."""


@dataclass(frozen=True, eq=False, slots=True)
class CameraHealth:
    """Everything that can be told of one camera; None for what the data does not tell."""

    camera_id: str
    size_px: tuple[int, int]
    boxes: BoxResiduals | None
    edges: EdgeShifts | None
    fit: CameraFit | None
    lens: Lens | None
    poses: Mapping[str, float] = field(default_factory=dict)
    """How well its pose fits, by what is done with it, as it is first."""
    poses_unit: str = ""
    """``px``, less is better, or ``sigmas`` beyond chance, more is better."""


@dataclass(frozen=True, eq=False, slots=True)
class ClockHealth:
    """Times of one sensor against those of its frames."""

    sensor_id: str
    frames: Ints
    """(F,)."""
    offsets_ms: Floats
    """(F,)."""

    @property
    def usual_ms(self) -> float:
        """Median offset."""
        return float(np.median(self.offsets_ms))

    @property
    def spread_ms(self) -> float:
        """Robust standard deviation of the offset."""
        return 1.4826 * float(np.median(np.abs(self.offsets_ms - self.usual_ms)))

    @property
    def worst(self) -> int:
        """Place of the offset that is farthest from the usual one."""
        return int(np.argmax(np.abs(self.offsets_ms - self.usual_ms)))


@dataclass(frozen=True, eq=False, slots=True)
class SceneHealth:
    """Cameras and clocks of one scene, with what the checks say of them."""

    scene_id: str
    frames: int
    cameras: tuple[CameraHealth, ...]
    clocks: tuple[ClockHealth, ...]
    findings: tuple[Finding, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Why a check was not asked, by its id."""


def scene_health(scene: CheckedScene, job: JobContext) -> SceneHealth:
    """Measure a scene; what cannot be read is left out."""
    boxes = camera_boxes(scene, job)
    fits = camera_fits(scene, job)
    residuals = {name: box_residuals(each) for name, each in boxes.items()}
    usable = {name: np.flatnonzero(each.whole()) for name, each in boxes.items()}
    told = {name for name, rows in usable.items() if len(rows) >= LEAST_BOXES}
    seen = _EdgesSeen(scene, told)
    seen.run(job)
    lenses = _lenses(scene)
    cameras = []
    for camera_id in scene.scene.camera_ids:
        poses, unit = {}, ""
        if camera_id in told:
            poses, unit = residuals_px(boxes[camera_id], usable[camera_id]), "px"
        elif seen.views.get(camera_id):
            poses, unit = _poses_by_edges(seen.views[camera_id]), "sigmas"
        lens, size_px = lenses.get(camera_id, (None, (0, 0)))
        cameras.append(
            CameraHealth(
                camera_id, size_px, residuals.get(camera_id), seen.shifts(camera_id),
                fits.get(camera_id), lens, poses, unit,
            )
        )  # fmt: skip
    return SceneHealth(scene.scene_id, len(scene.scene.frames), tuple(cameras), clocks(scene))


def box_residuals(boxes: CameraBoxes) -> BoxResiduals | None:
    """Compare boxes with outlines frame by frame; None where no object shows whole in both."""
    rows = np.flatnonzero(boxes.comparable())
    if not len(rows):
        return None
    rows = rows[np.argsort(boxes.frames[rows], kind="stable")]
    drawn, outlines, frame_of = boxes.boxes_px[rows], boxes.expected_px[rows], boxes.frames[rows]
    apart = _between(drawn, outlines)
    frames, starts = np.unique(frame_of, return_index=True)
    columns = (apart[:, 0], apart[:, 1], np.linalg.norm(apart, axis=1))
    right, down, distance = (_spread(np.split(each, starts[1:])) for each in columns)
    counts = np.diff(np.append(starts, len(frame_of)))
    return BoxResiduals(frames, counts, right, down, distance, frame_of, drawn, outlines)


def clocks(scene: CheckedScene) -> tuple[ClockHealth, ...]:
    """Offsets of every sensor that has times of its own, by name."""
    return tuple(
        ClockHealth(name, np.array(list(own), np.int64), np.array(list(own.values())))
        for name, own in sorted(offsets_ms(scene).items())
        if own
    )


def _poses_by_edges(views: Sequence[EdgeView]) -> dict[str, float]:
    """Other axes are tried only where the pose as it is does not fit clearly."""
    found = edge_matches(views, axes=False)
    return found if found[AS_IS] >= CLEAR_MATCH else edge_matches(views)


class _EdgesSeen:
    """Looks at images beside the lidar, and keeps a few of cameras that have no boxes."""

    def __init__(self, scene: CheckedScene, told: set[str]) -> None:
        self._scene, self._told = scene, told
        self.views: dict[str, list[EdgeView]] = {}
        self._curves: dict[str, list[tuple[int, Floats]]] = {}
        self._widths_px: dict[str, int] = {}

    def run(self, job: JobContext) -> None:
        scene = self._scene
        frames = spread_frames(scene, SHIFTED_FRAMES)
        for frame in job.track(frames, "Comparing edges of lidar and images"):
            for camera_id, (curve, width_px) in frame_curves(scene, frame).items():
                self._widths_px[camera_id] = width_px
                if curve.edges >= LEAST_EDGES:
                    own = self._curves.setdefault(camera_id, [])
                    own.append((frame.index, curve.met))
        if self._told.issuperset(scene.scene.camera_ids):
            return
        for frame in job.track(spread_frames(scene, EDGE_FRAMES), "Trying poses of cameras"):
            for view in edge_views(scene, frame):
                if view.camera_id not in self._told:
                    self.views.setdefault(view.camera_id, []).append(view)

    def shifts(self, camera_id: str) -> EdgeShifts | None:
        curves = self._curves.get(camera_id)
        if not curves:
            return None
        full = self._widths_px[camera_id] / WIDTH_PX
        single = [best_shift([met]) for _, met in curves]
        whole = None
        if len(curves) >= LEAST_FRAMES:
            found = best_shift([met for _, met in curves])
            whole = Shift(found.by_px * full, found.error_px * full, found.gain, found.peak)
        return EdgeShifts(
            np.array([index for index, _ in curves], np.int64),
            np.array([each.by_px * full for each in single]),
            np.array([each.peak >= CLEAR_PEAK for each in single]), whole,
        )  # fmt: skip


def _lenses(scene: CheckedScene) -> dict[str, tuple[Lens | None, tuple[int, int]]]:
    """Lens and size of image by camera, as of the first frame whose calibration can be read."""
    for frame in scene.scene.frames:
        try:
            rig = scene.scene.reader.read_rig(frame.index)
        except DamagedData:
            continue
        found: dict[str, tuple[Lens | None, tuple[int, int]]] = {}
        for camera in rig.cameras.values():
            model = camera.model
            if model is None:
                continue
            values, width, height = model.parameters(), model.width_px, model.height_px
            cx, cy = values.get("cx", width / 2), values.get("cy", height / 2)
            off = max(abs(cx / width - 0.5), abs(cy / height - 0.5))
            focal = (values.get("fx", float("nan")), values.get("fy", float("nan")))
            found[camera.sensor_id] = Lens(focal, off, edge_share(model)), (width, height)
        return found
    return {}


def _between(boxes: Floats, outlines: Floats) -> Floats:
    """(Q, 2) right and down from the middle of an outline to that of its box."""
    apart = boxes - outlines
    found: Floats = (apart[:, :2] + apart[:, 2:]) / 2
    return found


def _spread(parts: Sequence[Floats]) -> FrameSpread:
    quartiles = np.array([np.percentile(each, (50, 25, 75)) for each in parts])
    return FrameSpread(quartiles[:, 0], quartiles[:, 1], quartiles[:, 2])
