"""Measuring: between two points, from a point to the ground, between two boxes."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.geometry.box_distance import box_distance
from viewer.geometry.cuboids import Cuboid
from viewer.processing.ground import ground_height
from viewer.session.facts import object_name
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import cuboids_in, labels_ns, sweep_ns
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

Position = tuple[float, float, float]
"""In the world coord frame, metres."""


class MeasureKind(StrEnum):
    """What is measured."""

    POINTS = "points"
    GROUND = "ground"
    BOXES = "boxes"


class CannotMeasure(Exception):
    """There is nothing to measure to; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured distance; a segment to draw and the numbers to read."""

    kind: MeasureKind
    start: Position
    end: Position
    delta_m: Position
    """End minus start: along the vehicle's heading, to its left, and up along the world's z."""
    frame_index: int
    subject: str
    """What was measured, for people: ``point to ground``, ``car 18 to car 7``."""
    method: str = ""
    """How it was found, where that is not plain."""

    @property
    def total_m(self) -> float:
        """Straight distance."""
        return math.dist(self.start, self.end)

    @property
    def horizontal_m(self) -> float:
        """Distance along the ground."""
        return math.hypot(self.delta_m[0], self.delta_m[1])

    @property
    def caption(self) -> str:
        """Short text for the line in the view."""
        return f"{self.total_m:.2f} m"

    @property
    def detail(self) -> str:
        """All numbers in one line."""
        dx, dy, dz = (part + 0.0 for part in np.round(self.delta_m, 2).tolist())
        return (
            f"{self.total_m:.2f} m   horizontal {self.horizontal_m:.2f} m   "
            f"dx {dx:+.2f}  dy {dy:+.2f}  dz {dz:+.2f} m"
        )


def measure_points(content: FrameContent, start: Position, end: Position) -> Measurement:
    """Measure between two positions in the world."""
    return _measurement(content, MeasureKind.POINTS, start, end, "Point to point")


def measure_to_ground(content: FrameContent, start: Position, view: ViewSettings) -> Measurement:
    """Measure from a position straight down (or up) to the ground around it.

    Raises
    ------
    CannotMeasure
        When no points are near.
    """
    points = points_world(content, view)
    ground = ground_height(points, np.array(start))
    if ground is None:
        raise CannotMeasure("There are no points within 12 m to tell the ground from")
    end = (start[0], start[1], ground.z_m)
    return _measurement(
        content, MeasureKind.GROUND, start, end, "Point to ground", f"Ground: {ground.method}"
    )


def measure_boxes(content: FrameContent, first: LabelKey, second: LabelKey) -> Measurement:
    """Measure the shortest way between the boxes of two labels of the frame.

    Raises
    ------
    CannotMeasure
        When a label has no box in this frame, or both are the same.
    """
    if first == second:
        raise CannotMeasure("Pick another box: this is the same one")
    nearest = box_distance(box_world(content, first), box_world(content, second))
    names = f"{label_name(content, first)} to {label_name(content, second)}"
    method = "The boxes overlap" if nearest.distance_m == 0 else "Shortest way between the boxes"
    return _measurement(
        content, MeasureKind.BOXES, _position(nearest.point_a), _position(nearest.point_b),
        names, method,
    )  # fmt: skip


def box_world(content: FrameContent, key: LabelKey) -> Cuboid:
    """Box of a label in the world.

    Raises
    ------
    CannotMeasure
        When the label has no box in this frame.
    """
    labels = content.labels.get(key.label_set_id)
    row = labels.cuboids.row_of(key.label_id) if labels is not None else None
    if labels is None or row is None or key.frame_index != content.index:
        raise CannotMeasure("This label has no box in this frame")
    boxes = cuboids_in(content, labels.cuboids, "world", labels_ns(content, labels.cuboids))
    return boxes[row]


def label_name(content: FrameContent, key: LabelKey) -> str:
    """Class and track, or class and id, of a label."""
    labels = content.labels[key.label_set_id].cuboids
    row = labels.row_of(key.label_id)
    class_name = labels.class_names[row] if row is not None else "label"
    return object_name(class_name, key.track_id if key.track_id is not None else key.label_id)


def points_world(content: FrameContent, view: ViewSettings) -> npt.NDArray[np.float64]:
    """(N, 3) finite points of the frame's own sweeps in the world."""
    clouds = [np.empty((0, 3))]
    for sweep in content.sweeps:
        if sweep.frame_index != content.index:
            continue
        world_from_points = content.world_from(sweep.cloud.coord_frame_id, sweep_ns(sweep, view))
        cloud = sweep.cloud
        xyz = cloud.xyz
        if cloud.finite_count < len(cloud):
            xyz = xyz[cloud.finite_mask()]
        clouds.append(xyz @ world_from_points[:3, :3].T + world_from_points[:3, 3])
    return np.concatenate(clouds)


def _measurement(
    content: FrameContent,
    kind: MeasureKind,
    start: Position,
    end: Position,
    subject: str,
    method: str = "",
) -> Measurement:
    world_from_ego = content.world_from_ego()
    yaw = math.atan2(world_from_ego[1, 0], world_from_ego[0, 0])
    dx, dy, dz = (np.array(end) - np.array(start)).tolist()
    cosine, sine = math.cos(yaw), math.sin(yaw)
    delta_m = (cosine * dx + sine * dy, cosine * dy - sine * dx, dz)
    return Measurement(kind, start, end, delta_m, content.index, subject, method)


def _position(values: npt.NDArray[np.float64]) -> Position:
    x, y, z = values.tolist()
    return x, y, z
