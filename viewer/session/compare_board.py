"""What is compared with what: sets, thresholds, the list of errors. Owner's thread only."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewer.metrics.confusion_queries import Ordering
from viewer.metrics.loaded_predictions import (
    LoadedPredictions,
    loaded_label_set,
    prediction_set_id,
    with_predictions,
)
from viewer.review import Workspace
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.session.changes import (
    Change,
    DatasetGrown,
    DatasetOpened,
    FrameShown,
    SceneClosed,
)
from viewer.session.compare_changes import (
    ChoicesChanged,
    CompareChange,
    Computed,
    Computing,
    FigureComputed,
    QueryChanged,
    ThresholdsChanged,
    WentStale,
)
from viewer.session.compare_choice import CERTAIN_BOUNDS, CompareChoice, Thresholds
from viewer.session.compare_figures import Figures
from viewer.session.compare_found import Asked, Found
from viewer.session.compare_values import Query, QueryKind
from viewer.session.compare_work import compare_sets, compute_figure, read_predictions
from viewer.session.jobs import JobRunner
from viewer.session.session import Session

COMPARE_JOB, LOAD_JOB = "compare", "compare-load"
LIST, TWO = "list", "two"
EDITED = "Labels were changed since: compare again."
_NAMES = {
    LIST: "The list of errors", TWO: "The comparison of two sets", "matrix": "The matrix",
    "curves": "The curves",
}  # fmt: skip


class CompareBoard:
    """What the Compare layout stands on, without Qt; `CompareDesk` adds its parts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.choice = CompareChoice()
        self.thresholds = Thresholds()
        self._score_bounds = CERTAIN_BOUNDS
        self.query = Query(QueryKind.FALSE_POSITIVES)
        self.ordering = Ordering.CONF_DESC
        self.found: Found | None = None
        self.is_stale = False
        self.stale_text = ""
        """Why the figures are old, and what to do."""
        self.problem = ""
        """Why nothing is compared, where that was tried."""
        self.busy = ""
        """What is done now, for people; empty when nothing is."""
        self.accepted: frozenset[str] = frozenset()
        """Label sets whose unusable rows a person agreed to leave out."""
        self.workspace: Callable[[], tuple[Workspace, str] | None] = lambda: None
        """Set by the window: the open workspace, and the id of the dataset in it."""
        self._listeners: list[Callable[[CompareChange], None]] = []
        self._loaded: list[LoadedPredictions] = []
        self._edits: object = None
        self._has_arrived = False
        self.figures: Figures[Asked] = Figures(self, compute_figure)
        self._unsubscribe = session.subscribe(self._on_change)
        self._choose_defaults()

    # -- listening ---------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[CompareChange], None]) -> Callable[[], None]:
        """Call `listener` with every change; the returned callable ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def emit(self, change: CompareChange) -> None:
        """Tell the listeners; for the desk's own parts."""
        for listener in tuple(self._listeners):
            listener(change)

    def dispose(self) -> None:
        """Stop listening and computing."""
        self._unsubscribe()
        self._listeners.clear()
        self.session.jobs.cancel(COMPARE_JOB, LOAD_JOB)
        self.figures.forget()

    # -- choosing ----------------------------------------------------------------------------

    def label_sets(self) -> tuple[LabelSet, ...]:
        """Label sets that any scene has, each once."""
        dataset = self.session.dataset
        scenes = () if dataset is None else dataset.scenes
        found = {each.label_set_id: each for scene in scenes for each in scene.label_sets}
        return tuple(found.values())

    def prediction_sets(self) -> tuple[LabelSet, ...]:
        """Label sets that can be compared with the labels: any other one, predictions first."""
        others = [each for each in self.label_sets() if each.label_set_id != self.choice.truth]
        return tuple(sorted(others, key=lambda each: each.kind is not LabelSetKind.PREDICTIONS))

    def is_loaded(self, label_set_id: str | None) -> bool:
        """Whether a label set was loaded beside the dataset, which does not hold it."""
        return any(each.label_set.label_set_id == label_set_id for each in self._loaded)

    def title_of(self, label_set_id: str | None) -> str:
        """Name of a label set for people."""
        sets = (each for each in self.label_sets() if each.label_set_id == label_set_id)
        found = next(sets, None)
        return (label_set_id or "") if found is None else found.title or found.label_set_id

    def choose(self, **changes: Any) -> None:  # noqa: ANN401 - fields of CompareChoice
        """Compare something else, at once where it is complete."""
        choice = replace(self.choice, **changes)
        if choice == self.choice:
            return
        if choice.measure != self.choice.measure:
            self.thresholds = replace(
                self.thresholds, similarity=choice.similarity.default_threshold
            )
        self.choice = choice
        self.emit(ChoicesChanged())
        self.compare()

    def recall(self, rules: Iterable[tuple[str, str]]) -> None:
        """Find pairs as `CompareChoice.rules` gave it before; before anything is compared."""
        self.choice = self.choice.with_rules(rules)
        self.thresholds = replace(
            self.thresholds, similarity=self.choice.similarity.default_threshold
        )

    def accept(self, label_set_id: str) -> None:
        """Agree to use what can be used of a set of predictions."""
        self.accepted |= {label_set_id}
        self.compare()

    def _choose_defaults(self) -> None:
        """The labels, and the first predictions, of another dataset."""
        sets = self.label_sets()
        truth = next((s for s in sets if s.kind is LabelSetKind.GROUND_TRUTH), None)
        truth = truth or next((s for s in sets if s.kind is not LabelSetKind.PREDICTIONS), None)
        guesses = [s for s in sets if s.kind is LabelSetKind.PREDICTIONS and s is not truth]
        self.choice = replace(
            self.choice,
            truth=None if truth is None else truth.label_set_id,
            first=guesses[0].label_set_id if guesses else None,
            second=None,
        )

    # -- comparing ---------------------------------------------------------------------------

    def arrive(self) -> None:
        """Compare what is open, unless that was done or given up."""
        self._has_arrived = True
        if self.found is None and not self.busy and not self.problem:
            self.compare()

    def compare(self) -> None:
        """Compare in the background what is chosen; the newest wins."""
        dataset, choice = self.session.dataset, self.choice
        self.problem = ""
        if dataset is None or choice.truth is None or choice.first is None:
            self._take(None)
            return
        edits, accepted, before = self.session.edit_labels, self.accepted, self.found
        workspace = self.workspace()
        told = {each.label_set.label_set_id: each.problems for each in self._loaded}
        self._begin("Comparing labels with predictions")

        def keep(found: Found) -> None:
            self._end()
            self._edits = edits
            self._take(found)

        self.session.jobs.start(
            COMPARE_JOB,
            lambda context: compare_sets(
                context, dataset, edits, choice, accepted, told, before, workspace
            ),
            done=keep,
            failed=self._fail,
            given_up=self._give_up,
            title=self.busy,
            priority=8,
        )

    def cancel(self) -> None:
        """Give the comparison, or the reading of predictions, up."""
        self.session.jobs.cancel(COMPARE_JOB, LOAD_JOB)

    def _begin(self, text: str) -> None:
        self.session.jobs.cancel(COMPARE_JOB)
        self.busy = text
        self.emit(Computing())

    def _end(self) -> None:
        self.busy = ""
        self.emit(Computing())

    def _give_up(self) -> None:
        """What was found before stays, though it is no longer what is chosen."""
        self._end()
        if self.found is not None and self.found.choice != self.choice:
            self._went_stale("These figures are of the former choice: compare again.")

    def _went_stale(self, why: str) -> None:
        self.is_stale, self.stale_text = True, why
        self.emit(WentStale())

    def _fail(self, error: Exception) -> None:
        self.problem = _told(error)
        self._end()
        self._take(None)

    def _take(self, found: Found | None) -> None:
        # First the new one: who hears that figures are gone asks for them again at once.
        if found is not None and found.index is not None:
            self.thresholds = self.thresholds.fitted(self._score_bounds, found.score_bounds)
            self._score_bounds = found.score_bounds
        self.found, self.is_stale = found, False
        if self.query.kind.is_of_two and (found is None or found.second_index is None):
            self.query = Query(QueryKind.FALSE_POSITIVES)
        self.figures.forget()
        self.emit(Computed())

    # -- predictions of a file ---------------------------------------------------------------

    def load_predictions(self, path: Path, *, as_second: bool = False) -> None:
        """Read predictions of the open dataset's frames from a file or folder, and compare them."""
        dataset, truth = self.session.dataset, self.choice.truth
        if dataset is None or truth is None:
            return
        taken = [each.label_set_id for each in self.label_sets()]
        label_set = loaded_label_set(prediction_set_id(path.name, taken), path.name)
        self._begin(f"Reading {path.name}")
        self.problem = ""

        def keep(loaded: LoadedPredictions) -> None:
            self._end()
            current = self.session.dataset
            if current is None or current.path != dataset.path:
                return
            self._loaded.append(loaded)
            self.session.use_grown(with_predictions(current, loaded))
            loaded_id = loaded.label_set.label_set_id
            if as_second:
                self.choice = replace(self.choice, second=loaded_id)
            else:
                self.choice = replace(self.choice, first=loaded_id)
            self.emit(ChoicesChanged())
            self.compare()

        self.session.jobs.start(
            LOAD_JOB,
            lambda context: read_predictions(context, dataset.path, truth, path, label_set),
            done=keep,
            failed=self._fail_loading,
            given_up=self._end,
            title=self.busy,
            priority=8,
        )

    def _fail_loading(self, error: Exception) -> None:
        self._end()
        self.problem = f"These predictions cannot be used: {_told(error)}"
        self.session.say(self.problem, is_problem=True)
        self.emit(Computing())

    # -- thresholds and the list -------------------------------------------------------------

    def set_thresholds(self, **changes: Any) -> None:  # noqa: ANN401 - fields of Thresholds
        """Move the thresholds; what is looked at follows."""
        thresholds = replace(self.thresholds, **changes)
        if thresholds != self.thresholds:
            self.thresholds = thresholds
            self.emit(ThresholdsChanged())

    def ask_list(self, query: Query, ordering: Ordering | None = None) -> None:
        """List something else, or in another order."""
        ordering = self.ordering if ordering is None else ordering
        if (query, ordering) != (self.query, self.ordering):
            self.query, self.ordering = query, ordering
            self.emit(QueryChanged())

    # -- figures (FigureHost) ----------------------------------------------------------------

    @property
    def jobs(self) -> JobRunner:
        """Runs the work."""
        return self.session.jobs

    def asked(self, kind: str) -> Asked | None:
        """What a figure depends on; None without a comparison."""
        if self.found is None or self.found.waits_for_yes:
            return None
        if kind == TWO and self.found.second_index is None:
            return None
        if kind == LIST:
            return Asked(kind, self.found, self.thresholds, self.query, self.ordering)
        return Asked(kind, self.found, self.thresholds)

    def computed(self, kind: str) -> None:
        """A figure is there, or gone."""
        self.emit(FigureComputed(kind))

    def failed(self, kind: str, error: Exception) -> None:
        """Say why a figure cannot be had."""
        named = _NAMES.get(kind, "This table")
        self.session.say(f"{named} cannot be computed: {error}", is_problem=True)
        self.emit(FigureComputed(kind))

    # -- following ---------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened | SceneClosed):
            self._forget_dataset()
        elif isinstance(change, DatasetGrown):
            self._put_back_loaded()
            self._adopt_new_sets()
        elif isinstance(change, FrameShown):
            self._notice_edits()

    def _notice_edits(self) -> None:
        """Mark what was compared as old where labels were edited since."""
        if (
            self.found is not None
            and not self.is_stale
            and (self._edits is not self.session.edit_labels)
        ):
            self._went_stale(EDITED)

    def _forget_dataset(self) -> None:
        self.cancel()
        self._loaded.clear()
        self.accepted = frozenset()
        self.problem = ""
        self._has_arrived = False
        self._choose_defaults()
        self._take(None)
        self.emit(ChoicesChanged())

    def _put_back_loaded(self) -> None:
        """An index that grew knows nothing of predictions that were loaded beside it."""
        dataset = self.session.dataset
        known = {each.label_set_id for each in self.label_sets()}
        for loaded in self._loaded:
            if dataset is not None and loaded.label_set.label_set_id not in known:
                dataset = with_predictions(dataset, loaded)
        if dataset is not None and dataset is not self.session.dataset:
            self.session.use_grown(dataset)

    def _adopt_new_sets(self) -> None:
        if self.choice.truth is None or self.choice.first is None:
            self._choose_defaults()
            if self._has_arrived and self.choice.first is not None and not self.busy:
                self.compare()
        found, dataset = self.found, self.session.dataset
        if (
            found is not None
            and dataset is not None
            and not self.is_stale
            and (len(dataset.scenes) != found.scene_count)
        ):
            self._went_stale(EDITED)
        self.emit(ChoicesChanged())


def _told(error: Exception) -> str:
    """The first line: what follows is for each format why it does not fit."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text.partition("\n")[0] or type(error).__name__
