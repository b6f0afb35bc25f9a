"""Reads a scene with labels of another dataset brought in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from viewer.formats.base import EncodedImages
from viewer.formats.source_rows import SourceRow, SourceRows
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels
from viewer.scene.metadata import FrameMetadata
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem, SceneReader, SweepRef
from viewer.scene.sensors import Rig
from viewer.scene.tracks import Track, TrackSource

LabelsOf = Callable[[int], FrameLabels]
MetadataOf = Callable[[int, Mapping[str, Any]], Mapping[str, Any]]


class MergedReader:
    """Implements `SceneReader`, `FrameMetadata` and `SourceRows`.

    All but one label set is the scene's own.
    """

    def __init__(
        self,
        base: SceneReader,
        label_set_id: str,
        labels_of: LabelsOf,
        metadata_of: MetadataOf,
        source_rows_of: Callable[[int], Mapping[str, SourceRow]],
        *,
        keeps_tracks: bool,
    ) -> None:
        self._base = base
        self._label_set_id = label_set_id
        self._labels_of = labels_of
        self._metadata_of = metadata_of
        self._source_rows_of = source_rows_of
        self._keeps_tracks = keeps_tracks

    def read_rig(self, frame_index: int) -> Rig:
        return self._base.read_rig(frame_index)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        return self._base.read_point_cloud(frame_index, sensor_id)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return self._base.read_image(frame_index, sensor_id, min_width_px)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        if label_set_id != self._label_set_id:
            return self._base.read_labels(frame_index, label_set_id)
        return self._labels_of(frame_index)

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the scene's own metadata, with the tags that came in."""
        own: Mapping[str, Any] = {}
        if isinstance(self._base, FrameMetadata):
            own = self._base.read_frame_metadata(frame_index)
        return self._metadata_of(frame_index, own)

    def read_source_rows(self, frame_index: int, label_set_id: str) -> Mapping[str, SourceRow]:
        """Return the rows that the labels of a frame come from, in whichever dataset."""
        if label_set_id == self._label_set_id:
            return self._source_rows_of(frame_index)
        if isinstance(self._base, SourceRows):
            return self._base.read_source_rows(frame_index, label_set_id)
        return {}

    def problems(self) -> Sequence[Problem]:
        return self._base.problems()

    def close(self) -> None:
        self._base.close()


class _WithEncodedImages(MergedReader):
    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        assert isinstance(self._base, EncodedImages)
        return self._base.read_encoded_image(frame_index, sensor_id)


class _WithEarlierSweeps(MergedReader):
    def earlier_sweeps(self, frame_index: int) -> tuple[SweepRef, ...]:
        assert isinstance(self._base, EarlierSweeps)
        return self._base.earlier_sweeps(frame_index)

    def read_earlier_sweep(self, frame_index: int, position: int) -> PointCloud:
        assert isinstance(self._base, EarlierSweeps)
        return self._base.read_earlier_sweep(frame_index, position)


class _WithTracks(MergedReader):
    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        assert isinstance(self._base, TrackSource)
        if label_set_id == self._label_set_id and not self._keeps_tracks:
            return ()
        return self._base.read_tracks(label_set_id)


_OPTIONAL: tuple[tuple[Any, type[MergedReader]], ...] = (
    (EncodedImages, _WithEncodedImages),
    (EarlierSweeps, _WithEarlierSweeps),
    (TrackSource, _WithTracks),
)


def merged_reader_type(base: SceneReader) -> type[MergedReader]:
    """Return the type whose readers do what `base` does besides; protocols ask types, not rows."""
    mixed = tuple(mixin for protocol, mixin in _OPTIONAL if isinstance(base, protocol))
    return type("MergedReader", mixed or (MergedReader,), {})
