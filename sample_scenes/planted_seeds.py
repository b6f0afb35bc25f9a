"""Roads with other errors at each seed: labels spoilt in memory, points as they were recorded.

The street is one drive that every seed spoils anew; the junction is another one at each seed. It is
recorded when it is asked for first, and kept in the cache.

Seeds for tuning and seeds that are held back are apart: a table of how good the checks are is only
made on those that nobody tuned with.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from sample_scenes.detector import LABEL_SET_ID as DETECTOR
from sample_scenes.detector import Detector
from sample_scenes.junction.recording import JunctionDrive, record_junction
from sample_scenes.junction.stage import JunctionStage
from sample_scenes.label_rows import GROUND_TRUTH, boxes_of, frame_labels, rows_of
from sample_scenes.labelling import FrameTruth
from sample_scenes.planted_errors import PlantedLabels, plant_errors
from sample_scenes.road import Road
from sample_scenes.stage import Stage
from sample_scenes.street_stage import StreetStage
from viewer.formats.cache.array_file import cache_folder
from viewer.formats.catalog import open_dataset
from viewer.formats.native.writer import write_native_scene
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Scene

STREET_FOLDER: Final = Path(__file__).parent / "street"
STREET, JUNCTION = "street", "junction"
ROADS: Final = (STREET, JUNCTION)
JUNCTION_VERSION: Final = 3
"""Grows when the same seed gives another junction."""
TUNING_SEEDS: Final = tuple(range(1, 13))
HELD_SEEDS: Final = tuple(range(501, 509))
ATTEMPTS: Final = 100


@dataclass(frozen=True, eq=False)
class SpoiltRoad:
    """One seed: what the labels and predictions are, and what is wrong with the labels."""

    scene: Scene
    labels: Mapping[str, Sequence[FrameLabels]]
    """Frames by label set id."""
    entries: Sequence[Mapping[str, Any]]
    """One a spoilt label, as `planted_errors` lists them."""

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        """Return the labels of a frame, as a reader would."""
        return self.labels[label_set_id][frame_index]


@dataclass(frozen=True, eq=False)
class _ExactRoad:
    scene: Scene
    truth: tuple[FrameTruth, ...]
    stage: Stage

    @property
    def keys(self) -> list[str]:
        return [frame.key for frame in self.scene.frames]


def spoilt_road(road: str, seed: int) -> SpoiltRoad:
    """Plant errors of every kind with one seed, and detect with it too."""
    exact = _exact(road, seed)
    planted = _planted(exact, seed)
    frames = [frame_labels(frame.cuboids, frame.boxes) for frame in planted.frames]
    return SpoiltRoad(
        exact.scene, {GROUND_TRUTH: frames, DETECTOR: _detected(exact, seed)}, planted.entries
    )


def clean_road(road: str, seed: int) -> SpoiltRoad:
    """Return the exact labels, with the predictions of a seed."""
    exact = _exact(road, seed)
    frames = [frame_labels(frame.cuboids, frame.boxes) for frame in exact.truth]
    return SpoiltRoad(exact.scene, {GROUND_TRUTH: frames, DETECTOR: _detected(exact, seed)}, ())


def _detected(exact: _ExactRoad, seed: int) -> list[FrameLabels]:
    detector = Detector(exact.stage, np.random.default_rng([seed, 5]))
    detections = detector.run(list(exact.truth), exact.keys)
    return [frame_labels(rows, ()) for rows in detections.frames]


def _planted(exact: _ExactRoad, seed: int) -> PlantedLabels:
    """Plant; where the first errors leave no room for the rest, draw again."""
    for attempt in range(ATTEMPTS):
        draws = [seed, 6] if attempt == 0 else [seed, 6, attempt]
        with suppress(ValueError):
            rng = np.random.default_rng(draws)
            return plant_errors(exact.truth, exact.keys, exact.stage, rng)
    raise ValueError(f"{exact.scene.scene_id} has no room for the errors of seed {seed}")


def _exact(road: str, seed: int) -> _ExactRoad:
    return _street() if road == STREET else _junction(seed)


@lru_cache(maxsize=1)
def _street() -> _ExactRoad:
    return _read(STREET_FOLDER, StreetStage(Road()))


@lru_cache(maxsize=1)
def _junction(seed: int) -> _ExactRoad:
    return _read(junction_folder(seed), JunctionStage(JunctionDrive(seed)))


def junction_folder(seed: int) -> Path:
    """Folder of a seed's junction with exact labels, in the cache; recorded when needed."""
    folder = cache_folder() / "planted" / f"junction_{JUNCTION_VERSION}_{seed}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
            problems = write_native_scene(record_junction(seed), Path(draft) / folder.name)
            if problems:
                raise ValueError("; ".join(map(str, problems)))
            # Another process may have been faster: one is as good as the other.
            with suppress(OSError):
                (Path(draft) / folder.name).rename(folder)
    return folder


def _read(folder: Path, stage: Stage) -> _ExactRoad:
    scene = open_dataset(folder).scenes[0]
    frames = (scene.reader.read_labels(frame.index, GROUND_TRUTH) for frame in scene.frames)
    truth = tuple(FrameTruth(rows_of(each), boxes_of(each)) for each in frames)
    return _ExactRoad(scene, truth, stage)
