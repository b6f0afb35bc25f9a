"""Measuring cameras and clocks of the open scene: a plain function that a job runs."""

from collections.abc import Iterable
from dataclasses import replace

from viewer.checks.base import Need, NotAsked
from viewer.checks.finding import Finding
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import Learned
from viewer.checks.policy import Policy
from viewer.checks.running import RunOptions, has, wanted_of
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.sensors.health import SceneHealth, scene_health
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Scene
from viewer.session.findings_run import ABOUT_SENSORS, reading_with
from viewer.session.label_edits import LabelEdits


def measure_health(
    context: JobContext,
    scene: Scene,
    edits: LabelEdits,
    options: RunOptions,
    before: CheckedScene | None = None,
) -> SceneHealth:
    """Measure a scene, and ask the checks about sensors; it may have no labels.

    Parameters
    ----------
    before
        The scene as it was gathered for the checks: what they measured is not measured again.
    """
    gathered = before or _gathered(context, scene, edits, options)
    skipped: dict[str, str] = {}
    findings = tuple(_findings(context, gathered, options.policy, skipped))
    health = scene_health(gathered, context)
    return replace(health, findings=findings, skipped=skipped)


def _gathered(
    context: JobContext, scene: Scene, edits: LabelEdits, options: RunOptions
) -> CheckedScene:
    """Labels alone: the edges of clouds and images are looked at in a few frames only."""
    if not scene.label_sets:
        return gather_scene(scene, Wanted("", points=False), context, _no_labels)
    wanted = wanted_of(scene, options, points=False)
    return gather_scene(scene, wanted, context, reading_with(scene, edits))


def _no_labels(_index: int, _label_set_id: str) -> FrameLabels:
    return FrameLabels(CuboidLabels.empty("world"))


def _findings(
    context: JobContext, scene: CheckedScene, policy: Policy, skipped: dict[str, str]
) -> Iterable[Finding]:
    clouds = any(frame.sweeps for frame in scene.scene.frames)
    for check in ABOUT_SENSORS:
        if not policy.runs(check.id):
            skipped[check.id] = "the policy leaves it out"
            continue
        missing = sorted(
            need.value
            for need in check.needs
            if not (clouds if need is Need.POINTS else has(scene, need))
        )
        if missing:
            skipped[check.id] = f"there are no {' and no '.join(missing)}"
            continue
        try:
            yield from check().run(scene, Learned({}), policy.parameters_of(check), context)
        except NotAsked as reason:
            skipped[check.id] = str(reason)
