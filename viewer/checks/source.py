"""Where a run takes its scenes from: opened ones, or a path that every worker opens for itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from viewer.formats.catalog import open_dataset
from viewer.formats.growth import whole
from viewer.metrics.loaded_predictions import LoadedPredictions, load_beside, with_predictions
from viewer.metrics.sides import label_set_of
from viewer.progress import JobContext
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Dataset, Problem, Scene


class SceneSource(ABC):
    """Scenes by id; what workers get of it is pickled."""

    @abstractmethod
    def scene_ids(self) -> tuple[str, ...]:
        """Every scene, in the order of the dataset."""

    @abstractmethod
    def scene(self, scene_id: str) -> Scene:
        """Return one of them; it stays open."""

    def problems(self) -> tuple[Problem, ...]:
        """What kept parts of the dataset from opening."""
        return ()


@dataclass(frozen=True, eq=False)
class OpenScenes(SceneSource):
    """Scenes of an open dataset, for work in this process."""

    dataset: Dataset

    def scene_ids(self) -> tuple[str, ...]:
        return tuple(scene.scene_id for scene in self.dataset.scenes)

    def scene(self, scene_id: str) -> Scene:
        return next(each for each in self.dataset.scenes if each.scene_id == scene_id)

    def problems(self) -> tuple[Problem, ...]:
        return self.dataset.problems


@dataclass(frozen=True)
class ScenesAt(SceneSource):
    """Scenes of a dataset on disk, beside predictions of files; each process opens them once."""

    path: Path
    choices: Mapping[str, str] = field(default_factory=dict)
    predictions: tuple[Path, ...] = ()
    """Files and folders that any format reads."""
    label_set_id: str | None = None
    """The labels with which those are compared; None for the ground truth."""

    def scene_ids(self) -> tuple[str, ...]:
        return tuple(scene.scene_id for scene in self.dataset().scenes)

    def scene(self, scene_id: str) -> Scene:
        return next(each for each in self.dataset().scenes if each.scene_id == scene_id)

    def problems(self) -> tuple[Problem, ...]:
        return self.dataset().problems

    def dataset(self) -> Dataset:
        """Return the dataset as this process has it open."""
        if not self.predictions:
            return self._own()
        return self._with_predictions(JobContext()).dataset

    def loaded(self, job: JobContext) -> Sequence[LoadedPredictions]:
        """Return the predictions of files, on the frames of the dataset.

        Raises
        ------
        UnknownFormat, DamagedData
            When one cannot be read.
        ValueError
            When one holds no predictions, or which are meant is not sure.
        """
        return self._with_predictions(job).loaded if self.predictions else ()

    def _own(self) -> Dataset:
        return _opened(self.path, tuple(sorted(self.choices.items())))

    def _with_predictions(self, job: JobContext) -> "_Together":
        key = (self.path, tuple(sorted(self.choices.items())), self.predictions, self.label_set_id)
        if key not in _together:
            # Of the last source alone, as the dataset is kept.
            _together.clear()
            _together[key] = self._load(job)
        return _together[key]

    def _load(self, job: JobContext) -> "_Together":
        dataset = self._own()
        truth = label_set_of(dataset, self.label_set_id, LabelSetKind.GROUND_TRUTH)
        found = []
        for path in self.predictions:
            found.append(load_beside(dataset, truth.label_set_id, path, job))
            # The next one may not take the same name.
            dataset = with_predictions(dataset, found[-1])
        return _Together(dataset, tuple(found))


@dataclass(frozen=True, eq=False, slots=True)
class _Together:
    dataset: Dataset
    loaded: tuple[LoadedPredictions, ...]


_together: dict[object, _Together] = {}


@lru_cache(maxsize=1)
def _opened(path: Path, choices: tuple[tuple[str, str], ...]) -> Dataset:
    return whole(open_dataset(path, choices=dict(choices)))
