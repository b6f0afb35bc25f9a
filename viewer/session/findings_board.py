"""The state of the findings: what was checked, what is listed, which one is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from viewer.checks.calibration import Scale
from viewer.checks.finding import Finding
from viewer.checks.learned import Learned
from viewer.checks.policy import Policy
from viewer.checks.ranking import Ranked
from viewer.checks.running import RunOptions
from viewer.checks.scene_labels import CheckedScene
from viewer.scene.scene import Scene
from viewer.session.changes import (
    Change,
    DatasetGrown,
    DatasetOpened,
    JobsChanged,
    SceneClosed,
    SceneOpened,
)
from viewer.session.findings_changes import (
    FindingChosen,
    FindingsChange,
    FindingsListed,
    RunChanged,
)
from viewer.session.findings_dismissed import Dismissed, Opened
from viewer.session.findings_list import (
    FindingFilter,
    FindingTable,
    Grouping,
    Listing,
    SceneFindings,
    count_of,
    listed,
    place_of,
    table_of,
)
from viewer.session.findings_run import Arriving, check_whole_dataset
from viewer.session.findings_scale import FindingsScale
from viewer.session.findings_scene import SCENE_JOB, SENSOR_JOB, SceneRun
from viewer.session.findings_stale import Staleness
from viewer.session.session import Session

__all__ = ["DATASET_JOB", "SCENE_JOB", "SENSOR_JOB", "FindingsBoard"]
DATASET_JOB = "findings-dataset"


class FindingsBoard:
    """Runs the checks and keeps what they say. All methods run on the owner's thread."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.options = RunOptions()
        self.wanted = FindingFilter()
        self.grouping = Grouping.NONE
        self.current: Finding | None = None
        """What is looked at."""
        self.last_row = 0
        """Where in the list that was, once it is no longer listed."""
        self.failures: dict[str, str] = {}
        """Scenes that could not be checked, and why."""
        self._scenes: dict[str, SceneFindings] = {}
        self._learned: Learned | None = None
        self._scene_learned: Learned | None = None
        self.staleness = Staleness()
        self._arriving: Arriving | None = None
        self._about_dataset: dict[str, tuple[Finding, ...]] = {}
        self._folded: frozenset[str] = frozenset()
        self._table = FindingTable()
        self._listing = listed(self._table, self.wanted)
        self._listeners: list[Callable[[FindingsChange], None]] = []
        self.dismissed = Dismissed(session, self._take_dismissed)
        self.calibrating = FindingsScale(session, self._tell_listed)
        self._scene_run = SceneRun(self)
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening and checking."""
        self._unsubscribe()
        self.session.jobs.cancel(SCENE_JOB, SENSOR_JOB, DATASET_JOB)
        self.calibrating.dispose()
        self._listeners.clear()

    # -- listening ---------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[FindingsChange], None]) -> Callable[[], None]:
        """Call `listener` with every change; the returned callable ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def emit(self, change: FindingsChange) -> None:
        """Tell the listeners; for the desk's own parts."""
        for listener in tuple(self._listeners):
            listener(change)

    # -- running -----------------------------------------------------------------------------

    @property
    def is_checking_dataset(self) -> bool:
        """Whether all scenes are being checked."""
        return self._arriving is not None

    @property
    def is_checking(self) -> bool:
        """Whether anything is being checked."""
        return self._scene_run.is_checking or self.is_checking_dataset

    @property
    def progress(self) -> tuple[int, int | None, str]:
        """How far the run is: done, total, what is done now."""
        key = DATASET_JOB if self.is_checking_dataset else self._scene_run.job
        status = next((each for each in self.session.jobs.statuses if each.key == key), None)
        if status is None:
            return 0, None, ""
        return status.progress.done, status.progress.total, status.progress.text

    def check_scene(self) -> None:
        """Check the open scene as it is edited; again when it is being checked already."""
        self._scene_run.start()

    def check_dataset(self) -> None:
        """Check all scenes in the background; their findings come one scene after the other."""
        session, dataset = self.session, self.session.dataset
        if dataset is None or self.is_checking_dataset:
            return
        session.jobs.cancel(SENSOR_JOB)
        if dataset.growth is None and not any(each.label_sets for each in dataset.scenes):
            session.say("Nothing to check: no scene has labels", is_problem=True)
            return
        arriving = self._arriving = Arriving()
        self.failures.clear()
        self.staleness.dataset_asked()
        self._scene_run.asked_with_all(dataset.scenes)
        edits, options = session.edit_labels, self.options
        session.jobs.start(
            DATASET_JOB,
            lambda context: check_whole_dataset(context, dataset, edits, options, arriving),
            done=self._dataset_done,
            failed=self._dataset_failed,
            given_up=self._dataset_ended,
            title="Checking the dataset",
            priority=30,
        )
        self.emit(RunChanged())

    def give_up(self) -> None:
        """Stop checking; what was found stays."""
        self._scene_run.give_up()
        self.session.jobs.cancel(DATASET_JOB)

    def with_policy(self, policy: Policy) -> RunOptions:
        """What to check by another policy."""
        return replace(self.options, policy=policy)

    def use_policy(self, policy: Policy) -> None:
        """Follow another policy: check again what was checked."""
        again_scene = self._scene_run.is_checking_labels() or self.has_run
        again_dataset = self.staleness.of_dataset
        self.take_policy(policy)
        if again_dataset:
            self.check_dataset()
        elif again_scene:
            self.check_scene()
        self.emit(RunChanged())

    def take_policy(self, policy: Policy) -> None:
        """Follow another policy from the next run on; what the former found elsewhere is gone."""
        self.give_up()
        self.options = self.with_policy(policy)
        open_id = None if self.session.scene is None else self.session.scene.scene_id
        self._scenes = {name: each for name, each in self._scenes.items() if name == open_id}
        self._scene_run.forget()
        self.calibrating.clear()
        self._make_table()

    def labels_changed(self) -> None:
        """Labels of the open scene were edited: check it again where it was checked."""
        scene = self.session.scene
        if scene is None:
            return
        self.dismissed.labels_changed(scene.scene_id)
        self.staleness.edited()
        if scene.scene_id in self._scenes or self._scene_run.is_checking_labels(scene.scene_id):
            self.check_scene()

    # -- for the run over the open scene -------------------------------------------------------

    @property
    def usual_in_dataset(self) -> Learned | None:
        """What all scenes together are learned from; None until they were checked."""
        return self._learned

    def gathered_of(self, scene: Scene) -> CheckedScene | None:
        """A scene as it was gathered for its last check, where it was the last one."""
        return self._scene_run.gathered_of(scene)

    def told_of_dataset(self, scene_id: str) -> tuple[Finding, ...]:
        """What is said of the dataset as a whole and listed at a scene."""
        return self._about_dataset.get(scene_id, ())

    def take_scene(self, found: SceneFindings, learned: Learned | None = None) -> None:
        """List what is said of a scene; `learned` where all of its labels were checked."""
        self._scenes[found.scene_id] = found
        if learned is not None:
            self._scene_learned = learned
            self.staleness.scene_checked(found.scene_id)
        self._take_scenes()

    # -- the run over all scenes ---------------------------------------------------------------

    def _dataset_done(self, learned: Learned) -> None:
        self._learned = learned
        self._dataset_ended()
        count = sum(len(each) for each in self._scenes.values())
        failed = f"; {len(self.failures):,} scenes could not be" if self.failures else ""
        scenes = "1 scene" if len(self._scenes) == 1 else f"{len(self._scenes):,} scenes"
        self.session.say(f"{scenes} checked, {count:,} findings{failed}")

    def _dataset_failed(self, error: Exception) -> None:
        self.session.say(f"The dataset cannot be checked: {error}", is_problem=True)
        self._dataset_ended()

    def _dataset_ended(self) -> None:
        self._take_arrived()
        self._about_dataset = {} if self._arriving is None else self._arriving.about_dataset
        self._arriving = None
        self.calibrating.refresh()
        self.emit(RunChanged())

    def _take_arrived(self) -> None:
        arriving = self._arriving
        if arriving is None or not (arriving.scenes or arriving.failures):
            return
        came = False
        while arriving.scenes:
            found = arriving.scenes.popleft()
            self._scenes[found.scene_id] = found
            came = True
        while arriving.failures:
            scene_id, why = arriving.failures.popleft()
            self.failures[scene_id] = why
        if came:
            self._take_scenes()

    # -- what is listed ------------------------------------------------------------------------

    @property
    def learned(self) -> Learned | None:
        """What is usual, of all scenes where they were checked, else of the last one."""
        return self._scene_learned if self._learned is None else self._learned

    @property
    def has_run(self) -> bool:
        """Whether any scene was checked."""
        return bool(self._scenes)

    @property
    def scenes(self) -> Mapping[str, SceneFindings]:
        """Checked scenes by id."""
        return self._scenes

    @property
    def table(self) -> FindingTable:
        """All findings."""
        return self._table

    @property
    def listing(self) -> Listing:
        """Those that the filter leaves."""
        return self._listing

    @property
    def scale(self) -> Scale:
        """How scores are to be read: as such, or as probabilities."""
        return self.calibrating.scale

    @property
    def dismissed_count(self) -> int:
        """How many findings are left out because somebody dismissed them."""
        return int(self._table.dismissed.sum())

    @property
    def count(self) -> int:
        """How many there are to list, whatever the filter."""
        return count_of(self._table, self.grouping)

    def narrow(self, **fields: Any) -> None:  # noqa: ANN401 - fields of FindingFilter
        """List other findings."""
        wanted = replace(self.wanted, **fields)
        if wanted != self.wanted:
            self.wanted = wanted
            self._list()

    def group_by(self, grouping: Grouping) -> None:
        """Put findings together."""
        if grouping is not self.grouping:
            self.grouping, self._folded = grouping, frozenset()
            self._list()

    def toggle_group(self, number: int) -> None:
        """Fold or unfold a group."""
        title = self._listing.groups[number][0]
        self._folded = self._folded ^ {title}
        self._list()

    def is_folded(self, number: int) -> bool:
        """Whether only the title of a group is shown."""
        return self._listing.groups[number][0] in self._folded

    def _take_dismissed(self) -> None:
        if self._scenes:
            self._make_table()

    def _take_scenes(self) -> None:
        self._make_table()
        self.calibrating.scenes_checked(self._scenes, self.options, self._learned)
        if not self.is_checking_dataset:
            self.calibrating.refresh()

    def _make_table(self) -> None:
        scenes = self._in_order()
        before = self.current
        if before is not None:
            row = self.row_of(before)
            self.last_row = self.last_row if row is None else row
        self._table = table_of(scenes, self.dismissed.rows(scenes))
        self._follow_current()
        self._list()
        if self.current is not before:
            self.emit(FindingChosen())

    def _in_order(self) -> list[SceneFindings]:
        dataset = self.session.dataset
        order = {} if dataset is None else {
            each.scene_id: place for place, each in enumerate(dataset.scenes)
        }  # fmt: skip
        return sorted(self._scenes.values(), key=lambda each: order.get(each.scene_id, 0))

    def _list(self) -> None:
        self._listing = listed(self._table, self.wanted, self.grouping, self._folded)
        self._tell_listed()

    def _tell_listed(self) -> None:
        self.emit(FindingsListed())

    def _follow_current(self) -> None:
        """After another run, look at the same finding as it is now; at none where it is gone."""
        before = self.current
        if before is None:
            return
        scene = self._scenes.get(before.scene_id)
        rows = () if scene is None else scene.rows_by_place.get(place_of(before), ())
        gone = self.dismissed.rows([scene]).get(before.scene_id, ()) if scene is not None else ()
        left = [row for row in rows if row not in gone]
        self.current = scene.findings[left[0]] if scene is not None and left else None

    # -- asking ------------------------------------------------------------------------------

    def row_of(self, finding: Finding) -> int | None:
        """Place of a finding in the listing."""
        listing = self._listing
        table = listing.table
        known = enumerate(table.scenes)
        place = next((n for n, each in known if each.scene_id == finding.scene_id), None)
        if place is None:
            return None
        scene = table.scenes[place]
        rows = scene.rows_by_place.get(place_of(finding), ())
        own = [row for row in rows if scene.findings[row] is finding]
        if not own:
            return None
        hits = (table.scene[listing.rows] == place) & (table.row[listing.rows] == own[0])
        whole = int(scene.wholes[own[0]])
        if whole >= 0 and not hits.any():
            # Its track stands once, as another finding.
            start = table.starts[place]
            hits = table.wholes[listing.rows] == whole + start
        found = hits.nonzero()[0]
        return int(found[0]) if len(found) else None

    def ranked_of(self, finding: Finding) -> Ranked | None:
        """What all checks together say of the label that a finding is about."""
        scene = self._scenes.get(finding.scene_id)
        if scene is None:
            return None
        rows = scene.rows_by_place.get(place_of(finding), ())
        return scene.ranked[rows[0]] if rows else None

    def open_findings(self, scene_id: str) -> list[Finding]:
        """Findings of a scene that nobody dismissed, worst first."""
        scene = self._scenes.get(scene_id)
        if scene is None:
            return []
        gone = frozenset(self.dismissed.rows([scene]).get(scene_id, ()))
        return [each for row, each in enumerate(scene.findings) if row not in gone]

    # -- following ---------------------------------------------------------------------------

    def read_dismissed(self, opened: Opened | None) -> None:
        """Take what was dismissed in the open workspace."""
        self.dismissed.read(opened)
        self.calibrating.follow(opened)

    def _on_change(self, change: Change) -> None:
        if isinstance(change, DatasetOpened | SceneClosed) and (
            isinstance(change, DatasetOpened) or self.session.dataset is None
        ):
            self._forget()
        elif isinstance(change, DatasetGrown):
            self.staleness.grown(set(self._scenes))
            self._follow_sets()
            self.emit(RunChanged())
        elif isinstance(change, SceneOpened):
            self._follow_sets()
        elif isinstance(change, JobsChanged) and self.is_checking:
            self._take_arrived()
            self.emit(RunChanged())

    def _follow_sets(self) -> None:
        """Check the open scene again where predictions, or labels, came beside those checked."""
        scene = self.session.scene
        known = scene is not None and scene.scene_id in self._scenes
        if known and self._scene_run.has_other_sets():
            self.check_scene()

    def _forget(self) -> None:
        """Another dataset is open."""
        self.give_up()
        self._scenes.clear()
        self._scene_run.forget()
        self._about_dataset.clear()
        self.failures.clear()
        self.dismissed.clear()
        self.calibrating.clear()
        self.staleness.forget()
        self._learned = self._scene_learned = self.current = None
        self.wanted = FindingFilter()
        self._make_table()
        self.emit(FindingChosen())
