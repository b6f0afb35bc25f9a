"""Runs checks over scenes: learn what is usual first, then ask every question of every scene."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np

from viewer.batch.base import Outcome, Runner
from viewer.checks.base import Check, Need, NotAsked
from viewer.checks.catalog import add_ons, scene_checks
from viewer.checks.dataset_base import Tally
from viewer.checks.dataset_running import DatasetResult, count_scene, judge_dataset
from viewer.checks.files.corrupt import CorruptFile
from viewer.checks.finding import Finding
from viewer.checks.finding_store import FindingStore
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.kept import KeptResult, load_result, result_digest, save_result, sensors_digest
from viewer.checks.learned import Learned, learn_scene, merged
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.source import SceneSource
from viewer.progress import Cancelled, JobContext
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Problem, Scene

R = TypeVar("R")
_CHECK = "check "


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to check, the same on every machine."""

    label_set_id: str | None = None
    """None for the ground truth of each scene, its first label set where there is none."""
    prediction_set_ids: tuple[str, ...] | None = None
    """None for all of each scene."""
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, eq=False, slots=True)
class SceneResult:
    """What the checks say of one scene."""

    scene_id: str
    findings: Sequence[Finding]
    """Of a whole dataset they are kept on disk, and read on each walk over them."""
    skipped: Mapping[str, str]
    """Why a check was not asked, by its id."""
    problems: tuple[Problem, ...]
    """What could not be read."""
    frames: int
    labels: int
    """Those that have a cuboid."""
    seconds: float
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """What checks about the dataset counted in it, by their id."""

    @property
    def broken_checks(self) -> tuple[Problem, ...]:
        """Problems that are no fault of the data: checks that broke."""
        return tuple(each for each in self.problems if each.source.startswith(_CHECK))


@dataclass(frozen=True, eq=False, slots=True)
class CheckRun:
    """What the checks say of a dataset."""

    scenes: tuple[SceneResult, ...]
    failures: Mapping[str, str]
    """Scenes that were passed over, and why."""
    learned: Learned
    dataset: DatasetResult = field(default_factory=DatasetResult)
    """What is said of all scenes together."""

    @property
    def findings(self) -> Iterator[Finding]:
        """All of them, in the order of scenes, then those on the dataset."""
        for scene in self.scenes:
            yield from scene.findings
        yield from self.dataset.findings


def check_dataset(
    source: SceneSource, options: RunOptions, runner: Runner, job: JobContext
) -> CheckRun:
    """Check every scene; one that breaks is reported and passed over.

    Results do not depend on the runner: what is learned are sums of integers, and findings come in
    the order of scenes.
    """
    scene_ids = source.scene_ids()
    failures: dict[str, str] = {}
    learned = merged(())
    good: list[str] = []
    work = partial(_learn, source, options)
    for outcome in runner.map(work, scene_ids, job, "Learning what is usual"):
        part = _result(outcome, failures)
        if part is not None:
            learned = merged((learned, part))
            good.append(outcome.key)
    check = partial(_check, source, options, learned)
    store = FindingStore()
    results = [
        replace(result, findings=store.put(result.findings))
        for outcome in runner.map(check, good, job, "Checking")
        if (result := _result(outcome, failures)) is not None
    ]
    tallies = {each.scene_id: each.tallies for each in results}
    problems = source.problems()
    if not results:
        failures |= {each.source: each.message for each in problems}
    judged = judge_dataset(tallies, options.policy, problems)
    return CheckRun(tuple(results), failures, learned, judged)


def check_scene(
    scene: CheckedScene,
    learned: Learned,
    policy: Policy,
    job: JobContext,
    checks: Sequence[type[Check]] | None = None,
) -> SceneResult:
    """Ask wanted checks about one scene that was gathered already.

    A check that breaks is told among the problems; the others are asked nevertheless.

    Parameters
    ----------
    checks
        None for all. With all of them it is also counted for the checks about the dataset.
    """
    started = time.perf_counter()
    findings: list[Finding] = []
    skipped: dict[str, str] = {}
    broken: list[Problem] = []
    for check in scene_checks() if checks is None else checks:
        if not policy.runs(check.id):
            continue
        missing = sorted(need.value for need in check.needs if not has(scene, need))
        if missing:
            skipped[check.id] = f"there are no {' and no '.join(missing)}"
            continue
        try:
            findings += list(check().run(scene, learned, policy.parameters_of(check), job))
        except NotAsked as reason:
            skipped[check.id] = str(reason)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one faulty check keeps no other away; it is told
            why = f"failed: {type(error).__name__}: {error}"
            skipped[check.id] = why
            broken.append(Problem(f"{_CHECK}{check.id}", scene.scene_id, why))
    tallies = count_scene(scene, findings, policy) if checks is None else {}
    return SceneResult(
        scene.scene_id, tuple(findings), skipped, (*scene.problems, *broken),
        len(scene.labels.frames), len(scene.boxes), time.perf_counter() - started, tallies,
    )  # fmt: skip


def wanted_of(scene: Scene, options: RunOptions, *, points: bool, files: bool = False) -> Wanted:
    """Return what a run needs of a scene; sensors are checked where there are no labels at all.

    Parameters
    ----------
    files
        Whether recorded files may be inspected, where a check wants that.

    Raises
    ------
    ValueError
        The scene has not the label set that was named.
    """
    ids = [each.label_set_id for each in scene.label_sets]
    truth = [
        each.label_set_id for each in scene.label_sets if each.kind == LabelSetKind.GROUND_TRUTH
    ]
    chosen = options.label_set_id or next(iter(truth or ids), None)
    if chosen is not None and chosen not in ids:
        there = ", ".join(ids) or "none at all"
        raise ValueError(f"there is no label set {chosen}; the scene has {there}")
    guesses = options.prediction_set_ids
    if guesses is None:
        guesses = tuple(
            each.label_set_id
            for each in scene.label_sets
            if each.kind == LabelSetKind.PREDICTIONS and each.label_set_id != chosen
        )
    decoded = options.policy.parameters_of(CorruptFile).of("decoded_images")
    return Wanted(
        chosen, tuple(each for each in guesses if each in ids), points,
        second_set_ids=tuple(each for each in truth if each != chosen and chosen in truth),
        annotator_attribute=options.policy.annotator_attribute,
        files=files and _is_needed(Need.FILES, options), decoded_images=int(decoded),
    )  # fmt: skip


def _is_needed(need: Need, options: RunOptions) -> bool:
    return any(options.policy.runs(each.id) and need in each.needs for each in scene_checks())


def has(scene: CheckedScene, need: Need) -> bool:
    """Whether a scene has what a check needs."""
    return _HAS[need](scene)


def _has_files(scene: CheckedScene) -> bool:
    return scene.files is not None and bool(scene.files.files or scene.files.problems)


def _has_cameras(scene: CheckedScene) -> bool:
    if not len(scene.scene.frames):
        return False
    rig = scene.scene.reader.read_rig(0)
    return any(camera.model is not None for camera in rig.cameras.values())


def _has_points(scene: CheckedScene) -> bool:
    if scene.points is not None:
        return True
    # Without labels nothing was measured; what looks at whole clouds reads them for itself.
    return not len(scene.boxes) and any(frame.sweeps for frame in scene.scene.frames)


_HAS: Mapping[Need, Callable[[CheckedScene], bool]] = {
    Need.CUBOIDS: lambda scene: len(scene.boxes) > 0,
    Need.POINTS: _has_points,
    Need.TRACKS: lambda scene: len(scene.steps) > 0,
    Need.TIMES: lambda scene: bool(np.isfinite(scene.times_s).any()),
    Need.EGO_POSES: lambda scene: bool(np.isfinite(scene.world_from_ego).any()),
    Need.CAMERAS: _has_cameras,
    Need.IMAGES: lambda scene: any(frame.images for frame in scene.scene.frames),
    Need.BOXES_2D: lambda scene: scene.labels.boxes_px is not None,
    Need.FILES: _has_files,
    Need.PREDICTIONS: lambda scene: any(len(each) for each in scene.predictions.values()),
}


def _gathered(source: SceneSource, options: RunOptions, job: JobContext, key: str) -> CheckedScene:
    scene = source.scene(key)
    points = _is_needed(Need.POINTS, options)
    return gather_scene(scene, wanted_of(scene, options, points=points, files=True), job)


def _learn(source: SceneSource, options: RunOptions, job: JobContext, key: str) -> Learned:
    return learn_scene(_gathered(source, options, job, key))


def _check(
    source: SceneSource, options: RunOptions, learned: Learned, job: JobContext, key: str
) -> SceneResult:
    started = time.perf_counter()
    scene = _gathered(source, options, job, key)
    digest = result_digest(
        scene.digest, sensors_digest(scene.scene), learned, options.policy, add_ons().versions
    )
    kept = load_result(digest)
    if kept is None:
        result = check_scene(scene, learned, options.policy, job)
        if not result.problems:
            save_result(digest, _as_kept(result))
        return result
    return SceneResult(
        scene.scene_id, tuple(kept.findings), kept.skipped, tuple(kept.problems),
        len(scene.labels.frames), len(scene.boxes), time.perf_counter() - started,
        {check: {tuple(key): n for key, n in tally} for check, tally in kept.tallies.items()},
    )  # fmt: skip


def _as_kept(result: SceneResult) -> KeptResult:
    tallies = {
        check: [(list(key), count) for key, count in tally.items()]
        for check, tally in result.tallies.items()
    }
    return KeptResult(list(result.findings), dict(result.skipped), [], tallies)


def _result(outcome: Outcome[str, R], failures: dict[str, str]) -> R | None:
    if outcome.failure is not None:
        failures[outcome.key] = outcome.failure
    return outcome.result
