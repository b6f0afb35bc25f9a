"""One labelled object by itself: its points in the axes of its box, and where cameras see it."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import EDGES, Cuboids
from viewer.geometry.projection import project_cuboids
from viewer.scene.labels import CuboidLabels
from viewer.session.box_facts import select_row, surface_samples
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.frame_poses import (
    cuboids_in,
    image_ns,
    inverse_rigid,
    labels_ns,
    world_from_sweep,
)
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

Array = npt.NDArray[np.float64]

LEAST_MARGIN_M = 1.0
MARGIN_SHARE = 0.35
"""Room around a box, of its longest side."""
MOST_POINTS = 60_000
"""Of more points around an object a fair sample is shown."""
FRONT_EDGES = (4, 5, 6, 7)
"""Rows of `EDGES` around the face of the heading."""


@dataclass(frozen=True, eq=False, slots=True)
class ObjectPoints:
    """What lies in and around a box, in the box's own axes: x ahead, y left, z up, metres."""

    key: LabelKey
    class_name: str
    size: Array
    """(3,) length, width, height."""
    margin_m: float
    points: npt.NDArray[np.float32]
    """(N, 3)."""
    inside: npt.NDArray[np.bool_]
    """(N,) whether in the box, faces included."""
    ground_m: float | None
    """Height of the lowest points around the box; None where there are none."""
    others: Array
    """(M, 8, 3) corners of the other boxes nearby, in the order of `CORNER_SIGNS`."""
    point_count: int
    """Points inside of this frame's sweeps."""
    box_from_world: Array = field(default_factory=lambda: np.eye(4))
    """(4, 4) into the box's axes."""


@dataclass(frozen=True, eq=False, slots=True)
class CameraView:
    """Where one camera sees a box."""

    sensor_id: str
    share: float
    """0..1 of the box's surface that is in the image, hidden or not."""
    rect_px: tuple[float, float, float, float]
    """Left, top, right, bottom of what is in the image, in pixels of the lens."""
    lens_size_px: tuple[int, int]
    edges: tuple[Array, ...]
    """(K, 2) pixels of the visible stretches of the box's edges."""
    front: tuple[Array, ...]
    """Likewise of the face of the heading."""


def label_row(content: FrameContent, key: LabelKey) -> CuboidLabels | None:
    """One cuboid as labels of its own; None where the frame has no such cuboid."""
    labels = content.labels.get(key.label_set_id)
    if labels is None or key.frame_index != content.index:
        return None
    row = labels.cuboids.row_of(key.label_id)
    return None if row is None else select_row(labels.cuboids, row)


def box_in_world(content: FrameContent, labels: CuboidLabels, view: ViewSettings) -> Cuboids:
    """Boxes where they were in the world when they were labelled."""
    return cuboids_in(content, labels, "world", labels_ns(content, labels, view), view)


def object_points(content: FrameContent, key: LabelKey, view: ViewSettings) -> ObjectPoints | None:
    """Points in and around a cuboid; None where the frame has no such cuboid."""
    labels = label_row(content, key)
    if labels is None:
        return None
    box = box_in_world(content, labels, view)
    world_from_box = np.eye(4)
    world_from_box[:3, :3] = box.rotation_matrices()[0]
    world_from_box[:3, 3] = box.center[0]
    size = np.asarray(box.size[0], dtype=np.float64)
    margin_m = max(LEAST_MARGIN_M, MARGIN_SHARE * float(size.max()))
    box_from_world = inverse_rigid(world_from_box)
    parts, own = [np.empty((0, 3), np.float32)], 0
    for sweep in content.sweeps:
        near = _near(content, sweep, view, box_from_world, size / 2 + margin_m)
        if sweep.frame_index == content.index:
            own += int(_is_inside(near, size).sum())
        parts.append(near)
    points = np.concatenate(parts)
    if len(points) > MOST_POINTS:
        points = points[:: -(-len(points) // MOST_POINTS)]
    return ObjectPoints(
        key, labels.class_names[0], size, margin_m, points, _is_inside(points, size),
        _ground_of(points, size), _other_boxes(content, key, view, box_from_world, size, margin_m),
        own, box_from_world,
    )  # fmt: skip


def _near(
    content: FrameContent,
    sweep: LoadedSweep,
    view: ViewSettings,
    box_from_world: Array,
    reach: Array,
) -> npt.NDArray[np.float32]:
    """(N, 3) points of a sweep within `reach` of the box's middle, in the box's axes."""
    box_from_points = box_from_world @ world_from_sweep(content, sweep, view)
    middle = inverse_rigid(box_from_points)[:3, 3]
    radius = float(np.linalg.norm(reach))
    xyz = sweep.cloud.xyz
    # A cube around the object first: most of the cloud is elsewhere.
    close = np.abs(xyz[:, 0] - middle[0]) <= radius
    close &= np.abs(xyz[:, 1] - middle[1]) <= radius
    close &= np.abs(xyz[:, 2] - middle[2]) <= radius
    found = xyz[close].astype(np.float64) @ box_from_points[:3, :3].T + box_from_points[:3, 3]
    found = found[(np.abs(found) <= reach).all(axis=1)]
    near: npt.NDArray[np.float32] = found.astype(np.float32)
    return near


def _is_inside(points: npt.NDArray[np.float32], size: Array) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = np.all(np.abs(points) <= size / 2 + 1e-6, axis=1)
    return inside


def _ground_of(points: npt.NDArray[np.float32], size: Array) -> float | None:
    """Height of the ground beside the box: a low share of the points that are outside of it."""
    beside = points[~_is_inside(points, size)]
    return float(np.percentile(beside[:, 2], 5)) if len(beside) >= 5 else None


def _other_boxes(
    content: FrameContent,
    key: LabelKey,
    view: ViewSettings,
    box_from_world: Array,
    size: Array,
    margin_m: float,
) -> Array:
    hidden = view.filters.hidden_label_sets
    found = [np.empty((0, 8, 3))]
    for set_id, labels in content.labels.items():
        if set_id in hidden or not len(labels.cuboids):
            continue
        boxes = box_in_world(content, labels.cuboids, view)
        corners = boxes.corners() @ box_from_world[:3, :3].T + box_from_world[:3, 3]
        reach = size / 2 + margin_m
        near = ((corners.min(axis=1) <= reach) & (corners.max(axis=1) >= -reach)).all(axis=1)
        row = labels.cuboids.row_of(key.label_id) if set_id == key.label_set_id else None
        if row is not None:
            near[row] = False
        found.append(corners[near])
    return np.concatenate(found)


def camera_views(
    content: FrameContent, key: LabelKey, view: ViewSettings
) -> tuple[CameraView, ...]:
    """Cameras that see some of a label: where it is largest and least cut comes first."""
    labels = label_row(content, key)
    if labels is None:
        return _flat_views(content, key)
    samples = surface_samples(labels.cuboids)
    seen: list[tuple[float, CameraView]] = []
    for camera in content.rig.cameras.values():
        if camera.model is None or camera.sensor_id not in content.scene.camera_ids:
            continue
        at_ns = image_ns(content, camera.sensor_id, view)
        matrix = content.rig.camera_from(
            camera, labels.cuboids.coord_frame_id, at_ns, labels_ns(content, labels, view)
        )

        model = camera.model
        pixels, valid = model.project(samples @ matrix[:3, :3].T + matrix[:3, 3])
        inside = valid & model.in_image(pixels)
        share = float(inside.mean())
        if share <= 0.005:
            continue
        low, high = pixels[inside].min(axis=0), pixels[inside].max(axis=0)
        curves = project_cuboids(labels.cuboids, model, matrix)
        drawn = np.flatnonzero(curves.edge < len(EDGES)).tolist()
        edges = tuple(curves.piece(place) for place in drawn)
        front = tuple(curves.piece(place) for place in drawn if curves.edge[place] in FRONT_EDGES)
        area = float(np.prod(np.maximum(high - low, 1.0)))
        rect = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        found = CameraView(
            camera.sensor_id, share, rect, (model.width_px, model.height_px), edges, front
        )
        seen.append((area * share**2, found))
    return tuple(found for _, found in sorted(seen, key=lambda each: -each[0]))


def _flat_views(content: FrameContent, key: LabelKey) -> tuple[CameraView, ...]:
    """Where upright 2D boxes of a label lie, the largest first."""
    labels = content.labels.get(key.label_set_id)
    if labels is None or key.frame_index != content.index:
        return ()
    boxes, found = labels.boxes_2d, list[CameraView]()
    for row in (row for row, name in enumerate(boxes.label_ids) if name == key.label_id):
        sensor_id = boxes.sensor_ids[row]
        size = _image_size(content, sensor_id)
        if size is None:
            continue
        left, top, right, bottom = (float(value) for value in boxes.boxes_px[row])
        corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
        rect = (max(left, 0.0), max(top, 0.0), min(right, size[0]), min(bottom, size[1]))
        if rect[2] > rect[0] and rect[3] > rect[1]:
            found.append(CameraView(sensor_id, 1.0, rect, size, (np.array(corners),), ()))
    return tuple(sorted(found, key=lambda view: -_area(view.rect_px)))


def _image_size(content: FrameContent, sensor_id: str) -> tuple[int, int] | None:
    image = content.images.get(sensor_id)
    if image is not None:
        return image.full_width_px, image.full_height_px
    camera = content.rig.cameras.get(sensor_id)
    model = None if camera is None else camera.model
    return None if model is None else (model.width_px, model.height_px)


def _area(rect: tuple[float, float, float, float]) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def crop_rect(
    seen: CameraView, aspect: float, room: float = 0.35
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in lens pixels of a crop around an object, inside the image.

    Parameters
    ----------
    aspect
        Width to height of the crop.
    room
        Share of the object's size that is added on each side.
    """
    left, top, right, bottom = seen.rect_px
    width = max((right - left) * (1 + 2 * room), 24.0)
    height = max((bottom - top) * (1 + 2 * room), 24.0 / aspect)
    width, height = max(width, height * aspect), max(height, width / aspect)
    most_width, most_height = seen.lens_size_px
    width, height = min(width, most_width), min(height, most_height)
    x = min(max((left + right - width) / 2, 0.0), most_width - width)
    y = min(max((top + bottom - height) / 2, 0.0), most_height - height)
    return x, y, x + width, y + height


def without_images(content: FrameContent) -> FrameContent:
    """The same frame without what only pictures need."""
    return replace(content, images={}, prepared={}, overlays=())
