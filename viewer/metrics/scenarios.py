"""Figures of named parts of a dataset, held against the least that each must reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.metrics.class_metrics import ClassMetrics, metrics_table
from viewer.metrics.confusion import Confusion
from viewer.metrics.objects import EvaluatedFrames, Ints
from viewer.metrics.strata import cells_by_group

WHOLE = "whole set"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, slice or scene: some frames, or some labels in them."""

    name: str
    frame_rows: Collection[int]
    label_rows: Collection[int] | None = None
    """Only these labels count, and what is predicted on them; None for all of the frames."""
    kind: str = "slice"
    """What it is, for people."""
    scenario_id: str = ""
    least_precision: float | None = None
    least_recall: float | None = None
    least_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One figure and the least it must be."""

    score: float
    threshold: float | None

    @property
    def succeeds(self) -> bool | None:
        """None where no threshold is set."""
        return None if self.threshold is None else self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a scenario reaches."""

    name: str
    kind: str
    scenario_id: str
    frame_count: int
    precision: Score
    recall: Score
    f1: Score
    false_positives: int
    false_negatives: int
    confusions: int
    """Pairs whose classes differ; of one class, those it takes part in."""

    @property
    def succeeds(self) -> bool | None:
        """Whether it reaches all that is set; None where nothing is."""
        told = [each.succeeds for each in (self.precision, self.recall, self.f1)]
        known = [each for each in told if each is not None]
        return all(known) if known else None


def scenario_results(
    confusion: Confusion, scenarios: Sequence[Scenario], class_name: str | None = None
) -> tuple[ScenarioResult, ...]:
    """Return the whole set, then each scenario.

    Parameters
    ----------
    class_name
        One class alone; None for the average weighted by labels.

    Raises
    ------
    KeyError
        When there is no such class.
    """
    everything = Scenario(WHOLE, range(len(confusion.index.labels.frames)), kind="")
    return tuple(_result(confusion, each, class_name) for each in (everything, *scenarios))


def scenes_as_scenarios(frames: EvaluatedFrames) -> tuple[Scenario, ...]:
    """Return one scenario a scene."""
    return tuple(
        Scenario(name, np.flatnonzero(frames.scene_of_frame == row).tolist(), kind="scene")
        for row, name in enumerate(frames.scene_ids)
    )


def _result(confusion: Confusion, scenario: Scenario, class_name: str | None) -> ScenarioResult:
    cells = scenario_cells(confusion, scenario)
    roles = confusion.index.roles
    figures: ClassMetrics = metrics_table(cells, roles.names).of(class_name)
    pairs = cells[:-1, :-1].copy()
    np.fill_diagonal(pairs, 0)
    wrong, missed, confused = cells[-1].sum(), cells[:, -1].sum(), pairs.sum()
    if class_name is not None:
        row = roles.row(class_name)
        wrong, missed = cells[-1, row], cells[row, -1]
        confused = pairs[row].sum() + pairs[:, row].sum()
    return ScenarioResult(
        scenario.name,
        scenario.kind,
        scenario.scenario_id,
        len(scenario.frame_rows),
        Score(figures.precision, scenario.least_precision),
        Score(figures.recall, scenario.least_recall),
        Score(figures.f1, scenario.least_f1),
        int(wrong),
        int(missed),
        int(confused),
    )


def scenario_cells(confusion: Confusion, scenario: Scenario) -> Ints:
    """(K + 1, K + 1) the confusion matrix of a scenario alone."""
    index = confusion.index
    in_frames = np.full(len(index.labels.frames), -1)
    in_frames[np.array(list(scenario.frame_rows), dtype=np.int64)] = 0
    of_labels = in_frames[index.labels.frame_rows]
    of_predictions = in_frames[index.predictions.frame_rows]
    if scenario.label_rows is not None:
        chosen = np.full(len(index.labels), -1)
        chosen[np.array(list(scenario.label_rows), dtype=np.int64)] = 0
        of_labels = np.minimum(of_labels, chosen)
        # Nobody can say of a false positive that it belongs to some labels.
        of_predictions = np.full(len(index.predictions), -1)
    cells: Ints = cells_by_group(confusion, of_labels, of_predictions, 1)[0]
    return cells
