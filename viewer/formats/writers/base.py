"""The contract of a scene writer: losses out, never onto the source, all or nothing."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, final

from viewer.formats.base import DamagedData
from viewer.formats.writers.draft import WriteRefused, draft_for, require_free
from viewer.formats.writers.label_survey import note_overlays
from viewer.formats.writers.losses import LossLog, LossReport
from viewer.progress import JobContext
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a person may ask of a writer."""

    label_set_id: str | None = None
    """Write only this label set; None for all."""
    camera_id: str | None = None
    """Which camera the target's boxes and images follow, where it has one main camera."""
    labels_only: bool = False
    """Write no point clouds, images or calibration."""
    dry_run: bool = False
    """Read everything and report, write nothing."""
    label_form: str | None = None
    """How the target tells its labels, where it knows several forms; None for its usual one."""
    sources: tuple[Path, ...] = ()
    """Places besides the scenes' own that must not be written into."""


@dataclass(frozen=True, slots=True)
class WriteJob:
    """What a writer is given beside the scenes."""

    draft: Path | None
    """What is to be written, which does not exist yet; None where losses are noted alone."""
    context: JobContext
    options: WriteOptions
    losses: LossLog

    def make_folder(self) -> None:
        """Make the draft, for a layout that is a folder whatever is in it."""
        if self.draft is not None:
            self.draft.mkdir(parents=True, exist_ok=True)

    def place(self, name: str, *, is_only: bool) -> Path | None:
        """Return where one of several parts is written: a folder in the draft, the only one it."""
        return self.draft if is_only or self.draft is None else self.draft / name


class SceneWriter(ABC):
    """One layout that scenes are written in. A new one is a file listed in `catalog.py`."""

    name: ClassVar[str]
    """The same as the name of the format that reads it."""
    title: ClassVar[str]
    """For people."""
    holds: ClassVar[str]
    """What the layout has a place for, in one sentence."""
    many_scenes: ClassVar[bool]
    """False where one target takes one scene."""
    writes_labels_only: ClassVar[bool] = False
    needs_sweeps: ClassVar[bool] = False
    """True for a layout that knows its frames by their point clouds."""
    images_only: ClassVar[bool] = False
    """True for a layout of images and 2D labels, without point clouds and cuboids."""
    label_forms: ClassVar[tuple[str, ...]] = ()
    """Forms that labels can be told in, the usual one first; empty where there is only one."""
    holds_sensor_data: ClassVar[bool] = True
    """False for layouts of labels alone, without point clouds and images."""

    holds_overlays: ClassVar[bool] = False
    """True for layouts that keep the pictures over images."""

    @final
    def write(
        self,
        scenes: Sequence[Scene],
        target: Path,
        context: JobContext,
        options: WriteOptions | None = None,
    ) -> LossReport:
        """Write scenes to a new or empty place, which appears only when it is complete.

        Raises
        ------
        WriteRefused
            Before anything is written: the target is taken or the source's own, or the scenes do
            not suit the layout.
        OSError
            When the target cannot be written; nothing is left behind, nor after `Cancelled`.
        """
        options = options or WriteOptions()
        require_free(target, (*(scene.path for scene in scenes), *options.sources))
        self._require_suitable(scenes, options)
        losses = LossLog()
        if options.dry_run:
            self._write(scenes, WriteJob(None, context, options, losses))
        else:
            with draft_for(target) as draft:
                self._write(scenes, WriteJob(draft, context, options, losses))
                if not draft.exists():
                    raise WriteRefused("the source holds nothing that was asked for")
        if self.holds_sensor_data and not (self.holds_overlays or options.labels_only):
            for scene in scenes:
                note_overlays(scene, self.title, losses)
        _add_problems(scenes, losses)
        return losses.report()

    @abstractmethod
    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        """Write scenes that suit the layout, and note what it has no place for."""

    def _require_suitable(self, scenes: Sequence[Scene], options: WriteOptions) -> None:
        if not any(scene.frames for scene in scenes):
            raise WriteRefused("the source holds no frames")
        if len(scenes) > 1 and not self.many_scenes:
            names = ", ".join(scene.scene_id for scene in scenes)
            raise WriteRefused(f"{self.title} takes one scene; choose one with --scene: {names}")
        if options.labels_only and not self.writes_labels_only:
            raise WriteRefused(f"{self.title} cannot be written as labels alone")
        form = options.label_form
        if form is not None and form not in self.label_forms:
            forms = ", ".join(self.label_forms) or "one only"
            raise WriteRefused(f"{self.title} has no label form {form!r}; it has {forms}")
        for scene in scenes:
            chosen_label_sets(scene, options)
            if self.needs_sweeps and not options.labels_only:
                _require_sweeps(scene, self.title)


def chosen_label_sets(scene: Scene, options: WriteOptions) -> tuple[LabelSet, ...]:
    """Label sets to write, ground truth first."""
    wanted = options.label_set_id
    if wanted is None:
        return tuple(
            sorted(scene.label_sets, key=lambda each: each.kind != LabelSetKind.GROUND_TRUTH)
        )
    found = tuple(each for each in scene.label_sets if each.label_set_id == wanted)
    if not found:
        names = ", ".join(each.label_set_id for each in scene.label_sets) or "none at all"
        raise WriteRefused(f"scene {scene.scene_id} has no label set {wanted!r}; it has {names}")
    return found


def note_left_out_label_sets(scene: Scene, options: WriteOptions, losses: LossLog) -> None:
    """Note the label sets that were not asked for."""
    chosen = {each.label_set_id for each in chosen_label_sets(scene, options)}
    for each in scene.label_sets:
        if each.label_set_id not in chosen:
            losses.add("label set", f"{scene.scene_id}/{each.label_set_id}", "was not chosen")


def read_labels(
    scene: Scene, frame: Frame, label_set_id: str, losses: LossLog
) -> FrameLabels | None:
    """Return the labels of a frame; None, with a note, where they cannot be read."""
    try:
        return scene.reader.read_labels(frame.index, label_set_id)
    except DamagedData as damage:
        losses.add_unreadable(damage.as_problem())
        return None


def _require_sweeps(scene: Scene, title: str) -> None:
    if not any(frame.sweeps for frame in scene.frames):
        raise WriteRefused(f"scene {scene.scene_id} has no point clouds, which {title} needs")


def _add_problems(scenes: Sequence[Scene], losses: LossLog) -> None:
    for scene in scenes:
        for problem in scene.reader.problems():
            losses.add_unreadable(problem)
