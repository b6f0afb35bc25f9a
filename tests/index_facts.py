"""All that the index of a dataset tells, as values that can be compared."""

import dataclasses
from collections.abc import Mapping
from enum import Enum

import numpy as np

from viewer.formats.base import DamagedData
from viewer.scene.scene import Dataset, Frame, Scene


def plain(value: object) -> object:
    """Anything of a scene as values that can be compared, NaN and all."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [plain(getattr(value, each.name)) for each in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [(key, plain(each)) for key, each in value.items()]
    if isinstance(value, str | bytes | Enum):
        return str(value)
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(each) for each in value]
    return repr(value) if type(value).__repr__ is not object.__repr__ else type(value).__name__


def labels_of(scene: Scene) -> list[object]:
    found: list[object] = []
    for frame in scene.frames:
        for label_set in scene.label_sets:
            try:
                labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
                found.append((label_set.label_set_id, frame.index, plain(labels)))
            except DamagedData as damage:
                found.append(str(damage))
    return found


def facts(dataset: Dataset) -> list[object]:
    """Everything that an index tells, and all labels that it leads to."""
    scenes = []
    problems = set(dataset.problems)
    for scene in dataset.scenes:
        own = [
            each.name for each in dataclasses.fields(scene) if each.name not in ("frames", "reader")
        ]
        frames: list[Frame] = list(scene.frames)
        scenes.append(
            [[plain(getattr(scene, name)) for name in own], plain(frames), labels_of(scene)]
        )
        problems |= set(scene.reader.problems())
    return [
        scenes, sorted(map(str, problems)), plain(dataset.metadata), plain(dataset.metadata_types)
    ]  # fmt: skip
