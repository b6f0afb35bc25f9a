"""The labels of tracks, for merging and splitting them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from viewer.progress import JobContext
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.subject import Subject
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask
from viewer.scene.scene import Scene
from viewer.scene.shapes import Classification


@dataclass(frozen=True, slots=True)
class TrackLabel:
    """One label of a track."""

    subject: Subject
    track_id: str
    """As it is now, edits included."""
    frame_index: int
    is_cuboid: bool
    """Whether it is an object in 3D, of which a track has one a frame."""
    snapshot: LabelSnapshot | None
    """The label as delivered."""


@dataclass(frozen=True, slots=True)
class TrackLabels:
    """What was read of the tracks of a scene."""

    labels: tuple[TrackLabel, ...]
    """Those of the asked tracks, in the order of frames."""
    known: frozenset[str]
    """Ids of all tracks of the label set."""

    def free_id(self, track_id: str) -> str:
        """Return an id like `track_id` that no track has, e.g. ``7-2``."""
        number = 2
        while f"{track_id}-{number}" in self.known:
            number += 1
        return f"{track_id}-{number}"


def labels_of_tracks(
    context: JobContext,
    scene: Scene,
    dataset_id: str,
    label_set_id: str,
    track_ids: Collection[str],
) -> TrackLabels:
    """Read the labels of tracks of a scene: cuboids, and shapes on images with ids of their own.

    Parameters
    ----------
    scene
        As `viewer.review.edits.edited_dataset` gives it, so that edits count.

    Raises
    ------
    DamagedData
        When a frame cannot be read: nothing less than all labels may change their track.
    Cancelled
        When the job was given up.
    """
    found: list[TrackLabel] = []
    known: set[str] = set()
    for frame in context.track(scene.frames, "Reading tracks"):
        labels = scene.reader.read_labels(frame.index, label_set_id)
        in_3d = frozenset(labels.cuboids.label_ids)
        for label_id, track_id in dict(_tracks(labels)).items():
            known.add(track_id)
            if track_id in track_ids:
                subject = Subject.label(
                    dataset_id, scene.scene_id, frame.key, label_set_id, label_id
                )
                snapshot = snapshot_of(labels, label_id)
                is_cuboid = label_id in in_3d
                found.append(TrackLabel(subject, track_id, frame.index, is_cuboid, snapshot))
    return TrackLabels(tuple(found), frozenset(known))


def _tracks(labels: FrameLabels) -> Iterator[tuple[str, str]]:
    """Label and track ids; of a label with several shapes the cuboid comes last and so counts."""
    masks = (mask for mask in labels.masks if isinstance(mask, InstanceMask))
    single: list[Classification | InstanceMask] = [*labels.classifications, *masks]
    for item in single:
        if item.track_id is not None:
            yield item.label_id, item.track_id
    for each in (labels.shapes_2d, labels.boxes_2d, labels.cuboids):
        for label_id, track_id in zip(each.label_ids, each.track_ids, strict=True):
            if track_id is not None:
                yield label_id, track_id
