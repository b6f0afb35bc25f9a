"""Predictions from a file or folder beside an open dataset, as one more label set of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from viewer.formats.edited_reader import EditedReader, edited_reader
from viewer.formats.source_rows import SourceRow, SourceRows
from viewer.geometry.cuboids import Cuboids
from viewer.metrics.gathering import gather_beside
from viewer.metrics.objects import EvaluatedObjects, Ints
from viewer.metrics.prediction_problems import PredictionProblems
from viewer.progress import JobContext
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Dataset, LabelsFollow, Problem, Scene, SceneReader
from viewer.scene.tracks import Track, TrackSource


class LoadedPredictions:
    """Serves the rows of one set of predictions frame by frame; changes nothing else."""

    def __init__(
        self, label_set: LabelSet, objects: EvaluatedObjects, problems: PredictionProblems
    ) -> None:
        self.label_set = label_set
        self.objects = objects
        self.problems = problems
        """Rows of the file that could not be used."""
        self._offsets = objects.frame_offsets()
        frames = objects.frames
        self._rows = {
            (frames.scene_ids[scene], index): row
            for row, (scene, index) in enumerate(
                zip(frames.scene_of_frame.tolist(), frames.index_in_scene.tolist(), strict=True)
            )
        }

    def frame_labels(self, scene_id: str, frame_index: int) -> FrameLabels:
        """Return the predictions of a frame."""
        objects = self.objects
        row = self._rows.get((scene_id, frame_index))
        if row is None:
            return FrameLabels(CuboidLabels.empty(objects.coord_frame_id))
        rows = np.arange(self._offsets[row], self._offsets[row + 1])
        boxed = ~np.isnan(objects.centers_m[rows, 0])
        flat = self._flat(rows) if objects.boxes_px is not None else BoxLabels2D.empty()
        return FrameLabels(self._cuboids(rows[boxed]), flat)

    def _cuboids(self, rows: Ints) -> CuboidLabels:
        objects = self.objects
        boxes = Cuboids(
            objects.centers_m[rows], objects.sizes_m[rows], objects.rotations[rows],
            objects.coord_frame_id,
        )  # fmt: skip
        speeds = objects.velocities_mps
        return CuboidLabels(
            boxes, *self._identity(rows), objects.scores[rows], self._attributes(rows),
            None if speeds is None else speeds[rows],
        )  # fmt: skip

    def _flat(self, rows: Ints) -> BoxLabels2D:
        objects = self.objects
        assert objects.boxes_px is not None
        rows = rows[~np.isnan(objects.boxes_px[rows, 0])]
        cameras = objects.cameras or ()
        return BoxLabels2D(
            objects.boxes_px[rows], [cameras[row] for row in rows.tolist()],
            *self._identity(rows), objects.scores[rows], self._attributes(rows),
        )  # fmt: skip

    def _identity(self, rows: Ints) -> tuple[list[str], list[str], list[str | None]]:
        objects, tracks = self.objects, self.objects.track_rows
        ids = [objects.label_ids[row] for row in rows.tolist()]
        names = [objects.class_names[row] for row in objects.class_rows[rows].tolist()]
        own = [-1] * len(rows) if tracks is None else tracks[rows].tolist()
        return ids, names, [objects.track_ids[row] if row >= 0 else None for row in own]

    def _attributes(self, rows: Ints) -> list[Mapping[str, Any]]:
        found = self.objects.attributes
        return [{} if found is None else found[row] for row in rows.tolist()]


class Untouched:
    """Implements `SceneEdits` and changes nothing."""

    def apply(self, _frame_index: int, _label_set_id: str, labels: FrameLabels) -> FrameLabels:
        return labels

    def label_ids(self, _frame_index: int, _label_set_id: str) -> frozenset[str]:
        return frozenset()

    def tracks(self, _label_set_id: str, tracks: Sequence[Track]) -> Sequence[Track]:
        return tracks

    def problems(self) -> Sequence[Problem]:
        return ()


class _Beside(EditedReader):
    """Reads one label set more than its base, which is never asked for that one."""

    loaded: LoadedPredictions
    scene_id: str

    def _is_loaded(self, label_set_id: str) -> bool:
        return label_set_id == self.loaded.label_set.label_set_id

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        if self._is_loaded(label_set_id):
            return self.loaded.frame_labels(self.scene_id, frame_index)
        return super().read_labels(frame_index, label_set_id)


class _BesideTracks(_Beside):
    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        if self._is_loaded(label_set_id):
            return ()
        return super().read_tracks(label_set_id)  # type: ignore[misc,no-any-return]


class _BesideSourceRows(_Beside):
    def read_source_rows(self, frame_index: int, label_set_id: str) -> Mapping[str, SourceRow]:
        if self._is_loaded(label_set_id):
            return {}
        rows: Mapping[str, SourceRow] = super().read_source_rows(frame_index, label_set_id)  # type: ignore[misc]
        return rows


class _BesideLabelsThatFollow(_Beside):
    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        if self._is_loaded(label_set_id):
            return True
        return super().are_labels_indexed(frame_index, label_set_id)  # type: ignore[misc,no-any-return]


_OPTIONAL: tuple[tuple[Any, type[_Beside]], ...] = (
    (TrackSource, _BesideTracks),
    (SourceRows, _BesideSourceRows),
    (LabelsFollow, _BesideLabelsThatFollow),
)


def with_predictions(dataset: Dataset, loaded: LoadedPredictions) -> Dataset:
    """Return the dataset with one label set more; files and caches stay as they are."""
    return replace(dataset, scenes=tuple(_scene_with(each, loaded) for each in dataset.scenes))


def _scene_with(scene: Scene, loaded: LoadedPredictions) -> Scene:
    own = loaded.label_set
    others = tuple(each for each in scene.label_sets if each.label_set_id != own.label_set_id)
    reader = _reader_with(scene.reader, scene.scene_id, loaded)
    return replace(scene, label_sets=(*others, own), reader=reader)


def _reader_with(base: SceneReader, scene_id: str, loaded: LoadedPredictions) -> SceneReader:
    mixed = [mixin for protocol, mixin in _OPTIONAL if isinstance(base, protocol)]
    plain = type(edited_reader(base, Untouched()))
    kind: type[_Beside] = type("BesideReader", (*mixed, _Beside, plain), {})
    reader = kind(base, Untouched())
    reader.loaded, reader.scene_id = loaded, scene_id
    return reader


def prediction_set_id(path_name: str, taken: Sequence[str]) -> str:
    """Return an id for predictions of a file; one that no label set has.

    Examples
    --------
    >>> prediction_set_id("model.json", ["gt", "model"])
    'model-2'
    """
    stem = path_name.rsplit(".", 1)[0] or path_name
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def loaded_label_set(label_set_id: str, title: str) -> LabelSet:
    """The label set under which loaded predictions are shown."""
    return LabelSet(label_set_id, LabelSetKind.PREDICTIONS, title)


def load_beside(
    dataset: Dataset, label_set_id: str, path: Path, job: JobContext
) -> LoadedPredictions:
    """Read predictions of a dataset's frames from another file or folder.

    Parameters
    ----------
    label_set_id
        The labels that they are compared with: frames and classes are theirs.

    Raises
    ------
    UnknownFormat, DamagedData
        When the path cannot be read.
    NoSuchLabelSet, ValueError
        When it holds no predictions, or none is meant for sure.
    """
    taken = [each.label_set_id for scene in dataset.scenes for each in scene.label_sets]
    own = loaded_label_set(prediction_set_id(path.name, taken), path.name)
    found = gather_beside(dataset, label_set_id, path, job).predictions[0]
    return LoadedPredictions(own, found.usable, found.problems)
