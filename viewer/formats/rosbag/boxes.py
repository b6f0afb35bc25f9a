"""From box messages to cuboid labels."""

from collections.abc import Sequence

import numpy as np

from viewer.formats.rosbag.messages import MAX_COORDINATE_M, BoxMessage, usable_poses
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import (
    matrix_from_quaternion,
    quaternion_from_matrix,
)
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.labels import CuboidLabels


def labels_from_boxes(
    boxes: Sequence[BoxMessage], tree: TransformTree, fallback_frame_id: str, at_ns: int | None
) -> tuple[CuboidLabels, tuple[str, ...]]:
    """Return labels in the coord frame of the first box, and what was left out, in words.

    A box without a coord frame counts as one in `fallback_frame_id`; sizes must be positive.
    """
    problems: list[str] = []
    centers, rotations, kept = [], [], []
    target = ""
    for box in boxes:
        frame_id = box.header.frame_id or fallback_frame_id
        center, size = np.array(box.pose.position), np.array(box.size)
        wxyz = np.array(box.pose.rotation_wxyz)
        if not np.any(wxyz):
            # Publishers leave the rotation at zero where they mean none.
            wxyz = np.array([1.0, 0.0, 0.0, 0.0])
        sized = bool(((size > 0) & (size < MAX_COORDINATE_M)).all())
        if not (sized and usable_poses(center[None], wxyz[None])[0] and frame_id in tree):
            problems.append(f"box {box.label_id} has no pose, size or known coord frame; left out")
            continue
        target = target or frame_id
        if frame_id != target:
            target_from_box = tree.transform(target, frame_id, box.header.stamp_ns or at_ns)
            center = target_from_box.apply(center[None])[0]
            wxyz = quaternion_from_matrix(target_from_box.rotation @ matrix_from_quaternion(wxyz))
        centers.append(center)
        rotations.append(wxyz)
        kept.append(box)
    if not kept:
        return CuboidLabels.empty(fallback_frame_id), tuple(problems)
    cuboids = Cuboids(
        np.array(centers), np.array([box.size for box in kept]), np.array(rotations), target
    )
    stamp_ns = next((box.header.stamp_ns for box in kept if box.header.stamp_ns > 0), at_ns)
    return CuboidLabels(
        cuboids,
        _unique([box.label_id for box in kept]),
        [box.class_name for box in kept],
        [box.track_id for box in kept],
        np.array([box.score for box in kept]),
        [box.attributes for box in kept],
        timestamp_ns=stamp_ns,
    ), tuple(problems)


def _unique(label_ids: Sequence[str]) -> list[str]:
    """Markers of different name spaces share numbers."""
    seen: dict[str, int] = {}
    names = []
    for label_id in label_ids:
        seen[label_id] = seen.get(label_id, 0) + 1
        names.append(label_id if seen[label_id] == 1 else f"{label_id} ({seen[label_id]})")
    return names
