"""The selected box, with its margin, to which the points are narrowed down."""

import numpy as np
import numpy.typing as npt

from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import labels_ns
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings


def isolated_box(
    content: FrameContent, view: ViewSettings, selected: LabelKey | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """(4, 4) `world_from_box` and (3,) half size with margin, metres; None while nothing is."""
    filters = view.filters
    if (
        filters.isolate_margin_m is None
        or selected is None
        or selected.frame_index != content.index
    ):
        return None
    frame_labels = content.labels.get(selected.label_set_id)
    row = frame_labels.cuboids.row_of(selected.label_id) if frame_labels is not None else None
    if frame_labels is None or row is None:
        return None
    labels = frame_labels.cuboids
    world_from_labels = content.world_from(
        labels.cuboids.coord_frame_id, labels_ns(content, labels, view)
    )
    labels_from_box = np.eye(4)
    labels_from_box[:3, :3] = labels.cuboids.select(np.array([row])).rotation_matrices()[0]
    labels_from_box[:3, 3] = labels.cuboids.center[row]
    half_size_m = labels.cuboids.size[row] / 2 + filters.isolate_margin_m
    return world_from_labels @ labels_from_box, half_size_m
