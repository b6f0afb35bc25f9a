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

SCALE_JOB = "findings-scale"
Rankings = dict[str, tuple[Ranked, ...]]
"""What the checks say of labels as they were delivered, by scene."""


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """What a scale is made from."""

    opened: Opened
    scenes: Mapping[str, Scene]
    """Those that were checked."""
    delivered: Rankings
    """Without those of which only an edited ranking is known."""
    hashes: Hashes
    options: RunOptions
    learned: Learned | None


def scale_of(context: JobContext, asked: Asked) -> tuple[Scale, Rankings, Hashes]:
    """Read what was decided and calibrate with it; long work.

    Returns
    -------
        The scale, and rankings and hashes that were missing before.
    """
    workspace, dataset_id = asked.opened
    reading, connection = workspace.another_reading()
    try:
        told = judgements(reading, dataset_id)
    finally:
        connection.close()
    rankings = dict(asked.delivered)
    for scene_id in sorted(told.scene_ids & asked.scenes.keys() - rankings.keys()):
        # An edit takes findings away; what was said of the label was said of the delivered one.
        checked = check_open_scene(
            context, asked.scenes[scene_id], as_delivered, asked.options, asked.learned,
            KeptMeasures(),
        )  # fmt: skip
        _, found = check_later(context, checked, asked.options, Later(), LaterStage.IMAGES)
        rankings[scene_id] = entries_of(found)
    hashes = dict(asked.hashes)
    ranked = [each for scene_id in asked.scenes for each in rankings.get(scene_id, ())]
    said = judged(ranked, told, asked.scenes, context, hashes)
    return Scale(len(said), said.calibration()), rankings, hashes


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

    def dispose(self) -> None:
        """Calibrate no more."""
        self._session.jobs.cancel(SCALE_JOB)

    def clear(self) -> None:
        """Forget everything: another dataset is open."""
        self._session.jobs.cancel(SCALE_JOB)
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
        asked = Asked(
            self._opened, {name: known[name] for name in self._checked if name in known},
            dict(self._delivered), self._hashes, self._options, self._learned,
        )  # fmt: skip

        def keep(found: tuple[Scale, Rankings, Hashes]) -> None:
            scale, rankings, self._hashes = found
            self._delivered |= rankings
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

    def _take(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self._changed()
