"""A sure prediction where there is no label."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import BoxRole, Evidence, Finding, Fix, FixKind, Severity
from viewer.checks.frame.predicted import Beside, beside, predicted_name, scores_of
from viewer.checks.frame.predicted_flat import beside_flat, flat_evidence
from viewer.checks.frame.predicted_tracks import name_of, runs_of
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene, evidence_box
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

TAKEN_IOU = 0.3
"""Overlap seen from above from which a prediction is surely of a label."""


class MissingLabel(Check):
    """Predictions of one object in neighbouring frames support each other.

    They are one object's by their track, or by where they lie in the world.
    """

    id: ClassVar[str] = "missing-label"
    numbers: ClassVar[tuple[int, ...]] = (13,)
    title: ClassVar[str] = "Missing label"
    question: ClassVar[str] = "Is every object labelled that a model surely sees?"
    group: ClassVar[Group] = Group.FRAME
    needs: ClassVar[frozenset[Need]] = frozenset({Need.PREDICTIONS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_score", 0.5, "of a prediction that is regarded", "ObjectLab", high=1.0),
        Parameter("sure_score", 0.75, "of a prediction that needs no support for severity high",
                  high=1.0),
        Parameter("most_step_m", 2.5, "between frames for two predictions to be of one object"),
        Parameter("free_m", 1.0, "around the centre in which no label's centre lies, but for "
                  "labels of other predictions"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for each in beside(scene):
            scores = scores_of(each.objects)
            alone = (each.best_overlaps() <= 0) & (scores >= parameters.of("least_score"))
            alone &= _nearest_label(scene, each) > parameters.of("free_m")
            rows = np.flatnonzero(alone)
            support = _support(scene, each, rows, parameters.of("most_step_m"))
            for run in runs_of(scene, each, rows, parameters.of("most_step_m")):
                track = name_of(each, run) if len(run) > 1 else None
                for row in run.tolist():
                    supporters = int(support[row])
                    yield self._missing(
                        each, row, supporters, float(scores[row]), parameters,
                        scene_id=scene.scene_id, frames=len(run), whole_track=track,
                    )  # fmt: skip

        for each in beside_flat(scene):
            yield from self._missing_on_images(scene, each, parameters)

    def _missing_on_images(
        self, scene: CheckedScene, each: Beside, parameters: Parameters
    ) -> Iterable[Finding]:
        scores, objects = scores_of(each.objects), each.objects
        alone = (each.best_overlaps() <= 0) & (scores >= parameters.of("least_score"))
        rows = np.flatnonzero(alone)
        for run in runs_of(scene, each, rows, parameters.of("most_step_m")):
            for row in run.tolist():
                score = float(scores[row])
                numbers = {"score": score, "frames": float(len(run))}
                evidence = replace(
                    flat_evidence(objects, row, numbers),
                    prediction=predicted_name(each, row, scene.scene_id),
                )
                class_name = objects.class_names[int(objects.class_rows[row])]
                sure = score >= parameters.of("sure_score") or len(run) > 1
                yield Finding(
                    check=self.id, scene_id=scene.scene_id,
                    frame_key=objects.frames.keys[int(objects.frame_rows[row])], labels=(),
                    class_name=class_name, score=score,
                    severity=Severity.HIGH if sure else Severity.LOW,
                    text=f"{each.set_id} sees a {class_name} ({score:.2f}) on "
                    f"{evidence.camera_id} that has no label",
                    evidence=evidence,
                    whole_track=name_of(each, run) if len(run) > 1 else None,
                )  # fmt: skip

    def _missing(
        self, each: Beside, row: int, supporters: int, score: float, parameters: Parameters,
        *, scene_id: str, frames: int, whole_track: str | None,
    ) -> Finding:  # fmt: skip
        objects = each.objects
        box = evidence_box(objects, row, BoxRole.PREDICTION)
        class_name = objects.class_names[int(objects.class_rows[row])]
        sure = score >= parameters.of("sure_score") or supporters > 0
        told = f", and {supporters} more around it in time" if supporters else ""
        numbers = {"score": score, "supporters": float(supporters), "frames": float(frames)}
        return Finding(
            check=self.id, scene_id=scene_id, frame_key=box.frame_key, labels=(),
            class_name=class_name, score=1.0 - (1.0 - score) / (1.0 + supporters),
            severity=Severity.HIGH if sure else Severity.LOW,
            text=f"{each.set_id} sees a {class_name} ({score:.2f}) that has no label{told}",
            evidence=Evidence(numbers, (box,), prediction=predicted_name(each, row, scene_id)),
            whole_track=whole_track,
            fix=Fix(FixKind.ADD_LABEL, f"add a {class_name}",
                    {"frame_key": box.frame_key, "center_m": box.center_m, "size_m": box.size_m,
                     "rotation_wxyz": box.rotation_wxyz, "class_name": class_name}),
        )  # fmt: skip


def _nearest_label(scene: CheckedScene, each: Beside) -> Floats:
    """(M,) metres in the plane from each prediction to the nearest label that may be its own.

    A label that another prediction lies on is that one's, as in a group of pedestrians.
    """
    nearest = np.full(len(each.objects), np.inf)
    taken = each.label_rows[each.overlaps >= TAKEN_IOU]
    labels, boxes = scene.labels, np.setdiff1d(scene.boxes, taken)
    frames = labels.frame_rows[boxes]
    for frame in np.unique(each.objects.frame_rows).tolist():
        own = np.flatnonzero(each.objects.frame_rows == frame)
        there = boxes[frames == frame]
        if len(there):
            offset = each.objects.centers_m[own, None, :2] - labels.centers_m[there, :2]
            nearest[own] = np.linalg.norm(offset, axis=2).min(axis=1)
    return nearest


def _support(scene: CheckedScene, each: Beside, rows: Ints, most_step_m: float) -> dict[int, int]:
    """How many unmatched predictions lie near each row in the frames before and after."""
    objects = each.objects
    support = dict.fromkeys(rows.tolist(), 0)
    if scene.scene.independent:
        # Its neighbours among the frames are none in time.
        return support
    frames, centers = objects.frame_rows[rows], objects.centers_m[rows, :2]
    for place, row in enumerate(rows.tolist()):
        near = np.flatnonzero(np.abs(frames - frames[place]) == 1)
        if len(near):
            apart = np.linalg.norm(centers[near] - centers[place], axis=1)
            support[row] = int((apart <= most_step_m).sum())
    return support
