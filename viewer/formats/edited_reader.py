"""Reads a scene with labels that someone changed; everything else is the scene's own."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from viewer.formats.base import EncodedImages
from viewer.formats.source_rows import SourceRow, SourceRows
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.images import Image, OverlaySource
from viewer.scene.labels import FrameLabels
from viewer.scene.metadata import FrameMetadata
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import LabelsFollow, Problem, SceneReader, SweepRef
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track, TrackSource


class SceneEdits(Protocol):
    """What was changed about the labels of one scene. Every method may run on any thread."""

    def apply(self, frame_index: int, label_set_id: str, labels: FrameLabels) -> FrameLabels:
        """Return the labels of a frame with their changes."""
        ...

    def label_ids(self, frame_index: int, label_set_id: str) -> frozenset[str]:
        """Ids of the labels of a frame that are changed or deleted."""
        ...

    def tracks(self, label_set_id: str, tracks: Sequence[Track]) -> Sequence[Track]:
        """Return what is still true of tracks as a whole."""
        ...

    def problems(self) -> Sequence[Problem]:
        """Changes that could not be made so far."""
        ...


class EditedReader:
    """Implements `SceneReader`. Make it with `edited_reader`, which adds what `base` can do."""

    def __init__(self, base: SceneReader, edits: SceneEdits) -> None:
        self.base = base
        """Reads the labels as delivered."""
        self.edits = edits

    def read_rig(self, frame_index: int) -> Rig:
        return self.base.read_rig(frame_index)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        return self.base.read_point_cloud(frame_index, sensor_id)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return self.base.read_image(frame_index, sensor_id, min_width_px)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        labels = self.base.read_labels(frame_index, label_set_id)
        return self.edits.apply(frame_index, label_set_id, labels)

    def problems(self) -> Sequence[Problem]:
        return (*self.base.problems(), *self.edits.problems())

    def close(self) -> None:
        self.base.close()


class _WithEncodedImages(EditedReader):
    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        assert isinstance(self.base, EncodedImages)
        return self.base.read_encoded_image(frame_index, sensor_id)


class _WithEarlierSweeps(EditedReader):
    def earlier_sweeps(self, frame_index: int) -> tuple[SweepRef, ...]:
        assert isinstance(self.base, EarlierSweeps)
        return self.base.earlier_sweeps(frame_index)

    def read_earlier_sweep(self, frame_index: int, position: int) -> PointCloud:
        assert isinstance(self.base, EarlierSweeps)
        return self.base.read_earlier_sweep(frame_index, position)


class _WithTracks(EditedReader):
    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        assert isinstance(self.base, TrackSource)
        return self.edits.tracks(label_set_id, self.base.read_tracks(label_set_id))


class _WithMetadata(EditedReader):
    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        assert isinstance(self.base, FrameMetadata)
        return self.base.read_frame_metadata(frame_index)


class _WithOverlays(EditedReader):
    def read_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> Image:
        assert isinstance(self.base, OverlaySource)
        return self.base.read_overlay(frame_index, sensor_id, overlay_id)

    def read_encoded_overlay(self, frame_index: int, sensor_id: str, overlay_id: str) -> bytes:
        assert isinstance(self.base, OverlaySource)
        return self.base.read_encoded_overlay(frame_index, sensor_id, overlay_id)


class _WithSourceRows(EditedReader):
    def read_source_rows(self, frame_index: int, label_set_id: str) -> Mapping[str, SourceRow]:
        assert isinstance(self.base, SourceRows)
        return self.base.read_source_rows(frame_index, label_set_id)


class _WithLabelsThatFollow(EditedReader):
    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        assert isinstance(self.base, LabelsFollow)
        return self.base.are_labels_indexed(frame_index, label_set_id)


_OPTIONAL: tuple[tuple[Any, type[EditedReader]], ...] = (
    (EncodedImages, _WithEncodedImages),
    (EarlierSweeps, _WithEarlierSweeps),
    (TrackSource, _WithTracks),
    (FrameMetadata, _WithMetadata),
    (OverlaySource, _WithOverlays),
    (SourceRows, _WithSourceRows),
    (LabelsFollow, _WithLabelsThatFollow),
)


def edited_reader(base: SceneReader, edits: SceneEdits) -> EditedReader:
    """Return a reader that does all that `base` does; protocols ask types, not rows."""
    mixed = tuple(mixin for protocol, mixin in _OPTIONAL if isinstance(base, protocol))
    kind: type[EditedReader] = type("EditedReader", mixed or (EditedReader,), {})
    return kind(base, edits)


def as_delivered(reader: SceneReader) -> SceneReader:
    """Return the reader under edits: whose sensor data, files and rows are the dataset's own."""
    return reader.base if isinstance(reader, EditedReader) else reader
