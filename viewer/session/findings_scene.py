"""Checks the open scene as it is edited: what is quick first, then what looks at cameras."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from viewer.checks.finding import Finding
from viewer.checks.gathering import KeptMeasures
from viewer.checks.learned import Learned
from viewer.checks.running import RunOptions
from viewer.checks.scene_labels import CheckedScene
from viewer.scene.scene import Scene
from viewer.session.findings_changes import FindingsChange, RunChanged
from viewer.session.findings_list import SceneFindings
from viewer.session.findings_run import (
    Checked,
    Later,
    LaterStage,
    check_later,
    check_open_scene,
)
from viewer.session.session import Session

SCENE_JOB, SENSOR_JOB = "findings-scene", "findings-sensors"
Shape = tuple[Path, str, tuple[str, ...]]
"""What measures of a scene depend on besides its labels: path, scene, keys of frames."""


class SceneRunHost(Protocol):
    """Keeps what is found."""

    session: Session
    options: RunOptions
    failures: dict[str, str]

    def emit(self, change: FindingsChange) -> None:
        """Tell the listeners."""
        ...

    @property
    def is_checking_dataset(self) -> bool:
        """Whether all scenes are being checked."""
        ...

    @property
    def usual_in_dataset(self) -> Learned | None:
        """What all scenes together are learned from; None until they were checked."""
        ...

    def told_of_dataset(self, scene_id: str) -> tuple[Finding, ...]:
        """What is said of the dataset as a whole and listed at a scene."""
        ...

    def take_scene(self, found: SceneFindings, learned: Learned | None = None) -> None:
        """List what is said of a scene; `learned` where all of its labels were checked."""
        ...


class SceneRun:
    """Runs the checks of the open scene, again while it is edited. Owner's thread only."""

    def __init__(self, host: SceneRunHost) -> None:
        self._host, self._session = host, host.session
        self._kept: tuple[Shape, KeptMeasures] | None = None
        self._later: dict[str, Later] = {}
        self._checking: str | None = None
        self._again = False
        self._stage: LaterStage | None = None
        self._sets: dict[str, tuple[str, ...]] = {}
        self._gathered: CheckedScene | None = None

    @property
    def is_checking(self) -> bool:
        """Whether it runs."""
        return self._checking is not None or self._stage is not None

    @property
    def job(self) -> str:
        """Key of the job that runs."""
        return SCENE_JOB if self._stage is None else SENSOR_JOB

    def is_checking_labels(self, scene_id: str | None = None) -> bool:
        """Whether the labels of a scene, or of any, are being checked."""
        return self._checking is not None and scene_id in (None, self._checking)

    def gathered_of(self, scene: Scene) -> CheckedScene | None:
        """A scene as it was gathered for its last check; None where another one was since."""
        found = self._gathered
        return found if found is not None and found.scene is scene else None

    def start(self) -> None:
        """Check the open scene as it is edited; again when it is being checked already."""
        session, scene = self._session, self._session.scene
        if scene is None or not scene.label_sets:
            session.say("Nothing to check: the scene has no labels", is_problem=True)
            return
        if self._checking is not None:
            self._again = True
            return
        scene_id, host = scene.scene_id, self._host
        kept, edits, options = self._measures_of(scene), session.edit_labels, host.options
        learned, told = host.usual_in_dataset, host.told_of_dataset(scene_id)
        later = self._later.get(scene_id, Later())
        # Frames are loaded on the thread that is left.
        session.jobs.cancel(SENSOR_JOB)
        self._checking, self._again = scene_id, False
        self._sets[scene_id] = _sets_of(scene)
        session.jobs.start(
            SCENE_JOB,
            lambda context: check_open_scene(
                context, scene, edits, options, learned, kept, later, told
            ),
            done=self._keep,
            failed=lambda error: self._fail(scene_id, error),
            given_up=self._given_up,
            title=f"Checking {scene_id}",
            priority=25,
        )
        host.emit(RunChanged())

    def give_up(self) -> None:
        """Stop; what was found stays."""
        self._again = False
        self._session.jobs.cancel(SCENE_JOB, SENSOR_JOB)

    def forget(self) -> None:
        """Another dataset is open, or another policy holds."""
        self.give_up()
        self._gathered = None
        self._later.clear()
        self._sets.clear()

    def asked_with_all(self, scenes: Iterable[Scene]) -> None:
        """All scenes are being checked, as they are now."""
        self._sets |= {scene.scene_id: _sets_of(scene) for scene in scenes}

    def has_other_sets(self) -> bool:
        """Whether the open scene has other label sets than when it was checked."""
        scene = self._session.scene
        if scene is None or scene.scene_id not in self._sets:
            return False
        return self._sets[scene.scene_id] != _sets_of(scene)

    def _measures_of(self, scene: Scene) -> KeptMeasures:
        """What is known of its points: they stay the same where only label sets are added."""
        shape = scene.path, scene.scene_id, tuple(frame.key for frame in scene.frames)
        if self._kept is None or self._kept[0] != shape:
            self._kept = shape, KeptMeasures()
        return self._kept[1]

    def _keep(self, checked: Checked) -> None:
        scene_id, host = checked.found.scene_id, self._host
        self._checking = None
        self._gathered = checked.gathered
        host.failures.pop(scene_id, None)
        host.take_scene(checked.found, checked.learned)
        if not self._again and not host.is_checking_dataset:
            self._go_on(checked, LaterStage.IMAGES)
        host.emit(RunChanged())
        if self._again:
            self.start()

    def _go_on(self, checked: Checked, stage: LaterStage) -> None:
        """Ask what takes longer: what is said of labels is listed already."""
        scene_id, host, session = checked.found.scene_id, self._host, self._session
        options, before = host.options, self._later.get(scene_id, Later())

        def keep(told: tuple[Later, SceneFindings]) -> None:
            self._stage = None
            self._later[scene_id] = told[0]
            host.take_scene(told[1])
            # Edits of labels hardly change what is said of sensors: that is asked once.
            if stage is LaterStage.IMAGES and told[0].sensors is None:
                self._go_on(checked, LaterStage.SENSORS)
            host.emit(RunChanged())

        def fail(error: Exception) -> None:
            self._stage = None
            session.say(f"The sensors cannot be checked: {error}", is_problem=True)
            host.emit(RunChanged())

        def given_up() -> None:
            self._stage = None
            host.emit(RunChanged())

        self._stage = stage
        session.jobs.start(
            SENSOR_JOB,
            lambda context: check_later(context, checked, options, before, stage),
            done=keep,
            failed=fail,
            given_up=given_up,
            title=f"Checking the sensors of {scene_id}",
            priority=35,
        )

    def _fail(self, scene_id: str, error: Exception) -> None:
        self._checking = None
        self._host.failures[scene_id] = str(error)
        self._session.say(f"{scene_id} cannot be checked: {error}", is_problem=True)
        self._host.emit(RunChanged())
        if self._again:
            self.start()

    def _given_up(self) -> None:
        self._checking = None
        self._host.emit(RunChanged())


def _sets_of(scene: Scene) -> tuple[str, ...]:
    return tuple(each.label_set_id for each in scene.label_sets)
