"""How many points lie in each box of a frame."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import cuboids_in, sweep_ns
from viewer.session.view_settings import ViewSettings

PointCounts = Mapping[str, npt.NDArray[np.int64]]
"""(N,) points in each cuboid, by label set id; no entry where there are no points to count."""


def count_points(context: JobContext, content: FrameContent, view: ViewSettings) -> PointCounts:
    """Count the points of the frame's own sweeps in every box of every label set."""
    counts: dict[str, npt.NDArray[np.int64]] = {}
    if not any(sweep.frame_index == content.index for sweep in content.sweeps):
        return counts
    for set_id, labels in context.track(list(content.labels.items())):
        counts[set_id] = count_in_boxes(content, labels.cuboids, view)
    return counts


def count_in_boxes(
    content: FrameContent, labels: CuboidLabels, view: ViewSettings
) -> npt.NDArray[np.int64]:
    """(N,) points of the frame's own sweeps in each cuboid, faces included.

    The boxes are carried to each lidar's coord frame, so that the points stay as stored.
    """
    total = np.zeros(len(labels), dtype=np.int64)
    for sweep in content.sweeps:
        if sweep.frame_index == content.index:
            cloud = sweep.cloud
            boxes = cuboids_in(content, labels, cloud.coord_frame_id, sweep_ns(sweep, view), view)
            total += boxes.count_points(cloud.xyz)
    return total
