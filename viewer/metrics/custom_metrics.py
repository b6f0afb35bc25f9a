"""Figures that predictions bring with them, frame by frame, and their averages."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from viewer.formats.base import DamagedData
from viewer.metrics.objects import Floats
from viewer.progress import JobContext
from viewer.scene.custom_metrics import CustomMetrics
from viewer.scene.scene import Dataset, Problem


@dataclass(frozen=True, eq=False, slots=True)
class CustomMetric:
    """One figure over the frames that have it."""

    name: str
    frames: tuple[tuple[str, str], ...]
    """(F,) scene id and frame key."""
    values: Floats
    """(F,) numbers, or (F, R, C) matrices."""

    @property
    def is_matrix(self) -> bool:
        """True for a matrix in each frame."""
        return self.values.ndim == 3

    @property
    def average(self) -> Floats:
        """() or (R, C) mean over frames, each frame as much as any other."""
        return np.asarray(self.values.mean(axis=0), dtype=np.float64)

    @property
    def total(self) -> Floats:
        """() or (R, C) sum over frames: of a confusion matrix the counts of all."""
        return np.asarray(self.values.sum(axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CustomMetricsFound:
    """Every figure by name, and frames whose value does not fit the others."""

    metrics: tuple[CustomMetric, ...]
    problems: tuple[Problem, ...]


def gather_custom_metrics(
    dataset: Dataset, label_set_id: str, job: JobContext
) -> CustomMetricsFound:
    """Read the figures of all frames.

    A figure is of the kind and shape that most of its frames have; others are told of and left
    out.
    """
    found: dict[str, list[tuple[str, str, Floats]]] = defaultdict(list)
    problems: list[Problem] = []
    for scene in dataset.scenes:
        reader = scene.reader
        if not isinstance(reader, CustomMetrics):
            continue
        if all(each.label_set_id != label_set_id for each in scene.label_sets):
            continue
        for frame in job.track(scene.frames, "Reading custom metrics"):
            try:
                told = reader.read_custom_metrics(frame.index, label_set_id)
            except DamagedData as damage:
                problems.append(damage.as_problem())
                continue
            for name, value in told.items():
                place = (scene.scene_id, frame.key)
                found[name].append((*place, np.array(value, dtype=np.float64)))
    metrics = tuple(_metric(name, rows, problems) for name, rows in found.items())
    return CustomMetricsFound(metrics, tuple(problems))


def _metric(
    name: str, rows: list[tuple[str, str, Floats]], problems: list[Problem]
) -> CustomMetric:
    shapes = [value.shape for _, _, value in rows]
    usual = max(dict.fromkeys(shapes), key=shapes.count)
    kept = [row for row in rows if row[2].shape == usual]
    for scene_id, key, value in rows:
        if value.shape != usual:
            message = f"{name!r} is {_shape(value.shape)}, elsewhere {_shape(usual)}"
            problems.append(Problem(scene_id, f"frame {key}", f"{message}; it is left out"))
    places = tuple((scene_id, key) for scene_id, key, _ in kept)
    return CustomMetric(name, places, np.array([value for _, _, value in kept]))


def _shape(shape: tuple[int, ...]) -> str:
    return "a matrix of " + " x ".join(map(str, shape)) if shape else "a number"
