"""KITTI's object benchmark: AP in the image, from above and in space, and orientation.

Where the C++ kit and its numba descendants differ, the C++ kit is followed, for its figures are
the official ones: one prediction without an observation angle (-10) leaves out AOS for all (numba
looks at the first alone); a DontCare region forgives false alarms in the measure that it has a
box for (numba: in the image only; KITTI's regions have no other); rotated overlaps are exact
(numba: float32); figures are summed in doubles (C++ prints floats). Heading similarity (AHS),
which later versions of the C++ kit print beside the AP from above and in space, is given too.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.confidence import scores_or_ones
from viewer.metrics.protocols.declared_settings import (
    Setting,
    by_name,
    list_of,
    name_of,
    number,
    one_of,
    optional,
    read_settings,
    whole_number,
)
from viewer.metrics.protocols.kitti_kernels import counts_at, matched_scores, recall_thresholds
from viewer.metrics.protocols.kitti_objects import (
    MEASURES,
    Candidates,
    Side,
    States,
    candidates_by_measure,
    kitti_sides,
    label_states,
    lacks_of,
    orientation_lack,
    prediction_states,
)
from viewer.metrics.protocols.upright import AXES
from viewer.progress import JobContext

LEVELS: Final = ("easy", "moderate", "hard")
STEPS: Final = 40
OWN_OVERLAPS: Final = {"Car": 0.7, "Pedestrian": 0.5, "Cyclist": 0.5}
OTHER_OVERLAP: Final = 0.5
ORIENTATION: Final = {"2d": "aos", "bev": "bev_ahs", "3d": "3d_ahs"}
"""By measure: what its similarity of orientation is called."""
SETTINGS: Final[Mapping[str, Setting]] = {
    "min_overlaps": Setting(
        None,
        optional(by_name(number(0, 1))),
        "overlap by class that a match must exceed; else KITTI's classes, or all if none occurs",
    ),
    "neighbours": Setting(
        {"Car": ["Van"], "Pedestrian": ["Person_sitting"]},
        by_name(list_of(name_of)),
        "by class: classes that may be matched and count for nothing",
    ),
    "ignored_class": Setting("DontCare", name_of, "class of regions that forgive false alarms"),
    "min_heights_px": Setting(
        [40, 25, 25], list_of(number(0, 1e6), length=3), "2D height by difficulty"
    ),
    "max_occlusions": Setting(
        [0, 1, 2], list_of(whole_number(0, 3), length=3), "occlusion by difficulty"
    ),
    "max_truncations": Setting(
        [0.15, 0.3, 0.5], list_of(number(0, 1), length=3), "truncation by difficulty"
    ),
    "without_2d_box": Setting(
        "count", one_of("count", "ignore"), "what becomes of objects of unknown height"
    ),
    "vertical": Setting(
        None, optional(one_of(*AXES)), "axis that is vertical; else the one the boxes stand along"
    ),
}


class KittiProtocol(Protocol):
    """AP40 and AP11 by difficulty, in percent: 2D, BEV, 3D, and similarity of orientation."""

    name: ClassVar[str] = "kitti"
    title: ClassVar[str] = "KITTI object detection"
    source: ClassVar[str] = (
        "Geiger, Lenz, Urtasun: Are we ready for autonomous driving? (CVPR 2012), R40 after "
        "Simonelli et al. (ICCV 2019); the benchmark's C++ kit, evaluate_object_3d"
    )
    version: ClassVar[str] = "KITTI object development kit, C++, 40 and 11 recall positions"
    settings: ClassVar[Mapping[str, Setting]] = SETTINGS

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(SETTINGS, settings)
        vertical = chosen["vertical"]
        label_side, prediction_side, vertical = kitti_sides(labels, predictions, vertical)
        chosen["vertical"] = vertical
        lacks = lacks_of(label_side, prediction_side, chosen)
        scores = scores_or_ones(predictions, lacks)
        no_orientation = orientation_lack(prediction_side)
        chosen["min_overlaps"] = _classes(label_side, prediction_side, chosen, lacks)
        found = candidates_by_measure(label_side, prediction_side, chosen["ignored_class"])
        oriented = {"bev", "3d"} & set(found)
        if "2d" in found and no_orientation is None:
            oriented.add("2d")
        elif no_orientation is not None:
            lacks.append(no_orientation)
        results: dict[str, Any] = {}
        for name in job.track(list(chosen["min_overlaps"]), "Evaluating classes"):
            curves = {
                measure: np.array(
                    list(
                        _curves(
                            label_side, prediction_side, scores, candidates, name, measure, chosen
                        )
                    )
                )
                for measure, candidates in found.items()
            }
            if any(np.isnan(curve).any() for curve in curves.values()):
                lacks.append(
                    f"{name}: at some score nothing counts, neither right nor wrong; the kit's "
                    "figures are no numbers then."
                )
            results[name] = _figures(curves, oriented)
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


def _classes(
    labels: Side, predictions: Side, settings: Mapping[str, Any], lacks: list[str]
) -> dict[str, float]:
    """Overlap by class: those given, or KITTI's own that occur, or, without any, all."""
    if settings["min_overlaps"] is not None:
        return dict(settings["min_overlaps"])
    spelling: dict[str, str] = {}
    for side in (labels, predictions):
        for name in side.objects.class_names:
            if name.lower() != settings["ignored_class"].lower():
                spelling.setdefault(name.lower(), name)
    own = {name.lower(): overlap for name, overlap in OWN_OVERLAPS.items()}
    occurring = {spelling[name]: overlap for name, overlap in own.items() if name in spelling}
    if occurring or not spelling:
        return occurring
    lacks.append(
        f"None of KITTI's classes occurs: all are evaluated, with an overlap of {OTHER_OVERLAP}."
    )
    return dict.fromkeys(sorted(spelling.values()), OTHER_OVERLAP)


def _curves(
    labels: Side,
    predictions: Side,
    scores: Floats,
    candidates: Candidates,
    name: str,
    measure: str,
    settings: Mapping[str, Any],
) -> Iterator[Floats]:
    """Yield by difficulty (2, STEPS + 1) precision and similarity at the recall positions."""
    min_overlap = settings["min_overlaps"][name]
    neighbours = settings["neighbours"].get(name, ())
    for level in range(len(LEVELS)):
        of_labels = label_states(labels, name, neighbours, level, measure, settings)
        of_predictions = prediction_states(predictions, name, level, measure, settings)
        of_predictions[~np.isfinite(scores)] = -1
        yield _curve(candidates, of_labels, of_predictions, min_overlap, scores)


def _curve(
    candidates: Candidates,
    of_labels: States,
    of_predictions: States,
    min_overlap: float,
    scores: Floats,
) -> Floats:
    states, starts, columns, overlaps, similarities = candidates.of_class(of_labels, min_overlap)
    matched = -np.sort(-matched_scores(starts, columns, states, of_predictions, scores))
    curve = np.zeros((2, STEPS + 1))
    thresholds = recall_thresholds(matched, np.count_nonzero(of_labels == 0), STEPS)
    if not len(thresholds):
        return curve
    forgiven = candidates.forgiveness > min_overlap
    counts = counts_at(
        thresholds, starts, columns, overlaps, similarities, states, of_predictions, forgiven,
        scores,
    )  # fmt: skip
    alarms = np.sort(scores[(of_predictions == 0) & ~forgiven])
    false_alarms = len(alarms) - np.searchsorted(alarms, thresholds) - counts[:, 1]
    with np.errstate(invalid="ignore"):
        shares = counts[:, [0, 2]] / (counts[:, 0] + false_alarms)[:, None]
    curve[:, : len(thresholds)] = shares.T[:, : STEPS + 1]
    for i in range(len(thresholds)):
        for row in curve:
            row[i] = _largest(row[i:])
    return curve


def _largest(values: Floats) -> float:
    """As C++'s max_element: a NaN stays the largest where it comes first, else never is."""
    if np.isnan(values[0]):
        return float("nan")
    return float(np.nanmax(values))


def _figures(curves: Mapping[str, Floats], oriented: set[str]) -> dict[str, Any]:
    """Percentages by measure and number of recall positions; None where there is no curve."""
    figures: dict[str, Any] = {}
    for measure in MEASURES:
        for row, key, given in (
            (0, measure, measure in curves),
            (1, ORIENTATION[measure], measure in oriented),
        ):
            if given:
                curve = curves[measure][:, row]
                r40 = curve[:, 1:].sum(axis=1) / STEPS * 100
                r11 = curve[:, :: STEPS // 10].sum(axis=1) / 11 * 100
                figures[key] = {"R40": _values(r40), "R11": _values(r11)}
            else:
                figures[key] = {"R40": [None] * len(LEVELS), "R11": [None] * len(LEVELS)}
    return figures


def _values(figures: Floats) -> list[float | None]:
    return [None if np.isnan(figure) else float(figure) for figure in figures]
