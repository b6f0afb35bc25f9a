"""Scenes that have far fewer, or more, labels than others, or than predictions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Group, NotAsked, Parameter, Parameters
from viewer.checks.dataset_base import DatasetCheck, SummaryTable, Tally, TallyKey, under
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.frame.predicted import scores_of
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene

FRAMES: Final = "frames"
LABELS: Final = "labels"
PREDICTIONS: Final = "predictions"


class AnnotationDensity(DatasetCheck):
    """Streets differ: only a scene far from the rest is told, in logarithms of labels a frame."""

    id: ClassVar[str] = "annotation-density"
    numbers: ClassVar[tuple[int, ...]] = (34,)
    title: ClassVar[str] = "Few or many labels"
    question: ClassVar[str] = "Has every scene about as many labels as others and as predictions?"
    group: ClassVar[Group] = Group.DATASET
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_scenes", 5, "for one to be compared with the others", low=2),
        Parameter("most_times", 4.0, "fewer labels a frame than usual, or more", low=1.0),
        Parameter("least_sigmas", 3.5, "from the median, by the median deviation",
                  "Iglewicz and Hoaglin 1993"),
        Parameter("least_score", 0.5, "of a prediction that counts", high=1.0),
        Parameter("least_predictions", 50, "of a scene for labels to be compared with them",
                  low=1),
        Parameter("least_predicted_share", 0.5, "labels for each prediction, of what is usual"),
    )  # fmt: skip

    def count(
        self, scene: CheckedScene, found: Sequence[Finding], policy: Policy
    ) -> Mapping[TallyKey, int]:
        least = policy.parameters_of(type(self)).of("least_score")
        counted: dict[TallyKey, int] = {
            (FRAMES,): len(scene.labels.frames), (LABELS,): len(scene.boxes)
        }  # fmt: skip
        for set_id, objects in scene.predictions.items():
            counted[PREDICTIONS, set_id] = int((scores_of(objects) >= least).sum())
        return counted

    def judge(self, tallies: Mapping[str, Tally], policy: Policy) -> Iterable[Finding]:
        parameters = policy.parameters_of(type(self))
        counted = {scene: tally for scene, tally in tallies.items() if tally.get((FRAMES,))}
        sets = sorted({str(name) for tally in counted.values()
                       for (name,), _ in under(tally, PREDICTIONS)})  # fmt: skip
        if len(counted) < parameters.of("least_scenes") and not sets:
            raise NotAsked("there are few scenes, and no predictions")
        if len(counted) >= parameters.of("least_scenes"):
            yield from self._beside_scenes(counted, parameters)
        for set_id in sets:
            yield from self._beside_predictions(counted, set_id, parameters)

    def _beside_scenes(
        self, counted: Mapping[str, Tally], parameters: Parameters
    ) -> Iterable[Finding]:
        # Half a label keeps a scene without any finite.
        rates = np.array([
            max(tally[LABELS,], 0.5) / tally[FRAMES,] for tally in counted.values()
        ])  # fmt: skip
        logs = np.log(rates)
        middle = float(np.median(logs))
        # Streets differ by a third as a matter of course.
        spread = max(1.4826 * float(np.median(np.abs(logs - middle))), 0.3)
        for scene_id, log in zip(counted, logs.tolist(), strict=True):
            times, sigmas = float(np.exp(abs(log - middle))), abs(log - middle) / spread
            if times < parameters.of("most_times") or sigmas < parameters.of("least_sigmas"):
                continue
            own, usual = float(np.exp(log)), float(np.exp(middle))
            few = log < middle
            labels = counted[scene_id][LABELS,]
            yield Finding(
                check=self.id, scene_id=scene_id, frame_key=None, labels=(), class_name="",
                score=1.0 - 1.0 / times, severity=Severity.MEDIUM if few else Severity.LOW,
                text=f"{scene_id} has {labels / counted[scene_id][FRAMES,]:.1f} labels a frame; "
                f"usual are {usual:.1f}",
                evidence=Evidence({"labels_a_frame": own, "usual_a_frame": usual,
                                   "sigmas": sigmas}),
                about=f"{scene_id} beside other scenes",
            )  # fmt: skip

    def _beside_predictions(
        self, counted: Mapping[str, Tally], set_id: str, parameters: Parameters
    ) -> Iterable[Finding]:
        judged = {
            scene: tally for scene, tally in counted.items()
            if tally.get((PREDICTIONS, set_id), 0) >= parameters.of("least_predictions")
        }  # fmt: skip
        shares = {scene: tally[LABELS,] / tally[PREDICTIONS, set_id]
                  for scene, tally in judged.items()}  # fmt: skip
        enough = len(shares) >= parameters.of("least_scenes")
        # A model that sees twice what people label does so everywhere.
        usual = float(np.median(list(shares.values()))) if enough else 1.0
        for scene_id, share in shares.items():
            if share >= parameters.of("least_predicted_share") * usual:
                continue
            told = f"; usually {usual:.2f}" if enough else ""
            yield Finding(
                check=self.id, scene_id=scene_id, frame_key=None, labels=(), class_name="",
                score=1.0 - share / usual, severity=Severity.MEDIUM,
                text=f"{scene_id} has {share:.2f} labels for each sure prediction of {set_id}"
                f"{told}",
                evidence=Evidence({"labels": judged[scene_id][LABELS,],
                                   "predictions": judged[scene_id][PREDICTIONS, set_id],
                                   "usual_share": usual}),
                about=f"{scene_id} beside {set_id}",
            )  # fmt: skip

    def table(self, tallies: Mapping[str, Tally], policy: Policy) -> SummaryTable | None:
        sets = sorted({str(name) for tally in tallies.values()
                       for (name,), _ in under(tally, PREDICTIONS)})  # fmt: skip
        if len(tallies) < 2:
            return None
        rows = []
        for scene_id, tally in tallies.items():
            frames, labels = tally.get((FRAMES,), 0), tally.get((LABELS,), 0)
            predicted = [tally.get((PREDICTIONS, name), 0) for name in sets]
            rate = round(labels / frames, 1) if frames else None
            rows.append((scene_id, frames, labels, rate, *predicted))
        columns = ("scene", "frames", "labels", "labels a frame",
                   *(f"sure predictions of {name}" for name in sets))  # fmt: skip
        return SummaryTable("Labels by scene", columns, tuple(rows))
