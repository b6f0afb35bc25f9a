"""Finds labels in a loaded frame: by name, by track, those that are shown."""

from dataclasses import replace

from viewer.session.frame_content import FrameContent
from viewer.session.label_filter import visible_rows
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings


def same_label(a: LabelKey, b: LabelKey) -> bool:
    """True when two keys name the same label, or the same track in another frame."""
    if a.label_set_id != b.label_set_id:
        return False
    if a.frame_index == b.frame_index:
        return a.label_id == b.label_id
    return a.track_id is not None and a.track_id == b.track_id


def visible_keys(
    content: FrameContent, view: ViewSettings, selection: LabelKey | None
) -> list[LabelKey]:
    """Labels of the frame that the filters leave, in the order of the data."""
    keys: list[LabelKey] = []
    for label_set in content.scene.label_sets:
        labels = content.labels[label_set.label_set_id].cuboids
        shown = visible_rows(labels, label_set, content, view, selection)
        keys.extend(
            LabelKey(
                label_set.label_set_id, content.index, labels.label_ids[row], labels.track_ids[row]
            )
            for row in shown.nonzero()[0].tolist()
        )
    return keys


def find_label(content: FrameContent, name: str) -> LabelKey | None:
    """Label of the frame that a link names as ``label_set_id:label_id``."""
    set_id, _, label_id = name.partition(":")
    labels = content.labels.get(set_id)
    row = labels.cuboids.row_of(label_id) if labels is not None else None
    if labels is None or row is None:
        return None
    return LabelKey(set_id, content.index, label_id, labels.cuboids.track_ids[row])


def carried_label(content: FrameContent, key: LabelKey) -> LabelKey | None:
    """The label of the same track in this frame; None where the track is not in it."""
    labels = content.labels.get(key.label_set_id)
    if labels is None or key.track_id is None or key.track_id not in labels.cuboids.track_ids:
        return None
    row = list(labels.cuboids.track_ids).index(key.track_id)
    return replace(key, frame_index=content.index, label_id=labels.cuboids.label_ids[row])
