"""A 2D box that is not where its cuboid shows in the image, or the reverse."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.camera_boxes import camera_boxes
from viewer.checks.sensors.camera_fit import camera_fits, explained_px, is_off
from viewer.checks.sensors.projected import Flat, flat_labels
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

TINY: Final = np.finfo(float).tiny
LEAST_SIDE_PX, SURE_SIDE_PX = 11.0, 20.0
"""The border leaves slivers; what is smaller than the second may be the most of it hidden."""
UNSURE_SHARE, UNSURE = 0.01, 0.3
"""Of the image's width, and of what a camera is off by: so much a near object may be off else."""


class Box2d(Check):
    """The cuboid is projected through the lens as it is, cut at the image's edges.

    What hides an object makes its 2D box smaller: a cuboid that covers its 2D box wholly is left
    alone, unless it is much larger and nothing hides it from the lidar. What hides it moves one
    side of its box; a box of which both sides move alike against the cuboid was shifted.

    A camera that looks aside, or its clock, moves all of its boxes: that is put right first. Where
    most boxes of a camera are off all the same, it is no label's fault, and told once. Boxes that
    go on beyond the image, as some datasets draw them, are cut at its border.
    """

    id: ClassVar[str] = "box-2d"
    numbers: ClassVar[tuple[int, ...]] = (26,)
    title: ClassVar[str] = "2D box beside its cuboid"
    question: ClassVar[str] = "Do the 2D box and the cuboid of an object cover the same pixels?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.CAMERAS, Need.BOXES_2D})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.5, "overlap of the two on the image", high=1.0),
        Parameter("least_size_px", 16.0, "side of a square as large as either, to be judged"),
        Parameter("least_contained", 0.95, "share of a 2D box inside the projection from which "
                  "it may be the visible part of it", high=1.0),
        Parameter("least_visible", 0.25, "share of the projection that such a part covers",
                  high=1.0),
        Parameter("most_shift", 0.25, "of both sides alike, against the frames before and after, "
                  "as a share of the projection's width", high=10.0),
        Parameter("most_odd", 0.5, "share of a camera's boxes that may be off, above which the "
                  "camera is", high=1.0),
        Parameter("least_boxes", 20.0, "of a camera, for that to be told"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        flat, unsure_px = _put_right(scene, _cut(scene, flat_labels(scene, job), job), job)
        judged = np.isfinite(unsure_px)
        iou, share = _overlaps(flat)
        contained = _contained(flat, np.nan_to_num(unsure_px))
        sides = np.minimum(_sides(flat.boxes_px), np.nan_to_num(_sides(flat.projected_px)))
        large = sides >= parameters.of("least_size_px")
        part = contained >= parameters.of("least_contained")
        hidden = _may_be_hidden(scene, flat) | (_short_sides(flat.boxes_px) < SURE_SIDE_PX)
        part &= (share >= parameters.of("least_visible")) | hidden
        shifts = _shifts(scene, flat)
        shifted = large & (shifts > parameters.of("most_shift"))
        odd = (large & (iou < parameters.of("least_iou")) & ~part) | shifted
        # A box of which the cuboid does not show at all says more of the camera than of itself.
        beside = (iou < parameters.of("least_iou")) & ~part & judged
        tall = _sides(flat.boxes_px) >= parameters.of("least_size_px")
        off = _cameras_off(flat, tall & judged, beside, parameters)
        for camera, (count, total) in off.items():
            yield self._of_camera(scene, camera, count, total)
        odd &= judged
        odd &= np.array([camera not in off for camera in flat.cameras], dtype=bool)
        for place in np.flatnonzero(odd).tolist():
            moved = bool(shifted[place]) and iou[place] >= 0.25
            yield self._of_box(
                scene, flat, place, float(iou[place]), float(shifts[place]), moved=moved
            )

    def _of_box(
        self, scene: CheckedScene, flat: Flat, place: int, iou: float, by: float, *, moved: bool
    ) -> Finding:
        camera = flat.cameras[place]
        left, top, right, bottom = flat.boxes_px[place].tolist()
        text = (
            f"Its box on {camera} lies {by:.0%} of its width beside where it does in the "
            "frames before and after"
            if moved
            else f"Its box on {camera} and its cuboid share {iou:.0%} of their pixels"
        )
        return self.found(
            scene, int(flat.cuboid_rows[place]), score=max(1.0 - iou, min(by, 1.0)),
            severity=Severity.HIGH if iou < 0.25 else Severity.MEDIUM,
            text=text, numbers={"iou": iou, "shift": by}, camera_id=camera,
            pixels=(left, top, right, bottom),
        )  # fmt: skip

    def _of_camera(self, scene: CheckedScene, camera: str, count: int, total: int) -> Finding:
        return Finding(
            check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
            score=count / total, severity=Severity.MEDIUM,
            text=f"{camera}: {count} of {total} boxes lie beside their cuboids: its pose, its lens "
            "or the way that boxes are drawn",
            evidence=Evidence({"odd": count, "boxes": total}, camera_id=camera), sensor_id=camera,
        )  # fmt: skip


def _cut(scene: CheckedScene, flat: Flat, job: JobContext) -> Flat:
    """Cut boxes at the border of their image; not those that go on by more than an image."""
    boxes_px = flat.boxes_px.copy()
    cameras = np.array(flat.cameras, dtype=object)
    for camera_id, boxes in camera_boxes(scene, job).items():
        own = np.flatnonzero(cameras == camera_id)
        extent = np.tile([boxes.model.width_px, boxes.model.height_px], 2).astype(np.float64)
        cut = np.clip(boxes_px[own], 0.0, extent)
        near = (np.abs(boxes_px[own] - cut) <= extent).all(axis=1)
        boxes_px[own[near]] = cut[near]
    return replace(flat, boxes_px=boxes_px)


def _put_right(scene: CheckedScene, flat: Flat, job: JobContext) -> tuple[Flat, Floats]:
    """Move what cuboids cover by what their camera or its clock is off, where that is certain.

    With it comes (Q,) by how many pixels each may be off all the same; NaN for what cannot be
    judged on such a camera: boxes that the image's border cuts, and those that were not looked at
    for it (of long scenes some frames).
    """
    projected = flat.projected_px.copy()
    unsure_px = np.zeros(len(flat.rows))
    cameras = np.array(flat.cameras, dtype=object)
    boxes, unknown = camera_boxes(scene, job), np.full(2, np.nan)
    for camera_id, fit in camera_fits(scene, job).items():
        width_px = boxes[camera_id].model.width_px
        if not is_off(fit, width_px):
            continue
        uncut = np.flatnonzero(boxes[camera_id].uncut())
        shifts = explained_px(fit, boxes[camera_id])
        by_row = {int(boxes[camera_id].rows[place]): shifts[place] for place in uncut.tolist()}
        for place in np.flatnonzero(cameras == camera_id).tolist():
            shift = by_row.get(int(flat.rows[place]), unknown)
            projected[place] += np.tile(shift, 2)
            unsure_px[place] = UNSURE_SHARE * width_px + UNSURE * np.linalg.norm(shift)
    return replace(flat, projected_px=projected), unsure_px


def _cameras_off(
    flat: Flat, judged: npt.NDArray[np.bool_], odd: npt.NDArray[np.bool_], parameters: Parameters
) -> dict[str, tuple[int, int]]:
    """Cameras of which most boxes are odd: so many of so many."""
    off = {}
    cameras = np.array(flat.cameras, dtype=object)
    for camera_id in dict.fromkeys(flat.cameras):
        own = judged & (cameras == camera_id)
        count, total = int((own & odd).sum()), int(own.sum())
        if total >= parameters.of("least_boxes") and count > parameters.of("most_odd") * total:
            off[camera_id] = (count, total)
    return off


def _may_be_hidden(scene: CheckedScene, flat: Flat) -> npt.NDArray[np.bool_]:
    """(Q,) False where the lidar's rays tell that nothing stands before the object."""
    if scene.points is None:
        return np.ones(len(flat.rows), dtype=bool)
    sight, rows = scene.points.sight, flat.cuboid_rows
    met = sight.blocked[rows] + sight.ended[rows]
    free = (met >= 20) & (sight.blocked[rows] < 0.1 * met)
    return np.asarray(~free)


def _short_sides(boxes: Floats) -> Floats:
    sides: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None).min(axis=1)
    return sides


def _sides(boxes: Floats) -> Floats:
    """(Q,) side of a square as large as each box; slivers, as the border leaves them, have none."""
    extent = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None)
    short = extent.min(axis=1)
    sliver = (short < LEAST_SIDE_PX) | ((short < SURE_SIDE_PX) & (extent.max(axis=1) > 4 * short))
    return np.where(sliver, 0.0, np.sqrt(extent.prod(axis=1)))


def _overlaps(flat: Flat) -> tuple[Floats, Floats]:
    """IoU, and share of the projection in the 2D box."""
    shared = _shared(flat.boxes_px, flat.projected_px)
    own = (flat.boxes_px[:, 2:] - flat.boxes_px[:, :2]).prod(axis=1)
    other = np.nan_to_num((flat.projected_px[:, 2:] - flat.projected_px[:, :2]).prod(axis=1))
    return shared / np.maximum(own + other - shared, TINY), shared / np.maximum(other, TINY)


def _contained(flat: Flat, slack_px: Floats) -> Floats:
    """(Q,) share of the 2D box in the projection, with so much room around."""
    roomy = flat.projected_px + slack_px[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
    own = (flat.boxes_px[:, 2:] - flat.boxes_px[:, :2]).prod(axis=1)
    shares: Floats = _shared(flat.boxes_px, roomy) / np.maximum(own, TINY)
    return shares


def _shared(boxes_px: Floats, others_px: Floats) -> Floats:
    low = np.maximum(boxes_px[:, :2], others_px[:, :2])
    high = np.minimum(boxes_px[:, 2:], others_px[:, 2:])
    shared: Floats = np.nan_to_num(np.clip(high - low, 0, None).prod(axis=1))
    return shared


def _shifts(scene: CheckedScene, flat: Flat) -> Floats:
    """(Q,) how far both sides of a box moved alike against its neighbours in time; 0 unknown.

    In widths of the projection, which moves with the object.
    """
    width = flat.projected_px[:, 2] - flat.projected_px[:, 0]
    own = (flat.boxes_px[:, [0, 2]] - flat.projected_px[:, [0, 0]]) / width[:, None]
    frames = scene.labels.frame_rows[flat.cuboid_rows]
    tracks = [scene.track_id(int(row)) for row in flat.cuboid_rows]
    place_of = {
        (track, camera, int(frame)): place
        for place, (track, camera, frame) in enumerate(
            zip(tracks, flat.cameras, frames, strict=True)
        )
        if track is not None and np.isfinite(own[place]).all()
    }
    shifts = np.zeros(len(own))
    for (track, camera, frame), place in place_of.items():
        before = place_of.get((track, camera, frame - 1))
        after = place_of.get((track, camera, frame + 1))
        if before is None or after is None:
            continue
        moved = own[place] - (own[before] + own[after]) / 2
        # The neighbours agree with each other, else it may be they that are wrong.
        steady = np.abs(own[before] - own[after]).max() < np.abs(moved).min()
        if steady and moved[0] * moved[1] > 0:
            shifts[place] = float(np.abs(moved).min())
    return shifts
