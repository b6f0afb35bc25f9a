"""Which small turn of a camera, and which shift of its clock, brings cuboids onto 2D boxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import CameraBoxes, camera_boxes
from viewer.geometry.cameras.base import CameraModel
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

LEAST_BOXES: Final = 40
LEAST_OBJECTS: Final = 8
USUAL_ROUNDING: Final = 0.03
"""Standard deviation of the shares by which shapes are rounder than boxes, before looking."""
ROUNDS: Final = 12
TURN_STEP_RAD: Final = 1e-4
HUBER: Final = 1.345
"""In standard deviations: 95 % as efficient as least squares where errors are normal."""
OFF_SHARE: Final = 0.004
"""Of the image's width."""
OFF_ROLL_DEG, OFF_MS, OFF_SIGMAS = 0.7, 20.0, 4.0
BIASES: Final = 3
ROUNDING: Final = slice(5, 7)
"""The columns of a fit: turns about x, y, z; drifts about x and y; roundness; time."""


@dataclass(frozen=True, eq=False, slots=True)
class CameraFit:
    """What is wrong with one camera, with standard errors; zero where it could not be told."""

    camera_id: str
    boxes: int
    """So many 2D boxes it was told from."""
    objects: int
    turn_deg: Floats
    """(3,) by which the true camera is turned about its x (right), y (down) and z (forward)."""
    turn_error_deg: Floats
    bias_px: Floats
    """(2,) right and down: 2D boxes minus projected cuboids, in the middle of the image."""
    bias_error_px: Floats
    drift_px: Floats
    """(2,) change of the bias from the first frame to the last."""
    drift_error_px: Floats
    offset_ms: float
    """The images were taken so much later than their times say."""
    offset_error_ms: float
    residual_px: float
    """What is left: half of the boxes are nearer to their cuboids, once the above is put right."""


def camera_fits(scene: CheckedScene, job: JobContext) -> Mapping[str, CameraFit]:
    """Return what can be told of every camera from its 2D boxes; kept with the scene."""
    kept = scene.cache.get("camera_fits")
    if isinstance(kept, dict):
        return kept
    found = {}
    for name, boxes in camera_boxes(scene, job).items():
        fit = fit_camera(boxes, scene.labels.track_rows)
        if fit is not None:
            found[name] = fit
    scene.cache["camera_fits"] = found
    return found


def fit_camera(boxes: CameraBoxes, track_rows: Ints | None) -> CameraFit | None:
    """Fit turns, drifts and time to the middles of the boxes at once; None for too few boxes.

    All at once, as each looks much like another on part of the image: where the vehicle turns,
    what is seen too late lies aside as well.
    """
    usable = boxes.comparable() & np.isfinite(boxes.motion_px_s).all(axis=1)
    turns = _turn_columns(boxes)
    usable &= np.isfinite(turns).all(axis=(1, 2))
    rows = np.flatnonzero(usable)
    objects = boxes.cuboid_rows if track_rows is None else track_rows[boxes.cuboid_rows]
    objects = np.where(objects < 0, -1 - boxes.cuboid_rows, objects)[rows]
    if len(rows) < LEAST_BOXES or len(np.unique(objects)) < LEAST_OBJECTS:
        return None
    middles = (boxes.boxes_px - boxes.expected_px)[rows]
    residuals = (middles[:, :2] + middles[:, 2:]) / 2
    frames = boxes.frames[rows].astype(np.float64)
    span = max(float(np.ptp(frames)), 1.0)
    along = ((frames - frames.min()) / span - 0.5)[:, None]
    turns = turns[rows]
    columns = np.concatenate(
        [
            turns, turns[:, :, :2] * along[:, :, None], _rounding(boxes)[rows],
            boxes.motion_px_s[rows, :, None],
        ],
        axis=2,
    )  # fmt: skip
    # Boxes of large objects are less sure of their middle.
    sizes = (boxes.boxes_px[rows, 2:] - boxes.boxes_px[rows, :2]).max(axis=1)
    solved = _robust(columns, residuals, 1.0 / (1.0 + 0.03 * sizes), objects)
    return _told(boxes, len(rows), len(np.unique(objects)), solved)


@dataclass(frozen=True, eq=False, slots=True)
class _Solved:
    values: Floats
    """(8,) radians, the shares of roundness, and seconds."""
    covariance: Floats
    left_px: float


def _robust(columns: Floats, residuals: Floats, trust: Floats, objects: Ints) -> _Solved:
    """Huber's estimate by reweighting; its covariance counts each object once."""
    count = columns.shape[2]
    weights = np.repeat(trust[:, None], 2, axis=1)
    used = np.abs(columns).max(axis=(0, 1)) > 1e-9
    values = np.zeros(count)
    part = columns[:, :, used]
    scaling = np.abs(part).max(axis=(0, 1))
    part = part / scaling
    inverse = np.zeros((part.shape[2],) * 2)
    left, spread = residuals, 1.0
    prior = np.zeros(count)
    prior[ROUNDING] = USUAL_ROUNDING**-2
    prior = prior[used] / scaling**2
    for _ in range(ROUNDS):
        normal = np.einsum("nij,ni,nik->jk", part, weights, part) + np.diag(prior * spread**2)
        inverse = np.linalg.pinv(normal, rcond=1e-9, hermitian=True)
        solved = inverse @ np.einsum("nij,ni,ni->j", part, weights, residuals)
        left = residuals - part @ solved
        spread = 1.4826 * float(np.median(np.abs(left * trust[:, None]))) + 1e-9
        relative = np.abs(left) * trust[:, None] / spread
        weights = trust[:, None] * np.minimum(1.0, HUBER / np.maximum(relative, 1e-9))
    pulls = np.einsum("nij,ni,ni->nj", part, weights, left)
    _, group = np.unique(objects, return_inverse=True)
    by_object = np.zeros((int(group.max()) + 1, part.shape[2]))
    np.add.at(by_object, group, pulls)
    meat = by_object.T @ by_object * len(by_object) / max(len(by_object) - 1, 1)
    values[used] = solved / scaling
    covariance = np.zeros((count, count))
    covariance[np.ix_(used, used)] = inverse @ meat @ inverse / np.outer(scaling, scaling)
    distance = float(np.median(np.linalg.norm(left, axis=1)))
    return _Solved(values, covariance, distance)


def _told(boxes: CameraBoxes, count: int, objects: int, solved: _Solved) -> CameraFit:
    middle = _middle_columns(boxes.model)
    values, covariance = solved.values, solved.covariance
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))

    def seen(first: int) -> tuple[Floats, Floats]:
        part = covariance[first : first + 2, first : first + 2]
        spread = np.sqrt(np.maximum(np.diag(middle @ part @ middle.T), 0.0))
        return middle @ values[first : first + 2], spread

    bias, bias_error = seen(0)
    drift, drift_error = seen(BIASES)
    return CameraFit(
        camera_id=boxes.camera_id, boxes=count, objects=objects,
        turn_deg=np.degrees(values[:BIASES]), turn_error_deg=np.degrees(errors[:BIASES]),
        bias_px=bias, bias_error_px=bias_error, drift_px=drift, drift_error_px=drift_error,
        offset_ms=1e3 * float(values[-1]), offset_error_ms=1e3 * float(errors[-1]),
        residual_px=solved.left_px,
    )  # fmt: skip


def _turn_columns(boxes: CameraBoxes) -> Floats:
    """(Q, 2, 3) px per radian: how the image of a centre moves as the camera turns."""
    matrices, centers = boxes.camera_from_world, boxes.centers_world
    points = np.einsum("nij,nj->ni", matrices[:, :3, :3], centers) + matrices[:, :3, 3]
    return _turned(boxes.model, points)


def _rounding(boxes: CameraBoxes) -> Floats:
    """(Q, 2, 2) px per share by which true shapes are rounder than boxes.

    Roofs are narrower than boxes, which moves tops; the corner that is nearest to the camera is
    rounded off, which moves the outer side of an object that stands aside. Left out, the one looks
    like a pitch, and both look like a time to a camera that drives towards things.
    """
    sizes = boxes.expected_px[:, 2:] - boxes.expected_px[:, :2]
    middles = (boxes.expected_px[:, 2:] + boxes.expected_px[:, :2]) / 2
    centre = boxes.model.project(np.array([[0.0, 0.0, 1.0]])).pixels[0]
    aside = np.tanh((middles[:, 0] - centre[0]) / (0.25 * boxes.model.width_px))
    none = np.zeros(len(boxes))
    top, side = np.stack([none, sizes[:, 1]], axis=1), np.stack([sizes[:, 0] * aside, none], axis=1)
    return np.stack([top, side], axis=2)


def _middle_columns(model: CameraModel) -> Floats:
    """(2, 2) px per radian about x and y at the optical axis."""
    found: Floats = _turned(model, np.array([[1e-6, 1e-6, 10.0]]))[0, :, :2]
    return found


def _turned(model: CameraModel, points: Floats) -> Floats:
    columns = []
    for axis in range(3):
        # A camera that turns by w sees a point move by -w x p.
        step = -TURN_STEP_RAD * np.cross(np.eye(3)[axis], points)
        ahead, behind = model.project(points + step), model.project(points - step)
        columns.append((ahead.pixels - behind.pixels) / (2 * TURN_STEP_RAD))
    return np.stack(columns, axis=2)


def explained_px(fit: CameraFit, boxes: CameraBoxes) -> Floats:
    """(Q, 2) how far 2D boxes lie right of and below their cuboids, as the fit explains it."""
    found: Floats = _turn_columns(boxes) @ np.radians(fit.turn_deg)
    frames = boxes.frames.astype(np.float64)
    along = (frames - frames.min()) / max(float(np.ptp(frames)), 1.0) - 0.5
    found += along[:, None] * fit.drift_px
    found += boxes.motion_px_s * (fit.offset_ms / 1e3)
    return found


def is_off(fit: CameraFit, width_px: int) -> bool:
    """Whether a camera or its clock is surely wrong, by enough to matter to a box."""
    px = [*zip(fit.bias_px, fit.bias_error_px, strict=True),
          *zip(fit.drift_px, fit.drift_error_px, strict=True)]  # fmt: skip
    sure = any(is_sure(by, error, OFF_SHARE * width_px, OFF_SIGMAS) for by, error in px)
    sure |= is_sure(float(fit.turn_deg[2]), float(fit.turn_error_deg[2]), OFF_ROLL_DEG, OFF_SIGMAS)
    return sure or is_sure(fit.offset_ms, fit.offset_error_ms, OFF_MS, OFF_SIGMAS)


def is_sure(value: float, error: float, most: float, sigmas: float) -> bool:
    """Whether a value is beyond what is allowed, and surely not none."""
    return abs(value) > most and abs(value) > sigmas * error
