"""Cuboids of one image as they project: edges and heading arrows; not yet styled."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.projection import (
    EdgePart,
    outline_boxes_px,
    project_cuboids,
    project_points,
    silhouette_polygon,
)
from viewer.render.mask_outline import MaskArea
from viewer.render.overlay_lens import ImageLens
from viewer.render.rasterizer import Polylines, Rgb
from viewer.scene.labels import CuboidLabels, LabelSet, LabelSetKind
from viewer.session.frame_poses import labels_ns
from viewer.session.label_filter import ego_range_m, visible_rows
from viewer.session.marks_set import drawn_rgb, drawn_sets, is_marks
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

BOX_EDGE_COUNT = 12
_ARROW_HALF_BASE = 0.2
"""Half size of the heading arrow's base, as a part of the front face."""
_ARROW_LENGTH = 0.55
"""Length of the heading arrow, as a part of the shorter side of the front face."""
_ARROW_MOST_M = 0.5
"""Longest heading arrow; its base is at most as wide."""
_NO_LINES = Polylines(np.empty((0, 4)), np.empty((0, 2)))

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a caption may say about a label."""

    class_name: str
    track_id: str | None
    score: float
    distance_m: float | None
    """Horizontal distance from the ego vehicle; None for a 2D box."""


@dataclass(frozen=True, eq=False, slots=True)
class ProjectedLabel:
    """One label on one image, in pixels of the shown image."""

    key: LabelKey
    text: LabelText
    rgb: Rgb
    is_prediction: bool
    visible: Polylines
    hidden: Polylines
    """Edges behind the box itself."""
    outline_px: Floats
    """(4,) left, top, right, bottom of what is drawn inside the image."""
    depth_m: float
    """Distance of the centre from the camera; 0 for a 2D box, which lies in front."""
    arrow_px: Floats | None
    """(5, 2) base corners and tip of the heading arrow; None where it is not wholly seen."""
    front_seen: bool
    """Whether the camera looks at the outside of the front face."""
    cuboids: Cuboids | None
    """The one cuboid, in its own coord frame; None for a 2D box."""
    camera_from_cuboids: Floats | None
    dots: Polylines = _NO_LINES
    """Points and keypoints, as lines without length."""
    rings: Polylines = _NO_LINES
    """Keypoints that the object hides, likewise."""
    is_interpolated: bool = False
    """True for a box between two that someone drew."""
    is_closed: bool = False
    """True where the visible lines of a 2D shape go around an area."""
    area: MaskArea | None = None
    """Pixels of a mask; their outline is drawn only while the label is marked."""

    @property
    def is_mark(self) -> bool:
        """Whether it is a rough box around what is missing."""
        return is_marks(self.key.label_set_id)

    @property
    def size_px(self) -> float:
        """Geometric mean of the sides of the outline."""
        width, height = self.outline_px[2:] - self.outline_px[:2]
        return float(np.sqrt(max(width, 0.0) * max(height, 0.0)))

    def silhouette(self, lens: ImageLens) -> Floats:
        """(N, 2) closed outline of the filled label."""
        if self.cuboids is None or self.camera_from_cuboids is None:
            left, top, right, bottom = self.outline_px
            return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        return np.asarray(
            silhouette_polygon(self.cuboids, lens.shown, self.camera_from_cuboids),
            dtype=np.float64,
        )


def project_labels(
    lens: ImageLens, view: ViewSettings, selection: LabelKey | None
) -> list[ProjectedLabel]:
    """Every shown label that reaches into the image, farthest first."""
    found: list[ProjectedLabel] = []
    content = lens.content
    for label_set, labels in drawn_sets(content):
        if view.images.cuboids:
            found.extend(_project_set(lens, view, selection, label_set, labels.cuboids))
    return sorted(found, key=lambda label: -label.depth_m)


def _project_set(
    lens: ImageLens,
    view: ViewSettings,
    selection: LabelKey | None,
    label_set: LabelSet,
    labels: CuboidLabels,
) -> Iterator[ProjectedLabel]:
    content = lens.content
    rows = np.flatnonzero(visible_rows(labels, label_set, content, view, selection))
    if len(rows) == 0:
        return
    time_ns = labels_ns(content, labels, view)
    camera_from_cuboids = lens.camera_from(labels.cuboids.coord_frame_id, time_ns)
    cuboids = labels.cuboids.select(rows)
    if view.images.move_with_velocity and labels.velocities_mps is not None:
        cuboids = _moved(cuboids, labels.velocities_mps[rows], time_ns, lens.image_ns)
    curves = project_cuboids(cuboids, lens.shown, camera_from_cuboids)
    drawn = curves.inside & (curves.edge < BOX_EDGE_COUNT)
    lines, curve_of_line = Polylines.from_curves(curves.points_px, curves.offsets)
    kept = drawn[curve_of_line]
    owner = np.where(kept, curves.owner[curve_of_line], -1)
    part = curves.part[curve_of_line]
    outlines = outline_boxes_px(curves, len(cuboids))
    arrows, arrow_seen, front_seen = _heading_arrows(cuboids, lens, camera_from_cuboids)
    centers_cam = cuboids.center @ camera_from_cuboids[:3, :3].T + camera_from_cuboids[:3, 3]
    depths = np.linalg.norm(centers_cam, axis=1)
    distances = ego_range_m(labels, content)
    by_owner = _rows_by_owner(owner, part, len(cuboids))
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    is_rough = is_marks(label_set.label_set_id)
    for place, row in enumerate(rows.tolist()):
        visible, hidden = by_owner[place]
        if len(visible) + len(hidden) == 0:
            continue
        class_name = labels.class_names[row]
        yield ProjectedLabel(
            key=LabelKey(
                label_set.label_set_id, content.index, labels.label_ids[row], labels.track_ids[row]
            ),
            text=LabelText(
                class_name, labels.track_ids[row], float(labels.scores[row]), float(distances[row])
            ),
            rgb=drawn_rgb(content.scene, label_set.label_set_id, class_name, predicted=predicted),
            is_prediction=predicted,
            visible=Polylines(lines.segments[visible], lines.along[visible]),
            hidden=Polylines(lines.segments[hidden], lines.along[hidden]),
            outline_px=outlines[place],
            depth_m=float(depths[place]),
            arrow_px=arrows[place] if arrow_seen[place] and not is_rough else None,
            front_seen=bool(front_seen[place]),
            cuboids=cuboids.select(np.array([place])),
            camera_from_cuboids=camera_from_cuboids,
            is_interpolated=labels.is_interpolated(row),
        )


def _rows_by_owner(
    owner: npt.NDArray[np.intp], part: npt.NDArray[np.int8], count: int
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """For each owner, its visible and its hidden rows, in order."""
    group = owner * 2 + (part == EdgePart.HIDDEN)
    group = np.where(owner < 0, 2 * count, group)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(2 * count + 1))
    return [
        (order[bounds[2 * i] : bounds[2 * i + 1]], order[bounds[2 * i + 1] : bounds[2 * i + 2]])
        for i in range(count)
    ]


def _moved(
    cuboids: Cuboids, velocities_mps: Floats, labels_ns: int | None, image_ns: int | None
) -> Cuboids:
    """Cuboids at the image's time by their own motion; those of unknown motion stay."""
    if labels_ns is None or image_ns is None:
        return cuboids
    step_m = np.nan_to_num(velocities_mps) * ((image_ns - labels_ns) * 1e-9)
    return replace(cuboids, center=cuboids.center + step_m)


def _heading_arrows(
    cuboids: Cuboids, lens: ImageLens, camera_from_cuboids: Floats
) -> tuple[Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Pyramids on the front faces: (N, 5, 2) pixels, (N,) wholly seen, (N,) front face seen."""
    count = len(cuboids)
    half = cuboids.size / 2
    local = np.zeros((count, 5, 3))
    local[:, :, 0] = half[:, None, 0]
    base = np.minimum(cuboids.size[:, 1:] * _ARROW_HALF_BASE, _ARROW_MOST_M / 2)
    for corner, (side, up) in enumerate([(1, 0), (0, 1), (-1, 0), (0, -1)]):
        local[:, corner, 1] = side * base[:, 0]
        local[:, corner, 2] = up * base[:, 1]
    shorter = np.minimum(cuboids.size[:, 1], cuboids.size[:, 2])
    local[:, 4, 0] += np.minimum(_ARROW_LENGTH * shorter, _ARROW_MOST_M)
    rotations = cuboids.rotation_matrices()
    points = np.einsum("nij,nkj->nki", rotations, local) + cuboids.center[:, None, :]
    projection = project_points(points.reshape(-1, 3), lens.shown, camera_from_cuboids)
    pixels = projection.pixels.reshape(count, 5, 2)
    seen: npt.NDArray[np.bool_] = np.all(projection.valid.reshape(count, 5), axis=1)
    eye = -np.linalg.solve(camera_from_cuboids[:3, :3], camera_from_cuboids[:3, 3])
    eye_local_x = np.einsum("ni,ni->n", eye - cuboids.center, rotations[:, :, 0])
    front_seen: npt.NDArray[np.bool_] = eye_local_x > half[:, 0]
    return pixels, seen, front_seen
