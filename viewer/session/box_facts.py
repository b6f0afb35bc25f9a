"""The numbers of one label: its box, where it stands, what sees it."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.session.facts import (
    Fact,
    FactGroup,
    degrees,
    euler_rad,
    metres,
    position,
    values_group,
)
from viewer.session.flat_facts import (
    crowd_facts,
    distribution_group,
    distribution_of,
    flat_groups,
    link_groups,
    points_groups,
)
from viewer.session.flat_labels import find_flat_label
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import cuboids_in, cuboids_in_ego, image_ns, labels_ns
from viewer.session.label_filter import ego_range_m
from viewer.session.label_rows import occlusion_text, speed_mps
from viewer.session.marks_set import drawn_sets
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

_SAMPLES_AN_EDGE = 9
MIN_SEEN = 0.005
"""Share of a box below which a camera counts as not seeing it."""


@dataclass(frozen=True, slots=True)
class CameraSight:
    """How much of a box a camera has in its image."""

    sensor_id: str
    share: float
    """0..1 of points spread evenly over the box's surface; what hides them is not regarded."""


@dataclass(frozen=True, eq=False, slots=True)
class BoxFacts:
    """One label of the shown frame."""

    key: LabelKey
    class_name: str
    set_title: str
    groups: tuple[FactGroup, ...]
    cameras: tuple[CameraSight, ...]
    """Cameras that see it, the one that has most of it first."""


def box_facts(content: FrameContent, key: LabelKey, view: ViewSettings) -> BoxFacts | None:
    """Facts of a label of any kind; None when the frame does not hold it."""
    frame_labels = content.labels.get(key.label_set_id)
    if frame_labels is None or key.frame_index != content.index:
        return None
    title = next(
        (s.title or s.label_set_id for s, _ in drawn_sets(content)
         if s.label_set_id == key.label_set_id), key.label_set_id,
    )  # fmt: skip
    row = frame_labels.cuboids.row_of(key.label_id)
    if row is None:
        return _flat_facts(content, frame_labels, key, title)
    column = frame_labels.cuboids
    labels = select_row(column, row)
    groups = [_box_group(content, labels, [*crowd_facts(column, row), *_between(column, row)])]
    groups += values_group("Attributes", labels.attributes[0])
    groups += distribution_group(distribution_of(column.class_distributions, row))
    groups += link_groups(frame_labels, key)
    groups += _pose_groups(content, labels)
    boxes_2d = _boxes_of(frame_labels.boxes_2d, key)
    if boxes_2d:
        groups.append(_boxes_2d_group(frame_labels.boxes_2d, boxes_2d))
    groups.append(_identity_group(key, title, labels.timestamp_ns, content))
    sights = camera_sights(content, labels, view)
    return BoxFacts(key, labels.class_names[0], title, tuple(groups), sights)


def _flat_facts(
    content: FrameContent, labels: FrameLabels, key: LabelKey, title: str
) -> BoxFacts | None:
    """Facts of a label without a cuboid, and of all points of a class."""
    flat = find_flat_label(content, key)
    if flat is not None:
        class_name, groups = flat.class_name, flat_groups(content, flat)
    else:
        points = points_groups(content, key)
        if points is None:
            return None
        class_name, groups = points[0].title, points[1]
        return BoxFacts(key, class_name, title, tuple(groups), ())
    boxes_2d = _boxes_of(labels.boxes_2d, key)
    if len(boxes_2d) > 1:
        groups.append(_boxes_2d_group(labels.boxes_2d, boxes_2d))
    groups += link_groups(labels, key)
    groups.append(_identity_group(key, title, None, content))
    return BoxFacts(key, class_name, title, tuple(groups), ())


def _between(labels: CuboidLabels, row: int) -> list[Fact]:
    if not labels.is_interpolated(row):
        return []
    return [Fact("Drawn", "no, between keyframes", "Interpolated between two boxes of the track")]


def select_row(labels: CuboidLabels, row: int) -> CuboidLabels:
    """One label as labels of its own."""
    only = np.array([row])
    velocities = labels.velocities_mps
    return CuboidLabels(
        labels.cuboids.select(only),
        (labels.label_ids[row],),
        (labels.class_names[row],),
        (labels.track_ids[row],),
        labels.scores[only],
        (labels.attributes[row],),
        None if velocities is None else velocities[only],
        labels.timestamp_ns,
    )


def _identity_group(
    key: LabelKey, title: str, timestamp_ns: int | None, content: FrameContent
) -> FactGroup:
    facts = [Fact("Label set", title), Fact("Label", key.label_id)]
    if key.track_id is not None:
        facts.append(Fact("Track", key.track_id))
    if timestamp_ns is not None and content.timestamp_ns is not None:
        offset_ms = (timestamp_ns - content.timestamp_ns) / 1e6
        note = "When the label holds, against the time of the frame"
        facts.append(Fact("Time", f"{offset_ms:+.1f} ms", note))
    return FactGroup("Label", tuple(facts))


def _box_group(content: FrameContent, labels: CuboidLabels, said: list[Fact]) -> FactGroup:
    length, width, height = labels.cuboids.size[0].tolist()
    boxes_ego = cuboids_in_ego(content, labels)
    straight = float(np.linalg.norm(boxes_ego.center[0]))
    facts = [
        Fact("Size", f"{length:.2f} × {width:.2f} × {height:.2f} m", "Length, width, height"),
        Fact("Volume", f"{length * width * height:.2f} m³"),
        Fact(
            "Distance", metres(float(ego_range_m(labels, content)[0])),
            f"Horizontal, ego origin to the middle of the box; {straight:.2f} m straight",
        ),
    ]  # fmt: skip
    facts.append(
        Fact("Yaw", degrees(float(boxes_ego.yaw_rad[0])), "Seen from the vehicle: 0 ahead, 90 left")
    )
    score = float(labels.scores[0])
    if math.isfinite(score):
        facts.append(Fact("Score", f"{score:.3f}"))
    speed = float(speed_mps(labels)[0])
    if math.isfinite(speed):
        facts.append(Fact("Speed", f"{speed:.2f} m/s", f"{speed * 3.6:.1f} km/h"))
    occlusion = occlusion_text(labels.attributes[0])
    if occlusion:
        facts.append(Fact("Occlusion", occlusion))
    return FactGroup("Box", (*facts, *said))


def _pose_groups(content: FrameContent, labels: CuboidLabels) -> list[FactGroup]:
    """The box's pose in each coord frame that people ask for, each once."""
    own = labels.cuboids.coord_frame_id
    lidars = [sensor.coord_frame_id for sensor in content.rig.lidars.values()]
    frames = dict.fromkeys([content.rig.ego_coord_frame_id, *lidars[:1], "world", own])
    groups: list[FactGroup] = []
    for coord_frame_id in frames:
        at_ns = labels_ns(content, labels)
        if coord_frame_id == content.rig.ego_coord_frame_id:
            at_ns = content.timestamp_ns
        boxes = cuboids_in(content, labels, coord_frame_id, at_ns)
        as_read = " (as read)" if coord_frame_id == own else ""
        groups.append(FactGroup(f"In {coord_frame_id}{as_read}", _pose_facts(boxes)))
    return groups


def _pose_facts(boxes: Cuboids) -> tuple[Fact, ...]:
    yaw, pitch, roll = euler_rad(matrix_from_quaternion(boxes.rotation[0]))
    return (
        Fact("Center", position(boxes.center[0]), "x, y, z"),
        Fact("Yaw", degrees(yaw), "About z; 0 is along x, 90 along y"),
        Fact("Pitch", degrees(pitch), "About the turned y; positive points the front down"),
        Fact("Roll", degrees(roll), "About the box's own x"),
    )


def _boxes_of(boxes: BoxLabels2D, key: LabelKey) -> list[int]:
    """Rows of the 2D boxes that belong to a label, by its id or else by its track."""
    rows = [row for row, label_id in enumerate(boxes.label_ids) if label_id == key.label_id]
    if key.track_id is not None:
        tracks = enumerate(boxes.track_ids)
        rows += [row for row, track in tracks if track == key.track_id and row not in rows]
    return rows


def _boxes_2d_group(boxes: BoxLabels2D, rows: list[int]) -> FactGroup:
    facts: list[Fact] = []
    for row in rows:
        left, top, right, bottom = boxes.boxes_px[row].tolist()
        size = f"{right - left:.1f} × {bottom - top:.1f} px"
        note = f"Left {left:.1f}, top {top:.1f}, right {right:.1f}, bottom {bottom:.1f} px"
        facts.append(Fact(boxes.sensor_ids[row], f"{size} at {left:.1f}, {top:.1f}", note))
    return FactGroup("2D boxes", tuple(facts))


def camera_sights(
    content: FrameContent, labels: CuboidLabels, view: ViewSettings
) -> tuple[CameraSight, ...]:
    """Cameras that have some of the (one) box in their image, most of it first."""
    samples = surface_samples(labels.cuboids)
    sights: list[CameraSight] = []
    for camera in content.rig.cameras.values():
        if camera.model is None:
            continue
        at_ns = image_ns(content, camera.sensor_id, view)
        source = labels.cuboids.coord_frame_id
        matrix = content.rig.camera_from(camera, source, at_ns, labels_ns(content, labels, view))
        pixels, valid = camera.model.project(samples @ matrix[:3, :3].T + matrix[:3, 3])
        share = float((valid & camera.model.in_image(pixels)).mean())
        if share >= MIN_SEEN:
            sights.append(CameraSight(camera.sensor_id, share))
    return tuple(sorted(sights, key=lambda sight: -sight.share))


def surface_samples(boxes: Cuboids) -> npt.NDArray[np.float64]:
    """(S, 3) points spread over the six faces of the first box, in its coord frame."""
    steps = (np.arange(_SAMPLES_AN_EDGE) + 0.5) / _SAMPLES_AN_EDGE * 2 - 1
    first, second = (grid.ravel() for grid in np.meshgrid(steps, steps))
    faces = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            face = np.empty((len(first), 3))
            face[:, axis] = sign
            face[:, (axis + 1) % 3] = first
            face[:, (axis + 2) % 3] = second
            faces.append(face)
    own = np.concatenate(faces) * boxes.size[0] / 2
    samples: npt.NDArray[np.float64] = own @ boxes.rotation_matrices()[0].T + boxes.center[0]
    return samples
