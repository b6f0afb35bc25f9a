"""Finds labels in a loaded frame: by name, by track, those that are shown."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.session.flat_labels import (
    DRAWN_KINDS,
    find_flat_label,
    flat_labels,
    is_set_shown,
    passes,
    shows_flat_labels,
)
from viewer.session.frame_content import FrameContent
from viewer.session.label_filter import visible_rows
from viewer.session.marks_set import drawn_sets, is_marks
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
    """Labels of the frame that are drawn, in the order of the data, those on images last."""
    keys: list[LabelKey] = []
    flat = shows_flat_labels(content, view)
    for label_set, found in drawn_sets(content):
        labels = found.cuboids
        shown = visible_rows(labels, label_set, content, view, selection)
        keys.extend(
            LabelKey(
                label_set.label_set_id, content.index, labels.label_ids[row], labels.track_ids[row]
            )
            for row in shown.nonzero()[0].tolist()
        )
        if (flat or is_marks(label_set.label_set_id)) and is_set_shown(label_set, view):
            keys.extend(
                label.key
                for label in flat_labels(content, label_set.label_set_id)
                if label.kind in DRAWN_KINDS
                and passes(view.filters, label.class_name, label.score, label.attributes)
            )
    return keys


def find_label(content: FrameContent, name: str) -> LabelKey | None:
    """Label of the frame that a link names as ``label_set_id:label_id``."""
    # Ids of sets and of labels may hold colons themselves.
    set_id = next((each for each in content.labels if name.startswith(f"{each}:")), None)
    if set_id is None:
        return None
    labels, label_id = content.labels[set_id], name.removeprefix(f"{set_id}:")
    row = labels.cuboids.row_of(label_id)
    if row is not None:
        return LabelKey(set_id, content.index, label_id, labels.cuboids.track_ids[row])
    found = find_flat_label(content, LabelKey(set_id, content.index, label_id))
    return found.key if found is not None else None


def carried_label(content: FrameContent, key: LabelKey) -> LabelKey | None:
    """The label of the same track in this frame; None where the track is not in it."""
    labels = content.labels.get(key.label_set_id)
    if labels is None or key.track_id is None:
        return None
    if key.track_id in labels.cuboids.track_ids:
        row = list(labels.cuboids.track_ids).index(key.track_id)
        return replace(key, frame_index=content.index, label_id=labels.cuboids.label_ids[row])
    found = flat_labels(content, key.label_set_id)
    return next((label.key for label in found if label.key.track_id == key.track_id), None)


def label_after(keys: Sequence[LabelKey], current: LabelKey | None, step: int) -> LabelKey | None:
    """Return the label some steps after the current one, round and round; None without any."""
    if not keys:
        return None
    place = next(
        (i for i, key in enumerate(keys) if current is not None and same_label(key, current)),
        -1 if step > 0 else 0,
    )
    return keys[(place + step) % len(keys)]
