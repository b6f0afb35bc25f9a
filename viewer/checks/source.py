"""Where a run takes its scenes from: opened ones, or a path that every worker opens for itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from viewer.formats.catalog import open_dataset
from viewer.formats.growth import whole
from viewer.scene.scene import Dataset, Scene


class SceneSource(ABC):
    """Scenes by id; what workers get of it is pickled."""

    @abstractmethod
    def scene_ids(self) -> tuple[str, ...]:
        """Every scene, in the order of the dataset."""

    @abstractmethod
    def scene(self, scene_id: str) -> Scene:
        """Return one of them; it stays open."""


@dataclass(frozen=True, eq=False)
class OpenScenes(SceneSource):
    """Scenes of an open dataset, for work in this process."""

    dataset: Dataset

    def scene_ids(self) -> tuple[str, ...]:
        return tuple(scene.scene_id for scene in self.dataset.scenes)

    def scene(self, scene_id: str) -> Scene:
        return next(each for each in self.dataset.scenes if each.scene_id == scene_id)


@dataclass(frozen=True)
class ScenesAt(SceneSource):
    """Scenes of a dataset on disk; each process opens it once."""

    path: Path
    choices: Mapping[str, str] = field(default_factory=dict)

    def scene_ids(self) -> tuple[str, ...]:
        return tuple(scene.scene_id for scene in self.dataset().scenes)

    def scene(self, scene_id: str) -> Scene:
        return next(each for each in self.dataset().scenes if each.scene_id == scene_id)

    def dataset(self) -> Dataset:
        """Return the dataset as this process has it open."""
        return _opened(self.path, tuple(sorted(self.choices.items())))


@lru_cache(maxsize=1)
def _opened(path: Path, choices: tuple[tuple[str, str], ...]) -> Dataset:
    return whole(open_dataset(path, choices=dict(choices)))
