"""COCO's detection benchmark: mean AP and AR over overlaps, for boxes, masks or keypoints.

An image is one camera of one frame. Labels without an area of their own are judged small, medium
or large by their box or mask; crowds are matched without counting, any number of times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import AREAS_PX, EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.coco_kernels import matches
from viewer.metrics.protocols.coco_overlaps import (
    BODY_SIGMAS,
    MEASURES,
    Flags,
    Shapes,
    overlaps_in_units,
    shapes_of,
)
from viewer.metrics.protocols.confidence import scores_or_ones
from viewer.metrics.protocols.declared_settings import (
    Setting,
    list_of,
    name_of,
    number,
    one_of,
    optional,
    read_settings,
    whole_number,
)
from viewer.progress import JobContext

ALL: Final = "all"
"""Where the mean over the classes stands."""
SIZES_PX: Final = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""Areas that count, both bounds included."""
SETTINGS: Final[Mapping[str, Setting]] = {
    "measure": Setting("bbox", one_of(*MEASURES), "what overlaps: boxes, masks or keypoints"),
    "classes": Setting(
        None, optional(list_of(name_of)), "classes that are averaged; else all that occur"
    ),
    "thresholds": Setting(
        np.linspace(0.5, 0.95, 10).tolist(),
        list_of(number(0, 1), ascending=True),
        "overlaps that a match must reach",
    ),
    "recall_samples": Setting(101, whole_number(2, 10**6), "recalls from 0 to 1"),
    "max_predictions": Setting(
        None,
        optional(list_of(whole_number(1, 10**9), ascending=True)),
        "a class and image, surest first; else 1, 10 and 100, and 20 for keypoints",
    ),
    "sigmas": Setting(
        list(BODY_SIGMAS), list_of(number(1e-6, 10)), "tolerance by keypoint, their mean for others"
    ),
}


@dataclass(frozen=True, eq=False, slots=True)
class _Matched:
    """Predictions by class, image and score, and what became of them at each size."""

    classes: Ints
    scores: Floats
    places: Ints
    """(N,) how many surer ones the class and image have."""
    states: Mapping[str, npt.NDArray[np.uint8]]
    """By size (T, N): 0 false alarm, 1 match, 2 ignored."""
    label_counts: Mapping[str, Ints]
    """By size (C,)."""
    comparable: bool
    """False where there are predictions, but none of the kind that is measured."""


class CocoProtocol(Protocol):
    """AP and AR as COCO prints them, a class and averaged."""

    name: ClassVar[str] = "coco"
    title: ClassVar[str] = "COCO detection"
    source: ClassVar[str] = (
        "Lin et al.: Microsoft COCO (ECCV 2014), cocodataset.org/#detection-eval; pycocotools"
    )
    version: ClassVar[str] = "pycocotools 2.0.11"
    settings: ClassVar[Mapping[str, Setting]] = SETTINGS

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(SETTINGS, settings)
        occurring = {*labels.class_names, *predictions.class_names}
        chosen["classes"] = chosen["classes"] or sorted(occurring)
        by_points = chosen["measure"] == "keypoints"
        chosen["max_predictions"] = chosen["max_predictions"] or (
            [20] if by_points else [1, 10, 100]
        )
        sizes = {
            name: bounds for name, bounds in SIZES_PX.items() if name != "small" or not by_points
        }
        chosen["areas_px"] = {name: list(bounds) for name, bounds in sizes.items()}
        lacks: list[str] = []
        matched = _match(labels, predictions, chosen, sizes, lacks)
        results: dict[str, Any] = {}
        for row, name in enumerate(job.track(chosen["classes"], "Evaluating classes")):
            figures = _class_figures(matched, row, chosen)
            results[name] = figures if matched.comparable else dict.fromkeys(figures)
        if results:
            results[ALL] = _average(list(results.values()))
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


def _match(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    settings: Mapping[str, Any],
    sizes: Mapping[str, tuple[float, float]],
    lacks: list[str],
) -> _Matched:
    measure = settings["measure"]
    label_shapes, shapes = shapes_of(labels, measure), shapes_of(predictions, measure)
    scores = scores_or_ones(predictions, lacks)
    _tell_lacks(labels, label_shapes, shapes, settings, lacks)
    cameras = sorted({*(labels.cameras or ()), *(predictions.cameras or ())})
    label_units = _units(labels, cameras, settings["classes"], label_shapes.present)
    units = _units(predictions, cameras, settings["classes"], shapes.present & np.isfinite(scores))
    label_rows = _in_order(label_units, np.zeros(len(labels)))
    rows = _in_order(units, -scores)
    units, label_units = units[rows], label_units[label_rows]
    places = np.arange(len(rows)) - np.searchsorted(units, units)
    kept = places < settings["max_predictions"][-1]
    rows, units, places = rows[kept], units[kept], places[kept]
    every = np.unique(np.concatenate([units, label_units]))
    label_offsets, offsets = (
        np.append(np.searchsorted(side, every), len(side)).astype(np.int64)
        for side in (label_units, units)
    )
    pairs = overlaps_in_units(
        label_shapes, label_rows, label_offsets, shapes, rows, offsets, settings
    )
    starts = np.searchsorted(pairs.rows, np.arange(len(rows) + 1))
    images = len(labels.frames) * max(len(cameras), 1)
    label_classes = label_units // max(images, 1)
    states, label_counts = {}, {}
    for size, bounds in sizes.items():
        ignored = label_shapes.ignored[label_rows] | _outside(label_shapes, label_rows, bounds)
        found = matches(
            starts, pairs.columns, pairs.overlaps, ignored, label_shapes.crowds[label_rows],
            np.array(settings["thresholds"]),
        )  # fmt: skip
        found[(found == 0) & _outside(shapes, rows, bounds)[None]] = 2
        states[size] = found
        label_counts[size] = np.bincount(
            label_classes[~ignored], minlength=len(settings["classes"])
        )
    comparable = bool(shapes.present.any()) or not len(predictions)
    return _Matched(units // max(images, 1), scores[rows], places, states, label_counts, comparable)


def _units(
    objects: EvaluatedObjects, cameras: Sequence[str], classes: Sequence[str], present: Flags
) -> Ints:
    """(N,) number of the class and image; -1 for what takes no part."""
    numbers = {name: row for row, name in enumerate(classes)}
    class_numbers = np.array([numbers.get(name, -1) for name in objects.class_names], np.int64)
    if not len(objects):
        return np.empty(0, dtype=np.int64)
    class_rows = class_numbers[objects.class_rows]
    camera_rows: Ints | int = 0
    if objects.cameras is not None:
        camera_of = {camera: row for row, camera in enumerate(cameras)}
        camera_rows = np.fromiter(
            (camera_of[camera] for camera in objects.cameras), np.int64, len(objects)
        )
    images = objects.frame_rows * max(len(cameras), 1) + camera_rows
    units = class_rows * len(objects.frames) * max(len(cameras), 1) + images
    return np.where(present & (class_rows >= 0), units, -1)


def _in_order(units: Ints, then: Floats) -> Ints:
    order = np.lexsort((then, units))
    return order[np.searchsorted(units[order], 0) :]


def _outside(shapes: Shapes, rows: Ints, bounds: tuple[float, float]) -> Flags:
    areas = shapes.areas_px[rows]
    outside: Flags = (areas < bounds[0]) | (areas > bounds[1])
    return outside


def _tell_lacks(
    labels: EvaluatedObjects,
    label_shapes: Shapes,
    shapes: Shapes,
    settings: Mapping[str, Any],
    lacks: list[str],
) -> None:
    what = {"bbox": "2D box", "segm": "mask", "keypoints": "keypoints"}[settings["measure"]]
    for side, name in ((label_shapes, "labels"), (shapes, "predictions")):
        missing = np.count_nonzero(~side.present)
        if missing:
            lacks.append(f"{missing} {name} without {what} take no part.")
    if labels.extras.get(AREAS_PX) is None and label_shapes.present.any():
        lacks.append("Labels have no area of their own: small, medium and large go by their shape.")


def _class_figures(matched: _Matched, row: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    most = settings["max_predictions"][-1]
    first, last = np.searchsorted(matched.classes, [row, row + 1])
    part = slice(int(first), int(last))
    precisions, recalls = {}, {}
    for size in matched.states:
        precisions[size], recalls[size, most] = _curves(matched, part, row, size, most, settings)
    for few in settings["max_predictions"][:-1]:
        _, recalls["all", few] = _curves(matched, part, row, "all", few, settings)
    figures: dict[str, Any] = {"AP": _mean(precisions["all"])}
    for name, threshold in (("AP50", 0.5), ("AP75", 0.75)):
        at = [row for row, each in enumerate(settings["thresholds"]) if each == threshold]
        figures[name] = _mean(precisions["all"][at]) if at else None
    for size in ("small", "medium", "large"):
        figures[f"AP_{size}"] = _mean(precisions[size]) if size in precisions else None
    for few in settings["max_predictions"]:
        figures[f"AR_{few}"] = _mean(recalls["all", few])
    for size in ("small", "medium", "large"):
        figures[f"AR_{size}"] = _mean(recalls[size, most]) if size in precisions else None
    return figures


def _curves(
    matched: _Matched, part: slice, row: int, size: str, most: int, settings: Mapping[str, Any]
) -> tuple[Floats, Floats]:
    """(T,) mean precision over the recalls and (T,) largest recall; NaN without labels."""
    label_count = matched.label_counts[size][row]
    count = len(settings["thresholds"])
    precisions, recalls = np.full(count, np.nan), np.full(count, np.nan)
    if label_count == 0:
        return precisions, recalls
    kept = np.flatnonzero(matched.places[part] < most)
    order = kept[np.argsort(-matched.scores[part][kept], kind="stable")]
    samples = np.linspace(0, 1, settings["recall_samples"])
    for t in range(count):
        states = matched.states[size][t, part][order]
        hits, alarms = np.cumsum(states == 1), np.cumsum(states == 0)
        recall = hits / label_count
        precision = hits / (hits + alarms + np.spacing(1))
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(recall, samples)
        reached = at < len(envelope)
        precisions[t] = envelope[at[reached]].sum() / len(samples)
        recalls[t] = recall[-1] if len(recall) else 0.0
    return precisions, recalls


def _mean(values: Floats) -> float | None:
    mean = float(values.mean()) if len(values) else float("nan")
    return None if np.isnan(mean) else mean


def _average(figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean over the classes that have labels of the size in question."""
    average: dict[str, Any] = {}
    for name in figures[0]:
        values = [each[name] for each in figures if each[name] is not None]
        average[name] = float(np.mean(values)) if values else None
    return average
