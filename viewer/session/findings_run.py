"""The long work of the findings: plain functions that jobs run."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from viewer.checks.base import Group
from viewer.checks.catalog import CHECKS, scene_checks
from viewer.checks.dataset_running import judge_dataset
from viewer.checks.finding import BoxRole, Finding
from viewer.checks.gathering import KeptMeasures, ReadLabels, gather_scene
from viewer.checks.learned import Learned, learn_scene, merged
from viewer.checks.running import RunOptions, SceneResult, check_scene, wanted_of
from viewer.checks.scene_labels import CheckedScene, evidence_box
from viewer.checks.sensors.box_2d import Box2d
from viewer.formats.growth import whole
from viewer.progress import Cancelled, JobContext, running
from viewer.review.flat_snapshots import shown_snapshot_of
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Problem, Scene
from viewer.session.findings_list import SceneFindings, scene_findings
from viewer.session.label_edits import LabelEdits

ABOUT_SENSORS = tuple(
    check for check in CHECKS if check.group is Group.SENSORS and check is not Box2d
)
ON_IMAGES = (Box2d,)
"""About labels too, but drawing each through each camera takes longer than all others."""
ABOUT_LABELS = tuple(check for check in scene_checks() if check not in (*ABOUT_SENSORS, *ON_IMAGES))
LabelNamed = tuple[str, str, str, str]
"""Scene, frame, label set, label."""


class LaterStage(Enum):
    """What is asked once the labels of a scene were checked."""

    IMAGES = "images"
    SENSORS = "sensors"


@dataclass(frozen=True, slots=True)
class Later:
    """What was said later of a scene; None for what was not asked yet."""

    images: SceneResult | None = None
    """Of labels on images."""
    sensors: SceneResult | None = None
    """Of calibration and time."""


@dataclass(frozen=True, eq=False, slots=True)
class Checked:
    """What a run over the open scene gives."""

    found: SceneFindings
    labels: SceneResult
    """Of the checks about labels alone."""
    learned: Learned
    """What the checks took for usual."""
    gathered: CheckedScene


@dataclass(eq=False, slots=True)
class Arriving:
    """What a run over all scenes has ready; filled on its thread, emptied on the owner's."""

    scenes: "deque[SceneFindings]" = field(default_factory=deque)
    failures: "deque[tuple[str, str]]" = field(default_factory=deque)
    """Scenes that were passed over, and why."""
    about_dataset: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    """What is said of all together, by the scene where it is listed; there at the end."""


def check_open_scene(
    context: JobContext,
    scene: Scene,
    edits: LabelEdits,
    options: RunOptions,
    learned: Learned | None,
    kept: KeptMeasures,
    later: Later = Later(),
    about_dataset: tuple[Finding, ...] = (),
) -> Checked:
    """Ask the quick checks about labels about one scene as it is edited.

    Parameters
    ----------
    later
        What `check_later` said of the scene; what may still hold is listed too.
    about_dataset
        What the last run over all scenes said of them together and listed here.
    learned
        What is usual in the dataset; None to learn it from this scene alone.
    kept
        Only frames whose labels changed since the last time are measured again.

    Raises
    ------
    ValueError
        The scene has no labels.
    """
    read = reading_with(scene, edits)
    gathered = _gathered(context, scene, read, options, kept)
    usual = learn_scene(gathered) if learned is None else learned
    result = check_scene(gathered, usual, options.policy, context, ABOUT_LABELS)
    result = replace(result, findings=(*result.findings, *about_dataset))
    images = None if later.images is None else _still_true(later.images, gathered)
    found = scene_findings(
        _together(result, Later(images, later.sensors)), is_edited=read.is_edited
    )
    return Checked(found, result, usual, gathered)


def check_later(
    context: JobContext, checked: Checked, options: RunOptions, before: Later, stage: LaterStage
) -> tuple[Later, SceneFindings]:
    """Ask the checks that take longer.

    Returns
    -------
        What was said later with the new answers, and that together with what is said of labels.
    """
    checks = ON_IMAGES if stage is LaterStage.IMAGES else ABOUT_SENSORS
    result = check_scene(checked.gathered, checked.learned, options.policy, context, checks)
    later = replace(before, **{stage.value: result})
    together = _together(checked.labels, later)
    return later, scene_findings(together, is_edited=checked.found.is_edited)


def _together(labels: SceneResult, later: Later) -> SceneResult:
    for each in (later.images, later.sensors):
        if each is not None:
            labels = replace(
                labels, findings=(*labels.findings, *each.findings),
                skipped={**labels.skipped, **each.skipped},
            )  # fmt: skip
    return labels


def _still_true(images: SceneResult, gathered: CheckedScene) -> SceneResult:
    """Leave out findings on labels that lie elsewhere now: they are asked about again soon."""
    labels = gathered.labels
    frames = {key: row for row, key in enumerate(labels.frames.keys)}
    offsets = labels.frame_offsets()

    def is_there(finding: Finding) -> bool:
        boxes = [each for each in finding.evidence.boxes if each.role is BoxRole.LABEL]
        if not finding.labels or not boxes or finding.labels[0].frame_key not in frames:
            return not finding.labels
        frame = frames[finding.labels[0].frame_key]
        own = range(int(offsets[frame]), int(offsets[frame + 1]))
        known = (row for row in own if labels.label_ids[row] == finding.labels[0].label_id)
        row = next(known, None)
        if row is None:
            return False
        now = evidence_box(labels, row, BoxRole.LABEL)
        return (now.center_m, now.size_m, now.rotation_wxyz) == (
            boxes[0].center_m, boxes[0].size_m, boxes[0].rotation_wxyz
        )  # fmt: skip

    return replace(images, findings=tuple(each for each in images.findings if is_there(each)))


def check_whole_dataset(
    context: JobContext,
    dataset: Dataset,
    edits: LabelEdits,
    options: RunOptions,
    arriving: Arriving,
) -> Learned:
    """Check all scenes that have labels, once everything of the dataset is indexed."""
    with running(context):
        complete = whole(dataset)
    scenes = [each for each in complete.scenes if each.label_sets]
    return check_all_scenes(context, scenes, edits, options, arriving, complete.problems)


def check_all_scenes(
    context: JobContext,
    scenes: Sequence[Scene],
    edits: LabelEdits,
    options: RunOptions,
    arriving: Arriving,
    problems: Sequence[Problem] = (),
) -> Learned:
    """Learn what is usual from all scenes, then check each; one that breaks is passed over.

    Parameters
    ----------
    problems
        What kept parts of the dataset from opening; listed too.
    """
    parts: list[Learned] = []
    good: list[tuple[ReadingEdited, Scene, CheckedScene | None]] = []
    steps = _Steps(context, 2 * len(scenes))
    for scene in scenes:
        steps.next(f"Learning from {scene.scene_id}")
        try:
            read = reading_with(scene, edits)
            gathered = _gathered(steps.inner, scene, read, options, KeptMeasures())
            parts.append(learn_scene(gathered))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one bad scene does not end the run; it is told
            arriving.failures.append((scene.scene_id, str(error)))
            continue
        # One scene is kept as it is; of many only what was learned fits into memory.
        good.append((read, scene, gathered if len(scenes) == 1 else None))
    learned = merged(parts)
    done: list[tuple[SceneResult, bool]] = []
    for read, scene, before in good:
        steps.next(f"Checking {scene.scene_id}")
        try:
            gathered = before or _gathered(steps.inner, scene, read, options, KeptMeasures())
            result = check_scene(gathered, learned, options.policy, steps.inner)
            arriving.scenes.append(scene_findings(result, is_edited=read.is_edited))
            done.append((result, read.is_edited))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            arriving.failures.append((scene.scene_id, str(error)))
    _judge_dataset(done, options, arriving, problems)
    context.report(2 * len(scenes), 2 * len(scenes), "Checked")
    return learned


def _judge_dataset(
    done: Sequence[tuple[SceneResult, bool]],
    options: RunOptions,
    arriving: Arriving,
    problems: Sequence[Problem],
) -> None:
    """Ask the checks about the dataset; what they say is listed in the scene to look at first."""
    tallies = {result.scene_id: result.tallies for result, _ in done}
    by_scene: dict[str, list[Finding]] = {}
    for finding in judge_dataset(tallies, options.policy, problems).findings:
        by_scene.setdefault(finding.scene_id, []).append(finding)
    for result, is_edited in done:
        own = tuple(by_scene.get(result.scene_id, ()))
        if own:
            arriving.about_dataset[result.scene_id] = own
            together = replace(result, findings=(*result.findings, *own))
            arriving.scenes.append(scene_findings(together, is_edited=is_edited))


def label_hashes(
    context: JobContext, scenes: Mapping[str, Scene], edits: LabelEdits, named: Iterable[LabelNamed]
) -> dict[LabelNamed, str | None]:
    """Return how labels look now, as edited; None for one that is gone."""
    found: dict[LabelNamed, str | None] = {}
    places: dict[tuple[str, str, str], list[str]] = {}
    for scene_id, frame_key, set_id, label_id in named:
        places.setdefault((scene_id, frame_key, set_id), []).append(label_id)
    frames = {name: {each.key: each.index for each in scenes[name].frames} for name in scenes}
    for place, label_ids in context.track(list(places.items()), "Looking at dismissed findings"):
        scene_id, frame_key, set_id = place
        index = frames.get(scene_id, {}).get(frame_key)
        labels: FrameLabels | None = None
        if index is not None:
            labels = reading_with(scenes[scene_id], edits)(index, set_id)
        for label_id in label_ids:
            snapshot = None if labels is None else shown_snapshot_of(labels, label_id)
            found[(*place, label_id)] = None if snapshot is None else snapshot.hash
    return found


class ReadingEdited:
    """Reads labels of a scene as they are edited, and tells whether any are."""

    def __init__(self, scene: Scene, edits: LabelEdits) -> None:
        self._scene, self._edits = scene, edits
        self.is_edited = False

    def __call__(self, index: int, label_set_id: str) -> FrameLabels:
        delivered = self._scene.reader.read_labels(index, label_set_id)
        labels = self._edits(self._scene, index, label_set_id, delivered)
        self.is_edited |= labels is not delivered
        return labels


def reading_with(scene: Scene, edits: LabelEdits) -> ReadingEdited:
    """Read labels of a scene as they are edited."""
    return ReadingEdited(scene, edits)


def _gathered(
    context: JobContext, scene: Scene, read: ReadLabels, options: RunOptions, kept: KeptMeasures
) -> CheckedScene:
    wanted = wanted_of(scene, options, points=True, files=True)
    return gather_scene(scene, wanted, context, read, kept)


class _Steps:
    """Tells how many scenes are done, and lets the work on each be given up."""

    def __init__(self, context: JobContext, total: int) -> None:
        self._context, self._total, self._done = context, total, -1
        self._text = ""
        self.inner = JobContext(lambda _progress: self._tell())

    def next(self, text: str) -> None:
        self._done += 1
        self._text = text
        self._tell()

    def _tell(self) -> None:
        self._context.report(max(self._done, 0), self._total, self._text)
