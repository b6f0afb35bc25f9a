"""Merging and splitting tracks with all their labels, also those on images."""

from collections.abc import Sequence

from viewer.review.commands.base import Batch, Command
from viewer.review.commands.tracks import ChangeTrackId, MergeTracks, SplitTrack
from viewer.review.edits.track_labels import TrackLabel
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.subject import Subject


def merged(labels: Sequence[TrackLabel], into: str, others: Sequence[str]) -> Command:
    """Return the step that puts all labels of some tracks into another one.

    It is refused where two cuboids lie in one frame; several images may show one object.
    """
    solid = [each for each in labels if each.is_cuboid]
    merging = MergeTracks(into, [each.subject for each in solid], _snapshots(solid), others)
    flat = [
        ChangeTrackId(each.subject, into, each.snapshot)
        for each in labels
        if not each.is_cuboid and each.track_id in others
    ]
    return Batch(merging.text, [merging, *flat]) if flat else merging


def split_off(labels: Sequence[TrackLabel], new: str, track_id: str) -> SplitTrack:
    """Return the step that makes labels of a track a track of their own."""
    return SplitTrack(new, [each.subject for each in labels], _snapshots(labels), track_id)


def _snapshots(labels: Sequence[TrackLabel]) -> dict[Subject, LabelSnapshot]:
    return {each.subject: each.snapshot for each in labels if each.snapshot is not None}
