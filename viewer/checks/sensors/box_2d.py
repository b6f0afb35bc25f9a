"""A 2D box that is not where its cuboid shows in the image, or the reverse."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.projected import Flat, flat_labels
from viewer.metrics.objects import Floats
from viewer.progress import JobContext


class Box2d(Check):
    """The cuboid is projected through the lens as it is, cut at the image's edges.

    What hides an object makes its 2D box smaller: a cuboid that covers its 2D box wholly is left
    alone, unless it is much larger and nothing hides it from the lidar. What hides it moves one
    side of its box; a box of which both sides move alike against the cuboid was shifted.
    """

    id: ClassVar[str] = "box-2d"
    numbers: ClassVar[tuple[int, ...]] = (26,)
    title: ClassVar[str] = "2D box beside its cuboid"
    question: ClassVar[str] = "Do the 2D box and the cuboid of an object cover the same pixels?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.CAMERAS, Need.BOXES_2D})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.5, "overlap of the two on the image", high=1.0),
        Parameter("least_size_px", 20.0, "shorter side of either for it to be judged"),
        Parameter("least_contained", 0.95, "share of a 2D box inside the projection from which "
                  "it may be the visible part of it", high=1.0),
        Parameter("least_visible", 0.25, "share of the projection that such a part covers",
                  high=1.0),
        Parameter("most_shift", 0.25, "of both sides alike, against the frames before and after, "
                  "as a share of the projection's width", high=10.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        flat = flat_labels(scene, job)
        iou, contained, share = _overlaps(flat)
        sides = np.minimum(_sides(flat.boxes_px), np.nan_to_num(_sides(flat.projected_px)))
        large = sides >= parameters.of("least_size_px")
        part = contained >= parameters.of("least_contained")
        part &= (share >= parameters.of("least_visible")) | _may_be_hidden(scene, flat)
        shifts = _shifts(scene, flat)
        shifted = large & (shifts > parameters.of("most_shift"))
        odd = (large & (iou < parameters.of("least_iou")) & ~part) | shifted
        for place in np.flatnonzero(odd).tolist():
            row = int(flat.cuboid_rows[place])
            camera = flat.cameras[place]
            left, top, right, bottom = flat.boxes_px[place].tolist()
            by = float(shifts[place])
            text = (
                f"Its box on {camera} lies {by:.0%} of its width beside where it does in the "
                "frames before and after"
                if shifted[place] and iou[place] >= 0.25
                else f"Its box on {camera} and its cuboid share {iou[place]:.0%} of their pixels"
            )
            yield self.found(
                scene, row, score=max(1.0 - float(iou[place]), min(by, 1.0)),
                severity=Severity.HIGH if iou[place] < 0.25 else Severity.MEDIUM,
                text=text, numbers={"iou": iou[place], "shift": by}, camera_id=camera,
                pixels=(left, top, right, bottom),
            )  # fmt: skip


def _may_be_hidden(scene: CheckedScene, flat: Flat) -> npt.NDArray[np.bool_]:
    """(Q,) False where the lidar's rays tell that nothing stands before the object."""
    if scene.points is None:
        return np.ones(len(flat.rows), dtype=bool)
    sight, rows = scene.points.sight, flat.cuboid_rows
    met = sight.blocked[rows] + sight.ended[rows]
    free = (met >= 20) & (sight.blocked[rows] < 0.1 * met)
    return np.asarray(~free)


def _sides(boxes: Floats) -> Floats:
    sides: Floats = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return sides


def _overlaps(flat: Flat) -> tuple[Floats, Floats, Floats]:
    """IoU, share of the 2D box in the projection, share of the projection in the 2D box."""
    low = np.maximum(flat.boxes_px[:, :2], flat.projected_px[:, :2])
    high = np.minimum(flat.boxes_px[:, 2:], flat.projected_px[:, 2:])
    shared = np.nan_to_num(np.clip(high - low, 0, None).prod(axis=1))
    own = (flat.boxes_px[:, 2:] - flat.boxes_px[:, :2]).prod(axis=1)
    other = np.nan_to_num((flat.projected_px[:, 2:] - flat.projected_px[:, :2]).prod(axis=1))
    tiny = np.finfo(float).tiny
    union = np.maximum(own + other - shared, tiny)
    return shared / union, shared / np.maximum(own, tiny), shared / np.maximum(other, tiny)


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
