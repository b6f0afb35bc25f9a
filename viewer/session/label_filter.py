"""Which labels the filters leave: the one rule that 3D, images, tables and keys share."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from viewer.scene.labels import CuboidLabels, LabelSet, LabelSetKind
from viewer.session.frame_content import FrameContent
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, Solo, ViewSettings


def visible_rows(
    labels: CuboidLabels,
    label_set: LabelSet,
    content: FrameContent,
    view: ViewSettings,
    selection: LabelKey | None,
) -> npt.NDArray[np.bool_]:
    """(N,) True for the rows of `labels` that are shown.

    A label without a score passes the score filter. Range is the horizontal distance of the
    centre from the ego origin. Solo without a selection leaves everything.
    """
    filters = view.filters
    count = len(labels)
    hidden = label_set.label_set_id in filters.hidden_label_sets
    if label_set.kind is LabelSetKind.PREDICTIONS and not view.layers.predictions:
        hidden = True
    if count == 0 or hidden:
        return np.zeros(count, dtype=bool)
    shown = rows_through(labels, filters, lambda: ego_range_m(labels, content))
    if filters.solo is not Solo.OFF and selection is not None:
        shown &= _solo_rows(labels, label_set, content, filters, selection)
    return shown


def rows_through(
    labels: CuboidLabels, filters: Filters, range_m: Callable[[], npt.NDArray[np.float64]]
) -> npt.NDArray[np.bool_]:
    """(N,) True for the rows that class, score, attribute and range leave, whatever is selected.

    Parameters
    ----------
    range_m
        Gives (N,) horizontal distances from the ego origin; asked only where range filters.
    """
    shown = named_through(labels.class_names, labels.attributes, labels.scores, filters)
    if filters.max_range_m is not None or filters.min_range_m > 0:
        distance = range_m()
        shown &= distance >= filters.min_range_m
        if filters.max_range_m is not None:
            shown &= distance <= filters.max_range_m
    return shown


def named_through(
    class_names: Sequence[str],
    attributes: Sequence[Mapping[str, object]],
    scores: npt.NDArray[np.float64],
    filters: Filters,
) -> npt.NDArray[np.bool_]:
    """(N,) True for the labels of any kind that class, score and attribute leave."""
    count = len(class_names)
    shown = np.ones(count, dtype=bool)
    if filters.hidden_classes:
        shown &= ~np.isin(np.asarray(class_names), list(filters.hidden_classes))
    if filters.min_score > 0:
        shown &= np.isnan(scores) | (scores >= filters.min_score)
    if filters.attribute is not None:
        name, wanted = filters.attribute
        values = (each.get(name) for each in attributes)
        matches = (value is not None and str(value) == wanted for value in values)
        shown &= np.fromiter(matches, dtype=bool, count=count)
    return shown


def ego_range_m(labels: CuboidLabels, content: FrameContent) -> npt.NDArray[np.float64]:
    """(N,) horizontal distance of the centres from the ego origin, metres."""
    at_ns = content.timestamp_ns
    labels_ns = labels.timestamp_ns if labels.timestamp_ns is not None else at_ns
    ego_from_labels = content.rig.transforms.transform(
        content.rig.ego_coord_frame_id, labels.cuboids.coord_frame_id, at_ns, src_ns=labels_ns
    )
    centers_ego = ego_from_labels.apply(labels.cuboids.center)
    range_m: npt.NDArray[np.float64] = np.hypot(centers_ego[:, 0], centers_ego[:, 1])
    return range_m


def _solo_rows(
    labels: CuboidLabels,
    label_set: LabelSet,
    content: FrameContent,
    filters: Filters,
    selection: LabelKey,
) -> npt.NDArray[np.bool_]:
    """Rows of the selected label; of its track when that is asked for or the frame differs."""
    count = len(labels)
    if label_set.label_set_id != selection.label_set_id:
        return np.zeros(count, dtype=bool)
    own = selection.frame_index == content.index
    by_track = selection.track_id is not None and (filters.solo is Solo.TRACK or not own)
    if by_track:
        matches = (track_id == selection.track_id for track_id in labels.track_ids)
    else:
        matches = (own and label_id == selection.label_id for label_id in labels.label_ids)
    return np.fromiter(matches, dtype=bool, count=count)
