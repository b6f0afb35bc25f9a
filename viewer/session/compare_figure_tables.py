"""Tables of a comparison: by class, apart for parts of the data, for scenes and slices."""

from collections.abc import Callable, Mapping

import numpy as np

from viewer.metrics.active_learning import uncertainty
from viewer.metrics.class_metrics import ClassMetrics, table_of
from viewer.metrics.class_roles import BACKGROUND
from viewer.metrics.confusion import Confusion
from viewer.metrics.curves import calibrations, confidence_curves
from viewer.metrics.custom_metrics import gather_custom_metrics
from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.scenarios import ScenarioResult, scenario_results, scenes_as_scenarios
from viewer.metrics.strata import (
    ByAttribute,
    ByOcclusion,
    Stratifier,
    by_points,
    by_range,
    by_speed,
    stratified,
)
from viewer.progress import JobContext, running
from viewer.scene.custom_metrics import CustomMetrics
from viewer.scene.scene import Scene
from viewer.session.compare_found import Asked, Found
from viewer.session.compare_values import Column, Format, Query, QueryKind, Table
from viewer.session.compare_walk import PairPlace

SAMPLED = 400
"""Objects whose attributes are looked at for names to tell them apart by."""
MOST_ATTRIBUTES = 24
MOST_UNSURE = 500
_COUNT, _SHARE = Format.COUNT, Format.SHARE
ATTRIBUTE = "table/attribute/"


def table_kinds(found: Found) -> tuple[tuple[str, str], ...]:
    """Kinds and titles of the tables that a comparison has; cheap."""
    kinds = [("table/class", "By class")]
    if np.isfinite(found.truth.frames.ego_positions_m).any():
        kinds.append(("table/range", "By range"))
    if found.truth.point_counts is not None:
        kinds.append(("table/points", "By points inside"))
    if found.truth.velocities_mps is not None:
        kinds.append(("table/speed", "By speed"))
    if found.truth.occlusions is not None:
        kinds.append(("table/occlusion", "By occlusion"))
    kinds += [(f"{ATTRIBUTE}{name}", f"By {name}") for name in attribute_names(found.truth)]
    kinds.append(("table/scenes", "Scenes and slices"))
    if len(found.first):
        kinds.append(("table/unsure", "Least sure predictions"))
    if any(isinstance(each.reader, CustomMetrics) for each in _scenes_of(found)):
        kinds.append(("table/custom", "Custom metrics"))
    return tuple(kinds)


def _scenes_of(found: Found) -> tuple[Scene, ...]:
    return () if found.source is None else found.source[0].scenes


def attribute_names(objects: EvaluatedObjects) -> tuple[str, ...]:
    """Names of attributes that some objects, spread over all, have."""
    if objects.attributes is None or not len(objects):
        return ()
    rows = np.unique(np.linspace(0, len(objects) - 1, SAMPLED).astype(np.int64))
    names: dict[str, None] = {}
    for row in rows.tolist():
        for name, value in objects.attributes[row].items():
            if isinstance(value, str | bool | int):
                names.setdefault(str(name))
    return tuple(names)[:MOST_ATTRIBUTES]


def compute_table(context: JobContext, asked: Asked) -> Table:
    """Return the table of a kind."""
    if asked.kind.startswith(ATTRIBUTE):
        with running(context):
            return _strata(asked, ByAttribute(asked.kind.removeprefix(ATTRIBUTE)))
    if asked.kind in _STRATIFIERS:
        return _strata(asked, _STRATIFIERS[asked.kind]())
    compute = _OTHERS[asked.kind]
    return compute(context, asked)


_STRATIFIERS: Mapping[str, Callable[[], Stratifier]] = {
    "table/range": by_range,
    "table/points": by_points,
    "table/speed": by_speed,
    "table/occlusion": ByOcclusion,
}


def confusion_of(asked: Asked) -> Confusion:
    """What became of every object at the asked thresholds."""
    if asked.found.index is None:
        raise ValueError("nothing is compared")
    return asked.found.index.at(asked.thresholds.confidence, asked.thresholds.similarity)


# -- by class --------------------------------------------------------------------------------


_CLASS_COLUMNS = (
    Column("Class"), Column("Labels", _COUNT), Column("Precision", _SHARE),
    Column("Recall", _SHARE), Column("F1", _SHARE),
    Column("AP", _SHARE, "Area under precision over recall, at any score"),
    Column("Found", _COUNT), Column("False", _COUNT, "Predicted, and wrong"),
    Column("Missed", _COUNT, "Labelled, and not found as what it is"),
    Column("Best F1", _SHARE), Column("at score", _SHARE),
    Column("ECE", _SHARE, "Mean distance of score and share that is right"),
)  # fmt: skip


def _by_class(context: JobContext, asked: Asked) -> Table:
    confusion = confusion_of(asked)
    table = table_of(confusion)
    limit = asked.thresholds.similarity
    curves = {each.name: each for each in confidence_curves(confusion.index, limit, context)}
    reliable = {each.name: each for each in calibrations(confusion.index, limit)}
    rows: list[tuple[object, ...]] = []
    queries: list[Query | None] = []
    for each in (*table.classes, table.weighted, table.macro, table.micro):
        curve, own = curves.get(each.name), reliable.get(each.name)
        best, at = (None, None) if curve is None else curve.best
        rows.append((
            each.name, each.support, each.precision, each.recall, each.f1,
            None if curve is None else curve.average_precision, each.true_positives,
            each.false_positives, each.false_negatives, best, at,
            None if own is None else own.expected_error,
        ))  # fmt: skip
        is_class = each in table.classes
        queries.append(Query(QueryKind.CELL, each.name, BACKGROUND) if is_class else None)
    return Table("By class", _CLASS_COLUMNS, tuple(rows), queries=tuple(queries))


# -- parts of the data -----------------------------------------------------------------------


_STRATUM_COLUMNS = (
    Column("Part"), Column("Labels", _COUNT), Column("Predictions", _COUNT),
    Column("Precision", _SHARE), Column("Recall", _SHARE), Column("F1", _SHARE),
    Column("Found", _COUNT), Column("False", _COUNT), Column("Missed", _COUNT),
)  # fmt: skip


def _strata(asked: Asked, stratifier: Stratifier) -> Table:
    found = stratified(confusion_of(asked), stratifier)
    rows = tuple(
        (each.name, each.labels, each.predictions, *_figures(each.table.micro)) for each in found
    )
    notes = (
        "A pair counts where its label belongs, a false positive where the prediction tells of "
        "itself.",
    )
    return Table(f"By {stratifier.name}", _STRATUM_COLUMNS, rows, notes)


def _figures(each: ClassMetrics) -> tuple[object, ...]:
    return (
        each.precision, each.recall, each.f1, each.true_positives, each.false_positives,
        each.false_negatives,
    )  # fmt: skip


# -- scenes and slices -----------------------------------------------------------------------


_SCENARIO_COLUMNS = (
    Column("Part"), Column("Kind"), Column("Frames", _COUNT),
    Column("Holds", Format.VERDICT, "Whether it reaches every figure that is asked of it"),
    Column("Precision", _SHARE), Column("Recall", _SHARE), Column("F1", _SHARE),
    Column("False", _COUNT), Column("Missed", _COUNT), Column("Confused", _COUNT),
)  # fmt: skip


def _scenes(_context: JobContext, asked: Asked) -> Table:
    least = asked.thresholds.least
    scenarios = [
        least.asked_of(each)
        for each in (*scenes_as_scenarios(asked.found.truth.frames), *asked.found.slices)
    ]
    found = scenario_results(confusion_of(asked), scenarios)
    notes = () if least else ("Set the least that each part must reach, below the table.",)
    return Table("Scenes and slices", _SCENARIO_COLUMNS, tuple(map(_scenario, found)), notes)


def _scenario(each: ScenarioResult) -> tuple[object, ...]:
    return (
        each.name, each.kind, each.frame_count, each.succeeds, each.precision.score,
        each.recall.score, each.f1.score, each.false_positives, each.false_negatives,
        each.confusions,
    )  # fmt: skip


# -- what a model is unsure of ---------------------------------------------------------------


_UNSURE_COLUMNS = (
    Column("Class"), Column("Score", _SHARE),
    Column("Entropy", _SHARE, "0 sure, 1 no idea, over the probabilities of the classes"),
    Column("Margin", _SHARE, "1 less the distance of the two most probable classes"),
    Column("Least confidence", _SHARE, "1 less the highest probability"),
    Column("Frame"), Column("Scene"),
)  # fmt: skip


def _unsure(_context: JobContext, asked: Asked) -> Table:
    found = asked.found
    side = found.first
    scores = uncertainty(side)
    order = np.argsort(-np.nan_to_num(scores.entropies, nan=-1.0), kind="stable")[:MOST_UNSURE]
    frames = side.frames
    rows: list[tuple[object, ...]] = []
    places: list[PairPlace] = []
    for row in order.tolist():
        frame = int(side.frame_rows[row])
        rows.append((
            side.class_names[int(side.class_rows[row])], float(side.scores[row]),
            float(scores.entropies[row]), float(scores.margins[row]),
            float(scores.least_confidences[row]), frames.keys[frame],
            frames.scene_ids[int(frames.scene_of_frame[frame])],
        ))  # fmt: skip
        own = (found.choice.first or "", side.label_ids[row])
        places.append(PairPlace(*found.frame_place(side, row), None, own))
    notes = [f"The {len(rows):,} least sure of {len(side):,} predictions."]
    if side.class_distributions is None:
        notes.append(
            "These predictions tell no probabilities of classes: each is judged by its score "
            "alone, as one class against all others."
        )
    return Table("Least sure predictions", _UNSURE_COLUMNS, tuple(rows), notes,
                 places=tuple(places))  # fmt: skip


# -- figures that predictions bring with them ------------------------------------------------


_CUSTOM_COLUMNS = (
    Column("Metric"), Column("Frames", _COUNT), Column("Average", Format.NUMBER),
    Column("Least", Format.NUMBER), Column("Most", Format.NUMBER),
    Column("Row of the matrix", Format.NUMERAL, "Sum over the frames"),
)  # fmt: skip


def _custom(context: JobContext, asked: Asked) -> Table:
    found = asked.found
    if found.source is None:
        raise ValueError("nothing is compared")
    told = gather_custom_metrics(found.source[0], found.choice.first or "", context)
    rows: list[tuple[object, ...]] = []
    for each in told.metrics:
        if not each.is_matrix:
            low, high = float(each.values.min()), float(each.values.max())
            rows.append((each.name, len(each.frames), float(each.average), low, high, ""))
            continue
        for place, line in enumerate(each.total.tolist()):
            numbers = "  ".join(f"{value:,.6g}" for value in line)
            rows.append((f"{each.name}, row {place + 1}", len(each.frames), None, None, None,
                         numbers))  # fmt: skip
    notes = tuple(map(str, told.problems))
    if not rows:
        notes = ("The chosen predictions bring no figures of their own.", *notes)
    return Table("Custom metrics", _CUSTOM_COLUMNS, tuple(rows), notes)


_OTHERS: Mapping[str, Callable[[JobContext, Asked], Table]] = {
    "table/class": _by_class,
    "table/scenes": _scenes,
    "table/unsure": _unsure,
    "table/custom": _custom,
}
