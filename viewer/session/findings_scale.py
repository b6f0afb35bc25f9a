"""Score or probability: follows what people decide about labels that the checks rank."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from viewer.checks.calibration import Scale
from viewer.checks.gathering import KeptMeasures
from viewer.checks.learned import Learned
from viewer.checks.ranking import Ranked
from viewer.checks.running import RunOptions
from viewer.progress import JobContext
from viewer.scene.scene import Scene
from viewer.session.findings_dismissed import Opened
from viewer.session.findings_judged import Hashes, judged, judgements
from viewer.session.findings_list import SceneFindings
from viewer.session.findings_run import Later, LaterStage, check_later, check_open_scene
from viewer.session.label_edits import as_delivered
from viewer.session.session import Session

SCALE_JOB, DELIVERED_JOB = "findings-scale", "findings-delivered"
Rankings = dict[str, tuple[Ranked, ...]]
"""What the checks say of labels as they were delivered, by scene."""


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """What a scale is made from."""

    opened: Opened
    scenes: Mapping[str, Scene]
    """Those that were checked."""
    delivered: Rankings
    """Without those of which only an edited ranking is known so far."""
    hashes: Hashes


def scale_of(context: JobContext, asked: Asked) -> tuple[Scale, Hashes]:
    """Read what was decided and calibrate with it; also hashes that were missing before."""
    workspace, dataset_id = asked.opened
    reading, connection = workspace.another_reading()
    try:
        told = judgements(reading, dataset_id)
    finally:
        connection.close()
    hashes = dict(asked.hashes)
    ranked = [each for scene_id in asked.scenes for each in asked.delivered.get(scene_id, ())]
    said = judged(ranked, told, asked.scenes, context, hashes)
    return Scale(len(said), said.calibration()), hashes


def delivered_entries(
    context: JobContext, scene: Scene, options: RunOptions, learned: Learned | None
) -> tuple[Ranked, ...]:
    """Rank the labels of a scene as they were delivered; long work.

    An edit takes findings away; what was said of the label was said of the delivered one.
    """
    checked = check_open_scene(context, scene, as_delivered, options, learned, KeptMeasures())
    _, found = check_later(context, checked, options, Later(), LaterStage.IMAGES)
    return entries_of(found)


def entries_of(scene: SceneFindings) -> tuple[Ranked, ...]:
    """Entries of the ranking of a scene, each once."""
    return tuple({id(each): each for each in scene.ranked}.values())


class FindingsScale:
    """Keeps the scale of the findings up to date. Owner's thread only.

    Parameters
    ----------
    changed
        Called when scores are to be read otherwise than before.
    """

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.scale = Scale()
        self._session, self._changed = session, changed
        self._opened: Opened | None = None
        self._options = RunOptions()
        self._learned: Learned | None = None
        self._delivered: Rankings = {}
        self._checked: dict[str, SceneFindings] = {}
        self._hashes: Hashes = {}
        self._delivering: str | None = None

    def dispose(self) -> None:
        """Calibrate no more."""
        self._session.jobs.cancel(SCALE_JOB, DELIVERED_JOB)

    def clear(self) -> None:
        """Forget everything: another dataset is open."""
        self._session.jobs.cancel(SCALE_JOB, DELIVERED_JOB)
        self._delivered.clear()
        self._hashes.clear()
        self._checked.clear()
        self._take(Scale())

    def follow(self, opened: Opened | None) -> None:
        """Read another workspace, or none."""
        self._opened = opened
        self.refresh()

    def scenes_checked(
        self, scenes: Mapping[str, SceneFindings], options: RunOptions, learned: Learned | None
    ) -> None:
        """Take other findings; `refresh` makes something of them."""
        self._options, self._learned = options, learned
        for scene_id, found in scenes.items():
            if found is self._checked.get(scene_id):
                continue
            if not found.is_edited:
                self._delivered[scene_id] = entries_of(found)
        self._checked = dict(scenes)

    def refresh(self) -> None:
        """Calibrate anew in the background."""
        dataset = self._session.dataset
        if self._opened is None or dataset is None or not self._checked:
            self._session.jobs.cancel(SCALE_JOB)
            self._take(Scale())
            return
        known = {each.scene_id: each for each in dataset.scenes}
        scenes = {name: known[name] for name in self._checked if name in known}
        edited = next((each for name, each in scenes.items() if name not in self._delivered), None)
        if edited is not None:
            self._deliver(edited)
        asked = Asked(self._opened, scenes, dict(self._delivered), self._hashes)

        def keep(found: tuple[Scale, Hashes]) -> None:
            scale, self._hashes = found
            self._take(scale)

        self._session.jobs.start(
            SCALE_JOB,
            lambda context: scale_of(context, asked),
            done=keep,
            failed=lambda error: self._session.say(
                f"What was decided cannot be read: {error}", is_problem=True
            ),
            priority=40,
        )

    def _deliver(self, scene: Scene) -> None:
        """Rank a scene that was edited before it was checked; each decision asks, one run does."""
        if self._delivering is not None:
            return
        options, learned, scene_id = self._options, self._learned, scene.scene_id

        def keep(entries: tuple[Ranked, ...]) -> None:
            self._delivering = None
            self._delivered.setdefault(scene_id, entries)
            self.refresh()

        def give_up() -> None:
            self._delivering = None

        self._delivering = scene_id
        self._session.jobs.start(
            DELIVERED_JOB,
            lambda context: delivered_entries(context, scene, options, learned),
            done=keep,
            failed=lambda _error: keep(()),
            given_up=give_up,
            priority=45,
        )

    def _take(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self._changed()
