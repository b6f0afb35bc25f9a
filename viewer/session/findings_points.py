"""The points of the frame that make a finding believable: those cut off, those in a doubled box."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.checks.finding import BoxRole, EvidenceBox, Finding
from viewer.checks.scene_labels import FLOOR_M, MARGIN_M
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.transform_tree import ROOT
from viewer.progress import JobContext
from viewer.session.findings_evidence import SOUGHT_M, cuboids_of
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import cuboids_in, world_from_sweep

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST_POINTS: Final = 3_000


def lights_points(finding: Finding) -> bool:
    """Whether points of the frame show what a finding is about."""
    return (
        finding.check in _REGIONS
        and finding.evidence.points_m is None
        and bool(finding.evidence.boxes)
    )


def lit_points(context: JobContext, finding: Finding, content: FrameContent) -> Floats | None:
    """(P, 3) points in world to light up, evenly few; None where there are none.

    Runs on any thread: clouds are large.
    """
    region = _REGIONS.get(finding.check)
    own = [
        each for each in finding.evidence.boxes
        if each.frame_key == content.frame.key and each.role is not BoxRole.EXPECTED
    ]  # fmt: skip
    if region is None or not own or not _sound(own):
        return None
    boxes = cuboids_of(own)
    points = _near(context, content, boxes)
    if not len(points):
        return None
    lit = points[region(finding, points, boxes, _in_other_labels(content, finding, points))]
    if len(lit) > MOST_POINTS:
        lit = lit[:: -(-len(lit) // MOST_POINTS)]
    return lit if len(lit) else None


def _cut_off(finding: Finding, points: Floats, boxes: Cuboids, taken: Mask) -> Mask:
    """Just outside of one side; of a box that is too loose what it holds."""
    local, half = _local(points, boxes)
    beyond = np.abs(local) - half
    upright = (local[:, 2] >= FLOOR_M - half[2]) & (beyond[:, 2] <= 0)
    if "outside" not in finding.evidence.numbers:
        return np.asarray((beyond <= 0).all(axis=1) & upright)
    aside = beyond[:, :2]
    one = (aside > 0).sum(axis=1) == 1
    return np.asarray(one & (aside.max(axis=1) <= MARGIN_M) & upright & ~taken)


def _around(_finding: Finding, points: Floats, boxes: Cuboids, taken: Mask) -> Mask:
    """In the box and where its object may be, but for what other labels hold and the ground."""
    local, half = _local(points, boxes)
    aside = (np.abs(local[:, :2]) <= half[:2] + SOUGHT_M).all(axis=1)
    upright = (local[:, 2] >= FLOOR_M - half[2]) & (local[:, 2] <= half[2])
    inside = (np.abs(local) <= half).all(axis=1)
    return np.asarray(inside | (aside & upright & ~taken))


def _in_any(_finding: Finding, points: Floats, boxes: Cuboids, _taken: Mask) -> Mask:
    return np.asarray(boxes.containing_cuboid(points) >= 0)


def _in_all(_finding: Finding, points: Floats, boxes: Cuboids, _taken: Mask) -> Mask:
    """In what boxes share."""
    inside = np.ones(len(points), dtype=bool)
    for row in range(len(boxes)):
        inside &= boxes.part(slice(row, row + 1)).containing_cuboid(points) >= 0
    return inside


_Region = Callable[[Finding, Floats, Cuboids, Mask], Mask]
_REGIONS: Final[Mapping[str, _Region]] = {
    "tightness": _cut_off, "empty-box": _around, "too-few-points": _around,
    "spurious-label": _around, "duplicate-boxes": _in_any, "physical-overlap": _in_all,
    "missing-label": _in_any,
}  # fmt: skip
"""By check; the first box is the label in question."""


def _local(points: Floats, boxes: Cuboids) -> tuple[Floats, Floats]:
    """(P, 3) points in the axes of the first box, and half its size."""
    offset: Floats = (points - boxes.center[0]) @ boxes.rotation_matrices()[0]
    return offset, np.asarray(boxes.size[0] / 2)


def _sound(boxes: list[EvidenceBox]) -> bool:
    numbers = [(*each.center_m, *each.size_m, *each.rotation_wxyz) for each in boxes]
    return bool(np.isfinite(numbers).all())


def _near(context: JobContext, content: FrameContent, boxes: Cuboids) -> Floats:
    """(P, 3) points of the frame's own sweeps in world, not farther off than any region reaches."""
    reach = float(np.linalg.norm(boxes.size, axis=1).max()) / 2 + 2 * SOUGHT_M
    parts = [np.empty((0, 3))]
    sweeps = [each for each in content.sweeps if each.frame_index == content.index]
    for sweep in context.track(sweeps, "Looking for points"):
        matrix = world_from_sweep(content, sweep)
        for center in np.unique(boxes.center, axis=0):
            local = (center - matrix[:3, 3]) @ matrix[:3, :3]
            close = (np.abs(sweep.cloud.xyz - local) <= reach).all(axis=1)
            near = sweep.cloud.xyz[close].astype(np.float64)
            parts.append(near @ matrix[:3, :3].T + matrix[:3, 3])
    return np.unique(np.concatenate(parts), axis=0)


def _in_other_labels(content: FrameContent, finding: Finding, points: Floats) -> Mask:
    taken = np.zeros(len(points), dtype=bool)
    accused = {(each.label_set_id, each.label_id) for each in finding.labels}
    set_id = finding.labels[0].label_set_id if finding.labels else None
    labels = None if set_id is None else content.labels.get(set_id)
    if labels is None or not len(points):
        return taken
    column = labels.cuboids
    others = [
        row for row, name in enumerate(column.label_ids) if (set_id, name) not in accused
    ]  # fmt: skip
    boxes = cuboids_in(content, column, ROOT, content.timestamp_ns).select(np.array(others, int))
    sound = np.isfinite(np.concatenate([boxes.center, boxes.size], axis=1)).all(axis=1)
    taken |= boxes.select(np.flatnonzero(sound)).containing_cuboid(points) >= 0
    return taken
