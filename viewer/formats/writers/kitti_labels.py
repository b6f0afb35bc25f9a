"""Labels of a frame to KITTI lines, and what KITTI has no column for."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.kitti_object.boxes import kitti_from_cuboids
from viewer.formats.kitti_object.labels import DONT_CARE
from viewer.formats.writers.kitti_camera import KittiView
from viewer.formats.writers.kitti_text import DECIMALS, KittiLine, in_stored_order
from viewer.formats.writers.label_survey import note_other_kinds, note_statistics
from viewer.formats.writers.losses import LossLog
from viewer.geometry.cuboids import EDGES, Cuboids
from viewer.geometry.projection import project_cuboids
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels

Floats = npt.NDArray[np.float64]
OBJECT_FILLER = (-1.0, -1.0, -1.0, -1000.0, -1000.0, -1000.0, -10.0)
"""Size, place and rotation of a line that has only a 2D box, as KITTI object writes them."""
TRACKING_FILLER = (-1000.0, -1000.0, -1000.0, -10.0, -1.0, -1.0, -1.0)
NO_BOX_PX = (-1.0, -1.0, -1.0, -1.0)
UNKNOWN_TRUNCATION, UNKNOWN_OCCLUSION, UNKNOWN_ALPHA = -1.0, 3.0, -10.0
TILT_NOTED_RAD = 0.5 * 10**-DECIMALS
SAME_ANGLE_RAD = 1e-6
OWN_ATTRIBUTES = ("truncated", "occluded", "alpha", "bbox", "rotation_y")


class KittiLabels:
    """Makes the lines of one label set, and notes its losses under one name."""

    def __init__(
        self, title: str, where: str, losses: LossLog, flat_filler: tuple[float, ...]
    ) -> None:
        self._title = title
        self._where = where
        self._losses = losses
        self._flat_filler = flat_filler
        self._largest_tilt_rad = 0.0
        self._tilted_count = 0

    def lines(self, labels: FrameLabels, view: KittiView | None) -> list[KittiLine]:
        """Return the lines of a frame in stored order; without a view only its 2D boxes."""
        note_other_kinds(labels, self._where, self._title, self._losses)
        main_id = self._main_camera(labels, view)
        flat = labels.boxes_2d.on_image(main_id) if main_id is not None else []
        others = len(labels.boxes_2d) - len(flat)
        self._note("2D box", f"only those of one camera, {main_id}, have a column", others)
        placed = self._placed(labels.cuboids, view)
        rows: list[int] = []
        lines = []
        partners: dict[int, int] = {}
        if placed is not None:
            count = len(placed)
            rows = [row for row in range(count) if self._is_usable(labels.cuboids, placed, row)]
            partners = _partners(labels.cuboids, rows, labels.boxes_2d, flat)
            lines = [
                self._cuboid_line(labels, placed, row, partners.get(row), view) for row in rows
            ]
        note_statistics(labels.cuboids, rows, self._where, self._title, self._losses)
        self._note_velocities(labels.cuboids)
        taken = set(partners.values())
        alone = [row for row in flat if row not in taken]
        lines += [self._flat_line(labels.boxes_2d, row) for row in alone]
        note_statistics(labels.boxes_2d, alone, self._where, self._title, self._losses)
        return in_stored_order(lines)

    def finish(self) -> None:
        """Note what is told once for the whole set."""
        if self._tilted_count:
            degrees = math.degrees(self._largest_tilt_rad)
            why = f"boxes turn about the camera's y axis only; up to {degrees:.2f} degrees dropped"
            self._note("tilt of a cuboid", why, self._tilted_count)

    def _main_camera(self, labels: FrameLabels, view: KittiView | None) -> str | None:
        if view is not None and view.cameras.main_id is not None:
            return view.cameras.main_id
        return next(iter(labels.boxes_2d.sensor_ids), None)

    def _placed(self, labels: CuboidLabels, view: KittiView | None) -> Cuboids | None:
        """Return the cuboids in KITTI's camera."""
        if len(labels) == 0:
            return None
        try:
            if view is None:
                raise TransformTreeError("the frame has no calibration")
            src_ns = view.at_ns if labels.timestamp_ns is None else labels.timestamp_ns
            boxes_from_labels = view.boxes_from(labels.cuboids.coord_frame_id, src_ns)
        except TransformTreeError as error:
            self._note("cuboid", f"cannot be placed in the camera: {error}", len(labels))
            return None
        return labels.cuboids.transformed(boxes_from_labels)

    def _is_usable(self, labels: CuboidLabels, placed: Cuboids, row: int) -> bool:
        size, center = placed.size[row], placed.center[row]
        if not (np.isfinite(center).all() and np.isfinite(size).all() and (size > 0).all()):
            self._note("cuboid", "its size or place is no positive, finite number")
            return False
        if labels.class_names[row] == DONT_CARE:
            self._note("cuboid", f"{DONT_CARE} has no box in 3D")
        return True

    def _cuboid_line(
        self,
        labels: FrameLabels,
        placed: Cuboids,
        row: int,
        partner: int | None,
        view: KittiView | None,
    ) -> KittiLine:
        box = placed.select(np.array([row]))
        cuboids = labels.cuboids
        attributes = cuboids.attributes[row]
        self._note_tilt(box)
        size, bottom, rotation = kitti_from_cuboids(box)
        geometry = (*size[0].tolist(), *bottom[0].tolist(), float(rotation[0]))
        own = _kitti_numbers(attributes, geometry[6])
        if own is None:
            geometry = self._rounded(geometry)
            alpha = _rounded_number(_alpha(geometry))
            truncated, occluded, used = _visibility(attributes)
            box_px = _outline_px(box, view)
        else:
            truncated, occluded, alpha, box_px, rotation_y = own
            geometry = (*geometry[:6], rotation_y)
            used = OWN_ATTRIBUTES
        if partner is not None:
            stored_px = tuple(labels.boxes_2d.boxes_px[partner].tolist())
            box_px = stored_px if own is not None else self._rounded_box(stored_px)
            self._note_attributes(
                labels.boxes_2d.attributes[partner], OWN_ATTRIBUTES if own else ()
            )
        self._note_attributes(attributes, used)
        return KittiLine(
            cuboids.label_ids[row],
            self._class_name(cuboids.class_names[row]),
            (truncated, occluded, alpha, *box_px, *geometry),
            float(cuboids.scores[row]),
            cuboids.track_ids[row],
        )

    def _flat_line(self, labels: BoxLabels2D, row: int) -> KittiLine:
        attributes = labels.attributes[row]
        own = _kitti_numbers(attributes, None)
        box_px = tuple(labels.boxes_px[row].tolist())
        truncated, occluded, alpha = UNKNOWN_TRUNCATION, UNKNOWN_OCCLUSION, UNKNOWN_ALPHA
        if own is not None:
            truncated, occluded, alpha = own[0], own[1], own[2]
            self._note_attributes(attributes, OWN_ATTRIBUTES)
        else:
            truncated, occluded, used = _visibility(attributes)
            box_px = self._rounded_box(box_px)
            self._note_attributes(attributes, used)
        return KittiLine(
            labels.label_ids[row],
            self._class_name(labels.class_names[row]),
            (truncated, occluded, alpha, *box_px, *self._flat_filler),
            float(labels.scores[row]),
            labels.track_ids[row],
        )

    def _class_name(self, name: str) -> str:
        word = "_".join(name.split()) or "Misc"
        if word != name:
            self._note(f"class name {name!r}", f"a name is one word; becomes {word}")
        return word

    def _rounded(self, geometry: tuple[float, ...]) -> tuple[float, ...]:
        rounded = tuple(
            _rounded_size(value) if column < 3 else _rounded_number(value)
            for column, value in enumerate(geometry)
        )
        if rounded != geometry:
            self._note("numbers of a cuboid", f"rounded to {DECIMALS} decimals, as KITTI prints")
        return rounded

    def _rounded_box(self, box_px: tuple[float, ...]) -> tuple[float, ...]:
        rounded = tuple(map(_rounded_number, box_px))
        if rounded != box_px:
            self._note("numbers of a 2D box", f"rounded to {DECIMALS} decimals, as KITTI prints")
        return rounded

    def _note(self, what: str, why: str, count: int = 1) -> None:
        self._losses.add(what, self._where, why, count)

    def _note_attributes(self, attributes: Mapping[str, Any], used: Sequence[str]) -> None:
        for key in attributes:
            if key not in used:
                self._note(f"attribute {key!r}", f"{self._title} has no column for it")

    def _note_velocities(self, labels: CuboidLabels) -> None:
        if labels.velocities_mps is not None:
            known = int(np.isfinite(labels.velocities_mps).any(axis=1).sum())
            self._note("velocity", f"{self._title} has no column for it", known)

    def _note_tilt(self, box: Cuboids) -> None:
        up = box.rotation_matrices()[0, :, 2]
        tilt = float(math.atan2(math.hypot(up[0], up[2]), -up[1]))
        if tilt > TILT_NOTED_RAD:
            self._tilted_count += 1
            self._largest_tilt_rad = max(self._largest_tilt_rad, tilt)


def _partners(
    cuboids: CuboidLabels, rows: Sequence[int], boxes: BoxLabels2D, flat: Sequence[int]
) -> dict[int, int]:
    """Row of the 2D box that shows the same object as a cuboid, by its row: same label or track."""
    by_label = {boxes.label_ids[row]: row for row in flat}
    by_track = {boxes.track_ids[row]: row for row in flat if boxes.track_ids[row] is not None}
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for row in rows:
        track_id = cuboids.track_ids[row]
        found = by_label.get(cuboids.label_ids[row])
        if found is None and track_id is not None:
            found = by_track.get(track_id)
        if found is not None and found not in taken:
            partners[row] = found
            taken.add(found)
    return partners


def _kitti_numbers(
    attributes: Mapping[str, Any], rotation_y: float | None
) -> tuple[float, float, float, tuple[float, ...], float] | None:
    """Return truncated, occluded, alpha, bbox and rotation_y as KITTI's text gave them.

    None for labels from elsewhere, and for one that was turned since.
    """
    bbox = attributes.get("bbox")
    truncated, occluded, alpha, stored = (
        _number(attributes.get(name)) for name in ("truncated", "occluded", "alpha", "rotation_y")
    )
    if truncated is None or occluded is None or alpha is None or stored is None:
        return None
    if not isinstance(bbox, list | tuple) or len(bbox) != 4:
        return None
    box_px = tuple(number for each in bbox if (number := _number(each)) is not None)
    if len(box_px) != 4:
        return None
    if rotation_y is not None:
        turned = math.remainder(stored - rotation_y, 2 * math.pi)
        if abs(turned) > SAME_ANGLE_RAD:
            return None
    return truncated, occluded, alpha, box_px, stored


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _visibility(attributes: Mapping[str, Any]) -> tuple[float, float, tuple[str, ...]]:
    """Return truncated and occluded where they are numbers of KITTI's range, and which were."""
    truncated, occluded = (_number(attributes.get(each)) for each in ("truncated", "occluded"))
    used = []
    if truncated is not None and 0.0 <= truncated <= 1.0:
        used.append("truncated")
    else:
        truncated = UNKNOWN_TRUNCATION
    if occluded is not None and occluded in (0.0, 1.0, 2.0, 3.0):
        used.append("occluded")
    else:
        occluded = UNKNOWN_OCCLUSION
    return truncated, occluded, tuple(used)


def _alpha(geometry: Sequence[float]) -> float:
    """Observation angle: rotation_y less the direction to the box, within (-pi, pi]."""
    x, z, rotation_y = geometry[3], geometry[5], geometry[6]
    return math.remainder(rotation_y - math.atan2(x, z), 2 * math.pi)


def _outline_px(box: Cuboids, view: KittiView | None) -> tuple[float, ...]:
    """Extent of the projected edges, clipped to the image; `NO_BOX_PX` where nothing is seen."""
    lens = view.lens if view is not None else None
    if view is None or lens is None:
        return NO_BOX_PX
    curves = project_cuboids(box, lens, view.main_from_boxes)
    edges = curves.edge < len(EDGES)
    if not (curves.inside & edges).any():
        return NO_BOX_PX
    of_edges = np.repeat(edges, np.diff(curves.offsets))
    points = curves.points_px[of_edges]
    last = np.array([lens.width_px - 1.0, lens.height_px - 1.0])
    low, high = (np.clip(each, 0.0, last) for each in (points.min(axis=0), points.max(axis=0)))
    return tuple(map(_rounded_number, (*low.tolist(), *high.tolist())))


def _rounded_number(value: float) -> float:
    return round(value, DECIMALS)


def _rounded_size(value: float) -> float:
    """Round a size, never to nothing."""
    rounded = round(value, DECIMALS)
    return rounded if rounded > 0 else float(f"{value:.3g}")
