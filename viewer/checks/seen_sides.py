"""Sides of boxes that the lidar looks at, and how far the object's points are from them."""

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import way_velocities
from viewer.metrics.objects import Floats, Ints

NEAR_SIDES = slice(0, 4)
"""Rear, front, right, left: of the bottom and the top a lidar tells too little."""
LEAST_FACING = 0.35
"""Cosine between the outward normal and the way to the vehicle of a side that is seen."""
SWEEP_S = 0.1
"""A lidar takes so long for a turn: what moves is drawn out, or shortened, meanwhile."""
_AXIS = (0, 0, 1, 1)
_SIGN = (-1.0, 1.0, -1.0, 1.0)


def slacks(scene: CheckedScene, least_points: float) -> tuple[Ints, Floats]:
    """(K,) labels with enough points, and the (K, 4) empty space behind each side in metres.

    NaN for sides that are not seen. What the object moves in a turn of the lidar is taken off.
    """
    rows, slack = raw_slacks(scene, least_points)
    return rows, np.maximum(slack - moved_in_turn(scene)[rows], 0.0)


def raw_slacks(scene: CheckedScene, least_points: float) -> tuple[Ints, Floats]:
    """(K,) labels and (K, 4) empty space as in `slacks`, with what motion makes of it."""
    if scene.points is None:
        return scene.boxes[:0], np.empty((0, 4))
    fit = scene.points.fit
    rows = scene.boxes[fit.standing[scene.boxes] >= least_points]
    slack = fit.slack_m(scene.labels.sizes_m)[rows, NEAR_SIDES]
    seen = _facing(scene)[rows] > LEAST_FACING
    return rows, np.where(seen, slack, np.nan)


def hidden_shares(scene: CheckedScene, rows: Ints) -> Floats:
    """(K,) share of the rays towards each label that end before it; 0 without points."""
    if scene.points is None:
        return np.zeros(len(rows))
    sight = scene.points.sight
    blocked = sight.blocked[rows]
    shares: Floats = blocked / np.maximum(blocked + sight.passed[rows] + sight.ended[rows], 1)
    return shares


def moved_in_turn(scene: CheckedScene) -> Floats:
    """(N, 4) metres that each label moves across each side in a turn of the lidar, at most."""
    velocity = np.nan_to_num(way_velocities(scene)[:, :2])
    along = np.abs(np.einsum("nai,ni->na", _axes(scene), velocity))
    moved: Floats = SWEEP_S * np.nan_to_num(along)[:, _AXIS]
    return moved


def _facing(scene: CheckedScene) -> Floats:
    """(N, 4) cosine between each side's outward normal and the way to the vehicle."""
    labels = scene.labels
    way = scene.world_from_ego[labels.frame_rows, :3, 3] - labels.centers_m
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    facing: Floats = np.einsum("nai,ni->na", _axes(scene), way[:, :2])[:, _AXIS] * np.array(_SIGN)
    return np.nan_to_num(facing, nan=-1.0)


def _axes(scene: CheckedScene) -> Floats:
    """(N, 2, 2) directions of length and width in the plane."""
    yaw = scene.yaws_rad
    axes: Floats = np.stack([np.cos(yaw), np.sin(yaw), -np.sin(yaw), np.cos(yaw)], axis=1)
    return axes.reshape(-1, 2, 2)
