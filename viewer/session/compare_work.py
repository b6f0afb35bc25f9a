"""The long work of the Compare layout: plain functions that jobs run."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.confusion_queries import list_errors
from viewer.metrics.gathering import Gathered, gather_datasets, gather_paths
from viewer.metrics.loaded_predictions import LoadedPredictions
from viewer.metrics.matching.candidates import Matcher, MatchRules
from viewer.metrics.objects import KEYPOINTS_PX, MASKS, EvaluatedObjects
from viewer.metrics.points_inside import with_point_counts
from viewer.metrics.prediction_problems import PredictionProblems
from viewer.metrics.scope import Difficulty, Scope
from viewer.progress import JobContext
from viewer.review import Workspace
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet
from viewer.scene.scene import Dataset
from viewer.session.compare_as_shown import as_shown
from viewer.session.compare_choice import CompareChoice
from viewer.session.compare_curves import plots
from viewer.session.compare_figure_tables import compute_table, confusion_of
from viewer.session.compare_found import Asked, Found, Listed
from viewer.session.compare_slices import slices_of
from viewer.session.compare_two import list_changes, two_sets
from viewer.session.compare_values import MatrixCounts
from viewer.session.label_edits import LabelEdits
from viewer.session.review_large import without_collecting

MOST_LISTED = 10_000_000
"""The list is read row by row where it is looked at: it has no pages of its own."""


def read_predictions(
    context: JobContext, dataset_path: Path, truth: str, path: Path, label_set: LabelSet
) -> LoadedPredictions:
    """Read predictions of a dataset's frames from another file or folder.

    Raises
    ------
    UnknownFormat, DamagedData
        When the path cannot be read.
    NoSuchLabelSet, ValueError
        When it holds no predictions, or none is meant for sure.
    """
    gathered = gather_paths(dataset_path, path, context, label_set_id=truth)
    found = gathered.predictions[0]
    return LoadedPredictions(label_set, found.usable, found.problems)


def compare_sets(
    context: JobContext,
    dataset: Dataset,
    edits: LabelEdits,
    choice: CompareChoice,
    accepted: frozenset[str],
    told: Mapping[str, PredictionProblems],
    before: Found | None,
    workspace: tuple[Workspace, str] | None = None,
) -> Found:
    """Gather what is chosen and pair it.

    Parameters
    ----------
    accepted
        Sets of predictions whose unusable rows may be left out.
    told
        What was wrong with sets that were loaded beside the dataset.
    before
        The former comparison: what it gathered of the same sets is not read again.
    workspace
        Where slices are, and the id of the dataset in it.
    """
    with without_collecting():
        gathered = _gathered(context, dataset, edits, choice, before)
    problems: list[tuple[str, PredictionProblems]] = []
    for each in gathered.predictions:
        bad = told.get(each.label_set_id) or each.problems
        if bad:
            problems.append((each.label_set_id, bad))
    first, *rest = (each.usable for each in gathered.predictions)
    second = rest[0] if rest else None
    scenes = {scene.scene_id: place for place, scene in enumerate(dataset.scenes)}
    found = Found(
        choice, gathered.labels, first, second,
        problems=tuple(problems),
        waits_for_yes=any(set_id not in accepted for set_id, _ in problems),
        scene_count=len(dataset.scenes),
        scene_places=tuple(scenes.get(name, -1) for name in gathered.labels.frames.scene_ids),
        gathered=gathered,
        source=(dataset, edits),
    )  # fmt: skip
    if found.waits_for_yes:
        return found
    if workspace is not None:
        found = replace(
            found, slices=slices_of(context, *workspace, found.truth, choice.truth or "")
        )
    return _paired(context, dataset, found)


def _paired(context: JobContext, dataset: Dataset, found: Found) -> Found:
    """Find the pairs of each set of predictions with the labels."""
    choice = found.choice
    found = _that_can_pair(found)
    roles = ClassRoles.of(_class_map(dataset), found.truth, found.first, *_given(found.second))
    scope = Scope(
        least_range_m=choice.min_range_m,
        most_range_m=math.inf if choice.max_range_m is None else choice.max_range_m,
        least_points=choice.min_points,
        difficulty=Difficulty[choice.difficulty.upper()] if choice.difficulty else None,
    )
    rules = MatchRules(class_agnostic=not choice.by_class, allowed=choice.allowed, scope=scope)
    matcher = Matcher.HUNGARIAN if choice.hungarian else Matcher.BY_SCORE
    first, *second = (
        ConfusionIndex.prepare(
            found.truth,
            side,
            roles,
            choice.similarity,
            context,
            rules=rules,
            matcher=matcher,
            dataset=dataset,
        )
        for side in (found.first, *_given(found.second))
    )
    return replace(found, index=first, second_index=second[0] if second else None)


def _that_can_pair(found: Found) -> Found:
    """Leave out what has not got what the measure looks at: it can be neither found nor missed."""
    kept = _FITTING.get(found.choice.similarity.needs)
    if kept is None:
        return found
    second = None if found.second is None else found.second.select(kept(found.second))
    first, truth = found.first.select(kept(found.first)), found.truth.select(kept(found.truth))
    return replace(found, truth=truth, first=first, second=second)


def _has_box(objects: EvaluatedObjects) -> npt.NDArray[np.bool_]:
    if objects.boxes_px is None:
        return np.zeros(len(objects), dtype=bool)
    has: npt.NDArray[np.bool_] = ~np.isnan(objects.boxes_px[:, 0])
    return has


def _with_extra(name: str) -> Callable[[EvaluatedObjects], npt.NDArray[np.bool_]]:
    def has(objects: EvaluatedObjects) -> npt.NDArray[np.bool_]:
        column = objects.extras.get(name)
        if column is None:
            return np.zeros(len(objects), dtype=bool)
        return np.array([each is not None for each in column], dtype=bool)

    return has


_FITTING: Mapping[str, Callable[[EvaluatedObjects], npt.NDArray[np.bool_]]] = {
    "cuboids": lambda objects: objects.has_cuboid(),
    "cuboids and calibrated cameras": lambda objects: objects.has_cuboid(),
    "2D boxes": _has_box,
    "instance masks": _with_extra(MASKS),
    "keypoints": _with_extra(KEYPOINTS_PX),
}


def _given(side: EvaluatedObjects | None) -> tuple[EvaluatedObjects, ...]:
    return () if side is None else (side,)


def _class_map(dataset: Dataset) -> ClassMap:
    return dataset.scenes[0].class_map if dataset.scenes else ClassMap()


def _gathered(
    context: JobContext,
    dataset: Dataset,
    edits: LabelEdits,
    choice: CompareChoice,
    before: Found | None,
) -> Gathered:
    sets = (choice.truth, choice.first, choice.second)
    if before is not None and before.source == (dataset, edits):
        known = (before.choice.truth, before.choice.first, before.choice.second)
        if known == sets and before.gathered is not None:
            return _counted(context, dataset, choice, before.gathered)
    shown = as_shown(dataset, edits)
    guesses = [(shown, each) for each in (choice.first, choice.second) if each is not None]
    gathered = gather_datasets(shown, choice.truth or "", guesses, context)
    return _counted(context, dataset, choice, gathered)


def _counted(
    context: JobContext, dataset: Dataset, choice: CompareChoice, gathered: Gathered
) -> Gathered:
    """Count the points in each label where that is asked and the dataset does not tell."""
    if not choice.min_points or gathered.labels.point_counts is not None:
        return gathered
    return replace(gathered, labels=with_point_counts(dataset, gathered.labels, context))


def compute_figure(context: JobContext, asked: Asked) -> Any:  # noqa: ANN401 - of the kind
    """Compute one figure of a comparison."""
    if asked.kind.startswith("table/"):
        return compute_table(context, asked)
    return _COMPUTERS[asked.kind](context, asked)


def _matrix(_context: JobContext, asked: Asked) -> MatrixCounts:
    confusion = confusion_of(asked)
    return MatrixCounts(confusion.index.roles.names, confusion.cells)


def _list(_context: JobContext, asked: Asked) -> Listed:
    if asked.query is None or asked.ordering is None:
        raise ValueError("no question is asked")
    if asked.query.kind.is_of_two:
        return list_changes(asked)
    query = asked.query.meant()
    rows = list_errors(confusion_of(asked), query, asked.ordering, most=MOST_LISTED)
    return Listed(asked.found, rows)


_COMPUTERS: Mapping[str, Callable[[JobContext, Asked], Any]] = {
    "matrix": _matrix,
    "list": _list,
    "curves": plots,
    "two": two_sets,
}
