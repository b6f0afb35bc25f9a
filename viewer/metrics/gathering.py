"""Labels and predictions side by side: what every evaluation begins with.

`gather_paths` takes whatever the formats read, and KITTI's label folders and Argoverse 2's tables
by themselves; `gather_datasets` what is opened already. Frames are the labels'; predictions find
theirs by scene and key, else by scene and time, else by a key or time that is there once. They are
moved into the labels' coord frame where they lie in another. Rows that cannot be used are told of
one by one, and the rest is given only to who says yes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from viewer.formats.catalog import open_dataset
from viewer.formats.coco.format import CocoFormat, is_results_file
from viewer.formats.growth import whole
from viewer.geometry.rotation import quaternion_from_matrix, quaternion_multiply
from viewer.geometry.transform_tree import TransformTreeError
from viewer.metrics.bare_sides import bare_side
from viewer.metrics.frame_matching import joined_frames, matching_frames
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.prediction_problems import (
    BadPredictions,
    PredictionProblems,
    ProblemKind,
    ProblemRows,
)
from viewer.metrics.sides import Side, dataset_side, label_set_of
from viewer.progress import JobContext, running
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Dataset, Problem

NAMED_SCENES = 8


@dataclass(frozen=True, eq=False, slots=True)
class PredictionSet:
    """One set of predictions on the labels' frames."""

    label_set_id: str
    problems: PredictionProblems
    usable: EvaluatedObjects
    """Every prediction without a problem."""

    def objects(self, *, despite_problems: bool) -> EvaluatedObjects:
        """Return what can be used.

        Raises
        ------
        BadPredictions
            When there are problems and nobody said yes to leaving them out.
        """
        if self.problems and not despite_problems:
            raise BadPredictions(self.problems)
        return self.usable


@dataclass(frozen=True, eq=False, slots=True)
class Gathered:
    """Labels and any number of sets of predictions over the same frames."""

    label_set_id: str
    labels: EvaluatedObjects
    predictions: tuple[PredictionSet, ...]
    label_problems: tuple[Problem, ...] = ()
    """What could not be read of the labels."""


def gather_paths(
    labels: Path,
    predictions: Path,
    job: JobContext,
    *,
    label_set_id: str | None = None,
    prediction_set_id: str | None = None,
    sequences: Sequence[str] | None = None,
) -> Gathered:
    """Read labels and predictions from two paths, which may be the same.

    Parameters
    ----------
    label_set_id, prediction_set_id
        Which label sets of the datasets; None for the labels there are, and for the only
        predictions.
    sequences
        Which of them to take, of folders of KITTI tracking.

    Raises
    ------
    UnknownFormat, DamagedData
        When a path cannot be read.
    NoSuchLabelSet, ValueError
        When a name fits nothing.
    """
    opened: dict[Path, Dataset] = {}
    try:
        return _from_paths(
            labels, predictions, opened, job, label_set_id, prediction_set_id, sequences
        )
    finally:
        for dataset in opened.values():
            dataset.close()


def gather_beside(
    labels: Dataset, label_set_id: str, predictions: Path, job: JobContext
) -> Gathered:
    """Read the labels of an open dataset, and predictions of its frames from another path.

    Raises
    ------
    UnknownFormat, DamagedData
        When the path cannot be read.
    NoSuchLabelSet, ValueError
        When the dataset has no such labels, or which predictions are meant is not sure.
    """
    opened = {labels.path: labels}
    try:
        return _from_paths(labels.path, predictions, opened, job, label_set_id)
    finally:
        for path, dataset in opened.items():
            if path != labels.path:
                dataset.close()


def _from_paths(
    labels: Path,
    predictions: Path,
    opened: dict[Path, Dataset],
    job: JobContext,
    label_set_id: str | None = None,
    prediction_set_id: str | None = None,
    sequences: Sequence[str] | None = None,
) -> Gathered:
    truth = _side(labels, label_set_id, LabelSetKind.GROUND_TRUTH, sequences, opened, job)
    if is_results_file(predictions) and predictions not in opened:
        # A list of results names images by numbers that only the labels' file explains.
        with running(job):
            opened[predictions] = whole(CocoFormat().open_with_results(labels, predictions))
        prediction_set_id = prediction_set_id or _set_of(opened[predictions], predictions)
    guess = _side(predictions, prediction_set_id, LabelSetKind.PREDICTIONS, sequences, opened, job)
    return _gathered(label_set_id or labels.name, truth, {predictions.name: guess})


def _set_of(dataset: Dataset, results: Path) -> str:
    """Return the label set that a list of results became."""
    sets = [each for scene in dataset.scenes for each in scene.label_sets]
    return next(each.label_set_id for each in reversed(sets) if each.title == results.stem)


def gather_datasets(
    labels: Dataset,
    label_set_id: str,
    predictions: Sequence[tuple[Dataset, str]],
    job: JobContext,
) -> Gathered:
    """Read labels and any number of sets of predictions, each of a dataset and an id.

    A set that claims to be labels, such as another annotator's, needs no scores.

    Raises
    ------
    NoSuchLabelSet
        When a dataset has no such label set.
    """
    with running(job):
        opened = {id(each): whole(each) for each in (labels, *(each for each, _ in predictions))}
    label_set_of(opened[id(labels)], label_set_id, LabelSetKind.GROUND_TRUTH)
    kinds = [
        label_set_of(opened[id(dataset)], set_id, LabelSetKind.PREDICTIONS).kind
        for dataset, set_id in predictions
    ]
    truth = dataset_side(opened[id(labels)], label_set_id, job)
    sides = {}
    for (dataset, set_id), kind in zip(predictions, kinds, strict=True):
        name = set_id if set_id not in sides else f"{dataset.path.name}/{set_id}"
        side = dataset_side(opened[id(dataset)], set_id, job, are_labels=False)
        if kind == LabelSetKind.GROUND_TRUTH:
            side = replace(side, rules=replace(side.rules, needs_score=False))
        sides[name] = side
    return _gathered(label_set_id, truth, sides)


def _side(
    path: Path,
    label_set_id: str | None,
    kind: LabelSetKind,
    sequences: Sequence[str] | None,
    opened: dict[Path, Dataset],
    job: JobContext,
) -> Side:
    true_labels = kind == LabelSetKind.GROUND_TRUTH and label_set_id is None
    bare = bare_side(path, sequences, job, of_split=true_labels)
    if bare is not None:
        return bare
    if path not in opened:
        opened[path] = open_dataset(path, context=job)
    dataset = opened[path]
    if sequences is not None:
        kept = tuple(scene for scene in dataset.scenes if scene.scene_id in sequences)
        missing = set(sequences) - {scene.scene_id for scene in kept}
        if missing:
            raise ValueError(f"{path} has no sequence {', '.join(sorted(missing))}")
        dataset = replace(dataset, scenes=kept)
    chosen = label_set_of(dataset, label_set_id, kind)
    truth = kind == LabelSetKind.GROUND_TRUTH
    side = dataset_side(dataset, chosen.label_set_id, job, are_labels=truth)
    if truth or len(opened) == 1:
        return side
    # Of a path of its own, what could not be opened concerns the predictions, and what was found
    # in the file while its index was made.
    early = [
        each
        for scene in dataset.scenes
        for each in scene.reader.problems()
        if each.source == str(path)
    ]
    return replace(side, problems=tuple(dict.fromkeys([*dataset.problems, *early, *side.problems])))


def _gathered(label_set_id: str, truth: Side, guesses: dict[str, Side]) -> Gathered:
    for name, guess in guesses.items():
        truth = _in_scene_of(truth, guess)
        guesses[name] = _in_scene_of(guess, truth)
    frames, own = truth.objects.frames, np.arange(len(truth.objects.frames))
    if truth.open_ended:
        sides = [truth, *(each for each in guesses.values() if each.open_ended)]
        frames, own = joined_frames([each.objects.frames for each in sides])
    labels = truth.objects.on_frames(frames, own)
    found = tuple(_prediction_set(name, truth, labels, guess) for name, guess in guesses.items())
    return Gathered(label_set_id, labels, found, truth.problems)


def _in_scene_of(side: Side, other: Side) -> Side:
    """Return a side whose one scene has no name as one of the other side's, if that has but one."""
    frames, named = side.objects.frames, list(other.objects.frames.scene_ids)
    if list(frames.scene_ids) != [""] or len(named) != 1:
        return side
    return replace(side, objects=replace(side.objects, frames=replace(frames, scene_ids=named)))


def _prediction_set(name: str, truth: Side, labels: EvaluatedObjects, guess: Side) -> PredictionSet:
    objects = guess.objects
    problems = ProblemRows(len(objects))
    problems.add_files((*guess.problems, *_missing_scenes(labels, guess)))
    frame_of = matching_frames(labels.frames, objects.frames)
    keys = objects.frames.keys
    problems.add(
        ProblemKind.UNKNOWN_FRAME,
        frame_of[objects.frame_rows] < 0,
        guess.place_of,
        lambda row: f"the labels have no frame {keys[int(objects.frame_rows[row])]!r}",
    )
    _check_scores(guess, problems)
    _check_classes(truth, guess, problems)
    _check_ids(guess, problems)
    moved, lost = _into(labels, truth, guess, frame_of)
    for rows, reason in lost:
        problems.add(ProblemKind.UNKNOWN_COORD_FRAME, rows, guess.place_of, _saying(reason))
    if not problems.is_good.all():
        moved = moved.select(problems.is_good)
    return PredictionSet(name, problems.found(), moved.on_frames(labels.frames, frame_of))


def _missing_scenes(labels: EvaluatedObjects, guess: Side) -> list[Problem]:
    """Tell of sequences or logs that the labels have and files by themselves do not."""
    there = set(guess.objects.frames.scene_ids)
    missing = [name for name in labels.frames.scene_ids if name not in there]
    if not guess.open_ended or not missing or there == {""}:
        return []
    named = ", ".join(missing[:NAMED_SCENES]) + (" ..." if len(missing) > NAMED_SCENES else "")
    message = f"has nothing of {named}; all that is labelled there counts as missed"
    return [Problem(guess.source, "", message)]


def _saying(message: str) -> Callable[[int], str]:
    return lambda _: message


def _check_scores(guess: Side, problems: ProblemRows) -> None:
    scores, rules = guess.objects.scores, guess.rules
    if rules.needs_score:
        problems.add(
            ProblemKind.NO_SCORE, np.isnan(scores), guess.place_of, lambda _: "has no score"
        )
    if rules.score_bounds is not None:
        low, high = rules.score_bounds
        problems.add(
            ProblemKind.SCORE_OUT_OF_BOUNDS,
            (scores < low) | (scores > high),
            guess.place_of,
            lambda row: f"its score {scores[row]:g} is not between {low:g} and {high:g}",
        )


def _check_classes(truth: Side, guess: Side, problems: ProblemRows) -> None:
    """Ask that each class is one of the labels or of their class map, whatever its case."""
    known = {*truth.objects.class_names, *truth.known_classes}
    if not known:
        return
    folded = {name.casefold() for name in known}
    objects = guess.objects
    is_known = np.array([each.casefold() in folded for each in objects.class_names], dtype=bool)
    if not is_known.all():
        problems.add(
            ProblemKind.UNKNOWN_CLASS,
            ~is_known[objects.class_rows],
            guess.place_of,
            lambda row: (
                f"the labels know no class {objects.class_names[objects.class_rows[row]]!r}"
            ),
        )


def _check_ids(guess: Side, problems: ProblemRows) -> None:
    """Keep the first of several rows with one id in a frame, and with one track."""
    objects = guess.objects
    ids, offsets = objects.label_ids, objects.frame_offsets().tolist()
    again: list[int] = []
    for first, last in pairwise(offsets):
        own = ids[first:last]
        if len(set(own)) < len(own):
            seen: set[str] = set()
            for row, label_id in enumerate(own, first):
                if label_id in seen:
                    again.append(row)
                seen.add(label_id)
    problems.add(
        ProblemKind.DUPLICATE_ID,
        np.array(again, dtype=np.int64),
        guess.place_of,
        lambda row: f"the frame has {ids[row]!r} already",
    )
    tracks = objects.track_rows
    if tracks is None:
        return
    rows = np.flatnonzero(tracks >= 0)
    pairs = objects.frame_rows[rows] * max(len(objects.track_ids), 1) + tracks[rows]
    _, firsts = np.unique(pairs, return_index=True)
    doubled = np.ones(len(rows), dtype=bool)
    doubled[firsts] = False
    problems.add(
        ProblemKind.DUPLICATE_ID,
        rows[doubled],
        guess.place_of,
        lambda row: f"the frame has track {objects.track_ids[tracks[row]]!r} already",
    )


def _into(
    labels: EvaluatedObjects, truth: Side, guess: Side, frame_of: Ints
) -> tuple[EvaluatedObjects, list[tuple[Ints, str]]]:
    """Move predictions into the labels' coord frame; also the rows that nothing leads there."""
    objects = guess.objects
    dst, src = labels.coord_frame_id, objects.coord_frame_id
    boxed = objects.has_cuboid()
    if dst == src or not boxed.any() or not labels.has_cuboid().any():
        return replace(objects, coord_frame_id=dst), []
    centers, rotations = objects.centers_m.copy(), objects.rotations.copy()
    velocities = None if objects.velocities_mps is None else objects.velocities_mps.copy()
    lost: list[tuple[Ints, str]] = []
    offsets = objects.frame_offsets()
    # Frame rows of the labels' dataset as it was read, for its transforms.
    own_frames = matching_frames(truth.objects.frames, objects.frames)
    for frame in np.unique(objects.frame_rows[boxed]).tolist():
        if frame_of[frame] < 0:
            continue
        rows = np.arange(offsets[frame], offsets[frame + 1])
        rows = rows[boxed[rows]]
        try:
            matrix, turn = _dst_from_src(truth, int(own_frames[frame]), guess, frame, dst, src)
        except TransformTreeError as error:
            lost.append((rows, f"its box does not reach the labels' coord frame: {error}"))
            continue
        centers[rows] = centers[rows] @ matrix[:3, :3].T + matrix[:3, 3]
        rotations[rows] = quaternion_multiply(turn, rotations[rows])
        if velocities is not None:
            velocities[rows] = velocities[rows] @ matrix[:3, :3].T
    moved = replace(
        objects, centers_m=centers, rotations=rotations, velocities_mps=velocities,
        coord_frame_id=dst,
    )  # fmt: skip
    return moved, lost


def _dst_from_src(
    truth: Side, truth_frame: int, guess: Side, guess_frame: int, dst: str, src: str
) -> tuple[Floats, Floats]:
    """Matrix and quaternion, by the labels' transforms where they know both, else by the other's.

    `Side.move` starts at its own side's coord frame.
    """
    errors: list[TransformTreeError] = []
    if truth.move is not None and truth_frame >= 0:
        try:
            found = truth.move(truth_frame, src).inverse()
            return found.matrix, quaternion_from_matrix(found.rotation)
        except TransformTreeError as error:
            errors.append(error)
    if guess.move is not None:
        try:
            found = guess.move(guess_frame, dst)
            return found.matrix, quaternion_from_matrix(found.rotation)
        except TransformTreeError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    raise TransformTreeError(f"nothing leads from {src!r} to {dst!r}")
